"""Motions as a backend would answer them, made of keys at every frame, and things to move."""

from __future__ import annotations

import importlib
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from tests.blender.conftest import add_box
from tests.blender.scene_things import add_mesh, cuboid

package = "bl_ext.user_default.tug"
turn = np.linspace(0.0, 3.0, 40)
arc = np.stack([4.0 * np.cos(turn), 4.0 * np.sin(turn), 0.2 * turn], axis=1)
third = 1.0 / 3.0


def module(name: str) -> Any:
    return importlib.import_module(f"{package}.{name}")


def cart(name: str = "Cart") -> bpy.types.Object:
    """A box about its origin."""
    obj = cuboid(name, 1.0, (-0.5, -0.5, -0.5))
    bpy.context.view_layer.objects.active = obj
    return obj


def answered(handle: Any, solve: Any = None) -> Any:
    """Give a job of the null backend the answer that `solve` makes of its request."""
    runtime, animation = module("runtime"), module("protocol.animation")
    handle.wait(30)
    job, arrays = handle._record, {}
    session = runtime.session()
    for blob in module("protocol.blobs").blobs_in(job.request):
        arrays.setdefault(blob.digest, None)
    tracks = tuple(
        (solve or follow)(job, index, lambda array: kept(array, arrays))
        for index in range(len(job.request.movers))
    )
    job.result = animation.AnimateResult(tracks=tracks, notes=("As told.",))
    job.error = None
    session.array = lambda _job, blob: arrays[blob.digest]
    return handle


def kept(array: Any, arrays: dict[str, Any]) -> Any:
    whole = np.ascontiguousarray(array, np.float64)
    blob = module("protocol.blobs").describe(whole)
    arrays[blob.digest] = whole
    return blob


def way_of(job: Any) -> Any:
    """The trajectory of the first mover as the scene has it."""
    curve = module("scene.identity").find(job.curves[0])
    return module("scene.trajectories").path_of(curve)


def follow(job: Any, index: int, keep: Any) -> Any:
    """Go along the way, looking ahead, with keys at every frame."""
    animation = module("protocol.animation")
    mover = job.request.movers[index]
    curve = module("scene.identity").find(job.curves[index])
    trajectories = module("scene.trajectories")
    path, shares = trajectories.path_of(curve), trajectories.shares(curve)
    first, last = int(mover.timing.start), int(mover.timing.end)
    frames = np.arange(first, last + 1)
    at = module("core.timing").share_at(frames, first, last, shares)
    poses = np.array([pose(mover, path.at(share), path.heading(share)) for share in at])
    joints = np.zeros((len(frames), len(mover.links)))
    channels = [
        animation.Channel(path=name, index=axis, keys=keep(straight(frames, values)))
        for name, axis, values in rows(mover, poses)
    ]
    for step in mover.steps:
        keys = straight(np.array([step.start, step.end]), np.array([0.0, step.value]))
        channels.append(animation.Channel(path="joint", link=step.link, keys=keep(keys)))
        joints[:, step.link] = np.interp(frames, [step.start, step.end], [0.0, step.value])
    return animation.Track(
        name=mover.name,
        first=first,
        poses=keep(poses),
        joints=keep(joints),
        channels=tuple(channels),
        collisions=(
            animation.Collision(other="Wall", first=first + 3, last=first + 9, depth=0.25),
        ),
    )


def pose(mover: Any, point: Any, heading: Any) -> Any:
    """Move the pivot to a point and, where it follows, turn about Z from forward to heading."""
    found = np.eye(4)
    if mover.orientation != "keep":
        there, here = (np.arctan2(v[1], v[0]) for v in (heading, mover.forward))
        found = np.array(Matrix.Rotation(there - here, 4, "Z"))
    found[:3, 3] = point - found[:3, :3] @ np.array(mover.pivot)
    return found


def rows(mover: Any, poses: Any) -> Any:
    """The channels of location and rotation: (name, axis, values)."""
    local = np.linalg.inv(np.array(mover.parent)) @ poses @ np.array(mover.frame)
    for axis in range(3):
        yield "location", axis, local[:, axis, 3]
    turned, last = [], None
    for matrix in local:
        rotation = Matrix(matrix.tolist()).to_3x3().normalized()
        if mover.rotation == "quaternion":
            last = rotation.to_quaternion()
        else:
            order = mover.rotation.upper()
            last = rotation.to_euler(order, last) if last else rotation.to_euler(order)
        turned.append(tuple(last))
    for axis, values in enumerate(np.array(turned).T):
        yield "rotation", axis, values


def straight(frames: Any, values: Any) -> Any:
    """Keys with straight lines between them."""
    frames = np.asarray(frames, np.float64)
    slopes = np.diff(values) / np.diff(frames)
    step = np.diff(frames) * third
    before, after = np.r_[step[:1], step], np.r_[step, step[-1:]]
    came, goes = np.r_[slopes[:1], slopes], np.r_[slopes, slopes[-1:]]
    return np.stack(
        [
            frames,
            values,
            frames - before,
            values - came * before,
            frames + after,
            values + goes * after,
        ],
        axis=1,
    )


def seen(obj: bpy.types.Object, frame: float) -> Any:
    """The world matrix at a frame, as Blender evaluates it."""
    bpy.context.scene.frame_set(int(frame), subframe=frame - int(frame))
    depsgraph = bpy.context.evaluated_depsgraph_get()
    return np.array(obj.evaluated_get(depsgraph).matrix_world, np.float64)


def wagon() -> bpy.types.Object:
    """A cart on the ground with a door at its side and two wheels; a floor and a wall around."""
    add_box("Floor", (16.0, 16.0, 0.2), (0.0, 0.0, -0.1))
    add_box("Wall", (0.3, 2.0, 1.5), (0.0, -1.0, 0.75))
    body = add_box("Cart", (0.8, 1.2, 0.7), (0.0, 0.0, 0.2))
    body.location = (-3.0, -3.0, 0.3)
    bpy.context.view_layer.update()
    door = add_box("Door", (0.05, 0.8, 0.5), (-3.43, -3.0, 0.55))
    hang(body, door, "revolute", (0, 0, 1), (-3.43, -2.6, 0.5), 1.7)
    for side in (-1, 1):
        wheel = add_wheel(f"Wheel {side}", 0.3, 0.1)
        wheel.location = (-3.0 + 0.46 * side, -3.0, 0.3)
        hang(body, wheel, "continuous", (1, 0, 0), tuple(wheel.location), 6.28318)
    return body


def hang(parent, child, kind, axis, origin, upper) -> None:
    """Parent an object where it is and give it a joint."""
    bpy.context.view_layer.update()
    child.parent = parent
    child.matrix_parent_inverse = parent.matrix_world.inverted()
    bpy.context.view_layer.update()
    made = module("protocol.joint").Joint(
        type=kind, axis=axis, origin=origin, lower=0.0, upper=upper
    )
    part = module("scene.parts").add_part(child, "object", child.name)
    module("scene.joints").apply(child, part, made)


def add_wheel(name: str, radius: float, width: float) -> bpy.types.Object:
    """A cylinder along X about its origin."""
    angle = np.linspace(0.0, 2.0 * np.pi, 49)[:-1]
    points = [
        (side * width / 2.0, radius * np.cos(a), radius * np.sin(a))
        for side in (-1, 1)
        for a in angle
    ]
    count = len(angle)
    faces = [(i, (i + 1) % count, count + (i + 1) % count, count + i) for i in range(count)]
    rims = [tuple(range(count - 1, -1, -1)), tuple(range(count, 2 * count))]
    return add_mesh(name, points, [*faces, *rims])
