"""Puts joints into the scene and takes them away again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import bpy

from ..core import opening
from ..protocol.errors import failure
from ..protocol.joint import Joint
from . import bones, controls, empties, keyframes
from .drivers import property_name, property_paths, slide_name
from .parts import PartSettings, mesh_sources
from .selection import whole_objects


@dataclass(frozen=True)
class Applied:
    """A joint in the scene: `control` holds `tug_open` at `path`, on its pose bone `bone` if any.

    A cylindrical joint has `tug_slide` beside it; a fixed one has neither, and an empty `path`.
    `notes` say in sentences what else had to change. Pointers die on undo: keep none.
    """

    control: bpy.types.Object
    bone: str
    path: str
    notes: tuple[str, ...] = ()


def apply(
    obj: bpy.types.Object,
    part: PartSettings,
    joint: Joint,
    *,
    keys: keyframes.Keys = (),
    body: Iterable[bpy.types.Object] | None = None,
    onto: tuple[bpy.types.Object, str] | None = None,
) -> Applied:
    """Give the part its joint, in the pose it has now; a joint it already has is replaced.

    Separate objects get an empty on the axis, a part within a mesh gets a bone and weights.
    `keys` are (frame, open) pairs. `onto` is an object, or with a name a bone of it, that the
    joint is to hang on instead of where the part hangs now. Everything is checked before
    anything is written; raises TugError `bad_input`. Pushes no undo step: that is the caller's.
    """
    opening.check(joint)
    bpy.context.view_layer.update()
    notes: list[str] = []
    if part.source in mesh_sources:
        control, bone = bones.apply(obj, part, joint, notes, onto)
    else:
        movers = whole_objects(obj, part)
        control, bone = empties.apply(obj, part, movers, joint, body, onto), ""
    applied = _applied(control, bone, notes)
    if keys and applied.path:
        keyframes.key(control, applied.path, keys)
    bpy.context.view_layer.update()
    return applied


def find(obj: bpy.types.Object, part: PartSettings) -> Applied | None:
    """Return the joint that the part has in the scene."""
    record = controls.of(obj, part)
    return _applied(record.id_data, record.bone) if record else None


def joint_of(control: bpy.types.Object, bone: str = "") -> Joint:
    """Return the joint that a control carries, as it was applied."""
    return controls.joint(_record(control, bone))


def set_open(
    control: bpy.types.Object, bone: str, opened: float, slid: float | None = None
) -> None:
    """Open the joint: 0 to 1 between its limits; `slid` shifts a cylindrical one, too."""
    target = controls.target(control, bone)
    for name, value in ((property_name, opened), (slide_name, slid)):
        if name in target and value is not None:
            target[name] = float(value)
    control.update_tag()
    bpy.context.view_layer.update()


def close(obj: bpy.types.Object, part: PartSettings) -> None:
    """Bring the part back to the pose its joint was given in; without a joint, do nothing."""
    found = find(obj, part)
    if found:
        joint = joint_of(found.control, found.bone)
        set_open(found.control, found.bone, opening.rest(joint), opening.slide_rest(joint))


@contextmanager
def at_rest(records: Iterable[controls.JointSettings]) -> Iterator[None]:
    """Have the joints of these records in the pose they were given in, for as long as it takes."""
    before = []
    for record in records:
        joint, target = controls.joint(record), controls.target(record.id_data, record.bone)
        rest = {property_name: opening.rest(joint), slide_name: opening.slide_rest(joint)}
        for name in rest.keys() & target.keys():
            before.append((record.id_data, target, name, target[name]))
            target[name] = rest[name]
    _show(before)
    try:
        yield
    finally:
        for _, target, name, value in before:
            target[name] = value
        _show(before)


@contextmanager
def part_at_rest(obj: bpy.types.Object, part: PartSettings) -> Iterator[None]:
    """Have a part in the pose its joint was given in, if it has one, for as long as it takes."""
    record = controls.of(obj, part)
    with at_rest([record] if record else []):
        yield


def _show(changed: list[tuple[bpy.types.Object, Any, str, float]]) -> None:
    for control, *_ in changed:
        control.update_tag()
    bpy.context.view_layer.update()


def remove(control: bpy.types.Object, bone: str = "") -> None:
    """Undo what `apply` did: the joint goes, the part stays at rest under its former parent.

    A mesh that was cut between part and body stays cut. Raises TugError `bad_input`.
    """
    record = _record(control, bone)
    bpy.context.view_layer.update()
    (bones if bone else empties).remove(record)
    bpy.context.view_layer.update()


def _applied(control: bpy.types.Object, bone: str, notes: Iterable[str] = ()) -> Applied:
    paths = property_paths(controls.target(control, bone))
    return Applied(control, bone, paths[0] if paths else "", tuple(notes))


def _record(control: bpy.types.Object, bone: str) -> controls.JointSettings:
    record = controls.at(control, bone)
    if record is None:
        raise failure("bad_input", f"'{control.name}' carries no joint of Tug; choose another one.")
    return record
