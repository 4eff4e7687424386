"""What tells a group of atoms that moves from one that does not: measures of G groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from backend.segmentation.atoms import Atoms
from backend.segmentation.contacts import Contacts
from backend.segmentation.groups import Groups

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Traits:
    """Shares of each group's area (G,), unless said otherwise."""

    size: Floats  # its share of the whole surface
    bulk: Floats  # its bounds' diagonal, the object's being 1
    held: Floats  # in contact with the rest
    clear: Floats  # across a narrow gap from the rest
    barred: Floats  # barred on the way that is the freest
    hemmed: Floats  # barred on all ways together, a mean
    hanging: Floats  # area of outer atoms that touch nothing but the group, over its own
    scattered: Floats  # outside its largest connected component
    repeated: Floats  # (G,) how many other groups are congruent, and apart from it
    fixing: Floats  # share of its contact with the rest that falls on the one atom it touches most
    largest: Floats  # whether it holds the largest atom
    atoms: Floats  # number of atoms


def measure(atoms: Atoms, contacts: Contacts, groups: Groups) -> Traits:
    """Return the measures of groups (G, A)."""
    inside = groups.astype(np.float64)
    outside = 1.0 - inside
    area = inside @ atoms.area
    shared = contacts.mutual
    to_atom = inside @ contacts.touch * outside
    held = to_atom.sum(axis=1)
    barred = np.stack([((inside @ one) * outside).sum(axis=1) for one in contacts.barred])
    low, high = bounds(atoms, groups)
    return Traits(
        size=area / atoms.area.sum(),
        bulk=np.linalg.norm(high - low, axis=1),
        held=np.minimum(held / area, 1.0),
        clear=np.minimum((inside @ contacts.gap * outside).sum(axis=1) / area, 1.0),
        barred=barred.min(axis=0) / area,
        hemmed=barred.mean(axis=0) / area,
        hanging=_hanging(atoms, shared, inside) / area,
        scattered=_scattered(atoms, shared + contacts.gap + contacts.gap.T, groups),
        repeated=_repeated(groups, area, high - low),
        fixing=to_atom.max(axis=1) / np.maximum(held, 1e-12),
        largest=inside[:, int(atoms.area.argmax())],
        atoms=inside.sum(axis=1),
    )


def bounds(atoms: Atoms, groups: Groups) -> tuple[Floats, Floats]:
    """Return the low and high corners (G, 3) of groups."""
    low = [atoms.low[group].min(axis=0) for group in groups]
    high = [atoms.high[group].max(axis=0) for group in groups]
    return np.array(low), np.array(high)


def _hanging(atoms: Atoms, shared: Floats, inside: Floats) -> Floats:
    everything = shared.sum(axis=0)
    hangs = (inside @ shared > 0.9 * everything) & (everything > 0.0) & (inside == 0.0)
    return hangs @ atoms.area


def _scattered(atoms: Atoms, linked: Floats, groups: Groups) -> Floats:
    found = np.zeros(len(groups))
    for index, group in enumerate(groups):
        own = np.flatnonzero(group)
        if len(own) > 1:
            labels = connected_components(linked[np.ix_(own, own)] > 0.0, directed=False)[1]
            weight = np.bincount(labels, atoms.area[own])
            found[index] = 1.0 - weight.max() / weight.sum()
    return found


def _repeated(groups: Groups, area: Floats, extent: Floats) -> Floats:
    """Two groups are congruent when area and extents agree within 2 %, and apart if disjoint."""
    form = np.concatenate([np.sqrt(area)[:, None], np.sort(extent, axis=1)], axis=1)
    inside = groups.astype(np.float32)
    found = np.zeros(len(groups))
    for index in range(len(groups)):
        alike = np.abs(form - form[index]).max(axis=1) < 0.02 * form[index].max()
        near = np.flatnonzero(alike)
        found[index] = (inside[near] @ inside[index] == 0.0).sum()
    return found
