"""What a thing is placed among: bodies that stay, and the questions about a thing in poses.

All is in one frame, z up, in which the scene's size is near 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.placement.body import Body, Points, inverse, posed
from backend.placement.thing import Thing

down = np.array([0.0, 0.0, -1.0])
steepest = np.cos(np.radians(50.0))  # what is steeper supports nothing
coarse_around = 300  # points of the surroundings that a coarse look asks
fine_around = 6000
roughly = 0.012  # of the size: what is nearer touches, at a coarse look
layers = 24  # surfaces above each other that are looked at


@dataclass(frozen=True, eq=False)
class Named:
    """A body that stays, and the names of its owners."""

    body: Body
    names: tuple[str, ...]

    @cached_property
    def upward(self) -> NDArray[np.bool_]:
        """Which faces (F,) something may stand on: those of sheets on either side."""
        return self.body.outward[:, 2] >= steepest


@dataclass(frozen=True, eq=False)
class Clearances:
    """Points (N, 3) of a thing, how far each is from touching (N,), and what it would touch:
    indices of a body and of its face (-1 for an edge).
    """

    points: Points
    gaps: Points
    body: NDArray[np.int32]
    face: NDArray[np.int32]

    def take(self, chosen: NDArray) -> Clearances:
        return Clearances(
            self.points[chosen], self.gaps[chosen], self.body[chosen], self.face[chosen]
        )


@dataclass(frozen=True, eq=False)
class Floors:
    """What is below points, by columns: `column` (N,), height `z`, unit `normal` (N, 3), free
    `room` above it, and whose it is.
    """

    column: NDArray[np.intp]
    z: Points
    normal: Points
    room: Points
    body: NDArray[np.int32]
    face: NDArray[np.int32]


class Surroundings:
    """Bodies that stay; more may come. The first `still` of them are the scene.

    `kept` are bodies that should stay free: what the joints of placed things sweep.
    """

    def __init__(self, bodies: Sequence[Named], kept: Sequence[Named] = ()) -> None:
        self.bodies = [named for named in bodies if not named.body.empty]
        self.still = len(self.bodies)
        self.kept = list(kept)

    def add(self, body: Body, name: str) -> None:
        self.bodies.append(Named(body, (name,)))

    @property
    def box(self) -> tuple[Points, Points]:
        lows, highs = zip(*(named.body.box for named in self.bodies), strict=True)
        return np.min(lows, axis=0), np.max(highs, axis=0)

    def name(self, body: int, face: int) -> str:
        named = self.bodies[body]
        return named.names[int(named.body.owner[face])]

    def floors(self, columns: Points) -> Floors:
        """Return the upward surfaces at points (K, 2), all of them above each other."""
        found = [self._hits(k, columns) for k in range(len(self.bodies))]
        column, z, normal, up, body, face = (
            np.concatenate([hits[k] for hits in found]) for k in range(6)
        )
        order = np.lexsort((z, column))
        column, z, normal, up, body, face = (
            values[order] for values in (column, z, normal, up, body, face)
        )
        room = np.full(len(z), np.inf)
        if len(z) > 1:
            same = column[1:] == column[:-1]
            room[:-1][same] = (z[1:] - z[:-1])[same]
        return Floors(column[up], z[up], normal[up], room[up], body[up].astype(np.int32), face[up])

    def _hits(self, index: int, columns: Points) -> tuple:
        """Every surface of a body below points: column, z, normal, whether it faces up, ..."""
        named = self.bodies[index]
        low, high = named.body.box
        inside = ((columns >= low[:2]) & (columns <= high[:2])).all(axis=1)
        active = np.flatnonzero(inside)
        starts = np.column_stack([columns[active], np.full(len(active), high[2] + 1e-3)])
        rows: list[tuple] = []
        for _ in range(layers):
            if not len(active):
                break
            distance, face = named.body.surface.cast(starts, down)
            hit = face >= 0
            active, starts, distance, face = active[hit], starts[hit], distance[hit], face[hit]
            z = starts[:, 2] - distance
            rows.append((active, z, face))
            starts = np.column_stack([starts[:, :2], z - 2e-6])
        if not rows:
            empty = np.zeros(0, int)
            return empty, np.zeros(0), np.zeros((0, 3)), empty > 0, empty, empty
        column, z, face = (np.concatenate([row[k] for row in rows]) for k in range(3))
        normal = named.body.outward[face]
        return column, z, normal, named.upward[face], np.full(len(z), index), face

    def near(self, low: Points, high: Points) -> list[int]:
        """Return the indices of the bodies that reach into a box."""
        return [
            k
            for k, named in enumerate(self.bodies)
            if (named.body.box[0] <= high).all() and (named.body.box[1] >= low).all()
        ]

    def fall(
        self, thing: Thing, poses: Points, lifts: Points, way: Points = down
    ) -> tuple[Points, list[Points]]:
        """Return about how far (K,) the thing goes along the unit `way` until it touches, and the
        points (N, 3) of each that then touch.

        Infinite where it meets nothing; looking starts `lifts` (K,) before where it is.
        """
        low, high = _span(thing, poses)
        most = float(np.linalg.norm(np.subtract(*self.box))) + 1.0
        lift = float(lifts.max())
        low = np.minimum(low - lift * way, low + most * way) - 1e-6
        high = np.maximum(high - lift * way, high + most * way) + 1e-6
        best = np.full(len(poses), np.inf)
        ways = np.repeat(way[None], len(poses), axis=0)
        back = inverse(poses)
        own_ways = -(back[:, :3, :3] @ way)
        own = posed_many(thing.coarse, poses)
        seen: list[tuple[Points, Points]] = []
        for k in self.near(low, high):
            body = self.bodies[k].body
            gaps = body.reach(thing.coarse, poses, ways, lifts)[0]
            seen.append((gaps, own))
            best = np.minimum(best, gaps.min(axis=1))
            around = body.points_in(low, high, 0.1 * _scale(poses[0]), coarse_around)
            if len(around):
                gaps, face = thing.body.reach(around, back, own_ways, lifts)
                gaps = np.where(thing.body.meets(face, own_ways), gaps, np.inf)
                seen.append((gaps, np.broadcast_to(around, (len(poses), *around.shape))))
                best = np.minimum(best, gaps.min(axis=1))
        limit = best + roughly * _scale(poses[0])
        touched = [
            np.concatenate(
                [points[k][gaps[k] <= limit[k]] for gaps, points in seen] or [own[k, :0]]
            )
            for k in range(len(poses))
        ]
        return best, touched

    def clearances(
        self, thing: Thing, pose: Points, lift: float, way: Points = down, most: float = 8.0
    ) -> Clearances:
        """Return exactly how far the points of a thing in a pose are from touching along `way`.

        Its corners, its faces over the corners of others, and where edges cross; up to `most`.
        """
        low, high = _span(thing, pose[None])
        low = np.minimum(low - lift * way, low + most * way) - 1e-6
        high = np.maximum(high - lift * way, high + most * way) + 1e-6
        found = [
            self._clear(k, thing, pose, lift, way, most, low, high) for k in self.near(low, high)
        ]
        found = [clear for parts in found for clear in parts]
        if not found:
            none = np.zeros(0, np.int32)
            return Clearances(np.zeros((0, 3)), np.zeros(0), none, none)
        return Clearances(
            np.concatenate([c.points for c in found]),
            np.concatenate([c.gaps for c in found]),
            np.concatenate([c.body for c in found]),
            np.concatenate([c.face for c in found]),
        )

    def _clear(
        self,
        index: int,
        thing: Thing,
        pose: Points,
        lift: float,
        way: Points,
        most: float,
        low: Points,
        high: Points,
    ) -> list[Clearances]:
        body, poses, lifts = self.bodies[index].body, pose[None], np.array([lift])
        ways = way[None]
        points = posed(thing.fine, pose)
        gaps, face = body.reach(thing.fine, poses, ways, lifts)
        parts = [_kept(points, gaps[0], index, face[0], most)]
        back = inverse(poses)
        around = body.points_in(low, high, 0.01 * _scale(pose), fine_around)
        if len(around):
            own_ways = -(back[:, :3, :3] @ way)
            gaps, face = thing.body.reach(around, back, own_ways, lifts)
            gaps = np.where(thing.body.meets(face, own_ways), gaps, np.inf)[0]
            gone = np.where(np.isfinite(gaps), gaps, 0.0)
            parts.append(_kept(around - gone[:, None] * way, gaps, index, None, most))
        tails, heads = thing.body.edges
        gaps, touch = body.edge_reach(tails, heads, poses, ways, lifts, min(most, 0.5))
        parts.append(_kept(touch[0], gaps[0], index, None, most))
        return parts

    def deeper(self, thing: Thing, poses: Points, limit: float) -> NDArray[np.bool_]:
        """Return in which poses (K,) the thing and a body are in each other, more than `limit`."""
        return self._deeper(thing, poses, limit, thing.coarse, coarse_around, 0.08)

    def in_the_way(self, thing: Thing, poses: Points, limit: float) -> NDArray[np.bool_]:
        """Return in which poses (K,) the thing is in what should stay free."""
        if not self.kept:
            return np.zeros(len(poses), bool)
        return Surroundings(self.kept).deeper(thing, poses, limit)

    def surely_deeper(self, thing: Thing, pose: Points, limit: float) -> bool:
        """Return the same for one pose, with many points."""
        return bool(self._deeper(thing, pose[None], limit, thing.fine, fine_around, 0.02)[0])

    def _deeper(
        self,
        thing: Thing,
        poses: Points,
        limit: float,
        points: Points,
        count: int,
        spacing: float,
    ) -> NDArray[np.bool_]:
        low, high = _span(thing, poses)
        bad = np.zeros(len(poses), bool)
        if not len(poses):
            return bad
        back = inverse(poses)
        scale = _scale(poses[0])
        limits = np.full(len(points), limit, np.float32)
        for k in self.near(low, high):
            body = self.bodies[k].body
            left = np.flatnonzero(~bad)
            if not len(left):
                break
            bad[left] |= body.solid.deeper(points, poses[left], limits).any(axis=1)
            bad[left] |= body.cut(*thing.body.edges, poses[left]) > limit
            around = body.points_in(low, high, spacing * scale, count)
            if len(around):
                own = np.full(len(around), limit / scale, np.float32)
                bad[left] |= thing.body.solid.deeper(around, back[left], own).any(axis=1)
        return bad


def posed_many(points: Points, poses: Points) -> Points:
    """Return points (N, 3) in each pose (K, 4, 4), as (K, N, 3)."""
    return np.einsum("kij,nj->kni", poses[:, :3, :3], points) + poses[:, None, :3, 3]


def _span(thing: Thing, poses: Points) -> tuple[Points, Points]:
    points = posed_many(thing.hull, poses)
    return points.min(axis=(0, 1)), points.max(axis=(0, 1))


def _scale(pose: Points) -> float:
    return float(np.cbrt(abs(np.linalg.det(pose[:3, :3]))))


def _kept(
    points: Points, gaps: Points, body: int, face: NDArray[np.int32] | None, most: float
) -> Clearances:
    chosen = np.flatnonzero(gaps <= most)
    own = np.full(len(chosen), -1, np.int32) if face is None else face[chosen]
    return Clearances(points[chosen], gaps[chosen], np.full(len(chosen), body, np.int32), own)
