"""How far a part really moves before it runs into its body, to the accuracy of the meshes.

Sweeps of a few probes rank hypotheses; what is promised to the user is checked here, with
corners, edges and faces of both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.articulation.subject import Solid as Side
from backend.articulation.subject import Subject
from backend.geometry.mesh import Mesh
from backend.geometry.solid import Box, Solid, first_crossings
from backend.geometry.surface import Motions, Surface, together

Points = NDArray[np.float64]
Values = NDArray[np.float64]

runs_into = 0.0035  # of the diagonal: deeper than at rest by this is a contact
grazes = 0.0015  # of the diagonal: up to here what runs into the body may still go
stride = 0.02  # of the diagonal, that the fastest point moves between two poses
chunk = 12  # poses looked at between two checks for contact
corners, along_edges = 2500, 1200  # points of each side, beside its samples
around = 1.5  # of the part's diagonal: how far from it the body is looked at
halvings = 7


class Clearance:
    """The exact first contacts of one subject."""

    def __init__(self, subject: Subject) -> None:
        generator = np.random.default_rng(subject.seed)
        margin = around * subject.part.box.diagonal
        low, high = _bounds(subject.part.mesh.vertices)
        near = (low - margin, high + margin)
        self.part = _Probed(subject.part, near, generator)
        self.body = _Probed(subject.body, near, generator)

    def limit(self, motion: Motions, reach: float) -> float:
        """Return how far a single motion goes from rest towards `reach` (negative: backwards).

        Positive, and |reach| where nothing is in the way.
        """
        values = np.linspace(0.0, reach, self._steps(motion, abs(reach)) + 1)
        ahead, behind = poses(motion, values), poses(motion, -values)
        passages = together(
            lambda: _Passage(self.part, self.body, ahead, 1),
            lambda: _Passage(self.body, self.part, behind, -1),
        )
        return min(passage.free(motion, values) for passage in passages)

    def _steps(self, motion: Motions, reach: float) -> int:
        speed = 1.0
        if motion.hinge[0]:
            arm = np.cross(self.part.points - motion.origin[0], motion.axis[0])
            speed = float(np.linalg.norm(arm, axis=1).max())
        return int(np.clip(np.ceil(reach * speed / stride), 4, 160))


class _Probed:
    """A side with the points (P, 3) that stand for its corners, edges and faces."""

    def __init__(self, side: Side, near: Box, generator: np.random.Generator) -> None:
        self._mesh, self._near = side.mesh, near
        self.surface: Surface = side.surface
        points = [
            _few(side.mesh.vertices, near, corners, generator),
            on_edges(side.mesh, near, along_edges, generator),
            side.samples.points,
        ]
        self.points = np.concatenate(points)

    @cached_property
    def solid(self) -> Solid:
        return Solid(self._mesh, self._near)


@dataclass(eq=False)
class _Passage:
    """The points of one side on their way past the other; `sign` -1 for those of the body."""

    moved: _Probed
    still: _Probed
    poses: Points
    sign: int

    def __post_init__(self) -> None:
        first = first_crossings(self.still.surface, self.moved.points, self.poses)
        self.rest = self.still.solid.depth(self.moved.points, self.poses[:1])[0]
        self.first = np.where(self.rest > 0.0, 0, first)

    def free(self, motion: Motions, values: Values) -> float:
        """Return |value| up to which nothing dips in."""
        for start in range(1, len(values), chunk):
            end = min(start + chunk, len(values))
            met = np.flatnonzero(self.first < end)
            dips = self._dips(met, self.poses[start:end])
            if dips.max(initial=0.0) > runs_into:
                k = int((dips.max(axis=1) > runs_into).argmax())
                met = met[dips[k] > grazes]
                return self._entry(motion, values[: start + k + 1], met)
        return abs(float(values[-1]))

    def _entry(self, motion: Motions, values: Values, met: NDArray[np.intp]) -> float:
        """The last value, before the last of `values`, at which the points `met` only graze."""
        grazing = self._dips(met, self.poses[: len(values)]).max(axis=1) <= grazes
        k = int(np.flatnonzero(grazing).max(initial=0))
        low, high = values[k], values[min(k + 1, len(values) - 1)]
        for _ in range(halvings):
            middle = 0.5 * (low + high)
            dip = self._dips(met, poses(motion, np.array([self.sign * middle]))).max()
            low, high = (middle, high) if dip <= grazes else (low, middle)
        return abs(float(low))

    def _dips(self, chosen: NDArray[np.intp], there: Points) -> NDArray[np.float32]:
        """How much deeper than at rest (N, M) chosen points get in poses (N, 4, 4)."""
        return self.still.solid.depth(self.moved.points[chosen], there) - self.rest[chosen]


def poses(motion: Motions, values: Values) -> Points:
    """Return the transforms (N, 4, 4) of a single motion at values (N,)."""
    axis, origin = motion.axis[0], motion.origin[0]
    there = np.tile(np.eye(4), (len(values), 1, 1))
    if not motion.hinge[0]:
        there[:, :3, 3] = values[:, None] * axis
        return there
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sine, cosine = np.sin(values)[:, None, None], np.cos(values)[:, None, None]
    there[:, :3, :3] = np.eye(3) + sine * cross + (1.0 - cosine) * (cross @ cross)
    there[:, :3, 3] = origin - there[:, :3, :3] @ origin
    return there


def on_edges(mesh: Mesh, near: Box, count: int, generator: np.random.Generator) -> Points:
    """Return points (N, 3), at most `count`, on edges of some faces that reach into a box."""
    low, high = near
    some = generator.permutation(len(mesh.faces))[: 10 * count]
    face = mesh.vertices[mesh.faces[some]]
    face = face[((face.min(axis=1) <= high) & (face.max(axis=1) >= low)).all(axis=1)]
    starts, ends = face.reshape(-1, 3), np.roll(face, -1, axis=1).reshape(-1, 3)
    length = np.linalg.norm(ends - starts, axis=1)
    if not length.sum() > 0.0:
        return np.zeros((0, 3))
    chosen = generator.choice(len(length), count, p=length / length.sum())
    share = generator.random((count, 1))
    return starts[chosen] * (1.0 - share) + ends[chosen] * share


def _few(points: Points, near: Box, count: int, generator: np.random.Generator) -> Points:
    low, high = near
    inside = points[((points >= low) & (points <= high)).all(axis=1)]
    if len(inside) <= count:
        return inside
    return inside[generator.choice(len(inside), count, replace=False)]


def _bounds(points: Points) -> Box:
    return points.min(axis=0), points.max(axis=0)
