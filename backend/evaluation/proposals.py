"""How well parts are proposed: each case's mesh in one piece, held against its true part."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from backend.datasets import Case, load_case
from backend.evaluation import proposals_sheet, proposals_table
from backend.geometry.components import face_components
from backend.geometry.mesh import Mesh, areas_and_normals
from backend.segmentation.propose import propose
from protocol.errors import TugError, failure

Regions = list[NDArray[np.int64]]  # faces of each, best first
Method = Callable[[Mesh], Regions]
Tell = Callable[[int, int, "PartScores"], None]

tops = (1, 5, 10)
cluster_counts = (2, 4, 8, 16, 32)
most = 64


class PartScores(msgspec.Struct, frozen=True, kw_only=True):
    """How well a method proposes the part of a case: intersections over unions, by area.

    `best` is over all proposals, `best_of` over the first 1, 5 and 10. `by_words` is that of
    the one that fits the prompt best, None for methods that do not read. Where a case could
    not be answered `error` says why, and all scores are 0.
    """

    case: str
    category: str
    method: str
    error: str = ""
    best: float = 0.0
    best_of: tuple[float, ...] = (0.0, 0.0, 0.0)
    by_words: float | None = None
    proposals: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Plan:
    """Which cases are measured, and where the table goes."""

    cases: Path
    out: Path


def ours(mesh: Mesh) -> Regions:
    """Return what this version proposes."""
    return [proposal.faces for proposal in propose(mesh, most=most).proposals]


def loose_pieces(mesh: Mesh) -> Regions:
    """Return the connected pieces, the largest first."""
    pieces = face_components(mesh)
    return _by_area(mesh, [np.flatnonzero(pieces == one) for one in range(pieces.max() + 1)])


def clusters(mesh: Mesh) -> Regions:
    """Return k-means clusters of the faces' middles, for several k."""
    middles = mesh.corners.mean(axis=1)
    regions: Regions = []
    for count in cluster_counts:
        if count < len(middles):
            labels = kmeans2(middles, count, minit="++", rng=0)[1]
            regions += _by_area(mesh, [np.flatnonzero(labels == one) for one in range(count)])
    return [region for region in regions if len(region)]


methods: dict[str, Method] = {
    "Tug": ours,
    "loose pieces": loose_pieces,
    "k-means": clusters,
}


def evaluate(plan: Plan, tell: Tell) -> str:
    """Measure every case with every method; write table and picture; return the table.

    `tell` hears of each result: how many there are, how many there will be, its scores.
    Raises TugError bad_input for a folder without cases.
    """
    files = sorted(plan.cases.glob("*.npz"))
    if not files:
        raise failure("bad_input", f"The folder {plan.cases} holds no cases (.npz files).")
    plan.out.mkdir(parents=True, exist_ok=True)
    scores: list[PartScores] = []
    for path in files:
        for method in methods:
            scores.append(_scored(path, method))
            tell(len(scores), len(files) * len(methods), scores[-1])
    own = [one for one in scores if one.method == "Tug" and not one.error]
    worst = sorted(own, key=lambda one: one.best + (one.by_words or 0.0))
    cells = [_cell(plan, one) for one in worst[: proposals_sheet.shown]]
    if cells:
        proposals_sheet.write(plan.out / "worst.png", cells)
    return proposals_table.write(plan.out, scores)


def _scored(path: Path, method: str) -> PartScores:
    """Whatever goes wrong is the case's own failure."""
    category = "unreadable"
    try:
        case = load_case(path)
        category = case.category
        return score(case, path.stem, method)
    except Exception as error:
        reason = error.error.message if isinstance(error, TugError) else repr(error)
        return PartScores(case=path.stem, category=category, method=method, error=reason)


def score(case: Case, name: str, method: str) -> PartScores:
    """Return how good a method's proposals for a case are."""
    mesh = _mesh(case)
    began = time.perf_counter()
    regions = methods[method](mesh)
    seconds = time.perf_counter() - began
    found = overlaps(mesh, regions, case.moving_faces)
    return PartScores(
        case=name,
        category=case.category,
        method=method,
        best=float(found.max(initial=0.0)),
        best_of=tuple(float(found[:top].max(initial=0.0)) for top in tops),
        by_words=_by_words(mesh, case) if method == "Tug" else None,
        proposals=len(regions),
        seconds=seconds,
    )


def overlaps(
    mesh: Mesh, regions: Sequence[NDArray[np.int64]], true: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the intersection over union (R,), by area, of each region with the true faces."""
    areas = areas_and_normals(mesh)[0]
    whole = areas[true].sum()
    found = np.zeros(len(regions))
    for index, region in enumerate(regions):
        both = areas[region[true[region]]].sum()
        found[index] = both / max(areas[region].sum() + whole - both, 1e-300)
    return found


def _by_words(mesh: Mesh, case: Case) -> float:
    best = propose(mesh, prompt=case.prompt, most=1).proposals[0]
    return float(overlaps(mesh, [best.faces], case.moving_faces)[0])


def _cell(plan: Plan, scores: PartScores) -> proposals_sheet.Cell:
    case = load_case(plan.cases / f"{scores.case}.npz")
    mesh = _mesh(case)
    regions = ours(mesh)
    best = regions[int(overlaps(mesh, regions, case.moving_faces).argmax())]
    meant = propose(mesh, prompt=case.prompt, most=1).proposals[0].faces
    words = [
        f"best IoU {scores.best:.2f}, of the first five {scores.best_of[1]:.2f}",
        f"by words {scores.by_words or 0.0:.2f}",
    ]
    return proposals_sheet.Cell(
        title=f"{scores.case}: {case.prompt}",
        words=", ".join(words),
        mesh=mesh,
        truth=np.flatnonzero(case.moving_faces),
        best=best,
        meant=meant,
    )


def _by_area(mesh: Mesh, regions: Regions) -> Regions:
    areas = areas_and_normals(mesh)[0]
    return sorted(regions, key=lambda region: -areas[region].sum())[:most]


def _mesh(case: Case) -> Mesh:
    return Mesh(case.vertices.astype(np.float64), case.faces)
