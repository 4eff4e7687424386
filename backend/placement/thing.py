"""An object to place: its body about its own middle with size 1, its weight and its joints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from backend.formats.meshes import merged
from backend.formats.model import Model, moved, placed, turned
from backend.placement.body import Body, few, spaced
from protocol.errors import failure
from protocol.joint import Joint

Points = NDArray[np.float64]

coarse_points = 320
hull_points = 160


@dataclass(frozen=True, eq=False)
class Moving:
    """A joint with all that it moves, in the thing's frame."""

    joint: Joint
    body: Body


class Thing:
    """A model in its own frame: z up, its box's middle at 0, its box's diagonal 1.

    `inward` (4, 4) leads there from world, `size` is the diagonal in Blender units.
    """

    def __init__(self, model: Model, upright: Points) -> None:
        """`upright` (3, 3) turns the world so that up is z."""
        mesh = merged([shape.mesh for link in model.links for shape in link.shapes])
        if not len(mesh.faces):
            raise failure(
                "bad_input", f"'{model.name[:80]}' has no faces, so it cannot stand anywhere."
            )
        points = mesh.vertices[np.unique(mesh.faces)] @ upright.T
        low, high = points.min(axis=0), points.max(axis=0)
        self.name = model.name
        self.size = float(np.linalg.norm(high - low))
        if not self.size > 0.0:
            raise failure("bad_input", f"'{model.name[:80]}' is a single point: it has no size.")
        self.inward = np.eye(4)
        self.inward[:3, :3] = upright / self.size
        self.inward[:3, 3] = -0.5 * (low + high) / self.size
        self.body = Body(moved(mesh, self.inward))
        if self.body.empty:
            raise failure("bad_input", f"The faces of '{model.name[:80]}' have no area.")
        self.extents = (high - low) / self.size
        self._model = model

    @cached_property
    def hull(self) -> Points:
        """Corners (H, 3) of the convex hull."""
        points = self.body.mesh.vertices[np.unique(self.body.mesh.faces)]
        try:
            return points[ConvexHull(points).vertices]
        except (QhullError, ValueError):  # it is flat
            return points

    @cached_property
    def coarse(self) -> Points:
        """Some points (P, 3) that say roughly where it is."""
        generator = np.random.default_rng(0)
        corners = few(self.hull, hull_points, generator)
        along = few(spaced(*self.body.edges, 0.04), coarse_points // 3, generator)
        rest = coarse_points - len(corners) - len(along)
        return np.concatenate([corners, along, self.body.spots(max(rest, 60))[0]])

    @cached_property
    def fine(self) -> Points:
        """Many points (P, 3): its corners, along its edges and over its faces."""
        generator = np.random.default_rng(1)
        corners = few(self.body.corners, 4000, generator)
        along = few(spaced(*self.body.edges, 0.01), 3000, generator)
        return np.concatenate([self.hull, corners, along, self.body.spots(1500, 1)[0]])

    @cached_property
    def weight(self) -> tuple[Points, float]:
        """The centre of mass (3,), of a solid where its shells are closed, and its volume."""
        return self.body.weight

    @cached_property
    def moving(self) -> tuple[Moving, ...]:
        """Its joints that have a range, each with all that hangs on it."""
        found = []
        for index, link in enumerate(self._model.links):
            joint = link.joint
            if joint is None or joint.type == "fixed":
                continue
            own = [
                shape.mesh
                for k in self._model.carried(index)
                for shape in self._model.links[k].shapes
            ]
            body = Body(moved(merged(own), self.inward))
            if not body.empty:
                found.append(Moving(carried(joint, self.inward, 1.0 / self.size), body))
        return tuple(found)

    def hull_at(self, rotations: Points) -> Points:
        """The hull (K, H, 3) under rotations (K, 3, 3)."""
        return np.einsum("kij,hj->khi", rotations, self.hull)


def carried(joint: Joint, pose: Points, scale: float) -> Joint:
    """The joint under an affine (4, 4) that scales evenly by `scale`."""
    slides = joint.type == "prismatic"
    return msgspec.structs.replace(
        joint,
        axis=turned(pose, joint.axis),
        origin=placed(pose, joint.origin),
        lower=joint.lower * scale if slides else joint.lower,
        upper=joint.upper * scale if slides else joint.upper,
        pitch=joint.pitch * scale,
        slide=(joint.slide[0] * scale, joint.slide[1] * scale),
    )
