"""Which part hangs on which: the tree of what holds what most firmly on the way to the body."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import networkx
import numpy as np
from numpy.typing import NDArray

from backend.articulation.problem import Progress
from backend.assembly.whole import Whole, body
from backend.geometry.mesh import Mesh, Samples, areas_and_normals, sample, subset, without_slivers
from backend.geometry.surface import Surface

Points = NDArray[np.float64]

spots = 2000  # samples of a part
fit = 0.003  # of the object's diagonal: parts this close hold each other
loose = 0.02  # of the object's diagonal: a part farther than this from all others touches nothing
body_holds = 6.0  # how much likelier a part hangs on the body than on an equal neighbour
close_call = 1.5  # a parent this much likelier than another one is no clear choice
candidates = 12  # parents considered for a part, beside the body


@dataclass(frozen=True, eq=False)
class Side:
    """A part or the body by itself, in a frame where the object is centred and of unit diagonal."""

    mesh: Mesh
    samples: Samples

    @cached_property
    def surface(self) -> Surface:
        return Surface(self.mesh)

    @cached_property
    def low(self) -> Points:
        return self.mesh.corners.min(axis=(0, 1))

    @cached_property
    def high(self) -> Points:
        return self.mesh.corners.max(axis=(0, 1))

    @property
    def size(self) -> float:
        """Diagonal of the part's bounds."""
        return float(np.linalg.norm(self.high - self.low))

    def apart(self, other: Side) -> float:
        """Return a distance that the sides are apart at least."""
        return float(
            np.linalg.norm(np.maximum(self.low - other.high, other.low - self.high).clip(0))
        )


def parents(whole: Whole, progress: Progress) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Return the part (N,) that each part hangs on, -1 for the body, and remarks.

    A spanning tree rooted at the body, the likeliest one (Chu-Liu/Edmonds), where the chance
    that a part hangs on another grows with the area in contact and with the other's size.
    """
    sides = _sides(whole, progress)
    odds, gaps = _odds(sides, progress)
    parent = likeliest(odds)
    return parent, _remarks(whole, parent, odds, gaps)


def likeliest(odds: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the parents (N,) of the likeliest tree for log odds (N, N + 1); column N is the body.

    The body is -1 in the answer.
    """
    count = len(odds)
    graph = networkx.DiGraph()
    for child in range(count):
        best = np.argsort(-odds[child, :count], kind="stable")[:candidates]
        for holder in (*(k for k in best.tolist() if k != child), count):
            graph.add_edge(holder, child, weight=float(odds[child, holder]))
    tree = networkx.maximum_spanning_arborescence(graph)
    parent = np.full(count, body, dtype=np.intp)
    for holder, child in tree.edges:
        parent[child] = body if holder == count else holder
    return parent


def _sides(whole: Whole, progress: Progress) -> list[Side]:
    """The parts in their order, then the body."""
    used = whole.mesh.corners
    low, high = used.min(axis=(0, 1)), used.max(axis=(0, 1))
    centre, scale = 0.5 * (low + high), float(np.linalg.norm(high - low))
    local = Mesh((whole.mesh.vertices - centre) / scale, whole.mesh.faces)
    sides = []
    for owner in (*range(len(whole.marks)), body):
        progress.check()
        mesh = subset(local, whole.owner == owner)
        areas, normals = areas_and_normals(mesh)
        kept = without_slivers(mesh, areas)
        generator = np.random.default_rng(whole.seed)
        clean = subset(mesh, kept)
        sides.append(Side(clean, sample(clean, areas[kept], normals[kept], spots, generator)))
    return sides


def _odds(sides: list[Side], progress: Progress) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Log odds (N, N + 1) that a part hangs on a side, and the gaps (N, N + 1) between them."""
    count = len(sides) - 1
    odds, gaps = np.full((count + 1, count + 1), -np.inf), np.full((count + 1, count + 1), np.inf)
    for i in range(count + 1):
        for j in range(i):
            progress.check()
            held, gap = _contact(*sorted((sides[i], sides[j]), key=lambda side: side.size))
            odds[i, j] = odds[j, i] = np.log(held)
            gaps[i, j] = gaps[j, i] = gap
    size = np.array([side.size for side in sides])
    odds += 2.0 * np.log(size[None, :] / (size[:, None] + size[None, :]))
    odds[:, count] += np.log(body_holds)
    return odds[:count], gaps[:count]


def _contact(small: Side, large: Side) -> tuple[float, float]:
    """Area of the smaller side held by the larger one, and the gap between them.

    Area counts fully where the sides touch or one is inside the other, half at `fit`, and ever
    less beyond, so that even parts that touch nothing have something that they are nearest to.
    """
    apart = small.apart(large)
    if apart > 10.0 * loose:
        distance = np.full(len(small.samples), apart)
    else:
        distance = large.surface.closest(small.samples.points)[0]
        near = distance < 10.0 * fit
        inside = large.surface.odd_crossings(small.samples.points[near]) > 0.7
        distance[np.flatnonzero(near)[inside]] = 0.0
    held = 1.0 / (1.0 + (distance / fit) ** 2) ** 2
    return float(held @ small.samples.area), float(distance.min())


def _remarks(
    whole: Whole,
    parent: NDArray[np.intp],
    odds: NDArray[np.float64],
    gaps: NDArray[np.float64],
) -> tuple[str, ...]:
    notes = []
    names = [*(f"'{mark.name}'" for mark in whole.marks), "the body"]
    for part, holder in enumerate(parent):
        if gaps[part].min() > loose:
            notes.append(f"{names[part]} touches nothing; it is taken to hang on {names[holder]}.")
            continue
        others = np.delete(np.arange(len(names)), [part, holder if holder >= 0 else len(parent)])
        if not len(others):
            continue
        rival = others[np.argmax(odds[part, others])]
        if odds[part, holder] - odds[part, rival] < np.log(close_call):
            notes.append(
                f"{names[part]} is taken to hang on {names[holder]}; "
                f"it might as well hang on {names[rival]}."
            )
    return tuple(notes)
