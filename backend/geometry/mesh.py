"""A triangle mesh: cleaning, per-face measures and surface samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocol.errors import failure

Points = NDArray[np.float64]

max_faces = 10_000_000  # about 3 GB of memory at work


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in any frame: `vertices` (V, 3) float64, `faces` (F, 3) int32.

    May be anything an artist makes: open, non-manifold, soup, inverted, with loose vertices.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int32]

    @property
    def corners(self) -> NDArray[np.float64]:
        """The corner positions of each face, (F, 3, 3)."""
        return self.vertices[self.faces]


@dataclass(frozen=True, eq=False)
class Samples:
    """Points on a surface: `points` (N, 3), unit `normals` (N, 3), `area` each one stands for."""

    points: NDArray[np.float64]
    normals: NDArray[np.float64]
    area: NDArray[np.float64]

    def take(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> Samples:
        """Return some of them, by index or by an (N,) bool."""
        return Samples(self.points[chosen], self.normals[chosen], self.area[chosen])

    def __len__(self) -> int:
        return len(self.points)


def checked(vertices: ArrayLike, faces: ArrayLike, *, name: str) -> Mesh:
    """Build a mesh from (V, 3) coordinates and (F, 3) indices as somebody sent them.

    Raises TugError `bad_input` for wrong shapes, coordinates that are no numbers and indices
    out of range, `too_large` above `max_faces`. `name` is how the sentence calls the mesh.
    """
    points = np.ascontiguousarray(vertices, dtype=np.float64)
    triangles = np.ascontiguousarray(faces, dtype=np.int32)
    if points.ndim != 2 or points.shape[1] != 3 or triangles.ndim != 2 or triangles.shape[1] != 3:
        raise failure("bad_input", f"The {name} needs vertices (V, 3) and triangles (F, 3).")
    if len(triangles) > max_faces:
        raise failure(
            "too_large",
            f"The {name} has {len(triangles):,} triangles and the limit is {max_faces:,}: "
            "decimate it, or articulate a copy with less detail.",
        )
    if len(triangles) and (triangles.min() < 0 or triangles.max() >= len(points)):
        raise failure("bad_input", f"The {name} has triangles that name vertices it does not have.")
    if not np.isfinite(points).all():
        raise failure(
            "bad_input",
            f"The {name} has vertices whose coordinates are NaN or infinite: "
            "delete or repair them first.",
        )
    return Mesh(points, triangles)


def areas_and_normals(mesh: Mesh) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the area (F,) and unit normal (F, 3) of each face; zero where degenerate."""
    a, b, c = (mesh.vertices[mesh.faces[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    length = np.linalg.norm(cross, axis=1)
    return 0.5 * length, cross / np.maximum(length, 1e-300)[:, None]


def without_slivers(mesh: Mesh, areas: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which faces have an area worth the name, (F,) bool."""
    if not len(areas):
        return np.zeros(0, dtype=bool)
    spread = np.ptp(mesh.vertices, axis=0).max()
    return areas > 1e-14 * spread * spread


def sample(
    mesh: Mesh,
    areas: NDArray[np.float64],
    normals: NDArray[np.float64],
    count: int,
    generator: np.random.Generator,
) -> Samples:
    """Return `count` points spread over the surface by area (stratified, so few gaps)."""
    cumulative = np.cumsum(areas)
    strata = (np.arange(count) + generator.random(count)) / count
    chosen = np.searchsorted(cumulative, strata * cumulative[-1], side="right")
    chosen = np.minimum(chosen, len(areas) - 1)
    u, v = generator.random((2, count))
    root = np.sqrt(u)
    weights = np.stack([1.0 - root, root * (1.0 - v), root * v], axis=1)
    points = np.einsum("nk,nkd->nd", weights, mesh.vertices[mesh.faces[chosen]])
    return Samples(points, normals[chosen], np.full(count, cumulative[-1] / count))


def subset(mesh: Mesh, chosen: NDArray[np.bool_]) -> Mesh:
    """Return the chosen faces with only the vertices they use."""
    faces = mesh.faces[chosen]
    used = np.zeros(len(mesh.vertices), dtype=bool)
    used[faces] = True
    index = np.cumsum(used, dtype=np.int32) - 1
    return Mesh(mesh.vertices[used], index[faces].astype(np.int32))
