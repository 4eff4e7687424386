"""Drag4D's own way of placing, for comparison: its loss, plain descent, the one floor it knows."""

from __future__ import annotations

import numpy as np

from backend.evaluation.placement_trials import Trial
from backend.formats.meshes import merged
from backend.formats.model import moved
from backend.geometry.mesh import Samples
from backend.placement.body import Body, Points
from backend.placement.engine import Silent, prepare
from backend.placement.losses import Paper, descended

on_thing = 400
on_scene = 60_000
steps = 1500


def placed(asked: Trial, left_out: str) -> Points:
    """Return the pose (4, 4) in world; `left_out` is `collision`, `gravity` or neither."""
    start = _start(asked)
    mesh = moved(merged([s.mesh for k in asked.item.model.links for s in k.shapes]), start)
    thing = _samples(Body(mesh), on_thing)
    scene = _samples(Body(merged([part.mesh for part in asked.scene])), on_scene)
    middle = thing.points.mean(axis=0)
    size = float(np.linalg.norm(np.ptp(thing.points, axis=0)))
    near = np.linalg.norm(scene.points - middle, axis=1) < 1.5 * size + 0.2
    loss = Paper(
        thing=thing,
        scene=scene.take(near),
        mass=np.full(on_thing, 1.0 / on_thing),
        floor=_floor(asked, middle),
        collision=left_out != "collision",
        weight=left_out != "gravity",
    )
    shift = descended(loss, np.zeros(3), steps)
    pose = start.copy()
    pose[:3, 3] += shift
    return pose


def _start(asked: Trial) -> Points:
    """Where the thing is wished to be, as the other methods are told."""
    ready = prepare((asked.item,), asked.scene, np.array([0.0, 0.0, 1.0]), Silent())
    target, thing, frame = ready.targets[0], ready.things[0], ready.frame
    pose = np.eye(4)
    pose[:3, :3] = target.turn * target.size
    pose[:2, 3] = target.flat
    pose[2, 3] = target.z - float((thing.hull @ pose[:3, :3].T)[:, 2].min())
    return frame.outward @ pose @ thing.inward


def _floor(asked: Trial, middle: Points) -> float:
    """The height of the floor: of a room's, or of the ground below."""
    floor = next((p for p in asked.scene if p.name == "floor"), asked.scene[0])
    points = floor.mesh.vertices
    if floor.name == "floor":
        return float(points[:, 2].max())
    return float(points[((points[:, :2] - middle[:2]) ** 2).sum(axis=1).argmin(), 2])


def _samples(body: Body, count: int) -> Samples:
    from backend.geometry.mesh import sample

    generator = np.random.default_rng(0)
    return sample(body.mesh, body.areas, body.outward, count, generator)
