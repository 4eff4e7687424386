"""An object with all its joints as links, for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.following import carried
from ..core.opening import axis_frame
from ..protocol.errors import failure
from ..protocol.joint import Joint
from ..protocol.meshes import Geometry, ModelLink, Piece
from . import bones, controls, empties
from .body import topmost
from .geometry import Mask, gather_sorted
from .identity import find
from .instances import Placed
from .joints import at_rest
from .parenting import world
from .parts import JointSettings, find_part
from .selection import faces_of_group, with_children

Key = tuple[str, str]  # names of a control and its bone; of the root, empty


class Model(NamedTuple):
    """What a request to export says of shapes and joints, and the arrays that its blobs name."""

    geometry: tuple[Geometry, ...]
    links: tuple[ModelLink, ...]
    arrays: list[NDArray]


def gather_model(obj: bpy.types.Object) -> Model:
    """Read everything under the topmost parent of `obj`, all joints at rest.

    What no joint carries is the root link. Raises TugError `bad_input`.
    """
    root = topmost(obj)
    members = with_children([root])
    records = [record for member in members for record in member.tug.joints]
    if not records:
        raise failure(
            "bad_input",
            f"'{root.name}' and what is parented to it have no joint; accept one, then export.",
        )
    with at_rest(records):
        found = gather_sorted(members, sort)
        links = links_of(root.name, records, found.pieces)
    return Model(found.geometry, links, found.arrays)


def links_of(
    name: str, records: Iterable[JointSettings], pieces: Mapping[Key, tuple[Piece, ...]]
) -> tuple[ModelLink, ...]:
    """Return what is called `name` as links: the root, and one for each joint of `records`.

    `pieces` are theirs by what carries them, as `sort` says it.
    """
    carriers = _parents_first({key_of(record): record for record in records})
    keys: list[Key] = [("", ""), *carriers]
    names = unique([name, *map(name_of, carriers.values())])
    links = [ModelLink(name=names[0], pieces=pieces.get(("", ""), ()))]
    for link_name, (key, record) in zip(names[1:], carriers.items(), strict=True):
        parent = parent_of(record)
        links.append(
            ModelLink(
                name=link_name,
                pieces=pieces.get(key, ()),
                parent=keys.index(parent) if parent in carriers else 0,
                joint=joint_now(record),
            )
        )
    return tuple(links)


def sort(item: Placed, mesh: bpy.types.Mesh) -> Iterator[tuple[Key, Mask]]:
    """Sort a mesh into links: what its bones carry, and the rest."""
    left = np.ones(len(mesh.polygons), bool)
    for key in bones_of(item.owner) if not item.is_instance else ():
        carried_faces = faces_of_group(item.object, mesh, key[1]) & left
        left &= ~carried_faces
        yield key, carried_faces
    yield carrier_of(item.owner), None if left.all() else left


def bones_of(obj: bpy.types.Object) -> list[Key]:
    """Return the bones with joints of ours that deform an object."""
    armatures = [m.object for m in obj.modifiers if m.type == "ARMATURE" and m.object]
    return [key_of(record) for armature in armatures for record in armature.tug.joints]


def carrier_of(obj: bpy.types.Object | None) -> Key:
    """Return what carries an object: the nearest control that it hangs on."""
    while obj:
        if controls.at(obj):
            return obj.name, ""
        if obj.parent and obj.parent_type == "BONE" and controls.at(obj.parent, obj.parent_bone):
            return obj.parent.name, obj.parent_bone
        obj = obj.parent
    return "", ""


def parent_of(record: JointSettings) -> Key:
    """Return what carries the link that a joint moves its own link against."""
    control = record.id_data
    above = control.data.bones[record.bone].parent if record.bone else None
    if above and controls.at(control, above.name):
        return control.name, above.name
    if record.bone:
        return carrier_of(control)
    hung = control.parent_type == "BONE" and controls.at(control.parent, control.parent_bone)
    return (control.parent.name, control.parent_bone) if hung else carrier_of(control.parent)


def key_of(record: JointSettings) -> Key:
    """Return what names a joint's control and bone."""
    return record.id_data.name, record.bone


def _parents_first(records: dict[Key, JointSettings]) -> dict[Key, JointSettings]:
    def depth(key: Key) -> int:
        return 1 + depth(parent_of(records[key])) if key in records else 0

    return dict(sorted(records.items(), key=lambda entry: (depth(entry[0]), entry[0])))


def joint_now(record: JointSettings) -> Joint:
    """Return the joint where it is now, should the object have been moved since."""
    joint, control = controls.joint(record), record.id_data
    if record.bone:
        rest = np.array(control.data.bones[record.bone].matrix_local, np.float64)
        frame, along = world(control) @ rest, bones.along
    else:
        frame, along = world(control), empties.along
    then = axis_frame(joint.axis, joint.origin, along)
    size = max(1.0, float(np.abs(then).max()))
    if np.allclose(frame, then, rtol=0.0, atol=1e-6 * size):
        return joint
    return carried(joint, frame @ np.linalg.inv(then))


def called(key: Key) -> str:
    """Return what the link is called that a control, or a bone of it, carries."""
    record = controls.at(bpy.data.objects[key[0]], key[1])
    return name_of(record) if record else key[1] or key[0]


def name_of(record: JointSettings) -> str:
    """Return what a joint's link is called."""
    owner: Any = find(record.owner)
    part = find_part(owner, record.part) if owner else None
    return part.name if part else record.bone or record.id_data.name


def unique(names: list[str]) -> list[str]:
    """Return the names with numbers where they occur again."""
    taken: list[str] = []
    for name in names:
        numbered = [name, *(f"{name} {i}" for i in range(2, len(names) + 2))]
        taken.append(next(free for free in numbered if free not in taken))
    return taken
