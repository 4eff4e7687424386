"""What tells a group of atoms that moves from one that does not: measures of G groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.segmentation.atoms import Atoms
from backend.segmentation.contacts import Contacts
from backend.segmentation.groups import Groups, bounds

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Traits:
    """Shares of each group's area (G,), unless said otherwise."""

    size: Floats  # its share of the whole surface
    bulk: Floats  # its bounds' diagonal, the object's being 1
    held: Floats  # in contact with the rest
    clear: Floats  # across a narrow gap from the rest
    ways: Floats  # (G, W) barred on each of the contacts' ways
    barred: Floats  # barred on the way that is the freest
    hemmed: Floats  # barred on all ways together, a mean
    hanging: Floats  # area of outer atoms that touch nothing but the group, over its own
    scattered: Floats  # outside its largest connected component
    twins: Floats  # in pieces apart from one another that are congruent with another one of it
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
    barred = np.stack([((inside @ one) * outside).sum(axis=1) for one in contacts.barred], axis=1)
    barred = np.minimum(barred / area[:, None], 1.0)
    low, high = bounds(atoms, groups)
    return Traits(
        size=area / atoms.area.sum(),
        bulk=np.linalg.norm(high - low, axis=1),
        held=np.minimum(held / area, 1.0),
        clear=np.minimum((inside @ contacts.gap * outside).sum(axis=1) / area, 1.0),
        ways=barred,
        barred=barred.min(axis=1),
        hemmed=barred.mean(axis=1),
        hanging=_hanging(atoms, shared, inside) / area,
        scattered=_scattered(atoms, shared + contacts.gap + contacts.gap.T, groups),
        twins=_twins(atoms, shared, groups),
        repeated=_repeated(groups, area, high - low),
        fixing=to_atom.max(axis=1) / np.maximum(held, 1e-12),
        largest=inside[:, int(atoms.area.argmax())],
        atoms=inside.sum(axis=1),
    )


def _hanging(atoms: Atoms, shared: Floats, inside: Floats) -> Floats:
    everything = shared.sum(axis=0)
    hangs = (inside @ shared > 0.9 * everything) & (everything > 0.0) & (inside == 0.0)
    return hangs @ atoms.area


def _scattered(atoms: Atoms, linked: Floats, groups: Groups) -> Floats:
    found = np.zeros(len(groups))
    for index, pieces in enumerate(_pieces(linked > 0.0, groups)):
        if len(pieces) > 1:
            weight = pieces @ atoms.area
            found[index] = 1.0 - weight.max() / weight.sum()
    return found


def _twins(atoms: Atoms, shared: Floats, groups: Groups) -> Floats:
    """Two drawers are not a drawer: the share of pieces that do not touch and look the same."""
    found = np.zeros(len(groups))
    for index, pieces in enumerate(_pieces(shared > 0.0, groups)):
        if len(pieces) > 1:
            area = pieces @ atoms.area
            low, high = bounds(atoms, pieces)
            alike = _congruent(area, high - low) & ~np.eye(len(pieces), dtype=bool)
            found[index] = area[alike.any(axis=1)].sum() / area.sum()
    return found


def _pieces(linked: NDArray[np.bool_], groups: Groups) -> Iterator[Groups]:
    """Yield the connected pieces (P, A) of each group; bits of whole numbers stand for atoms."""
    links = [_bits(row) for row in linked]
    for group in groups:
        found, left = [], _bits(group)
        while left:
            piece = ahead = left & -left
            while ahead:
                atom = ahead.bit_length() - 1
                new = links[atom] & left & ~piece
                piece |= new
                ahead = (ahead ^ (1 << atom)) | new
            left &= ~piece
            found.append(piece)
        yield np.array([_atoms_of(piece, len(group)) for piece in found])


def _bits(row: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(row, bitorder="little").tobytes(), "little")


def _atoms_of(bits: int, count: int) -> NDArray[np.bool_]:
    raw = np.frombuffer(bits.to_bytes(-(-count // 8), "little"), np.uint8)
    return np.unpackbits(raw, bitorder="little")[:count].astype(bool)


def _congruent(area: Floats, extent: Floats, tolerance: float = 0.02) -> NDArray[np.bool_]:
    """Which regions (R, R) agree in area (R,) and sorted extents (R, 3)."""
    form = np.concatenate([np.sqrt(area)[:, None], np.sort(extent, axis=1)], axis=1)
    off = np.abs(form[:, None] - form[None]).max(axis=2)
    return off < tolerance * form.max(axis=1)[:, None]


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
