"""How a thing comes to rest: dropped onto what is below it, tilted until three points hold it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, QhullError

from backend.placement.body import Points, posed
from backend.placement.surroundings import Clearances, Surroundings, down
from backend.placement.thing import Thing

touching = 1.5e-3  # of the size: what is nearer carries
look = 0.04  # of the size: how far a thing may be in its support before the exact drop
most_tilts = 24
step_tilt = 0.25  # radians
still = 1e-5
nudge = 5e-3  # of the size: what must not topple it
nudges = np.array([[1.0, 1, 0], [-1, 1, 0], [-1, -1, 0], [1, -1, 0]]) / np.sqrt(2.0)


@dataclass(frozen=True, eq=False)
class Rest:
    """Where a thing rests: its `pose`, the points that carry it and by how much it stands.

    `margin` is how far inside the polygon of the `contacts` (C, 3) its centre of mass is, in
    the scene's unit, negative outside.
    """

    pose: Points
    contacts: Clearances
    margin: float


def dropped(around: Surroundings, thing: Thing, pose: Points, lift: float) -> Points | None:
    """Return the pose moved down to exact contact, None where there is nothing below."""
    size = thing_size(pose)
    for start in (lift, 0.01 * size):
        clear = around.clearances(thing, pose, start)
        if not len(clear.gaps):
            return None
        pose = shifted(pose, float(clear.gaps.min()) * down)
    return pose


def at_rest(around: Surroundings, thing: Thing, pose: Points) -> Rest:
    """Return what carries a dropped thing as it stands."""
    size = thing_size(pose)
    clear = around.clearances(thing, pose, 0.01 * size, most=touching * size)
    centre = posed(thing.body.weight[0][None], pose)[0]
    return Rest(pose, clear, margin(clear.points[:, :2], centre[:2]))


def firmness(around: Surroundings, thing: Thing, rest: Rest) -> float:
    """Return the least margin of a rest that is nudged to all sides: a foot on an edge holds not.

    It is never above the rest's own.
    """
    size, least = thing_size(rest.pose), rest.margin
    for way in nudges:
        pose = shifted(rest.pose, nudge * size * way)
        clear = around.clearances(thing, pose, nudge * size, most=0.1 * size)
        if not len(clear.gaps):
            return -1.0
        near = clear.gaps <= float(clear.gaps.min()) + nudge * size
        centre = posed(thing.body.weight[0][None], pose)[0]
        least = min(least, margin(clear.points[near][:, :2], centre[:2]))
    return least


def settled(around: Surroundings, thing: Thing, pose: Points, most: float) -> Points | None:
    """Return the pose tilted until three points around its centre of mass carry it.

    Each step solves for the plane under all its points that is highest under the centre of mass.
    None where it would tilt by more than `most` radians.
    """
    size = thing_size(pose)
    began = pose[:3, :3] / size
    for step in range(most_tilts):
        lift = look * size if step else 0.15 * size
        clear = around.clearances(thing, pose, lift, most=0.6 * size)
        if not len(clear.gaps):
            return None
        centre = posed(thing.body.weight[0][None], pose)[0]
        height, slope = resting_plane(clear.points[:, :2] - centre[:2], clear.gaps)
        tilt = float(np.hypot(*slope))
        foot = np.array([*centre[:2], float(clear.points[clear.gaps.argmin(), 2])])
        pose = shifted(_tilted(pose, foot, slope), height * down)
        if _angle(began, pose[:3, :3] / size) > most:
            return None
        if tilt < still and abs(height) < still * size:
            break
    return dropped(around, thing, pose, look * size)


def resting_plane(flat: Points, gaps: Points) -> tuple[float, Points]:
    """Return height and slope (2,) of the plane below all (x, y, gap) that is highest at 0."""
    chosen = np.argsort(gaps)[:40]
    bounds = [(None, None), (-step_tilt, step_tilt), (-step_tilt, step_tilt)]
    answer = np.array([float(gaps.min()), 0.0, 0.0])
    rows = np.column_stack([np.ones(len(gaps)), flat])
    for _ in range(30):
        found = linprog(
            [-1.0, 0.0, 0.0], A_ub=rows[chosen], b_ub=gaps[chosen], bounds=bounds, method="highs"
        )
        if found.x is None:
            break
        answer = found.x
        over = rows @ answer - gaps
        worst = np.argsort(over)[-20:]
        worst = worst[over[worst] > 1e-7]
        if not len(worst):
            break
        chosen = np.union1d(chosen, worst)
    return float(answer[0]), answer[1:]


def margin(contacts: Points, centre: Points) -> float:
    """Return how far inside the hull of the contacts (C, 2) a point is, negative outside."""
    if not len(contacts):
        return -1.0
    try:
        hull = ConvexHull(contacts)
        inside = -(hull.equations[:, :2] @ centre + hull.equations[:, 2])
        if inside.min() >= 0.0:
            return float(inside.min())
        outline = contacts[hull.vertices]
    except (QhullError, ValueError):
        outline = _line(contacts)
    return -_outside(outline, centre)


def polygon(contacts: Points) -> Points:
    """Return those of the contacts (C, 3) that are corners of their hull, in order around it."""
    try:
        return contacts[ConvexHull(contacts[:, :2]).vertices]
    except (QhullError, ValueError):
        return _line(contacts) if len(contacts) else contacts


def shifted(pose: Points, offset: Points) -> Points:
    moved = pose.copy()
    moved[:3, 3] += offset
    return moved


def thing_size(pose: Points) -> float:
    """The size of a thing in a pose, in the scene's unit."""
    return float(np.cbrt(abs(np.linalg.det(pose[:3, :3]))))


def turning(vector: Points) -> Points:
    """The rotation (3, 3) about a vector (3,) by its length."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-15:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * (cross @ cross)


def _tilted(pose: Points, foot: Points, slope: Points) -> Points:
    """The pose turned about a point so that it falls by `slope` along x and y."""
    turn = turning(np.array([-slope[1], slope[0], 0.0]))
    moved = pose.copy()
    moved[:3, :3] = turn @ pose[:3, :3]
    moved[:3, 3] = foot + turn @ (pose[:3, 3] - foot)
    return moved


def _angle(one: Points, other: Points) -> float:
    return float(np.arccos(np.clip((np.trace(one.T @ other) - 1.0) / 2.0, -1.0, 1.0)))


def _line(contacts: Points) -> Points:
    """The two ends of points on a line."""
    far = contacts[np.linalg.norm(contacts - contacts[0], axis=1).argmax()]
    return np.stack([contacts[np.linalg.norm(contacts - far, axis=1).argmax()], far])


def _outside(outline: Points, point: Points) -> float:
    ends = np.roll(outline, -1, axis=0)
    way = ends - outline
    length = np.maximum((way**2).sum(axis=1), 1e-30)
    share = np.clip(((point - outline) * way).sum(axis=1) / length, 0.0, 1.0)
    return float(np.linalg.norm(outline + share[:, None] * way - point, axis=1).min())
