"""How much of its joints' ranges a thing has free where it stands."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from backend.formats.meshes import merged
from backend.formats.model import moved
from backend.geometry.mesh import Mesh
from backend.geometry.surface import Motions, far
from backend.placement.body import Points, few, inverse, posed, spaced
from backend.placement.rest import thing_size
from backend.placement.surroundings import Surroundings
from backend.placement.thing import Moving, Thing, carried
from protocol.joint import Joint, motion

grazing = 5e-3  # of the size: what goes deeper is blocked
probes = 300
instants = 7  # in which what a joint sweeps is kept free
around_probes = 300
endless = 2.0 * np.pi


def free(around: Surroundings, thing: Thing, pose: Points) -> float:
    """Return the mean share of the joints' ranges that nothing blocks, 1 without joints."""
    shares = [_share(around, moving, pose) for moving in thing.moving]
    return float(np.mean(shares)) if shares else 1.0


def swept(thing: Thing, pose: Points) -> Mesh | None:
    """What its joints move over, as the parts in some poses; None without joints."""
    meshes = []
    for moving in thing.moving:
        joint = moving.joint
        low, high = max(joint.lower, -endless), min(joint.upper, endless)
        for value in np.linspace(low, high, instants):
            meshes.append(moved(moving.body.mesh, pose @ motion(joint, float(value))))
    return merged(meshes) if meshes else None


def _share(around: Surroundings, moving: Moving, pose: Points) -> float:
    size = thing_size(pose)
    joint = carried(moving.joint, pose, size)
    ends = [end for end in (max(joint.upper, 0.0), min(joint.lower, 0.0)) if end]
    if not ends:
        return 1.0
    reaches = np.clip(ends, -endless, endless) if joint.type != "prismatic" else np.array(ends)
    gone = np.minimum(_contacts(around, moving, joint, pose, reaches), np.abs(reaches))
    return float(gone.sum() / np.abs(reaches).sum())


def _contacts(
    around: Surroundings, moving: Moving, joint: Joint, pose: Points, reaches: Points
) -> Points:
    """The |value| at which something is met on the way to each end."""
    size = thing_size(pose)
    points = posed(probes_of(moving), pose)
    low, high = points.min(axis=0) - size, points.max(axis=0) + size
    way = _motion(joint, len(reaches))
    own = _motion(moving.joint, len(reaches))
    own_reaches = reaches / size if joint.type == "prismatic" else reaches
    back = inverse(pose)
    steps = _steps(way, points, reaches, size)
    met = np.full(len(reaches), far)
    for k in around.near(low, high):
        body = around.bodies[k].body
        ahead = body.surface.sweep(points, way, reaches, steps, grazing * size)
        met = np.minimum(met, ahead.min(axis=1))
        others = body.points_in(low, high, 0.05 * size, around_probes)
        if len(others):
            behind = moving.body.surface.sweep(
                posed(others, back), own, -own_reaches, steps, grazing
            ).min(axis=1)
            scale = size if joint.type == "prismatic" else 1.0
            met = np.minimum(met, np.where(behind < far, behind * scale, far))
    return met


@lru_cache(maxsize=256)
def probes_of(moving: Moving) -> Points:
    """Points (P, 3) that stand for what moves."""
    body = moving.body
    along = spaced(*body.edges, 0.05)
    return np.concatenate(
        [few(body.corners, probes // 2), few(along, probes // 4), body.spots(probes // 4)[0]]
    )


def _motion(joint: Joint, count: int) -> Motions:
    return Motions(
        np.full(count, joint.type != "prismatic"),
        np.tile(joint.axis, (count, 1)),
        np.tile(joint.origin, (count, 1)),
    )


def _steps(motion: Motions, points: Points, reaches: Points, size: float) -> int:
    speed = 1.0
    if motion.hinge[0]:
        arm = np.cross(points - motion.origin[0], motion.axis[0])
        speed = float(np.linalg.norm(arm, axis=1).max())
    return int(np.clip(np.ceil(np.abs(reaches).max() * speed / (0.04 * size)), 6, 64))
