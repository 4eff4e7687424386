"""Parts of the same shape, and the motions and mirrorings that take one to the other."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.articulation.problem import Progress
from backend.assembly.whole import Whole, body, carried
from backend.geometry.boxes import fit_box
from backend.geometry.mesh import Mesh, Samples, areas_and_normals, sample, subset, without_slivers
from backend.geometry.surface import Surface
from protocol.joint import Joint, Vector

Points = NDArray[np.float64]

spots = 1500  # samples of a part
probes = 300  # of which this many are carried over to the twin
same_area = 0.02  # relative
same_profile = 0.03  # of the part's size
same_shape = 0.015  # of the part's size, that all but a few samples are off the twin at most
around = 0.25  # of the part's size: what counts as its neighbourhood
blur = 0.02  # of the part's size, by which neighbourhoods may differ
on_it = 1e-5  # of the object's diagonal, from a point to the surface it was taken from
equally_good = 0.05  # relations that fit the neighbourhoods nearly as well as the best one

# The 48 ways to lay a box on a box: rotations and mirrorings.
signed_permutations = np.array(
    [
        np.eye(3)[list(order)] * np.array(signs)[:, None]
        for order in itertools.permutations(range(3))
        for signs in itertools.product((1.0, -1.0), repeat=3)
    ]
)


@dataclass(frozen=True, eq=False)
class Relation:
    """An isometry x -> matrix @ x + shift that takes one part to its twin, in world.

    `matrix` (3, 3) is orthogonal, a mirroring where its determinant is negative. `fit` in
    [0, 1] says how well it also takes the surroundings of the one to those of the other.
    """

    matrix: Points
    shift: Points
    fit: float = 1.0

    def points(self, points: Points) -> Points:
        """Return where points (..., 3) go."""
        return points @ self.matrix.T + self.shift

    def back(self, points: Points) -> Points:
        """Return where points (..., 3) come from."""
        return (points - self.shift) @ self.matrix

    def inverse(self) -> Relation:
        return Relation(self.matrix.T, -self.shift @ self.matrix, self.fit)

    def joint(self, joint: Joint) -> Joint:
        """Return the joint of the twin that moves as this one does: same values, same motion.

        A turn seen in a mirror goes the other way round, so its axis is reversed, too.
        """
        mirrored = np.linalg.det(self.matrix) < 0.0
        sign = -1.0 if mirrored and joint.type != "prismatic" else 1.0
        low, high = sorted(sign * value for value in joint.slide)
        return msgspec.structs.replace(
            joint,
            axis=_triple(sign * (self.matrix @ np.array(joint.axis))),
            origin=_triple(self.points(np.array(joint.origin))),
            pitch=sign * joint.pitch + 0.0,
            slide=(low + 0.0, high + 0.0),
        )


@dataclass(frozen=True)
class Twins:
    """Parts of one shape. `ways[k]` are the relations from part `members[k]` to `members[0]`.

    There are several where shape and surroundings allow them: plain doors in a row are both
    shifted and mirrored images of each other.
    """

    members: tuple[int, ...]
    ways: tuple[tuple[Relation, ...], ...]


same = Relation(np.eye(3), np.zeros(3))


def find(whole: Whole, parent: NDArray[np.intp], progress: Progress) -> list[Twins]:
    """Return the groups of two or more parts that look alike with all that hangs on them.

    The parts of a group hang on the same part, or on twins.
    """
    room = _Room(whole)
    shapes = {}
    for index in whole.order():
        progress.check()
        shapes[index] = _Shape(room, whole, carried(parent, index))
    groups: list[tuple[list[int], list[tuple[Relation, ...]]]] = []
    for index in _from_the_body(parent, list(shapes)):
        for members, ways in groups:
            progress.check()
            if not _siblings(parent, index, members[0], [group for group, _ in groups]):
                continue
            found = _relations(room, shapes[index], shapes[members[0]])
            if found:
                members.append(index)
                ways.append(found)
                break
        else:
            groups.append(([index], [(same,)]))
    return [
        Twins(tuple(members), tuple(tuple(room.world(way) for way in some) for some in ways))
        for members, ways in groups
        if len(members) > 1
    ]


def _from_the_body(parent: NDArray[np.intp], order: list[int]) -> list[int]:
    """The parts in their order, but after what they hang on."""

    def depth(part: int) -> int:
        return 0 if part == body else 1 + depth(int(parent[part]))

    return sorted(order, key=depth)


def _siblings(parent: NDArray[np.intp], one: int, other: int, groups: list[list[int]]) -> bool:
    holders = {int(parent[one]), int(parent[other])}
    return len(holders) == 1 or any(holders <= set(group) for group in groups)


class _Room:
    """The whole object centred and of unit diagonal: its surface, its main directions."""

    def __init__(self, whole: Whole) -> None:
        corners = whole.mesh.corners
        low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
        self.centre, self.scale = 0.5 * (low + high), float(np.linalg.norm(high - low))
        mesh = Mesh((whole.mesh.vertices - self.centre) / self.scale, whole.mesh.faces)
        self.areas, self.normals = areas_and_normals(mesh)
        self.kept = without_slivers(mesh, self.areas)
        self.mesh = mesh
        self.low, self.high = mesh.corners.min(axis=1), mesh.corners.max(axis=1)
        self.surface = Surface(subset(mesh, self.kept))
        self.seed = whole.seed
        rest = whole.owner == body
        self.axes = fit_box(self.sampled(rest), subset(mesh, rest).vertices).axes

    def sampled(self, faces: NDArray[np.bool_], count: int = spots) -> Samples:
        chosen = faces & self.kept
        generator = np.random.default_rng(self.seed)
        mesh, areas = subset(self.mesh, chosen), self.areas[chosen]
        samples = sample(mesh, areas, self.normals[chosen], count, generator)
        return samples.take(generator.permutation(count))

    def world(self, way: Relation) -> Relation:
        """A relation of this frame in world."""
        shift = self.centre + self.scale * way.shift - way.matrix @ self.centre
        return Relation(way.matrix, shift, way.fit)


class _Shape:
    """A part with all that hangs on it: measures that survive moving, and its surroundings."""

    def __init__(self, room: _Room, whole: Whole, moving: list[int]) -> None:
        faces = np.isin(whole.owner, moving)
        chosen = faces & room.kept
        mesh, areas = subset(room.mesh, chosen), room.areas[chosen]
        self.surface = Surface(mesh)
        self.area = float(areas.sum())
        self.centre = np.average(mesh.corners.mean(axis=1), axis=0, weights=areas)
        samples = room.sampled(faces)
        self.probes = samples.points[:probes]
        away = np.linalg.norm(samples.points - self.centre, axis=1)
        self.profile = np.quantile(away, np.linspace(0.05, 0.95, 10))
        self.size = 2.0 * float(away.max())
        self.axes = fit_box(samples, mesh.vertices).axes
        self.near = _surroundings(room, mesh, faces, around * self.size)

    def like(self, other: _Shape) -> bool:
        """Whether the measures are the same, so that a closer look is worth its time."""
        size = max(self.size, other.size)
        return (
            abs(self.area - other.area) < same_area * max(self.area, other.area)
            and float(np.abs(self.profile - other.profile).max()) < same_profile * size
        )


def _surroundings(room: _Room, part: Mesh, faces: NDArray[np.bool_], margin: float) -> Points:
    """Points (N, 3) on the rest of the object close to the bounds of a part."""
    low, high = part.vertices.min(axis=0) - margin, part.vertices.max(axis=0) + margin
    meets = (room.high >= low) & (room.low <= high)
    chosen = meets.all(axis=1) & ~faces & room.kept
    if not chosen.any():
        return np.zeros((0, 3))
    points = room.sampled(chosen, 8 * spots).points
    return points[((points >= low) & (points <= high)).all(axis=1)][:probes]


def _relations(room: _Room, one: _Shape, other: _Shape) -> tuple[Relation, ...]:
    """The ways to lay one part on the other that fit the surroundings best; none if unlike."""
    if not one.like(other):
        return ()
    found: list[Relation] = []
    for matrix in _turns(room, one, other):
        way = Relation(matrix, other.centre - matrix @ one.centre)
        if any(np.abs(way.matrix - known.matrix).max() < 0.02 for known in found):
            continue
        if _off(way.points(one.probes), other) and _off(way.back(other.probes), one):
            found.append(Relation(way.matrix, way.shift, _fit(room, way, one, other)))
    best = max((way.fit for way in found), default=0.0)
    found = [way for way in found if way.fit >= best - equally_good]
    return tuple(sorted(found, key=lambda way: -float(np.trace(way.matrix))))  # shifted ones first


def _turns(room: _Room, one: _Shape, other: _Shape) -> list[Points]:
    """Orthogonal matrices worth trying: shifted, mirrored, and box laid on box."""
    apart = other.centre - one.centre
    length = float(np.linalg.norm(apart))
    turns = [np.eye(3)]
    if length > 1e-6:
        normal = apart / length
        turns.append(np.eye(3) - 2.0 * np.outer(normal, normal))
    turns.extend(room.axes.T @ turn @ room.axes for turn in signed_permutations)
    turns.extend(other.axes.T @ turn @ one.axes for turn in signed_permutations)
    return turns


def _off(points: Points, shape: _Shape) -> bool:
    distance, _, _ = shape.surface.closest(points)
    return float(np.percentile(distance, 97.0)) < same_shape * shape.size


def _fit(room: _Room, way: Relation, one: _Shape, other: _Shape) -> float:
    """How much of the surroundings of each is found again around the other, in [0, 1].

    The two themselves do not count: a mirror lays each on the other, a shift does not.
    """
    ahead, behind = (_away(a.near, b) for a, b in ((one, other), (other, one)))
    moved = np.concatenate([way.points(ahead), way.back(behind)])
    if not len(moved):
        return 0.0
    distance, _, _ = room.surface.closest(moved)
    return float((1.0 / (1.0 + (distance / (blur * one.size)) ** 2)).mean())


def _away(points: Points, shape: _Shape) -> Points:
    """Those of the points (N, 3) that are not on a part."""
    distance, _, _ = shape.surface.closest(points)
    return points[distance > on_it]


def _triple(vector: Points) -> Vector:
    x, y, z = (float(value) + 0.0 for value in vector)  # never "-0"
    return x, y, z
