"""A texture's texels: which triangle each belongs to, and where that is in the world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import warp
from numpy.typing import NDArray

from backend.geometry.components import components_of, welded
from backend.geometry.mesh import Mesh, areas_and_normals
from backend.textures import kernels
from protocol.errors import failure

wp: Any = warp  # its stubs do not follow its own array types

nobody = np.iinfo(np.int32).max
chunk = 1 << 19  # texels that are looked at in one go
outside = 1e-3  # of the texture, that coordinates may leave it
weld_steps = 1 << 16  # of the texture, within which coordinates are one


@dataclass(frozen=True, eq=False)
class Atlas:
    """The N texels of a texture that a mesh's triangles cover.

    `place` (N,) int32 is row * resolution + column, row 0 at v = 1, `face` (N,) int32 the
    triangle, `chart` (F,) int32 the connected piece of the unwrapped surface each triangle is
    of, `area` (N,) float32 how much of the surface at rest a texel stands for. `shared` is the
    share of the texels that several triangles lie on. `corners` (F, 3, 2) are in texels.
    """

    resolution: int
    corners: NDArray[np.float64]
    place: NDArray[np.int32]
    face: NDArray[np.int32]
    chart: NDArray[np.int32]
    area: NDArray[np.float32]
    shared: float

    def __len__(self) -> int:
        return len(self.place)

    def chunks(self) -> Iterator[slice]:
        """All texels, some at a time."""
        for start in range(0, len(self), chunk):
            yield slice(start, min(start + chunk, len(self)))

    def points(self, mesh: Mesh, some: slice | NDArray[np.intp]) -> NDArray[np.float64]:
        """Where texels are on the mesh, which has the atlas' triangles in any pose: (n, 3)."""
        place = np.ascontiguousarray(self.place[some])
        face = np.ascontiguousarray(self.face[some])
        points = np.empty((len(place), 3))
        inputs = [
            wp.array(place, dtype=int, copy=False),
            wp.array(face, dtype=int, copy=False),
            wp.array(self.corners, dtype=wp.vec2d, copy=False),
            wp.array(mesh.corners, dtype=wp.vec3d, copy=False),
            self.resolution,
            wp.array(points, dtype=wp.vec3d, copy=False),
        ]
        wp.launch(kernels.place_kernel, dim=len(place), inputs=inputs, device="cpu")
        return points


def unwrapped(mesh: Mesh, uv: NDArray[np.float32], resolution: int, name: str) -> Atlas:
    """Return the texels of a mesh with texture coordinates (F, 3, 2) for its corners.

    Raises TugError bad_input where the coordinates are NaN, leave the texture or cover nothing.
    """
    values = _checked(np.asarray(uv, np.float64), name)
    corners = values * resolution
    corners[..., 1] = resolution - corners[..., 1]
    owner = np.full((resolution, resolution), nobody, np.int32)
    inside = np.zeros((resolution, resolution), np.uint8)
    inputs = [
        wp.array(corners, dtype=wp.vec2d, copy=False),
        wp.array(owner, dtype=int, copy=False),
        wp.array(inside, dtype=wp.uint8, copy=False),
    ]
    wp.launch(kernels.cover_kernel, dim=len(corners), inputs=inputs, device="cpu")
    place = np.flatnonzero(owner != nobody).astype(np.int32)
    if not len(place):
        raise failure(
            "bad_input",
            f"The UVs of {name} cover no texel: unwrap it, or raise the resolution.",
            fix="Unwrap it",
        )
    face = owner.ravel()[place]
    area = areas_and_normals(mesh)[0] / np.maximum(_flat_areas(corners), 1e-12)
    return Atlas(
        resolution=resolution,
        corners=corners,
        place=place,
        face=face,
        chart=_charts(mesh, values),
        area=area[face].astype(np.float32),
        shared=float(np.count_nonzero(inside > 1) / len(place)),
    )


def _checked(uv: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    if not np.isfinite(uv).all():
        raise failure("bad_input", f"The UVs of {name} are NaN in places: unwrap it again.")
    if uv.size and (uv.min() < -outside or uv.max() > 1.0 + outside):
        raise failure(
            "bad_input",
            f"The UVs of {name} leave the texture (from {uv.min():.2f} to {uv.max():.2f}, not "
            "from 0 to 1), so that it repeats: unwrap it into a UV map of its own.",
            fix="Unwrap it",
        )
    return np.clip(uv, 0.0, 1.0)


def _charts(mesh: Mesh, uv: NDArray[np.float64]) -> NDArray[np.int32]:
    """The connected piece (F,) of the unwrapped surface: joined in the world and in the texture."""
    steps = np.rint(uv * weld_steps).astype(np.int64)
    flat = steps[..., 0] * (weld_steps + 1) + steps[..., 1]
    _, flat = np.unique(flat, return_inverse=True)
    solid = welded(mesh.vertices)[mesh.faces]
    both = solid.ravel() * (int(flat.max(initial=0)) + 1) + flat.ravel()
    corners = np.unique(both, return_inverse=True)[1].reshape(solid.shape)
    return components_of(corners)


def _flat_areas(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """The area (F,) of triangles in the texture, in texels."""
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return 0.5 * np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
