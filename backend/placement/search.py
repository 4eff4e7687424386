"""The search for the best place: candidates around the wish, dropped, judged and refined."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from backend.placement import joints, walls
from backend.placement.body import Points, posed
from backend.placement.losses import Losses, pushed
from backend.placement.rest import (
    Rest,
    at_rest,
    dropped,
    firmness,
    look,
    margin,
    settled,
    shifted,
)
from backend.placement.surroundings import Floors, Surroundings, posed_many
from backend.placement.target import Target, yawed
from backend.placement.thing import Thing

rings = (0.0, 0.02, 0.05, 0.1, 0.17, 0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)  # of the size
content_lying = 0.12  # the same for what is tilted, whose looks cost more
most_returns = 3
highest = 4.0  # sizes that a thing may come to stand above its wish
yaws = np.radians([0.0, 90.0, -90.0, 180.0, 45.0, -45.0])
batch = 48
most_looks = 40  # places that are looked at closely
content = 0.02  # by how much a better place must be better to be sought
most_floors = 3  # surfaces above each other that are tried in a column
collides = 4e-3  # of the size: what is deeper at a rough look is no place
deepest = 5e-4  # of the size: and at a close one
most_tilt = 2.0  # radians that a thing may tilt from how it is to come to rest
least_margin = 0.02  # of the size: nearer to toppling than that is next to toppling
lying = 0.03  # of the size: how far from toppling is enough for what lies as it fell
enough = 0.08  # of the size: farther from it is no better


@dataclass(frozen=True)
class Weights:
    """What counts how much, in sizes of the thing; 0 leaves a loss out."""

    collision: float = 1.0
    gravity: float = 1.0
    contact: float = 0.3
    stability: float = 3.0
    wish: float = 1.0
    turn: float = 0.5
    height: float = 1.5
    joints: float = 2.5

    def without(self, name: str) -> Weights:
        return replace(self, **{name: 0.0})


@dataclass(frozen=True, eq=False)
class Place:
    """A pose of a thing and what it costs; `losses` are weighed."""

    pose: Points
    rest: Rest
    free: float
    losses: dict[str, float]

    @property
    def cost(self) -> float:
        return sum(self.losses.values())


@dataclass(frozen=True, eq=False)
class Spots:
    """Where a thing may be tried: middles (K, 2), yaws (K,), and what the wish says to each."""

    flat: Points
    yaw: Points
    cost: Points

    def take(self, chosen: NDArray) -> Spots:
        return Spots(self.flat[chosen], self.yaw[chosen], self.cost[chosen])

    def __len__(self) -> int:
        return len(self.cost)


@dataclass(eq=False)
class Search:
    """One thing's search. `proceed` is called often and may raise."""

    around: Surroundings
    thing: Thing
    target: Target
    weights: Weights = field(default_factory=Weights)
    against_wall: bool = False
    seed: int = 0
    proceed: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.best: Place | None = None
        self.looks = 0
        self.blocked = 0
        self.empty = 0
        self.no_wall = False
        self.steadiness = self._steadiness()

    def find(self) -> Place | None:
        """Return the best place, None where there is none."""
        if self.against_wall:
            self._try(walls.spots(self.around, self.thing, self.target))
            self.no_wall = self.best is None
        if self.best is None:
            spots = self._spots()
            self._try(spots.take(spots.cost <= 0.0))
            if self.best is None and self.weights.collision:
                self._try(self._pushed())
            self._try(spots.take(spots.cost > 0.0) if self.weights.wish else spots)
            self._refine()
        return self.best

    def _pushed(self) -> Spots:
        """Where the smooth losses push it from where it is wished, if that is in something."""
        target, size = self.target, self.target.size
        pose = np.eye(4)
        pose[:3, :3] = target.turn * size
        pose[:2, 3] = target.flat
        pose[2, 3] = target.z - (self.thing.hull @ pose[:3, :3].T)[:, 2].min()
        there = pushed(Losses(self.around, self.thing, target, pose))
        turn = there[:3, :3] @ target.turn.T
        yaw = float(np.arctan2(turn[1, 0], turn[0, 0]))
        drift = float(np.linalg.norm(there[:2, 3] - target.flat)) / size
        cost = self.weights.wish * drift + self.weights.turn * abs(yaw) / np.pi
        return Spots(there[None, :2, 3], np.array([yaw]), np.array([cost]))

    def _try(self, spots: Spots) -> None:
        """Look at the most promising poses until no better one can come.

        Spots promise what the wish says of them, rough poses also what they stand on.
        """
        order = np.argsort(spots.cost, kind="stable")
        rough: list[tuple[float, int, bool, Points]] = []
        start = 0
        while self.looks < most_looks:
            ahead = float(spots.cost[order[start]]) if start < len(order) else np.inf
            promised = rough[0][0] if rough else np.inf
            least = min(ahead, promised)
            if not np.isfinite(least) or (self.best and self.best.cost <= least + self._content):
                return
            if promised <= ahead:
                cost, number, known, pose = heappop(rough)
                if known or not self._has_joints:
                    self._look(pose)
                else:
                    heappush(rough, (cost + self._stuck(pose), number, True, pose))
                continue
            for number, (cost, pose) in enumerate(
                self._roughly(spots.take(order[start : start + batch]))
            ):
                heappush(rough, (cost, batch * most_floors * start + number, False, pose))
            start += batch

    @property
    def _content(self) -> float:
        return content if self.target.upright else content_lying

    @property
    def _has_joints(self) -> bool:
        return bool(self.weights.joints and self.thing.moving)

    def _stuck(self, pose: Points) -> float:
        """What the joints of a thing in a rough pose lose."""
        self.proceed()
        lifted = shifted(pose, np.array([0.0, 0.0, 2e-3 * self.target.size]))
        return self.weights.joints * (1.0 - joints.free(self.around, self.thing, lifted))

    def _look(self, pose: Points) -> None:
        self.looks += 1
        self.proceed()
        place = self.judged(pose)
        if place is not None and (self.best is None or place.cost < self.best.cost):
            self.best = place
            self._recentre(pose)

    def _recentre(self, wanted: Points) -> None:
        """Take the best place back to where it was tried, as it moved aside when it tilted."""
        for _ in range(0 if self.target.upright else most_returns):
            if self.best is None:
                return
            before, off = self.best.cost, (wanted - self.best.pose)[:3, 3] * (1.0, 1.0, 0.0)
            if float(np.linalg.norm(off)) < 0.02 * self.target.size:
                return
            self._improve(shifted(self.best.pose, off))
            if self.best.cost >= before:
                return

    def _roughly(self, spots: Spots) -> list[tuple[float, Points]]:
        """Poses on what is below spots that collide with nothing, with what they cost at least."""
        self.proceed()
        cost, poses, room = self._poses(spots)
        if not len(poses):
            self.empty += len(spots)
            return []
        if self.weights.gravity or self.weights.collision:
            poses, cost = self._dropped(poses, cost, room)
        self.proceed()
        if self.weights.collision and len(poses):
            limit = collides if self.target.upright else 0.04  # it is yet to be tilted
            free = ~self.around.deeper(self.thing, poses, limit * self.target.size)
            self.blocked += int((~free).sum())
            poses, cost = poses[free], cost[free]
        if self.weights.joints and len(poses):
            cost = cost + self.weights.joints * self._in_the_way(poses)
        order = np.argsort(cost, kind="stable")
        return [(float(cost[k]), poses[k]) for k in order]

    def _dropped(self, poses: Points, cost: Points, room: Points) -> tuple[Points, Points]:
        size = self.target.size
        if not self.weights.collision:
            return poses, cost
        tall = self.thing.extents[2] * size
        lift = np.minimum(max(0.35 * tall, 0.2 * size), 0.9 * room)
        gone, touched = self.around.fall(self.thing, poses, lift)
        cost = cost + self.weights.height * 0.5 * np.minimum(np.abs(gone), 1.0) / size
        if self.target.upright and self.weights.stability:
            cost = cost + 0.8 * self.weights.stability * self._lacks(poses, touched)
        if not self.weights.gravity:
            gone = np.minimum(gone, 0.0)
        kept = np.isfinite(gone)
        poses, gone = poses[kept].copy(), gone[kept]
        poses[:, 2, 3] -= gone
        return poses, cost[kept]

    def _lacks(self, poses: Points, touched: list[Points]) -> Points:
        """How much stability poses (K,) lack at a rough look."""
        centres = posed_many(self.thing.body.weight[0][None], poses)[:, 0, :2]
        margins = [margin(t[:, :2], c) for t, c in zip(touched, centres, strict=True)]
        return np.array([self._lack(m / self.target.size) for m in margins])

    def _lack(self, stable: float) -> float:
        """What a margin (in sizes) lacks: 1 for none, 2 where it is next to toppling."""
        wanted = float(np.clip(0.7 * self.steadiness, 1e-3, enough))
        lack = float(np.clip((wanted - stable) / wanted, 0.0, 1.0))
        return lack + 1.0 if stable < min(least_margin, 0.5 * wanted) else lack

    def _poses(self, spots: Spots) -> tuple[Points, Points, Points]:
        """What it costs (N,) to stand on each floor below the spots, the poses, and their room."""
        floors = self.around.floors(spots.flat)
        target, size = self.target, self.target.size
        turns = yawed(spots.yaw) @ target.turn
        away = floors.z - target.z
        # What is sent above a surface falls onto it; what is in it is lifted out.
        below = 1.0 if target.clicked else 0.25
        height = self.weights.height * np.where(away > 0.0, away, -below * away) / size
        fits = floors.room > 0.9 * self._tall(turns)[floors.column] * size
        fits &= (away <= highest * size) & (~np.bool_(target.clicked) | (away >= -highest * size))
        chosen = np.flatnonzero(fits)
        chosen = chosen[np.lexsort((height[chosen], floors.column[chosen]))]
        column = floors.column[chosen]
        rank = np.arange(len(column)) - np.searchsorted(column, column)
        chosen = chosen[rank < most_floors]
        if not len(chosen):
            return np.zeros(0), np.zeros((0, 4, 4)), np.zeros(0)
        column = floors.column[chosen]
        rotations = turns[column]
        if not target.upright:
            rotations = self._aligned(spots.flat[column], floors, chosen) @ rotations
        z = floors.z[chosen] if self.weights.gravity else np.full(len(chosen), target.z)
        poses = np.tile(np.eye(4), (len(chosen), 1, 1))
        poses[:, :3, :3] = rotations * size
        low = self.thing.hull_at(rotations)[:, :, 2].min(axis=1) * size
        poses[:, :2, 3], poses[:, 2, 3] = spots.flat[column], z - low
        return spots.cost[column] + height[chosen], poses, floors.room[chosen]

    def _tall(self, rotations: Points) -> Points:
        z = self.thing.hull_at(rotations)[:, :, 2]
        return z.max(axis=1) - z.min(axis=1)

    def _aligned(self, flat: Points, floors: Floors, chosen: NDArray) -> Points:
        """Rotations (N, 3, 3) from up to how the surface lies under a thing."""
        radius = 0.3 * self.target.size * float(np.hypot(*self.thing.extents[:2]))
        angles = np.arange(8) * np.pi / 4
        circle = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        below = self.around.floors((flat[:, None] + circle).reshape(-1, 2))
        found = []
        for k, own in enumerate(chosen):
            lies = floors.normal[own]
            rows = []
            for corner in range(8):
                here = below.column == 8 * k + corner
                z = below.z[here]
                if len(z):
                    near = z[np.abs(z - floors.z[own]).argmin()]
                    if abs(near - floors.z[own]) < 0.8 * radius:
                        rows.append([*circle[corner], near - floors.z[own]])
            if len(rows) >= 5:
                fitted = np.array(rows)
                slope = np.linalg.lstsq(
                    np.column_stack([fitted[:, :2], np.ones(len(fitted))]), fitted[:, 2], rcond=None
                )[0]
                lies = np.array([-slope[0], -slope[1], 1.0])
            found.append(_from_up(lies / np.linalg.norm(lies)))
        return np.array(found)

    def judged(self, pose: Points) -> Place | None:
        """Return a rough pose brought to exact rest with what it costs, None where it collides."""
        weights, size = self.weights, self.target.size
        if weights.collision:
            if self.target.upright or not weights.gravity:
                exact = dropped(self.around, self.thing, pose, look * size)
            else:
                exact = settled(self.around, self.thing, pose, most_tilt)
            if exact is None:
                return None
            if weights.gravity or exact[2, 3] > pose[2, 3]:
                pose = exact
            if self.around.surely_deeper(self.thing, pose, deepest * size):
                self.blocked += 1
                return None
        rest = at_rest(self.around, self.thing, pose)
        if weights.stability and weights.collision and rest.margin > 0.0:
            rest = replace(rest, margin=firmness(self.around, self.thing, rest))
        free = joints.free(self.around, self.thing, pose) if weights.joints else 1.0
        return Place(pose, rest, free, self._losses(pose, rest, free))

    def _losses(self, pose: Points, rest: Rest, free: float) -> dict[str, float]:
        weights, target, size = self.weights, self.target, self.target.size
        drift = float(np.linalg.norm(pose[:2, 3] - target.flat)) / size
        turn = pose[:3, :3] / size @ target.turn.T
        yaw = abs(float(np.arctan2(turn[1, 0] - turn[0, 1], turn[0, 0] + turn[1, 1])))
        away = float(posed(self.thing.hull, pose)[:, 2].min()) - target.z
        below = 1.0 if target.clicked else 0.25
        stable = rest.margin / size
        lack = self._lack(stable)
        touched = min(len(rest.contacts.gaps), 40) / 40
        return {
            "wish": weights.wish * drift,
            "turn": 0.0 if self.against_wall else weights.turn * yaw / np.pi,
            "height": weights.height * max(away, -below * away) / size,
            "stability": weights.stability * lack,
            "contact": weights.contact * (1.0 - touched) if lack else 0.0,
            "joints": weights.joints * (1.0 - free + float(self._in_the_way(pose[None])[0])),
        }

    def _in_the_way(self, poses: Points) -> Points:
        """In which poses (K,) it would stop the joints of what is placed."""
        if not self.weights.joints:
            return np.zeros(len(poses))
        limit = collides * self.target.size
        return np.where(self.around.in_the_way(self.thing, poses, limit), 0.6, 0.0)

    def _steadiness(self) -> float:
        """How far the centre of mass is inside what the thing stands on where all is flat."""
        if not self.target.upright:
            return lying
        points = self.thing.fine @ self.target.turn.T
        low = points[:, 2].min()
        centre = self.target.turn @ self.thing.body.weight[0]
        return max(margin(points[points[:, 2] < low + 2e-3][:, :2], centre[:2]), 0.0)

    def _spots(self) -> Spots:
        """Rings around the wish, each turned by some angles where the wish leaves that open."""
        target = self.target
        angles = yaws if target.turns and target.upright else yaws[:1]
        flat, yaw, cost = [], [], []
        for ring, radius in enumerate(rings):
            count = 1 if not ring else 8 if ring < 6 else 16
            for step in range(count):
                around = 2.0 * np.pi * (step + 0.5 * (ring % 2)) / count
                way = np.array([np.cos(around), np.sin(around)])
                for angle in angles:
                    flat.append(target.flat + radius * target.size * way)
                    yaw.append(angle)
                    cost.append(self.weights.wish * radius + self.weights.turn * abs(angle) / np.pi)
        if not self.weights.wish:
            order = np.random.default_rng(self.seed).permutation(len(cost))
            flat, yaw, cost = ([values[k] for k in order] for values in (flat, yaw, cost))
        return Spots(np.array(flat), np.array(yaw), np.array(cost))

    def _refine(self) -> None:
        """Move the best place nearer to the wish in ever smaller steps; it never gets worse."""
        if self.best is None or not self.weights.wish:
            return
        step = max(self.best.losses["wish"] / self.weights.wish * 0.5, 0.01)
        for _ in range(5):
            if self.best.losses["wish"] < 1e-3 * self.weights.wish:
                return
            before = self.best.cost
            for pose in self._neighbours(self.best.pose, step * self.target.size):
                if self.best.cost < before:
                    break
                self._improve(pose)
            step *= 1.0 if self.best.cost < before else 0.4

    def _neighbours(self, pose: Points, step: float) -> Iterable[Points]:
        """The pose moved towards the wish and aside of that."""
        way = self.target.flat - pose[:2, 3]
        length = float(np.linalg.norm(way))
        if length < 1e-9:
            return
        way /= length
        aside = np.array([-way[1], way[0]])
        for ahead, across in ((1.0, 0.0), (0.7, 0.7), (0.7, -0.7)):
            offset = min(step, length) * (ahead * way + across * aside)
            yield shifted(pose, np.array([*offset, 0.0]))

    def _improve(self, pose: Points) -> None:
        """Take a neighbour where it is better."""
        self.proceed()
        size = self.target.size
        gone = self.around.fall(self.thing, pose[None], np.array([0.1 * size]))[0][0]
        if not np.isfinite(gone):
            return
        pose = shifted(pose, np.array([0.0, 0.0, -gone]))
        if self.around.deeper(self.thing, pose[None], collides * size)[0]:
            return
        place = self.judged(pose)
        if place is not None and self.best is not None and place.cost < self.best.cost:
            self.best = place


def _from_up(normal: Points) -> Points:
    """The shortest rotation (3, 3) from z to a unit normal with z > 0."""
    x, y, z = normal
    cross = np.array([[0.0, 0.0, x], [0.0, 0.0, y], [-x, -y, 0.0]])
    return np.eye(3) + cross + cross @ cross / (1.0 + z)
