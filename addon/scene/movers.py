"""What a request to animate says: what moves, along what, when, and what is in the way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

import bpy
import msgspec
import numpy as np
from numpy.typing import NDArray

from ..core.following import carried
from ..core.opening import value_at
from ..protocol.animation import Mover, RotationMode, Step, Timing, Way
from ..protocol.blobs import Blob, describe
from ..protocol.errors import failure
from ..protocol.joint import Vector as Point
from ..protocol.meshes import Geometry, Matrix, ModelLink, Piece
from . import animation, curves, trajectories
from .animation import JointStep
from .geometry import Mask, gather_sorted
from .headings import direction, forward_axis, standing
from .identity import find, identify
from .instances import Placed
from .joints import at_rest
from .model import Key, bones_of, carrier_of, joint_now, key_of, name_of, parent_of, unique
from .parenting import basis, frame, inverted, world
from .parts import JointSettings
from .selection import faces_of_group, with_children

Transform = NDArray[np.float64]
Control = tuple[str, str]
root: Key = ("", "")
scene_key = "scene"
stand_in = 0.2  # Blender units that a thing without faces is wide
box_faces = np.array(
    [
        *((0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1)),
        *((2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3)),
    ],
    np.int32,
)
channels = ("location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle")


class Movers(NamedTuple):
    """`movers` with what they and the `scene` are made of, and what holds their joints."""

    geometry: tuple[Geometry, ...]
    movers: tuple[Mover, ...]
    scene: tuple[Piece, ...]
    controls: tuple[tuple[Control, ...], ...]
    arrays: list[NDArray]


class Subject(NamedTuple):
    """A trajectory with what moves along it, the joints of that, and its transforms.

    `rest` is where it was before it was animated (to world), `to_rest` takes it there from where
    it is now, `parent` is the frame of its channels.
    """

    curve: bpy.types.Object
    target: bpy.types.Object
    members: set[bpy.types.Object]
    records: dict[Key, JointSettings]
    rest: Transform
    to_rest: Transform
    parent: Transform


def subjects_of(trajectory_curves: Sequence[bpy.types.Object]) -> list[Subject]:
    """Return what is to be moved. Raises TugError `bad_input` in words where it cannot be."""
    bpy.context.view_layer.update()
    found = [_subject(curve) for curve in trajectory_curves]
    for index, subject in enumerate(found):
        for other in found[:index]:
            if subject.target == other.target:
                raise failure(
                    "bad_input",
                    f"'{other.curve.name}' and '{subject.curve.name}' are both for "
                    f"'{subject.target.name}'; animate one after the other.",
                )
            if subject.target in other.members or other.target in subject.members:
                raise failure(
                    "bad_input",
                    f"'{subject.target.name}' and '{other.target.name}' hang on each other; "
                    "animate one after the other.",
                )
    return found


def gather_movers(
    subjects: Sequence[Subject], scene: bpy.types.Scene, *, alone: bool = False
) -> Movers:
    """Read what moves, at rest, and what is seen around it unless `alone`.

    Raises TugError `bad_input`.
    """
    moving = set().union(*(subject.members for subject in subjects))
    around = set() if alone else _surroundings() - moving
    with at_rest([record for s in subjects for record in s.records.values()]):
        found = gather_sorted(moving | around, lambda item, mesh: _sort(item, mesh, subjects))
        links = [_links(i, subject, found.pieces) for i, subject in enumerate(subjects)]
        geometry = [
            _at_rest(part, owner, subjects)
            for part, owner in zip(found.geometry, found.owners, strict=True)
        ]
    arrays = {describe(array).digest: array for array in found.arrays}
    links = [_with_body(s, own, geometry, arrays) for s, own in zip(subjects, links, strict=True)]
    movers = tuple(
        _mover(subject, parts, scene, arrays)
        for subject, parts in zip(subjects, links, strict=True)
    )
    return Movers(
        tuple(geometry),
        movers,
        found.pieces.get(scene_key, ()),
        tuple(tuple(_control(record) for record in s.records.values()) for s in subjects),
        list(arrays.values()),
    )


def _surroundings() -> set[bpy.types.Object]:
    """Return what may be in the way: what shows its faces, which helpers drawn as wires do not."""
    seen = bpy.context.view_layer.objects
    return {obj for obj in seen if obj.display_type in ("SOLID", "TEXTURED")}


def source_of(curve: bpy.types.Object, scene: bpy.types.Scene) -> str:
    """Return in short all that an edit may change: shape and timing, then settings and steps.

    Raises TugError `bad_input` where there is no way any more.
    """
    way, arrays = _way(curve)
    settings = curve.tug_animation
    chosen = [
        getattr(settings, name)
        for name in ("orientation", "forward", "on_ground", "roll", "collisions", "tolerance")
    ]
    steps = [
        (step.control, step.bone, animation.step_frame(step, scene), step.open, step.seconds)
        for step in settings.steps
    ]
    target = trajectories.target_of(curve)
    shape = way, _timing(curve, arrays), trajectories.fps(scene)
    others = chosen, _look_at(curve), steps, target.tug.uid if target else "", settings.kind
    return "-".join(_digest(parts) for parts in (shape, others))


def _digest(parts: object) -> str:
    return describe(np.frombuffer(msgspec.json.encode(parts, enc_hook=float), np.uint8)).digest


# What moves


def _subject(curve: bpy.types.Object) -> Subject:
    target = _target(curve)
    members = with_children([target])
    if target.type == "ARMATURE":
        deformed = {obj for obj in bpy.context.view_layer.objects if _deformed_by(obj, target)}
        members |= with_children(list(deformed))
    if curve in members:
        raise failure(
            "bad_input",
            f"'{curve.name}' hangs on '{target.name}', which would move its own way; unparent it.",
        )
    records = {key_of(r): r for member in members for r in member.tug.joints}
    parent = frame(target)
    rest = parent @ _rest_basis(curve, target)
    if curve.tug_animation.orientation != "KEEP":
        rest = standing(forward_axis(curve, rest), rest)
    to_rest = rest @ inverted(world(target), target)
    return Subject(curve, target, members, _parents_first(records), rest, to_rest, parent)


def _target(curve: bpy.types.Object) -> bpy.types.Object:
    target = trajectories.target_of(curve)
    if target is None:
        raise failure(
            "bad_input",
            f"Nothing moves along '{curve.name}'; choose its object in the Trajectory panel.",
        )
    if target.library:
        raise failure(
            "bad_input",
            f"'{target.name}' is linked; make a library override or a local copy of it.",
        )
    if target.name not in bpy.context.view_layer.objects:
        raise failure("bad_input", f"'{target.name}' is not in this view layer; bring it back.")
    if target.delta_location.length + target.delta_rotation_euler.to_quaternion().angle > 1e-6:
        raise failure(
            "bad_input",
            f"'{target.name}' has delta transforms, which keys do not reach; reset them or use "
            "Object > Apply > Transforms to Deltas the other way.",
        )
    fighting = [c.name for c in target.constraints if not c.mute and not _is_harmless(c)]
    if fighting:
        raise failure(
            "bad_input",
            f"'{target.name}' has constraints that would hold it back ({', '.join(fighting)}); "
            "mute or apply them first.",
        )
    if any(curve.data_path in channels for curve in _drivers(target)):
        raise failure(
            "bad_input",
            f"'{target.name}' is driven; choose what hangs on it, or what it hangs on, instead.",
        )
    return target


def _is_harmless(constraint: bpy.types.Constraint) -> bool:
    """A limit on an object's own channels, or ours, which is taken off before."""
    return constraint.type.startswith("LIMIT_") and constraint.owner_space == "LOCAL"


def _drivers(obj: bpy.types.Object) -> Sequence[bpy.types.FCurve]:
    return list(obj.animation_data.drivers) if obj.animation_data else []


def _deformed_by(obj: bpy.types.Object, armature: bpy.types.Object) -> bool:
    return any(m.type == "ARMATURE" and m.object == armature for m in obj.modifiers)


def _rest_basis(curve: bpy.types.Object, target: bpy.types.Object) -> Transform:
    """Return the target's own channels (4, 4) as they were before it was animated."""
    for other in [curve, *trajectories.of_target(target)]:
        if animation.state_of(other):
            former = json.loads(other.tug_animation.former)
            if former["target"] == target.tug.uid:
                return np.array(former["basis"])
    return basis(target)


def _parents_first(records: dict[Key, JointSettings]) -> dict[Key, JointSettings]:
    def depth(key: Key) -> int:
        return 1 + depth(parent_of(records[key])) if key in records else 0

    return dict(sorted(records.items(), key=lambda entry: (depth(entry[0]), entry[0])))


# Their shapes


def _sort(
    item: Placed, mesh: bpy.types.Mesh, subjects: Sequence[Subject]
) -> Iterator[tuple[Any, Mask]]:
    for index, subject in enumerate(subjects):
        if item.owner in subject.members:
            left = np.ones(len(mesh.polygons), bool)
            for key in bones_of(item.owner) if not item.is_instance else ():
                if key in subject.records:
                    chosen = faces_of_group(item.object, mesh, key[1]) & left
                    left &= ~chosen
                    yield (index, key), chosen
            key = carrier_of(item.owner)
            yield (index, key if key in subject.records else root), None if left.all() else left
            return
    yield scene_key, None


def _links(
    index: int, subject: Subject, pieces: dict[Any, tuple[Piece, ...]]
) -> tuple[ModelLink, ...]:
    names = unique([subject.target.name, *map(name_of, subject.records.values())])
    keys = [root, *subject.records]
    links = [ModelLink(name=names[0], pieces=pieces.get((index, root), ()))]
    for name, (key, record) in zip(names[1:], subject.records.items(), strict=True):
        above = parent_of(record)
        links.append(
            ModelLink(
                name=name,
                pieces=pieces.get((index, key), ()),
                parent=keys.index(above) if above in keys else 0,
                joint=carried(joint_now(record), subject.to_rest),
            )
        )
    return tuple(links)


def _with_body(
    subject: Subject,
    links: tuple[ModelLink, ...],
    geometry: list[Geometry],
    arrays: dict[str, NDArray],
) -> tuple[ModelLink, ...]:
    """Give what has no faces, such as a camera, a small box, for which its turns count."""
    if any(link.pieces for link in links):
        return links
    corners = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    vertices = (stand_in / 2.0 * corners).astype(np.float32)
    blobs = [describe(array) for array in (vertices, box_faces)]
    arrays.update({blobs[0].digest: vertices, blobs[1].digest: box_faces})
    place = np.eye(4)
    place[:3, 3] = subject.rest[:3, 3]
    piece = Piece(geometry=len(geometry))
    geometry.append(
        Geometry(vertices=blobs[0], faces=blobs[1], matrix=_rows(place), name=subject.target.name)
    )
    return msgspec.structs.replace(links[0], pieces=(piece,)), *links[1:]


def _at_rest(part: Geometry, owner: bpy.types.Object, subjects: Sequence[Subject]) -> Geometry:
    for subject in subjects:
        if owner in subject.members:
            placed = subject.to_rest @ np.array(part.matrix)
            return msgspec.structs.replace(part, matrix=_rows(placed))
    return part


def _control(record: JointSettings) -> Control:
    return identify(record.id_data), record.bone


# How they move


def _mover(
    subject: Subject,
    links: tuple[ModelLink, ...],
    scene: bpy.types.Scene,
    arrays: dict[str, NDArray],
) -> Mover:
    curve, target, settings = subject.curve, subject.target, subject.curve.tug_animation
    way, own = _way(curve)
    timing = _timing(curve, own)
    arrays.update(own)
    axis = forward_axis(curve, subject.rest)
    return Mover(
        name=links[0].name,
        links=links,
        way=way,
        timing=timing,
        pivot=_vector(subject.rest[:3, 3]),
        forward=_vector(direction(axis, subject.rest)),
        orientation=settings.orientation.lower(),
        target=_look_at(curve),
        on_ground=settings.on_ground,
        roll=settings.roll,
        steps=tuple(_step(step, subject, links, scene) for step in settings.steps),
        frame=_rows(subject.rest),
        parent=_rows(subject.parent),
        rotation=rotation_of(target),
    )


def rotation_of(target: bpy.types.Object) -> RotationMode:
    """Return how the rotation will be kept; as a quaternion where it was by axis and angle."""
    mode = target.rotation_mode.lower()
    return cast(RotationMode, "quaternion" if mode == "axis_angle" else mode)


def _way(curve: bpy.types.Object) -> tuple[Way, dict[str, NDArray]]:
    splines = curves.read(curve)
    if not splines or trajectories.path_of(curve).length <= 1e-9:
        raise failure("bad_input", f"'{curve.name}' has no length; give it points that are apart.")
    along = splines[0]
    closed = curves.is_closed(curve, along.spline)
    tilt = curves.tilts(curve, along.spline, len(along.points))
    end = -1 if closed and len(along.points) > 3 else None
    arrays: dict[str, NDArray] = {}
    points = _kept(along.points[:end], arrays)
    roll = None if tilt is None else _kept(tilt[:end], arrays)
    return Way(points=points, closed=end is not None, tilt=roll), arrays


def _timing(curve: bpy.types.Object, arrays: dict[str, NDArray]) -> Timing:
    start, end = trajectories.span_of(curve)
    if end - start < 0.5:
        raise failure("bad_input", f"'{curve.name}' ends before it starts; move its frames apart.")
    shares = trajectories.shares(curve)
    kept = None if shares is None else _kept(shares, arrays)
    return Timing(start=float(start), end=float(end), shares=kept)


def _kept(array: NDArray, arrays: dict[str, NDArray]) -> Blob:
    whole = np.ascontiguousarray(array, np.float64)
    blob = describe(whole)
    arrays[blob.digest] = whole
    return blob


def _look_at(curve: bpy.types.Object) -> Point | None:
    settings = curve.tug_animation
    if settings.orientation != "LOOK_AT":
        return None
    obj = find(settings.look_at)
    if obj is None:
        raise failure("bad_input", f"'{curve.name}' looks at nothing; choose what to look at.")
    return _vector(np.round(world(obj)[:3, 3], 6))


def _step(
    step: JointStep, subject: Subject, links: Sequence[ModelLink], scene: bpy.types.Scene
) -> Step:
    record, start = animation.joint_of_step(step), animation.step_frame(step, scene)
    if record is None or key_of(record) not in subject.records:
        raise failure(
            "bad_input",
            f"A joint step of '{subject.curve.name}' has no joint of '{subject.target.name}'; "
            "choose one, or remove the step.",
        )
    if start is None:
        raise failure(
            "bad_input",
            f"The marker '{step.marker}' of a joint step is gone; choose another one.",
        )
    link = 1 + list(subject.records).index(key_of(record))
    joint = links[link].joint
    assert joint is not None
    return Step(
        link=link,
        start=float(start),
        end=float(start + step.seconds * trajectories.fps(scene)),
        value=value_at(joint, step.open),
    )


def _rows(matrix: Transform) -> Matrix:
    return cast(Matrix, tuple(tuple(map(float, row)) for row in matrix))


def _vector(values: NDArray) -> Point:
    x, y, z = (float(value) + 0.0 for value in values)
    return x, y, z
