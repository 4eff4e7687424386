"""Places with the back against a wall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.placement.body import Points
from backend.placement.surroundings import Surroundings
from backend.placement.target import Target, yawed
from backend.placement.thing import Thing

if TYPE_CHECKING:
    from backend.placement.search import Spots

directions = 48
heights = (0.2, 0.5, 0.8)  # of the thing: a wall is as tall as that
upright = 0.2  # how far a wall's normal may lean
gap = 1e-3  # of the size: what stays free behind a back
aside = (0.0, 0.1, -0.1, 0.25, -0.25, 0.5, -0.5, 0.8, -0.8, 1.2, -1.2, 1.7, -1.7, 2.5, -2.5)
walls_tried = 3


def spots(around: Surroundings, thing: Thing, target: Target) -> Spots:
    """Return spots with the thing's back at the nearest walls, beside each other along them."""
    from backend.placement.search import Spots

    flat, yaw, cost = [], [], []
    front = np.arctan2(target.front[1], target.front[0])
    for foot, normal in _walls(around, thing, target)[:walls_tried]:
        angle = float(np.arctan2(normal[1], normal[0]) - front)
        angle = (angle + np.pi) % (2.0 * np.pi) - np.pi
        behind = (thing.hull @ (yawed(np.array([angle]))[0] @ target.turn).T)[:, :2] @ normal
        out = (gap - float(behind.min())) * target.size
        along = np.array([-normal[1], normal[0]])
        for offset in aside:
            for off in (0.0, 0.01, 0.03):  # where skirting boards are in the way
                place = foot + normal * (out + off * target.size)
                place = place + along * offset * target.size
                flat.append(place)
                yaw.append(angle)
                cost.append(float(np.linalg.norm(place - target.flat)) / target.size + off * 5.0)
    return Spots(np.array(flat).reshape(-1, 2), np.array(yaw), np.array(cost))


def _walls(around: Surroundings, thing: Thing, target: Target) -> list[tuple[Points, Points]]:
    """Walls around the wish, the nearest first: the foot of each below it and its normal, (2,)."""
    extents = np.ptp(thing.hull @ target.turn.T, axis=0) * target.size
    tall, wide = float(extents[2]), float(extents[:2].min())
    angles = np.arange(directions) * 2.0 * np.pi / directions
    ways = np.column_stack([np.cos(angles), np.sin(angles), np.zeros(directions)])
    found: list[tuple[float, Points, Points]] = []
    for way in ways:
        starts = np.array([[*target.flat, target.z + share * tall] for share in heights])
        distance, normal = _first(around, starts, way)
        level = np.abs(normal[:, 2]) < upright
        if not np.isfinite(distance).all() or not level.all():
            continue
        if np.ptp(distance) > 0.05 * target.size + 0.02 * distance.min():
            continue
        out = normal[:, :2].mean(axis=0)
        out /= max(float(np.linalg.norm(out)), 1e-9)
        out = -out if out @ way[:2] > 0.0 else out
        hit = target.flat + way[:2] * float(distance.min())
        if not _is_wide(around, starts, out, float((target.flat - hit) @ out), wide):
            continue
        away = float((target.flat - hit) @ out)
        if not any(abs(away - d) < 1e-3 and out @ n > 0.999 for d, _, n in found):
            found.append((away, target.flat - out * away, out))
    found.sort(key=lambda wall: wall[0])
    return [(foot, normal) for _, foot, normal in found]


def _is_wide(around: Surroundings, starts: Points, out: Points, away: float, wide: float) -> bool:
    """Whether a wall goes on to both sides as far as a narrow back is wide."""
    along = np.array([-out[1], out[0], 0.0]) * 0.45 * wide
    sides = np.concatenate([starts + along, starts - along])
    distance, normal = _first(around, sides, np.array([-out[0], -out[1], 0.0]))
    flat = (np.abs(distance - away) < 0.05 * wide) & (np.abs(normal[:, :2] @ out) > 0.99)
    return int(flat.sum()) >= len(sides) - 1


def _first(around: Surroundings, starts: Points, way: Points) -> tuple[Points, Points]:
    """How far rays go (N,), infinite for ever, and the normal (N, 3) of what they hit."""
    best, normals = np.full(len(starts), np.inf), np.zeros((len(starts), 3))
    for named in around.bodies[: around.still]:
        distance, face = named.body.surface.cast(starts, way)
        nearer = distance < best
        best[nearer] = distance[nearer]
        normals[nearer] = named.body.normals[face[nearer]]
    return best, normals
