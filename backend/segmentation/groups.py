"""Groups of atoms that may move as one: from hierarchies of what touches what."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from backend.segmentation.atoms import Atoms
from backend.segmentation.contacts import Contacts

Floats = NDArray[np.float64]
Groups = NDArray[np.bool_]  # (G, A)

levels = (0.0, 0.03, 0.1, 0.25)  # of the smaller atom's area in contact, for two to hold together
hubs = 3  # the largest atoms, which are taken away to see what falls apart
nearly = 0.2  # what an area across a small gap counts against one in contact
pair_size = 0.4  # of the diagonal: larger groups are no pair of knobs
largest = 0.9  # of the surface: more is the whole object


def find_groups(atoms: Atoms, contacts: Contacts, owner: NDArray[np.int32] | None = None) -> Groups:
    """Return distinct groups of atoms (G, A), single atoms first; every atom is in some group.

    What an artist made one object of, by the `owner` (F,) of the faces, is a group too.
    """
    count = len(atoms)
    if count == 1:
        return np.ones((1, 1), bool)
    found = [np.eye(count, dtype=bool)]
    shared = contacts.mutual
    for linked in (shared, shared + nearly * np.maximum(contacts.gap, contacts.gap.T)):
        found.append(_merged(atoms.area, linked, by_size=False))
        found.append(_merged(atoms.area, linked, by_size=True))
        found.append(_fallen_apart(atoms.area, linked))
    if owner is not None:
        found.append(_owned(atoms, owner))
    groups = _distinct(np.concatenate(found))
    closed = np.concatenate([_with_hangers(groups, shared), _with_contents(atoms, groups)])
    groups = _distinct(np.concatenate([groups, closed]))
    groups = _distinct(np.concatenate([groups, _facing_pairs(atoms, contacts, groups)]))
    share = groups @ atoms.area / atoms.area.sum()
    return groups[(share < largest) | (groups.sum(axis=1) == 1)]


def _owned(atoms: Atoms, owner: NDArray[np.int32]) -> Groups:
    numbers = np.unique(owner, return_inverse=True)[1]
    owned = np.zeros((int(numbers.max()) + 1, len(atoms)), bool)
    owned[numbers, atoms.of_face] = True
    return owned


def _merged(area: Floats, shared: Floats, *, by_size: bool) -> Groups:
    """Merge two at a time until nothing touches; return every group on the way.

    By strength: those with the largest share of the smaller one's area in contact come first.
    By size: the smallest group joins what it touches most, so that handles join their doors
    before doors join their frames.
    """
    count = len(area)
    members, size, touch = np.eye(count, dtype=bool), area.copy(), shared.copy()
    np.fill_diagonal(touch, 0.0)
    alive = np.ones(count, bool)
    found = []
    while True:
        pair = _smallest(size, touch, alive) if by_size else _tightest(size, touch)
        if pair is None:
            return np.array(found, dtype=bool).reshape(-1, count)
        a, b = pair
        members[a] |= members[b]
        size[a] += size[b]
        touch[a] += touch[b]
        touch[:, a] = touch[a]
        touch[a, a] = 0.0
        touch[b], touch[:, b] = 0.0, 0.0
        alive[b] = False
        found.append(members[a].copy())


def _tightest(size: Floats, touch: Floats) -> tuple[int, int] | None:
    strength = touch / np.maximum(np.minimum(size[:, None], size[None, :]), 1e-12)
    best = int(strength.argmax())
    a, b = divmod(best, len(size))
    return (a, b) if strength[a, b] > 0.0 else None


def _smallest(size: Floats, touch: Floats, alive: NDArray[np.bool_]) -> tuple[int, int] | None:
    joins = alive & (touch.max(axis=1) > 0.0)
    if not joins.any():
        return None
    b = int(np.argmin(np.where(joins, size, np.inf)))
    return int(touch[b].argmax()), b


def _fallen_apart(area: Floats, shared: Floats) -> Groups:
    """What holds together at several strengths of contact, with the largest atoms in and out."""
    strength = shared / np.maximum(np.minimum(area[:, None], area[None, :]), 1e-12)
    order = np.argsort(-area, kind="stable")
    return np.concatenate(
        [
            _components(strength > level, order[:taken])
            for level in levels
            for taken in range(min(hubs, len(area) - 1) + 1)
        ]
    )


def _components(linked: NDArray[np.bool_], without: NDArray[np.intp]) -> Groups:
    linked = linked.copy()
    linked[without], linked[:, without] = False, False
    labels = connected_components(linked, directed=False)[1]
    groups = labels[None, :] == np.arange(labels.max() + 1)[:, None]
    groups[:, without] = False
    return groups[groups.any(axis=1)]


def _with_hangers(groups: Groups, shared: Floats) -> Groups:
    """Each group with the atoms that touch nothing else: a handle, a pane."""
    grown = groups
    everything = shared.sum(axis=0)
    for _ in range(2):  # a screw in a handle on a door
        within = grown.astype(float) @ shared
        hangs = (within > 0.9 * everything) & (everything > 0.0)
        grown = grown | hangs
    return grown


def _with_contents(atoms: Atoms, groups: Groups) -> Groups:
    """Each group with the atoms inside its bounds: a tray's boards, the hub of a wheel."""
    slack = 0.002
    found = np.zeros_like(groups)
    for index, group in enumerate(groups):
        low = atoms.low[group].min(axis=0) - slack
        high = atoms.high[group].max(axis=0) + slack
        found[index] = ((atoms.low >= low) & (atoms.high <= high)).all(axis=1)
    return found


def _facing_pairs(atoms: Atoms, contacts: Contacts, groups: Groups) -> Groups:
    """Congruent groups on both sides of an atom that they touch: the two knobs of a spindle."""
    low, high = bounds(atoms, groups)
    extent, centre = high - low, 0.5 * (low + high)
    form = np.concatenate([np.sqrt(groups @ atoms.area)[:, None], extent], axis=1)
    small = np.linalg.norm(extent, axis=1) < pair_size
    near = (contacts.mutual + contacts.gap + contacts.gap.T) > 0.0
    beside = (groups.astype(np.float32) @ near.astype(np.float32) > 0.0) & ~groups
    found = []
    for a in np.flatnonzero(small):
        alike = small & (np.abs(form - form[a]).max(axis=1) < 0.03 * form[a].max())
        for b in np.flatnonzero(alike[a + 1 :]) + a + 1:
            apart = np.abs(centre[a] - centre[b])
            along = int(apart.argmax())
            level = np.delete(apart, along).max() < 0.2 * extent[a].max()
            if level and not (groups[a] & groups[b]).any():
                shared = beside[a] & beside[b]
                ends = np.sort([centre[a, along], centre[b, along]])
                inside = (atoms.low[:, along] > ends[0]) & (atoms.high[:, along] < ends[1])
                if (shared & inside).any():
                    found.append(groups[a] | groups[b])
    return np.array(found, dtype=bool).reshape(-1, len(atoms))


def bounds(atoms: Atoms, groups: Groups) -> tuple[Floats, Floats]:
    """Return the low and high corners (G, 3) of groups."""
    low = [atoms.low[group].min(axis=0) for group in groups]
    high = [atoms.high[group].max(axis=0) for group in groups]
    return np.array(low), np.array(high)


def _distinct(groups: Groups) -> Groups:
    """Without repetitions and empty ones, in the order of first appearance."""
    groups = groups[groups.any(axis=1)]
    packed = np.packbits(groups, axis=1)
    first = np.unique(packed, axis=0, return_index=True)[1]
    return groups[np.sort(first)]
