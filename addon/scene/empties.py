"""Joints of separate objects: an empty on the axis that the objects are parented to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ..core.geometry import Box
from ..core.opening import axis_frame
from ..protocol.errors import failure
from ..protocol.joint import Joint
from . import controls, drivers, keyframes
from .body import find_body
from .identity import identify
from .instances import boxes
from .parenting import (
    basis,
    below,
    describe,
    frame,
    inverted,
    parent_frame,
    parent_inverse,
    put_back,
    world,
)
from .parts import JointSettings, PartSettings
from .selection import with_children

Objects = list[bpy.types.Object]
along = 2  # the local axis that lies on the joint's
arrow_length = 0.3  # of the part's diagonal


def apply(
    owner: bpy.types.Object,
    part: PartSettings,
    movers: Objects,
    joint: Joint,
    body: Iterable[bpy.types.Object] | None,
    onto: tuple[bpy.types.Object, str] | None = None,
) -> bpy.types.Object:
    """Hang `movers` on a new empty that moves as `joint` does; return the empty.

    The empty hangs `onto` an object or bone, else it takes the movers' place under their
    parent, else under the body. At rest its
    channels are zero, its local Z is the axis, and no mover has moved. Raises TugError.
    """
    _check(movers)
    old = controls.of(owner, part)
    carried = movers + _others(old, movers)
    frames = [frame(mover) for mover in carried]
    anchor, anchor_frame = _onto(movers, *onto) if onto else _anchor(movers, old, body)
    before = _former(old, carried)
    axis = axis_frame(joint.axis, joint.origin, along)
    offset = inverted(anchor_frame, movers[0]) @ axis

    control = _new_empty(movers, part)
    put_back(control, anchor, offset)
    for mover, mover_frame in zip(carried, frames, strict=True):
        put_back(mover, below(control), np.linalg.inv(axis) @ mover_frame)
    if old:
        _delete(old)
    drivers.rig(control, joint, along)
    controls.write(control, "", owner, part, joint, before)
    return control


def remove(record: JointSettings) -> None:
    """Delete the empty; what hung on it goes back to its former parent, at rest where it is."""
    control = record.id_data
    before = controls.former(record)
    children = list(control.children)
    rest = [frame(control) @ parent_inverse(child) @ basis(child) for child in children]
    loose = describe(control)
    step = np.linalg.inv(parent_frame(control)) @ frame(control)
    for child in children:
        kept = before.get(identify(child))
        put_back(child, kept or loose, None if kept else step @ parent_inverse(child))
    bpy.context.view_layer.update()
    for child, place in zip(children, rest, strict=True):
        _stay(child, place)
    _delete(record)


def _check(movers: Objects) -> None:
    if not movers:
        raise failure("bad_input", "The part has no objects any more; choose another source.")
    layer = bpy.context.view_layer.objects
    for mover in movers:
        if mover.library:
            raise failure(
                "bad_input",
                f"'{mover.name}' is linked from a library; make it local or override it, then "
                "accept again.",
            )
        if mover.name not in layer:
            raise failure("bad_input", f"'{mover.name}' is not in this view layer; bring it back.")
        fighting = [c.name for c in mover.constraints if _fights(c)]
        if fighting:
            raise failure(
                "bad_input",
                f"'{mover.name}' has constraints that would hold the joint back "
                f"({', '.join(fighting)}); mute or apply them, then accept again.",
            )


def _fights(constraint: bpy.types.Constraint) -> bool:
    """A limit on an object's own channels is harmless below a control; anything else is not."""
    harmless = constraint.type.startswith("LIMIT_") and constraint.owner_space == "LOCAL"
    return not (constraint.mute or harmless)


def _others(old: JointSettings | None, movers: Objects) -> Objects:
    return [child for child in old.id_data.children if child not in movers] if old else []


def _anchor(
    movers: Objects, old: JointSettings | None, body: Iterable[bpy.types.Object] | None
) -> tuple[dict[str, Any], np.ndarray]:
    """Return what the empty hangs on, as a description and its world frame."""
    hung = old.id_data if old else movers[0]
    if hung.parent:
        return describe(hung), parent_frame(hung)
    parent = next(iter(body or find_body(movers)))
    if parent in with_children(movers):
        raise failure("bad_input", f"'{parent.name}' moves with the part; name another body.")
    return below(parent), world(parent)


def _onto(movers: Objects, obj: bpy.types.Object, bone: str) -> tuple[dict[str, Any], np.ndarray]:
    """Return an object or bone as `_anchor` does."""
    if obj in with_children(movers):
        raise failure("bad_input", f"'{obj.name}' moves with the part; name another body.")
    if not bone:
        return below(obj), world(obj)
    posed = np.array(obj.pose.bones[bone].matrix @ tail_of(obj, bone), np.float64)
    return below(obj) | {"type": "BONE", "bone": bone}, world(obj) @ posed


def tail_of(armature: bpy.types.Object, bone: str) -> Matrix:
    """Return from a bone's frame to its tail, where its children are."""
    return Matrix.Translation((0.0, armature.data.bones[bone].length, 0.0))


def _former(old: JointSettings | None, carried: Objects) -> dict[str, Any]:
    """Return how the movers were parented before any joint; what joined them later has no say."""
    known = controls.former(old) if old else {}
    fresh = [mover for mover in carried if not old or mover.parent != old.id_data]
    return known | {identify(mover): describe(mover) for mover in fresh}


def _new_empty(movers: Objects, part: PartSettings) -> bpy.types.Object:
    control = bpy.data.objects.new(f"Tug Joint · {part.name}", None)
    link_beside(control, movers[0])
    whole = Box()
    for box in boxes(with_children(movers)).values():
        whole.add(np.stack([box.low, box.high]))
    control.empty_display_type = "SINGLE_ARROW"
    control.empty_display_size = arrow_length * whole.diagonal or 1.0
    control.show_in_front = True
    return control


def link_beside(obj: bpy.types.Object, other: bpy.types.Object) -> None:
    """Put a new object into the collections of another one, as far as they are this file's own."""
    homes = [c for c in other.users_collection if not (c.library or c.override_library)]
    for collection in homes or [bpy.context.scene.collection]:
        collection.objects.link(obj)


def _stay(obj: bpy.types.Object, place: np.ndarray) -> None:
    size = max(np.abs(place).max(), 1e-9)
    if np.abs(world(obj) - place).max() > 1e-5 * size:
        obj.matrix_basis = Matrix((inverted(frame(obj), obj) @ place).tolist())


def _delete(record: JointSettings) -> None:
    control = record.id_data
    controls.erase(record)
    keyframes.forget(control, drivers.property_paths(control))
    bpy.data.objects.remove(control)
