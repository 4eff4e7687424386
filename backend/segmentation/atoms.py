"""The smallest regions that proposals are made of: loose pieces, cut where their surface creases.

Everything is measured in a frame of unit diagonal, so that sizes are shares of the object's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from backend.geometry.components import components_of, welded
from backend.geometry.mesh import Mesh, Samples, areas_and_normals, sample
from backend.segmentation.creases import creased

Floats = NDArray[np.float64]

most_atoms = 256
sampled = 14_000  # samples of the whole surface, shared by area
fewest_samples, most_samples = 24, 1500  # of an atom
weld_steps = (1 << 20, 1 << 13, 1 << 10)  # along the longest side; coarser for soup


@dataclass(frozen=True, eq=False)
class Atoms:
    """A mesh of unit diagonal, the atom of each face, and samples of every atom.

    `of_face` (F,) int32 in 0..A-1, `area` (A,), `samples` atom after atom, each atom's in random
    order, with the atom of each in `of_sample` (N,), `low` and `high` (A, 3) the atoms' bounds.
    """

    mesh: Mesh
    of_face: NDArray[np.int32]
    area: Floats
    samples: Samples
    of_sample: NDArray[np.int32]
    low: Floats
    high: Floats

    def __len__(self) -> int:
        return len(self.area)


def find_atoms(
    mesh: Mesh,
    generator: np.random.Generator,
    owner: NDArray[np.int32] | None = None,
) -> Atoms:
    """Return the atoms of a mesh with unit diagonal: its loose pieces, large ones cut.

    Atoms do not reach from one `owner` (F,) of faces to another.
    """
    areas, normals = areas_and_normals(mesh)
    loose = loose_pieces(mesh, areas, owner)
    of_face = np.unique(loose, return_inverse=True)[1].astype(np.int32)
    cut = _largest(mesh, areas, creased(mesh, areas, normals, of_face))
    of_face = np.unique(cut, return_inverse=True)[1].astype(np.int32)
    count = int(of_face.max()) + 1
    area = np.bincount(of_face, areas, count).astype(np.float64)
    samples, owners = _samples(mesh, areas, normals, of_face, area, generator)
    corners = mesh.corners
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, of_face, corners.min(axis=1))
    np.maximum.at(high, of_face, corners.max(axis=1))
    return Atoms(mesh, of_face, area, samples, owners, low, high)


def loose_pieces(
    mesh: Mesh, areas: Floats, owner: NDArray[np.int32] | None = None
) -> NDArray[np.int32]:
    """Return the loose piece (F,) of each face, joined where vertices of one owner coincide.

    Soup of more pieces than `most_atoms` is welded more and more coarsely; what is left over,
    and pieces without an area, go to the nearest of the others.
    """
    pieces = np.zeros(len(mesh.faces), np.int32)
    for steps in weld_steps:
        pieces = components_of(_apart(welded(mesh.vertices, steps)[mesh.faces], owner))
        if pieces.max() < most_atoms:
            break
    return _largest(mesh, areas, pieces)


def _apart(faces: NDArray[np.int64], owner: NDArray[np.int32] | None) -> NDArray[np.int64]:
    """Vertices that two owners share become different ones."""
    if owner is None:
        return faces
    split = faces + owner[:, None].astype(np.int64) * (faces.max() + 1)
    return np.unique(split, return_inverse=True)[1].reshape(faces.shape)


def _largest(mesh: Mesh, areas: Floats, pieces: NDArray[np.int32]) -> NDArray[np.int32]:
    """Keep the largest pieces; faces of others join the nearest face of those."""
    size = np.bincount(pieces, areas)
    kept = np.zeros(len(size), bool)
    kept[np.argsort(-size, kind="stable")[:most_atoms]] = True
    stays = (kept & (size > 0.0))[pieces]
    if stays.all():
        return pieces
    middles = mesh.corners.mean(axis=1)
    nearest = KDTree(middles[stays]).query(middles[~stays], workers=2)[1]
    joined = pieces.copy()
    joined[~stays] = pieces[stays][nearest]
    return joined


def _samples(
    mesh: Mesh,
    areas: Floats,
    normals: Floats,
    of_face: NDArray[np.int32],
    area: Floats,
    generator: np.random.Generator,
) -> tuple[Samples, NDArray[np.int32]]:
    """Each atom's own samples, as many as its area deserves."""
    order = np.argsort(of_face, kind="stable")
    ends = np.cumsum(np.bincount(of_face, minlength=len(area)))
    counts = np.clip(sampled * area / area.sum(), fewest_samples, most_samples).astype(int)
    pieces = []
    for atom, (end, count) in enumerate(zip(ends, counts, strict=True)):
        own = order[ends[atom - 1] if atom else 0 : end]
        if area[atom] <= 0.0:
            counts[atom] = 0
            continue
        part = Mesh(mesh.vertices, mesh.faces[own])
        samples = sample(part, areas[own], normals[own], int(count), generator)
        pieces.append(samples.take(generator.permutation(len(samples))))
    whole = Samples(
        np.concatenate([piece.points for piece in pieces]),
        np.concatenate([piece.normals for piece in pieces]),
        np.concatenate([piece.area for piece in pieces]),
    )
    return whole, np.repeat(np.arange(len(area), dtype=np.int32), counts)
