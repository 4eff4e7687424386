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
walls_tried = 4
hits = 6  # faces that are looked for behind each other


def spots(around: Surroundings, thing: Thing, target: Target) -> Spots:
    """Return spots with the thing's back at the nearest walls, beside each other along them."""
    from backend.placement.search import Spots

    flat, yaw, cost = [], [], []
    wide, levels = _asked(thing, target)
    front = np.arctan2(target.front[1], target.front[0])
    for foot, normal in _walls(around, thing, target)[:walls_tried]:
        angle = float(np.arctan2(normal[1], normal[0]) - front)
        angle = (angle + np.pi) % (2.0 * np.pi) - np.pi
        behind = (thing.hull @ (yawed(np.array([angle]))[0] @ target.turn).T)[:, :2] @ normal
        out = (gap - float(behind.min())) * target.size
        along = np.array([-normal[1], normal[0]])
        for offset in aside:
            if not _carries(around, foot + along * offset * target.size, normal, wide, levels):
                continue
            for off in (0.0, 0.01, 0.03):  # where skirting boards are in the way
                place = foot + normal * (out + off * target.size)
                place = place + along * offset * target.size
                flat.append(place)
                yaw.append(angle)
                cost.append(float(np.linalg.norm(place - target.flat)) / target.size + off * 5.0)
    return Spots(np.array(flat).reshape(-1, 2), np.array(yaw), np.array(cost))


def _walls(around: Surroundings, thing: Thing, target: Target) -> list[tuple[Points, Points]]:
    """Walls around the wish, the nearest first: a point of each near it and its normal, (2,).

    Rays look for them through whatever stands before them.
    """
    wide, levels = _asked(thing, target)
    angles = np.arange(directions) * 2.0 * np.pi / directions
    ways = np.column_stack([np.cos(angles), np.sin(angles), np.zeros(directions)])
    found: list[tuple[float, Points, Points]] = []
    for way in ways:
        for hit, out in _upright_hits(around, target, way, levels[1]):
            away = float((target.flat - hit) @ out)
            if any(abs(away - d) < 1e-3 and out @ n > 0.999 for d, _, n in found):
                continue
            foot = next(
                (
                    p
                    for p in (target.flat - out * away, hit)
                    if _carries(around, p, out, wide, levels)
                ),
                None,
            )
            if foot is not None:
                found.append((float(np.linalg.norm(target.flat - foot)), foot, out))
    found.sort(key=lambda wall: wall[0])
    return [(foot, normal) for _, foot, normal in found]


def _asked(thing: Thing, target: Target) -> tuple[float, list[float]]:
    """How wide a wall must be at least, and the heights at which it must be there."""
    extents = np.ptp(thing.hull @ target.turn.T, axis=0) * target.size
    return float(extents[:2].min()), [target.z + s * float(extents[2]) for s in heights]


def _upright_hits(
    around: Surroundings, target: Target, way: Points, height: float
) -> list[tuple[Points, Points]]:
    """Where a level ray from the wish goes into upright faces, and their normals, (2,)."""
    start = np.array([[*target.flat, height]])
    found = []
    for _ in range(hits):
        distance, normal = _first(around, start, way)
        if not np.isfinite(distance[0]):
            break
        start = start + way * (distance[0] + 1e-5)
        out = normal[0, :2] / max(float(np.linalg.norm(normal[0, :2])), 1e-9)
        if abs(normal[0, 2]) < upright and out @ way[:2] < -0.2:
            found.append((start[0, :2].copy(), out))
    return found


def _carries(
    around: Surroundings, foot: Points, out: Points, wide: float, levels: list[float]
) -> bool:
    """Whether a wall is there at all levels and as far to both sides as a back is wide."""
    along = np.array([-out[1], out[0]]) * 0.45 * wide
    before = 0.05 * wide
    starts = [
        [*(foot + out * before + side * along), z] for z in levels for side in (-1.0, 0.0, 1.0)
    ]
    distance, normal = _first(around, np.array(starts), np.array([-out[0], -out[1], 0.0]))
    flat = (np.abs(distance - before) < 0.02 * wide) & (np.abs(normal[:, :2] @ out) > 0.99)
    return int(flat.sum()) >= len(starts) - 1


def _first(around: Surroundings, starts: Points, way: Points) -> tuple[Points, Points]:
    """How far rays go (N,), infinite for ever, and the normal (N, 3) of what they hit."""
    best, normals = np.full(len(starts), np.inf), np.zeros((len(starts), 3))
    for named in around.bodies[: around.still]:
        distance, face = named.body.surface.cast(starts, way)
        nearer = distance < best
        best[nearer] = distance[nearer]
        normals[nearer] = named.body.outward[face[nearer]]
    return best, normals
