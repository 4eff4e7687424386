"""Records on controls: whose joint they carry, and what was there before."""

from __future__ import annotations

from typing import Any

import bpy
import msgspec

from ..protocol.joint import Joint
from .drivers import Target
from .identity import find, identify
from .parts import JointSettings, PartSettings, find_part


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
    part.control, part.bone = identify(control), bone


def of(owner: bpy.types.Object, part: PartSettings) -> JointSettings | None:
    """Return the record of the part's joint; its `id_data` is the control.

    A duplicate of the part's object has no joint of its own, whatever its settings say.
    """
    control = find(part.control)
    uid = identify(owner) if control else ""
    records = control.tug.joints if control else ()
    return next((r for r in records if r.part == part.uid and r.owner == uid), None)


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
    """Remove the record from its control and from the part it belongs to."""
    owner = find(record.owner)
    part = find_part(owner, record.part) if owner else None
    if part:
        part.control = part.bone = ""
    records = record.id_data.tug.joints
    records.remove(list(records).index(record))
