"""Records on controls: whose joint they carry, and what was there before."""

from __future__ import annotations

from typing import Any

import bpy
import msgspec

from ..protocol.joint import Joint
from .drivers import Target
from .identity import find, identify
from .parts import JointSettings, PartSettings


def write(
    control: bpy.types.Object,
    bone: str,
    owner: bpy.types.Object,
    part: PartSettings,
    joint: Joint,
    former: dict[str, Any] | None = None,
) -> None:
    """Record on `control` that it carries the joint of `owner`'s `part`."""
    record = control.tug.joints.add()
    record.owner, record.part, record.bone = identify(owner), part.uid, bone
    record.joint = msgspec.json.encode(joint, enc_hook=float).decode()
    record.former = msgspec.json.encode(former or {}).decode()


def of(owner: bpy.types.Object, part: PartSettings) -> JointSettings | None:
    """Return the record of the part's joint; its `id_data` is the control.

    What the part hangs on decides, so that the copy of a part with its control has a joint too,
    and the copy of a part alone has none.
    """
    return next((r for r in _attached(owner) if r.part == part.uid and _belongs(r, owner)), None)


def belongs_to(control: bpy.types.Object, owner: bpy.types.Object) -> bool:
    """Return whether `control` carries joints of `owner`."""
    return any(r.id_data == control and _belongs(r, owner) for r in _attached(owner))


def _belongs(record: JointSettings, owner: bpy.types.Object) -> bool:
    original = find(record.owner)
    return original in (None, owner) or record not in _attached(original)


def _attached(owner: bpy.types.Object) -> list[JointSettings]:
    """Return the records on what `owner` is parented to, deformed by or has as children."""
    armatures = [m.object for m in owner.modifiers if m.type == "ARMATURE" and m.object]
    around = [*([owner.parent] if owner.parent else []), *armatures, *owner.children]
    return [record for control in around for record in control.tug.joints]


def at(control: bpy.types.Object, bone: str = "") -> JointSettings | None:
    """Return the record of the joint that `control` carries on `bone` (itself without one)."""
    return next((record for record in control.tug.joints if record.bone == bone), None)


def joint(record: JointSettings) -> Joint:
    """Return the joint as it was applied."""
    return msgspec.json.decode(record.joint, type=Joint)


def former(record: JointSettings) -> dict[str, Any]:
    """Return how the moved objects were parented before, by their uid."""
    return msgspec.json.decode(record.former)


def target(control: bpy.types.Object, bone: str = "") -> Target:
    """Return what holds `tug_open`: the control itself or its pose bone."""
    return control.pose.bones[bone] if bone else control


def erase(record: JointSettings) -> None:
    """Remove the record from its control."""
    records = record.id_data.tug.joints
    records.remove(list(records).index(record))
