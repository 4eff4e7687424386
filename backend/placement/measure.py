"""How well a thing stands, measured apart from the search: with other and more points."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.placement import joints
from backend.placement.body import Body, Points, few, inverse, posed, spaced
from backend.placement.rest import margin, polygon, thing_size
from backend.placement.surroundings import Surroundings, down
from backend.placement.thing import Thing

shown = 2000  # points of the overlay
most_points = 12_000
touching = 2e-3  # of the size: what is nearer to its support carries


@dataclass(frozen=True, eq=False)
class Measures:
    """All in the scene's unit; `distances` (N,) of `points` (N, 3) are negative inside."""

    penetration: float
    gap: float
    stability: float
    free: float
    contact_area: float
    points: Points
    distances: Points
    contacts: Points
    supports: tuple[str, ...]


def measured(around: Surroundings, thing: Thing, pose: Points) -> Measures:
    """Return how a thing stands in a pose."""
    size = thing_size(pose)
    points = _dense(thing.body)
    gaps, spots, names = _below(around, thing, pose, points)
    first = float(gaps.min()) if len(gaps) else np.inf
    carrying = gaps <= max(first, 0.0) + touching * size if len(gaps) else gaps > 0.0
    contacts = spots[carrying] if np.isfinite(first) else np.zeros((0, 3))
    centre = posed(thing.body.weight[0][None], pose)[0]
    surface = thing.body.spots(shown, 11)
    return Measures(
        penetration=penetration(around, thing, pose, points),
        gap=max(first, 0.0),
        stability=margin(contacts[:, :2], centre[:2]),
        free=joints.free(around, thing, pose),
        contact_area=_area(around, thing, pose),
        points=posed(surface[0], pose),
        distances=_distances(around, surface[0], pose),
        contacts=polygon(contacts) if len(contacts) else contacts,
        supports=_named(np.array(names)[carrying].tolist()) if names else (),
    )


def penetration(
    around: Surroundings, thing: Thing, pose: Points, points: Points | None = None
) -> float:
    """Return how deep thing and surroundings are in each other at most."""
    points = _dense(thing.body) if points is None else points
    size = thing_size(pose)
    at = posed(points, pose)
    low, high = at.min(axis=0), at.max(axis=0)
    back = inverse(pose)[None]
    deepest = 0.0
    for k in around.near(low, high):
        body = around.bodies[k].body
        deepest = max(deepest, float(body.solid.depth(points, pose[None]).max(initial=0.0)))
        deepest = max(deepest, float(body.cut(*thing.body.edges, pose[None])[0]))
        others = body.points_in(low, high, 8e-3 * size, most_points)
        if len(others):
            own = thing.body.solid.depth(others, back).max(initial=0.0)
            deepest = max(deepest, float(own) * size)
            tails, heads = body.edges
            deepest = max(deepest, size * float(thing.body.cut(tails, heads, back)[0]))
    return deepest


def _dense(body: Body) -> Points:
    generator = np.random.default_rng(7)
    return np.concatenate(
        [
            few(body.corners, most_points, generator),
            few(spaced(*body.edges, 6e-3), most_points, generator),
            body.spots(4000, 7)[0],
        ]
    )


def _below(
    around: Surroundings, thing: Thing, pose: Points, points: Points
) -> tuple[Points, Points, list[str]]:
    """How far what is straight below is (N,), the points of the thing there (N, 3), and whose
    it is.
    """
    size = thing_size(pose)
    lifts, ways = np.array([0.02 * size]), down[None]
    at = posed(points, pose)
    low, high = at.min(axis=0), at.max(axis=0) + 0.02 * size
    low[2] -= 4.0
    back = inverse(pose)[None]
    gaps, spots, names = [], [], []
    for k in around.near(low, high):
        body = around.bodies[k].body
        own, face = body.reach(points, pose[None], ways, lifts)
        hit = np.isfinite(own[0])
        gaps.append(own[0][hit])
        spots.append(at[hit])
        names += [around.name(k, f) for f in face[0][hit]]
        others = body.points_in(low, high, 8e-3 * size, most_points)
        if len(others):
            up = -(back[:, :3, :3] @ down)
            own, face = thing.body.reach(others, back, up, lifts)
            hit = np.isfinite(own[0]) & thing.body.meets(face, up)[0]
            gaps.append(own[0][hit])
            spots.append(others[hit] - own[0][hit, None] * down)
            only = around.name(k, 0) if len(around.bodies[k].names) == 1 else ""
            names += [only] * int(hit.sum())
        tails, heads = thing.body.edges
        own, touch = body.edge_reach(tails, heads, pose[None], ways, lifts, 0.1 * size)
        hit = np.isfinite(own[0])
        gaps.append(own[0][hit])
        spots.append(touch[0][hit])
        names += [""] * int(hit.sum())
    if not gaps:
        return np.zeros(0), np.zeros((0, 3)), []
    return np.concatenate(gaps), np.concatenate(spots), names


def _named(names: list[str]) -> tuple[str, ...]:
    """What carries a good part of the contacts, the most first."""
    counts = Counter(name for name in names if name).most_common()
    return tuple(name for name, count in counts if count >= 0.1 * counts[0][1])


def _area(around: Surroundings, thing: Thing, pose: Points) -> float:
    """The area of the thing's surface that lies on something."""
    size = thing_size(pose)
    points, normals, each = thing.body.spots(6000, 5)
    facing = np.abs(normals @ pose[:3, :3].T[:, 2]) > 0.5 * size
    points = points[facing]
    on = np.zeros(len(points), bool)
    lifts = np.array([touching * size])
    for named in around.bodies:
        gaps = named.body.reach(points, pose[None], down[None], lifts)[0][0]
        on |= np.abs(gaps) <= touching * size
    return float(on.sum()) * each * size * size


def _distances(around: Surroundings, points: Points, pose: Points) -> NDArray[np.float64]:
    best = np.full(len(points), 4.0)
    for named in around.bodies:
        distance = named.body.near(points, pose[None], 4.0)[0][0]
        depth = named.body.solid.depth(points, pose[None])[0]
        best = np.minimum(best, np.where(depth > 0.0, -depth, distance))
    return best
