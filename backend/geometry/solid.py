"""What a mesh fills: its shells, and how deep moved points get inside them.

Exact for meshes made of closed shells, whichever way their faces look and however the shells
overlap. Inside a shell with holes is where every direction leaves through a wall.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import warp
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from backend.geometry import kernels
from backend.geometry.components import welded
from backend.geometry.mesh import Mesh
from backend.geometry.surface import Surface, probe_directions, vectors

wp: Any = warp  # its stubs do not follow its own array types

Points = NDArray[np.float64]
Box = tuple[Points, Points]


class Solid:
    """A clean mesh ready for the question how deep points lie inside it.

    Keep its size near 1: Warp computes in float32. Shells that do not reach into the box
    `near` (low (3,), high (3,)) are left out. `sheets` is the surface of shells with holes,
    None where there are none: what gets through it need not be inside anything.
    """

    def __init__(self, mesh: Mesh, near: Box | None = None, device: str = "cpu") -> None:
        self.device = device
        shells = [shell for shell in _shells(mesh) if near is None or _meet(shell[0], near)]
        self._shells = [Surface(_loose(corners), device) for corners, _ in shells]
        self._boxes = None
        sheets = [corners for corners, closed in shells if not closed]
        self.sheets = Surface(_loose(np.concatenate(sheets)), device) if sheets else None
        if not shells:
            return
        lows, highs = (
            np.array([getattr(corners, side)(axis=(0, 1)) for corners, _ in shells])
            for side in ("min", "max")
        )
        self._boxes = wp.Bvh(vectors(lows, device), vectors(highs, device))
        rays = len(probe_directions)
        needed = [rays // 2 + 1 if closed else rays for _, closed in shells]
        self._needed = wp.array(needed, dtype=int, device=device)
        self._ids = wp.array([s.id for s in self._shells], dtype=wp.uint64, device=device)

    def depth(self, points: Points, poses: Points) -> NDArray[np.float32]:
        """Return how deep (N, P) points (P, 3) in each pose (N, 4, 4) are inside any shell.

        It is the distance to that shell's own surface, 0 outside.
        """
        if self._boxes is None or not len(points):
            return np.zeros((len(poses), len(points)), dtype=np.float32)
        depth = wp.empty((len(poses), len(points)), dtype=float, device=self.device)
        inputs = [*self._asked(points, poses), depth]
        wp.launch(kernels.depth_kernel, dim=depth.shape, inputs=inputs, device=self.device)
        return depth.numpy()

    def deeper(
        self, points: Points, poses: Points, limits: NDArray[np.float32]
    ) -> NDArray[np.bool_]:
        """Return whether (N, P) points are deeper than `limits` (P,), which are above 0.

        The same as `depth` compared with them, and far quicker: what is close to a wall needs
        no rays to tell on which side.
        """
        if self._boxes is None or not len(points):
            return np.zeros((len(poses), len(points)), dtype=bool)
        deeper = wp.empty((len(poses), len(points)), dtype=int, device=self.device)
        least = wp.array(np.asarray(limits, dtype=np.float32), dtype=float, device=self.device)
        inputs = [*self._asked(points, poses), least, deeper]
        wp.launch(kernels.deeper_kernel, dim=deeper.shape, inputs=inputs, device=self.device)
        return deeper.numpy() > 0

    def _asked(self, points: Points, poses: Points) -> list[Any]:
        """What kernels take to look for moved points in the shells."""
        assert self._boxes is not None
        return [
            self._boxes.id,
            self._ids,
            self._needed,
            vectors(probe_directions, self.device),
            vectors(points, self.device),
            matrices(poses, self.device),
        ]


def crossed(surface: Surface, points: Points, poses: Points) -> NDArray[np.bool_]:
    """Return which points (P,) of (P, 3) go through the surface on the way.

    They move straight from one pose (N, 4, 4) to the next.
    """
    if not len(points):
        return np.zeros(0, dtype=bool)
    through = wp.empty(len(points), dtype=int, device=surface.device)
    inputs = [
        surface.id,
        vectors(points, surface.device),
        matrices(poses, surface.device),
        through,
    ]
    wp.launch(kernels.crossed_kernel, dim=len(points), inputs=inputs, device=surface.device)
    return through.numpy() > 0


def matrices(poses: Points, device: str) -> Any:
    return wp.array(np.ascontiguousarray(poses, dtype=np.float32), dtype=wp.mat44, device=device)


def _loose(corners: Points) -> Mesh:
    return Mesh(corners.reshape(-1, 3), np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3))


def _meet(corners: Points, near: Box) -> bool:
    low, high = near
    return bool(
        (corners.min(axis=(0, 1)) <= high).all() and (corners.max(axis=(0, 1)) >= low).all()
    )


def _shells(mesh: Mesh) -> Iterator[tuple[Points, bool]]:
    """The corners (F, 3, 3) of each connected piece, and whether it is closed.

    Pieces with holes are stitched where vertices coincide first.
    """
    pieces = _pieces(mesh)
    open_ones = np.isin(pieces, pieces[_at_holes(mesh)])
    yield from _split(mesh, np.where(open_ones, -1, pieces), closed=True)
    if open_ones.any():
        rest = _stitched(mesh, open_ones)
        pieces = _pieces(rest)
        leaky = np.isin(pieces, pieces[_at_holes(rest)])
        yield from _split(rest, np.where(leaky, -1, pieces), closed=True)
        yield from _split(rest, np.where(leaky, pieces, -1), closed=False)


def _split(mesh: Mesh, pieces: NDArray[np.int32], *, closed: bool) -> Iterator[tuple[Points, bool]]:
    order = np.argsort(pieces, kind="stable")
    for faces in np.split(order, np.flatnonzero(np.diff(pieces[order])) + 1):
        if pieces[faces[0]] >= 0:
            yield mesh.vertices[mesh.faces[faces]], closed


def _stitched(mesh: Mesh, chosen: NDArray[np.bool_]) -> Mesh:
    faces = mesh.faces[chosen]
    used = np.unique(faces)
    index = np.zeros(len(mesh.vertices), dtype=np.int64)
    index[used] = welded(mesh.vertices[used])
    places = np.zeros((int(index[used].max()) + 1, 3))
    places[index[used]] = mesh.vertices[used]
    return Mesh(places, index[faces].astype(np.int32))


def _pieces(mesh: Mesh) -> NDArray[np.int32]:
    """The number (F,) of the piece a face belongs to; pieces share no vertex."""
    rows, columns = mesh.faces[:, [0, 1]].ravel(), mesh.faces[:, [1, 2]].ravel()
    shape = (len(mesh.vertices), len(mesh.vertices))
    graph = coo_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=shape)
    return connected_components(graph, directed=False)[1][mesh.faces[:, 0]]


def _at_holes(mesh: Mesh) -> NDArray[np.bool_]:
    """Which faces (F,) have an edge that they do not share with exactly one other."""
    edges = np.sort(mesh.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64), axis=1)
    names = edges[:, 0] * len(mesh.vertices) + edges[:, 1]
    _, index, count = np.unique(names, return_inverse=True, return_counts=True)
    return (count[index.reshape(-1, 3)] != 2).any(axis=1)
