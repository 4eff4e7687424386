"""Does a joint execute? How deep the part dips into its body on the way, and whether it comes off.

What is inside a body is what `geometry.solid` says; what dips in at rest is forgiven.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.geometry.mesh import Mesh, areas_and_normals, sample, subset, without_slivers
from backend.geometry.solid import Solid
from backend.geometry.surface import Surface
from protocol.joint import Joint, motion

Points = NDArray[np.float64]
Values = NDArray[np.float64]

deepest = 0.005  # of the diagonal, beyond what dips in at rest
widest = 0.02  # of the diagonal, beyond the gap at rest
stride = 0.025  # of the diagonal, that the part moves at most between two poses
spread = 2500  # points over a surface
most_vertices = 6000


class Pair:
    """A part and its body, prepared for the checks; both in one frame, any unit."""

    def __init__(self, part: Mesh, body: Mesh) -> None:
        corners = np.concatenate([mesh.corners.reshape(-1, 3) for mesh in (part, body)])
        low, high = corners.min(axis=0), corners.max(axis=0)
        self.centre = 0.5 * (low + high)
        self.diagonal = float(np.linalg.norm(high - low))
        self.part, self.body = (_side(self._local(mesh)) for mesh in (part, body))

    def executes(self, joint: Joint) -> bool:
        """Return whether the part goes through the joint's whole range and stays on its body.

        A cylindrical joint turns where it stands and at both ends of its slide, and slides.
        """
        values, slides = self._course(joint)
        limit = deepest * self.diagonal
        if self.penetration(joint, values, slides) > limit:
            return False
        gaps = self.separation(joint, np.append(values, 0.0), np.append(slides, 0.0))
        return bool(gaps[:-1].max() <= gaps[-1] + widest * self.diagonal)

    def penetration(self, joint: Joint, values: Values, slides: Values | float = 0.0) -> float:
        """Return how much deeper than at rest a point of one side gets inside the other.

        At `values` (N,), a cylindrical joint shifted by `slides` (N,) at the same time.
        """
        there = self._poses(joint, np.append(values, 0.0), np.append(slides + 0.0 * values, 0.0))
        ways = (self.part, self.body, there), (self.body, self.part, _inverse(there))
        return self.diagonal * max(_dip(moved, still, poses) for moved, still, poses in ways)

    def separation(self, joint: Joint, values: Values, slides: Values | float = 0.0) -> Values:
        """Return the gap (N,) between part and body at each value; 0 where they cut each other."""
        there = self._poses(joint, values, slides + 0.0 * values)
        ahead = _gaps(self.part, self.body, there)
        behind = _gaps(self.body, self.part, _inverse(there))
        return self.diagonal * np.minimum(ahead, behind)

    def _local(self, mesh: Mesh) -> Mesh:
        return Mesh((mesh.vertices - self.centre) / self.diagonal, mesh.faces)

    def _poses(self, joint: Joint, values: Values, slides: Values) -> Points:
        """The (N, 4, 4) motions between local coordinates."""
        inward = np.diag([1.0, 1.0, 1.0, self.diagonal])
        inward[:3, 3] = -self.centre
        inward /= self.diagonal
        outward = np.linalg.inv(inward)
        return np.array(
            [inward @ motion(joint, v, s) @ outward for v, s in zip(values, slides, strict=True)]
        )

    def _course(self, joint: Joint) -> tuple[Values, Values]:
        """Joint values (N,) and slides (N,) close enough to each other to miss nothing."""
        values = _spaced(joint.lower, joint.upper, self._speed(joint))
        if joint.type != "cylindrical":
            return values, np.zeros(len(values))
        slides = _spaced(*joint.slide, 1.0 / self.diagonal)
        turned = [(values, np.full(len(values), s)) for s in (0.0, *joint.slide)]
        both = [*turned, (np.zeros(len(slides)), slides)]
        return np.concatenate([v for v, _ in both]), np.concatenate([s for _, s in both])

    def _speed(self, joint: Joint) -> float:
        """How fast the part's fastest point moves with the value, in diagonals."""
        if joint.type == "prismatic":
            return 1.0 / self.diagonal
        origin = (np.array(joint.origin) - self.centre) / self.diagonal
        around = np.cross(self.part.points - origin, joint.axis)
        along = joint.pitch / math.tau / self.diagonal
        return math.hypot(float(np.linalg.norm(around, axis=1).max()), along)


def _spaced(low: float, high: float, speed: float) -> Values:
    steps = np.ceil((high - low) * speed / stride)
    return np.linspace(low, high, int(np.clip(steps, 8, 100)) + 1)


@dataclass(frozen=True, eq=False)
class Side:
    """A mesh as points (P, 3) on it, as a surface, and as what it fills."""

    points: Points
    surface: Surface
    solid: Solid


def _side(mesh: Mesh) -> Side:
    areas, normals = areas_and_normals(mesh)
    kept = without_slivers(mesh, areas)
    clean = subset(mesh, kept)
    generator = np.random.default_rng(0)
    spots = sample(clean, areas[kept], normals[kept], spread, generator).points
    corners = clean.vertices
    if len(corners) > most_vertices:
        corners = corners[generator.permutation(len(corners))[:most_vertices]]
    return Side(np.concatenate([corners, spots]), Surface(clean), Solid(clean))


def _dip(moved: Side, still: Side, poses: Points) -> float:
    """How much deeper than in the last pose any point of `moved` gets inside `still`."""
    depth = still.solid.depth(moved.points, poses)
    return float((depth[:-1] - depth[-1]).max(initial=0.0))


def _gaps(moved: Side, still: Side, poses: Points) -> NDArray[np.float64]:
    points = _carried(moved.points, poses)
    return still.surface.closest(points.reshape(-1, 3))[0].reshape(len(poses), -1).min(axis=1)


def _carried(points: Points, poses: Points) -> Points:
    """The points (P, 3) in each pose (N, 4, 4), as (N, P, 3)."""
    return np.einsum("nij,pj->npi", poses[:, :3, :3], points) + poses[:, None, :3, 3]


def _inverse(poses: Points) -> Points:
    return np.linalg.inv(poses).astype(np.float64)
