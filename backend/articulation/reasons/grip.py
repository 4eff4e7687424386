"""Where the part is taken hold of, or would be, and what that says of the way it moves."""

from __future__ import annotations

import numpy as np

from backend.articulation.findings import velocities
from backend.articulation.kinematics import arms
from backend.articulation.look import Look, Values, unit


def lever(look: Look) -> Values:
    """The part is held well away from the hinge."""
    if not len(look.held):
        return np.full(len(look.found), 0.5)
    longest = look.arms.max(axis=1)
    share = arms(look.motions, look.held).max(axis=1) / np.maximum(longest, 1e-9)
    return np.where(look.motions.hinge, np.clip(share, 0.0, 1.0), 0.0)


def grip_ahead(look: Look) -> Values:
    """The grip moves in the way it sticks out of the part."""
    way = look.scene.grip_way
    if not way.any():
        return np.zeros(len(look.found))
    moved = unit(velocities(look.motions, look.scene.subject.grip)[:, 0])
    return moved @ way


def grip_even(look: Look) -> Values:
    """The grip is off the middle, measured along a hinge or across a slide."""
    grip, core = look.scene.subject.grip, look.scene.subject.core
    if not len(grip):
        return np.zeros(len(look.found))
    arm = grip[0] - core.centre
    along = np.abs(look.motions.axis @ arm)
    across = np.sqrt(np.maximum(arm @ arm - along**2, 0.0))
    size = np.linalg.norm((look.motions.axis @ core.axes.T) * core.half, axis=1)
    wide = np.sqrt(np.maximum((core.half**2).sum() - size**2, 1e-9))
    off = np.where(look.motions.hinge, along / np.maximum(size, 1e-6), across / wide)
    return np.minimum(off, 1.0)


def grip_along(look: Look) -> Values:
    """The grip is a bar along this axis: door handles run along their hinges."""
    return np.abs(look.motions.axis @ look.scene.grip_bar)


def handle_out(look: Look) -> Values:
    """What stands out of the part's face is far from the hinge: over the farthest point."""
    points, _ = look.scene.handle
    if not len(points):
        return np.full(len(look.found), 0.5)
    longest = look.arms.max(axis=1)
    share = arms(look.motions, points).mean(axis=1) / np.maximum(longest, 1e-9)
    return np.where(look.motions.hinge, np.clip(share, 0.0, 1.0), 0.0)


def handle_ahead(look: Look) -> Values:
    """What stands out of the part's face goes the way it stands out."""
    points, way = look.scene.handle
    if not len(points):
        return np.zeros(len(look.found))
    moved = unit(velocities(look.motions, points.mean(axis=0, keepdims=True))[:, 0])
    return moved @ way
