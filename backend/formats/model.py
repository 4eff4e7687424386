"""A model between formats: links with their meshes in the world at rest, in a tree of joints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.geometry.mesh import Mesh
from protocol.joint import Joint, Vector, motion

if TYPE_CHECKING:
    from backend.datasets import ArticulatedObject


@dataclass(frozen=True, eq=False)
class Shape:
    """A named mesh in the world at rest."""

    name: str
    mesh: Mesh


@dataclass(frozen=True, eq=False)
class Link:
    """A rigid part. `parent` is an index into the model's links, -1 for the world.

    The joint is in world with every link at rest; without one the link is fixed to its parent,
    or a root. A link may have no shapes.
    """

    name: str
    shapes: tuple[Shape, ...] = ()
    parent: int = -1
    joint: Joint | None = None


@dataclass(frozen=True, eq=False)
class Model:
    """Links, parents first, in a z-up world. `notes` are remarks for the user on what was lost."""

    name: str
    links: tuple[Link, ...]
    notes: tuple[str, ...] = field(default=())

    def poses(
        self, values: Mapping[str, float], slides: Mapping[str, float] | None = None
    ) -> NDArray[np.float64]:
        """Return (L, 4, 4) world transforms that move the links from rest to joint `values`.

        `values` and `slides` (of cylindrical joints) are by link name, else 0.
        """
        poses = np.tile(np.eye(4), (len(self.links), 1, 1))
        for i, link in enumerate(self.links):
            if link.parent >= 0:
                poses[i] = poses[link.parent]
            if link.joint is not None:
                slide = (slides or {}).get(link.name, 0.0)
                poses[i] = poses[i] @ motion(link.joint, values.get(link.name, 0.0), slide)
        return poses

    def carried(self, index: int) -> list[int]:
        """Return the indices of a link and of all that hangs on it."""
        found = {index}
        for i, link in enumerate(self.links):
            if link.parent in found:
                found.add(i)
        return sorted(found)

    @property
    def diagonal(self) -> float:
        """Of the box around all meshes at rest; 0 without any."""
        points = [s.mesh.vertices for link in self.links for s in link.shapes if len(s.mesh.faces)]
        return float(np.linalg.norm(np.ptp(np.concatenate(points), axis=0))) if points else 0.0


def from_object(item: ArticulatedObject) -> Model:
    """A generated object as a model."""
    links = tuple(
        Link(k.name, (Shape(k.name, Mesh(k.vertices, k.faces)),), k.parent, k.joint)
        for k in item.links
    )
    return Model(f"{item.category}-{item.seed}", links)


def moved(mesh: Mesh, matrix: ArrayLike) -> Mesh:
    """The mesh under any affine (4, 4) `matrix`; a mirroring one turns triangles round."""
    transform = np.asarray(matrix, np.float64)
    points = mesh.vertices @ transform[:3, :3].T + transform[:3, 3]
    mirrored = np.linalg.det(transform[:3, :3]) < 0.0
    return Mesh(points, np.ascontiguousarray(mesh.faces[:, ::-1] if mirrored else mesh.faces))


def vector(values: ArrayLike) -> Vector:
    """Three numbers as the protocol writes them."""
    x, y, z = np.asarray(values, np.float64).tolist()
    return x, y, z


def turned(matrix: NDArray[np.float64], axis: ArrayLike) -> Vector:
    """The unit vector `axis` under the rotation of a (4, 4) `matrix`."""
    direction = np.asarray(matrix)[:3, :3] @ np.asarray(axis, np.float64)
    return vector(direction / np.linalg.norm(direction))


def placed(matrix: NDArray[np.float64], point: ArrayLike) -> Vector:
    """The `point` under a (4, 4) `matrix`."""
    return vector(np.asarray(matrix)[:3, :3] @ np.asarray(point, np.float64) + matrix[:3, 3])
