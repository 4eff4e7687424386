"""The frame in which proposals are made: the object's own, and how a person sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from backend.articulation.problem import check_surface
from backend.geometry.boxes import fit_box
from backend.geometry.mesh import Mesh, areas_and_normals, sample, subset, without_slivers

Floats = NDArray[np.float64]

box_samples = 3000


@dataclass(frozen=True, eq=False)
class Placed:
    """A mesh squared to its box, of unit diagonal, and the way there.

    `view` (3, 3) has as rows the directions right, away and up of a person in front of the
    object, each along an axis of the mesh.
    """

    mesh: Mesh
    centre: Floats  # (3,) world
    axes: Floats  # (3, 3) unit rows, world
    scale: float  # world units of the diagonal
    view: Floats

    def local(self, points: ArrayLike) -> Floats:
        """Return world points (..., 3) in this frame."""
        return (np.asarray(points, dtype=np.float64) - self.centre) @ self.axes.T / self.scale


def place(mesh: Mesh, up: ArrayLike, generator: np.random.Generator) -> Placed:
    """Return a mesh in its own frame. Raises TugError bad_input where no face has an area."""
    areas, normals = areas_and_normals(mesh)
    kept = without_slivers(mesh, areas)
    check_surface(areas, kept, "mesh")
    clean = subset(mesh, kept)
    samples = sample(clean, areas[kept], normals[kept], box_samples, generator)
    samples = samples.take(generator.permutation(len(samples)))
    axes = fit_box(samples, clean.vertices).axes
    turned = mesh.vertices @ axes.T
    used = clean.vertices @ axes.T
    low, high = used.min(axis=0), used.max(axis=0)
    middle, scale = 0.5 * (low + high), float(np.linalg.norm(high - low))
    local = Mesh((turned - middle) / scale, mesh.faces)
    return Placed(local, middle @ axes, axes, scale, _view(axes, np.asarray(up, np.float64)))


def _view(axes: Floats, up: Floats) -> Floats:
    """The box axes nearest to right, away and up; the front is -y where up is z.

    For another up the world is turned the short way until that is up: glTF's front is z.
    """
    length = np.linalg.norm(up)
    up = up / length if length > 0.0 else np.array([0.0, 0.0, 1.0])
    if up[2] < -0.9999:
        stands = Rotation.from_rotvec([np.pi, 0.0, 0.0])
    else:
        half = np.array([*np.cross(up, [0.0, 0.0, 1.0]), 1.0 + up[2]])
        stands = Rotation.from_quat(half)
    seen = axes @ stands.as_matrix().T  # the mesh's axes in a z-up world
    rows = np.zeros((3, 3))
    free = [0, 1, 2]
    for row in (2, 1, 0):
        axis = max(free, key=lambda one: abs(seen[one, row]))
        free.remove(axis)
        rows[row, axis] = 1.0 if seen[axis, row] >= 0.0 else -1.0
    return rows
