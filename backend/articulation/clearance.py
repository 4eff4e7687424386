"""How far a part really moves before it runs into its body, to the accuracy of the meshes.

Sweeps of a few probes rank hypotheses; what is promised to the user is checked here, with
corners, edges and faces of both sides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.articulation.subject import Solid as Side
from backend.articulation.subject import Subject
from backend.geometry.mesh import Mesh
from backend.geometry.solid import Box, Solid, crossed
from backend.geometry.surface import Motions, Surface, far, together

Points = NDArray[np.float64]
Values = NDArray[np.float64]

runs_into = 0.0043  # of the diagonal: deeper than at rest by this is a contact
grazes = 0.0015  # of the diagonal: up to here what runs into the body may still go
stride = 0.02  # of the diagonal, that the fastest point moves between two poses
arc = np.radians(5.0)  # and that a hinge turns
most_steps = 160
chunk = 16  # poses looked at between two checks for contact
corners, along_edges = 1600, 900  # points of each side, beside its samples
around = 1.5  # of the part's diagonal: how far from it the body is looked at
refinements = 3  # of the value at which it starts, eightfold each
sheet_probes = 800
few = 0.004  # share of the probes that may graze a sheet before it is a contact


class Clearance:
    """The exact first contacts of one subject."""

    def __init__(self, subject: Subject) -> None:
        generator = np.random.default_rng(subject.seed)
        margin = around * subject.part.box.diagonal
        low, high = _bounds(subject.part.mesh.vertices)
        near = (low - margin, high + margin)
        self.part = _Probed(subject.part, near, 0.5 * subject.tolerance, generator)
        self.body = _Probed(subject.body, near, 0.5 * subject.tolerance, generator)
        ahead, behind = together(
            lambda: _depths(self.part, self.body), lambda: _depths(self.body, self.part)
        )
        self._sides = (self.part, self.body, ahead, 1), (self.body, self.part, behind, -1)

    def limit(self, motion: Motions, reach: float) -> float:
        """Return how far a single motion goes from rest towards `reach` (negative: backwards).

        Positive, and |reach| where nothing is in the way.
        """
        return min(self.of_solids(motion, reach), self.of_sheets(motion, reach))

    def of_solids(self, motion: Motions, reach: float, pitch: float = 0.0) -> float:
        """Return the same where only what is inside a closed shell, or all round in an open
        one, has run into it. It is exact; sheets are not in the way. A hinge with a `pitch`
        is a screw.
        """
        values = np.linspace(0.0, reach, self._steps(motion, abs(reach)) + 1)
        passages = [_Passage(*side, motion, pitch) for side in self._sides]
        for start in range(0, len(values) - 1, chunk):
            end = min(passage.end(values, start) for passage in passages)
            if end < far:
                return end
        return abs(reach)

    def of_sheets(self, motion: Motions, reach: float) -> float:
        """Return the same for what goes through shells with holes."""
        steps = self._steps(motion, abs(reach))
        ends = [
            _through(moved, still, motion, reach, steps)
            for moved, still, reach in (
                (self.part, self.body, reach),
                (self.body, self.part, -reach),
            )
        ]
        return min(abs(reach), *ends)

    def _steps(self, motion: Motions, reach: float) -> int:
        if not motion.hinge[0]:
            return int(np.clip(np.ceil(reach / stride), 4, most_steps))
        arm = np.cross(self.part.points - motion.origin[0], motion.axis[0])
        speed = float(np.linalg.norm(arm, axis=1).max())
        return int(np.clip(np.ceil(reach * max(speed / stride, 1.0 / arc)), 4, most_steps))


class _Probed:
    """A side with the points (P, 3) that stand for its corners, edges and faces.

    `probes` are a little inside its material, for sheets that touch it at rest.
    """

    def __init__(
        self, side: Side, near: Box, tolerance: float, generator: np.random.Generator
    ) -> None:
        self.surface: Surface = side.surface
        self.tolerance = tolerance
        self.probes = side.probes.points[:sheet_probes]
        points = [
            _few(side.mesh.vertices, near, corners, generator),
            on_edges(side.mesh, near, along_edges, generator),
            side.samples.points,
        ]
        self.points = np.concatenate(points)
        self.solid = Solid(side.mesh, near)


def _depths(moved: _Probed, still: _Probed) -> NDArray[np.float32]:
    """How deep (P,) the points of one side are inside the other as it stands."""
    return still.solid.depth(moved.points, np.eye(4)[None])[0]


class _Passage:
    """The points of one side on their way past the other; `sign` -1 for those of the body.

    `rest` (P,) is how deep they are in it as it stands.
    """

    def __init__(
        self,
        moved: _Probed,
        still: _Probed,
        rest: NDArray[np.float32],
        sign: int,
        motion: Motions,
        pitch: float,
    ) -> None:
        self.moved, self.still, self.rest = moved, still, rest
        self.motion, self.pitch, self.sign = motion, pitch, sign
        self._met = rest > 0.0

    def end(self, values: Values, start: int) -> float:
        """Return |value| up to which nothing dips in; `far` where nothing does within the chunk
        of `values` from `start` on. The chunks come in their order.
        """
        there = self._poses(values[start : start + chunk + 1])
        unmet = np.flatnonzero(~self._met)
        self._met[unmet] = crossed(self.still.surface, self.moved.points[unmet], there)
        chosen = np.flatnonzero(self._met)
        deep = self._dips(chosen, there[1:], runs_into)
        if not deep.any():
            return far
        k = int(deep.any(axis=1).argmax())
        return self._entry(values[: start + k + 2], chosen[deep[k]])

    def _entry(self, values: Values, stopped: NDArray[np.intp]) -> float:
        """The last value, before the last of `values`, at which the points `stopped` only graze."""
        values = values[-chunk - 1 :]
        for _ in range(refinements):
            grazing = ~self._dips(stopped, self._poses(values), grazes).any(axis=1)
            k = min(int(np.flatnonzero(grazing).max(initial=0)), len(values) - 2)
            values = np.linspace(values[k], values[k + 1], 9)
        return abs(float(values[0]))

    def _poses(self, values: Values) -> Points:
        return poses(self.motion, self.sign * values, self.pitch)

    def _dips(self, chosen: NDArray[np.intp], there: Points, least: float) -> NDArray[np.bool_]:
        """Whether (N, M) chosen points are deeper than at rest by `least`, in poses (N, 4, 4)."""
        limits = self.rest[chosen] + np.float32(least)
        return self.still.solid.deeper(self.moved.points[chosen], there, limits)


def _through(moved: _Probed, still: _Probed, motion: Motions, reach: float, steps: int) -> float:
    """The |value| at which more than a few probes are through the sheets of `still`."""
    sheets = still.solid.sheets
    if sheets is None or not len(moved.probes):
        return far
    values = np.array([reach])
    contact = sheets.sweep(moved.probes, motion, values, steps, still.tolerance)[0]
    k = min(max(1, int(np.ceil(few * len(contact)))), len(contact) - 1)
    return float(np.partition(contact, k)[k])


def poses(motion: Motions, values: Values, pitch: float | Values = 0.0) -> Points:
    """Return the transforms (N, 4, 4) of a single motion at values (N,); see `of_solids`.

    `pitch` is one for all, or one for each (N,).
    """
    axis, origin = motion.axis[0], motion.origin[0]
    there = np.tile(np.eye(4), (len(values), 1, 1))
    if not motion.hinge[0]:
        there[:, :3, 3] = values[:, None] * axis
        return there
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sine, cosine = np.sin(values)[:, None, None], np.cos(values)[:, None, None]
    there[:, :3, :3] = np.eye(3) + sine * cross + (1.0 - cosine) * (cross @ cross)
    along = (pitch / (2.0 * np.pi) * values)[:, None] * axis
    there[:, :3, 3] = origin - there[:, :3, :3] @ origin + along
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
