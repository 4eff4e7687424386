"""How atoms lie to one another: what touches, what is near, and what bars whose way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.articulation.problem import Progress, silent
from backend.geometry.mesh import Mesh
from backend.geometry.surface import Surface
from backend.segmentation.atoms import Atoms

Floats = NDArray[np.float64]

touching = 0.0015  # of the diagonal: closer surfaces touch
clearance = 0.02  # of the diagonal: the widest gap that a moving part has around it
spacing = 6.0  # between atoms that are laid out apart for queries
passes = 3  # own surfaces that a ray may go through before it counts as free
asked = 120  # samples of an atom that rays start from


@dataclass(frozen=True, eq=False)
class Contacts:
    """For A atoms: `touch[i, j]` is the area of atom i that touches j or lies inside it,
    `gap[i, j]` that which is near j without touching it, `barred[d, i, j]` that which meets j
    first when moved along `ways[d]` (W, 3).
    """

    touch: Floats  # (A, A)
    gap: Floats  # (A, A)
    barred: Floats  # (W, A, A)
    ways: Floats  # (W, 3)

    @property
    def mutual(self) -> Floats:
        """The area (A, A) two atoms share, by the one that has more of it in contact."""
        return np.maximum(self.touch, self.touch.T)


def find_contacts(atoms: Atoms, axes: Floats, progress: Progress = silent) -> Contacts:
    """Measure all pairs; `axes` (3, 3 rows) are the directions the object is made of."""
    touch, gap = _nearness(atoms)
    ways = np.concatenate([axes, -axes])
    surface = Surface(atoms.mesh)
    barred = []
    for way in ways:
        progress.check()
        barred.append(_barred(atoms, surface, way))
    return Contacts(touch, gap, np.stack(barred), ways)


def _nearness(atoms: Atoms) -> tuple[Floats, Floats]:
    """Ask each sample for its distance to every other atom whose bounds it is near."""
    layout = _Layout(atoms)
    points, owners = atoms.samples.points, atoms.of_sample
    touch, gap = np.zeros((2, len(atoms), len(atoms)))
    near_sample, near_atom = _candidates(atoms)
    if not len(near_sample):
        return touch, gap
    there = points[near_sample] + layout.offset[near_atom]
    distance = layout.surface.closest(there, 1.5 * clearance)[0]
    inside = _inside(atoms, layout, points, near_sample, near_atom, distance)
    pair = owners[near_sample], near_atom
    area = atoms.samples.area[near_sample]
    touches = (distance < touching) | inside
    np.add.at(touch, pair, area * touches)
    np.add.at(gap, pair, area * (~touches & (distance < clearance)))
    return touch, gap


class _Layout:
    """All atoms apart from one another on a grid, so that one tree answers for each alone."""

    def __init__(self, atoms: Atoms) -> None:
        count = len(atoms)
        side = int(np.ceil(count ** (1 / 3)))
        cell = np.stack(np.unravel_index(np.arange(count), (side, side, side)), axis=1)
        self.offset = spacing * (cell - 0.5 * (side - 1)).astype(np.float64)
        corners = atoms.mesh.corners + self.offset[atoms.of_face][:, None, :]
        faces = np.arange(3 * len(corners), dtype=np.int32).reshape(-1, 3)
        self.surface = Surface(Mesh(corners.reshape(-1, 3), faces))


def _candidates(atoms: Atoms) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Sample and atom of all pairs in which a sample is within reach of another's bounds."""
    found: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    points, owners = atoms.samples.points, atoms.of_sample
    low, high = atoms.low - clearance, atoms.high + clearance
    for atom in range(len(atoms)):
        near = np.flatnonzero(
            ((points > low[atom]) & (points < high[atom])).all(axis=1) & (owners != atom)
        )
        found.append((near, np.full(len(near), atom)))
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])


def _inside(
    atoms: Atoms,
    layout: _Layout,
    points: Floats,
    sample: NDArray[np.intp],
    atom: NDArray[np.intp],
    distance: Floats,
) -> NDArray[np.bool_]:
    """Which samples lie within a closed atom: a screw in its board, a post in its plate."""
    inside = np.zeros(len(sample), bool)
    within = (points[sample] > atoms.low[atom]) & (points[sample] < atoms.high[atom])
    unsure = np.flatnonzero(within.all(axis=1) & (distance >= touching))
    if len(unsure):
        there = points[sample[unsure]] + layout.offset[atom[unsure]]
        inside[unsure] = layout.surface.odd_crossings(there) > 0.9
    return inside


def _barred(atoms: Atoms, surface: Surface, way: Floats) -> Floats:
    """Return the area (A, A) of each atom that another one lies before, within the atom's reach.

    A part has to move by about its own length; what is farther off does not bar it.
    """
    chosen = _few(atoms)
    points, owners = atoms.samples.points[chosen], atoms.of_sample[chosen]
    counts = np.bincount(owners, minlength=len(atoms))
    area = (atoms.area / np.maximum(counts, 1))[owners]
    corners = 0.5 * (atoms.high - atoms.low) @ np.abs(way)
    reach = np.maximum(1.2 * corners, 0.05)[owners]
    barred = np.zeros((len(atoms), len(atoms)))
    left, gone = np.arange(len(points)), np.full(len(points), 1e-4)
    for _ in range(passes):
        starts = points[left] + gone[left, None] * way
        distance, face = surface.cast(starts, way)
        gone[left] += distance
        hit = atoms.of_face[face]
        met = (face >= 0) & (gone[left] < reach[left])
        other = met & (hit != owners[left])
        np.add.at(barred, (owners[left[other]], hit[other]), area[left[other]])
        left = left[met & ~other]
        gone[left] += 1e-4
        if not len(left):
            break
    return barred


def _few(atoms: Atoms) -> NDArray[np.intp]:
    """The first `asked` samples of each atom."""
    starts = np.searchsorted(atoms.of_sample, np.arange(len(atoms)))
    rank = np.arange(len(atoms.of_sample)) - starts[atoms.of_sample]
    return np.flatnonzero(rank < asked)
