"""The object's own frame: centred, squared to its box, of unit diagonal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.articulation.problem import Progress, check_surface
from backend.geometry.boxes import fit_box
from backend.geometry.mesh import (
    Mesh,
    Samples,
    areas_and_normals,
    sample,
    subset,
    without_slivers,
)

Points = NDArray[np.float64]

frame_samples = 3000


@dataclass(frozen=True, eq=False)
class Frame:
    """Maps world to the object's frame and back.

    Working here makes answers independent of where the object stands, how it is turned and how
    large it is; and box-like objects get tight bounding volumes, which makes rays fast.
    """

    centre: Points  # (3,) world
    axes: Points  # (3, 3) unit rows, right-handed, world
    scale: float  # world units for one unit here

    def local(self, points: Points) -> Points:
        """Return world points (..., 3) in this frame."""
        return (points - self.centre) @ self.axes.T / self.scale

    def world(self, points: Points) -> Points:
        """Return points (..., 3) of this frame in world."""
        return points * self.scale @ self.axes + self.centre

    def local_direction(self, direction: Points) -> Points:
        """Return a world direction (3,) in this frame, its length kept."""
        return direction @ self.axes.T

    def world_direction(self, direction: Points) -> Points:
        """Return a direction (3,) of this frame in world, its length kept."""
        return direction @ self.axes


@dataclass(frozen=True, eq=False)
class Skin:
    """A clean mesh with its face areas (F,) and normals (F, 3)."""

    mesh: Mesh
    areas: NDArray[np.float64]
    normals: Points

    def sampled(self, count: int, generator: np.random.Generator) -> Samples:
        """Surface samples in random order: any first n are spread over all of it."""
        samples = sample(self.mesh, self.areas, self.normals, count, generator)
        return samples.take(generator.permutation(count))

    def chosen(self, faces: NDArray[np.bool_]) -> Skin:
        """Return the skin of some faces, (F,) bool."""
        return Skin(subset(self.mesh, faces), self.areas[faces], self.normals[faces])


def place(
    part: Mesh, body: Mesh, generator: np.random.Generator, progress: Progress
) -> tuple[Frame, Skin, Skin]:
    """Return the object's frame, and part and body in it without degenerate triangles.

    Raises TugError `bad_input` where a side has no triangle with an area.
    """
    every = [np.ones(len(mesh.faces), dtype=bool) for mesh in (part, body)]
    used = [subset(mesh, faces) for mesh, faces in zip((part, body), every, strict=True)]
    points = np.concatenate([mesh.vertices for mesh in used])
    low, high = points.min(axis=0), points.max(axis=0)
    middle, size = 0.5 * (low + high), max(float(np.ptp(points, axis=0).max()), 1e-300)
    skins = []
    for mesh, name in zip(used, ("part", "body"), strict=True):
        progress.check()
        skins.append(_clean(Mesh((mesh.vertices - middle) / size, mesh.faces), name))
    progress.check()
    axes = fit_box(skins[1].sampled(frame_samples, generator), skins[1].mesh.vertices).axes
    turned = np.concatenate([skin.mesh.vertices @ axes.T for skin in skins])
    low, high = turned.min(axis=0), turned.max(axis=0)
    diagonal = float(np.linalg.norm(high - low))
    frame = Frame(middle + 0.5 * (low + high) @ axes * size, axes, size * diagonal)
    local = [
        Skin(
            Mesh((skin.mesh.vertices @ axes.T - 0.5 * (low + high)) / diagonal, skin.mesh.faces),
            skin.areas / diagonal**2,
            skin.normals @ axes.T,
        )
        for skin in skins
    ]
    return frame, local[0], local[1]


def _clean(mesh: Mesh, name: str) -> Skin:
    areas, normals = areas_and_normals(mesh)
    kept = without_slivers(mesh, areas)
    check_surface(areas, kept, name)
    return Skin(subset(mesh, kept), areas[kept], normals[kept])
