"""Whole objects: is the tree right, and what does it buy to answer twins together?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from backend.articulation.engine import Answer, articulate
from backend.articulation.problem import Problem, Progress
from backend.assembly.engine import Assembly, assemble
from backend.assembly.whole import Mark, Whole
from backend.datasets import ArticulatedObject
from backend.evaluation.answers import close_axis, close_line
from backend.geometry.mesh import Mesh
from backend.metrics.joints import axis_error, line_distance, range_iou, reversible
from protocol.errors import TugError
from protocol.joint import Joint

Told = Literal["nothing", "one pull"]
same_range = 0.01  # of the range: limits of twins that differ by less are equal
every = "all"


class PartScores(msgspec.Struct, frozen=True, kw_only=True):
    """One part of one object: `alone` and `together` say whether its best joint is a hit.

    `twins` is the number of parts answered together, itself among them; `equal_alone` and
    `equal` say whether its range is that of the first of them. `pulled`: it was told to us.
    Where the engine refused, `error` says why and nothing is a hit. `seconds` is the mean over
    the object's parts, None with a pull: then most questions were asked before.
    """

    category: str
    seed: int
    part: str
    told: Told
    error: str = ""
    pulled: bool = False
    parent_right: bool = False
    alone: bool = False
    together: bool = False
    range_alone: float = 0.0
    range_together: float = 0.0
    twins: int = 1
    equal_alone: bool = False
    equal: bool = False
    seconds: float | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Shares over the parts of one category; those of twins are over parts that have some."""

    told: Told
    category: str
    parts: int
    errors: int
    parents: float
    alone: float
    together: float
    twins: int
    twins_alone: float | None
    twins_together: float | None
    equal_alone: float | None
    equal: float | None
    seconds: float | None


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """What `objects.json` holds."""

    rows: tuple[Row, ...]
    parts: tuple[PartScores, ...]


columns: dict[str, Callable[[Row], str]] = {
    "told": lambda row: row.told,
    "category": lambda row: row.category,
    "parts": lambda row: str(row.parts),
    "errors": lambda row: str(row.errors),
    "parents right": lambda row: f"{row.parents:.1%}",
    "hit, each alone": lambda row: f"{row.alone:.1%}",
    "hit": lambda row: f"{row.together:.1%}",
    "parts with twins": lambda row: str(row.twins),
    "their hits, each alone": lambda row: _share(row.twins_alone),
    "their hits": lambda row: _share(row.twins_together),
    "equal ranges, each alone": lambda row: _share(row.equal_alone),
    "equal ranges": lambda row: _share(row.equal),
    "seconds a part": lambda row: "" if row.seconds is None else f"{row.seconds:.2f}",
}


def evaluate(
    objects: Iterable[ArticulatedObject], out: Path, tell: Callable[[list[PartScores]], None]
) -> str:
    """Score objects with nothing told, and those with twins with one of each group pulled.

    Writes `objects.md` and `objects.json` into `out` and returns the former. `tell` hears of
    each object's scores.
    """
    scores: list[PartScores] = []
    for item in objects:
        found = list(_object(item))
        scores.extend(found)
        tell(found)
    table = Table(rows=rows(scores), parts=tuple(scores))
    text = markdown(table.rows)
    out.mkdir(parents=True, exist_ok=True)
    (out / "objects.md").write_text(text, "utf-8")
    (out / "objects.json").write_bytes(msgspec.json.format(msgspec.json.encode(table)) + b"\n")
    return text


def rows(scores: Sequence[PartScores]) -> tuple[Row, ...]:
    """Return a row for each category, and one for all, first of what is told nothing."""
    found = []
    for told in ("nothing", "one pull"):
        own = [score for score in scores if score.told == told]
        for category in sorted({score.category for score in own}):
            found.append(_row(told, category, [s for s in own if s.category == category]))
        if own:
            found.append(_row(told, every, own))
    return tuple(found)


def markdown(rows: Iterable[Row]) -> str:
    """Return the rows as a table; those over all categories in bold."""
    lines = ["| " + " | ".join(columns) + " |", "| --- | --- |" + " ---: |" * (len(columns) - 2)]
    for row in rows:
        cells = [cell(row) for cell in columns.values()]
        if row.category == every:
            cells = [f"**{cell}**" if cell else "" for cell in cells]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def whole_of(item: ArticulatedObject, pulled: Iterable[int] = ()) -> Whole:
    """Return the object with its true parts marked, those of `pulled` with their drags."""
    vertices, faces, link = item.mesh()
    drags = {k: item.links[k + 1].drag for k in pulled}
    marks = [Mark(link.name) for link in item.links[1:]]
    for k, drag in drags.items():
        if drag is not None:
            marks[k] = replace(marks[k], drags=drag[None])
    return Whole(Mesh(vertices, faces), (link - 1).astype(np.int32), tuple(marks))


@dataclass
class _Remembering:
    """The engine, which is asked the same thing once only."""

    known: dict[tuple, Answer]

    def __call__(self, problem: Problem, *, alternatives: int, progress: Progress) -> Answer:
        sides = [hash(m.vertices.tobytes()) for m in (problem.part, problem.body)]
        key = (*sides, problem.drags.tobytes(), alternatives)
        if key not in self.known:
            self.known[key] = articulate(problem, alternatives=alternatives, progress=progress)
        return self.known[key]


def _object(item: ArticulatedObject) -> Iterator[PartScores]:
    engine = _Remembering({})
    pulled: list[int] = []
    for told in ("nothing", "one pull"):
        whole = whole_of(item, pulled)
        began = time.perf_counter()
        try:
            together = assemble(whole, solve=engine)
            spent = (time.perf_counter() - began) / len(whole.marks)
            alone = assemble(whole, solve=engine, consistent=False)
        except TugError as error:
            for mark in whole.marks:
                yield PartScores(
                    category=item.category,
                    seed=item.seed,
                    part=mark.name,
                    told=told,
                    error=error.error.message,
                )
            return
        seconds = None if pulled else spent
        for k in range(len(whole.marks)):
            yield _part(item, k, told, together, alone, seconds, k in pulled)
        if told == "nothing" and not any(part.like for part in together.parts):
            return
        pulled = [k for k, part in enumerate(together.parts) if part.like and k < min(part.like)]


def _part(
    item: ArticulatedObject,
    k: int,
    told: Told,
    together: Assembly,
    alone: Assembly,
    seconds: float | None,
    pulled: bool,
) -> PartScores:
    link = item.links[k + 1]
    assert link.joint is not None
    like = together.parts[k].like
    first = min(k, *like) if like else k
    found = [answer.parts[k].joints[0] for answer in (alone, together)]
    equal = [
        _equal(answer.parts[k].joints[0], answer.parts[first].joints[0])
        for answer in (alone, together)
    ]
    hits = [_hit(item, k, joint, directed=pulled) for joint in found]
    return PartScores(
        category=item.category,
        seed=item.seed,
        part=link.name,
        told=told,
        pulled=pulled,
        parent_right=together.parts[k].parent == link.parent - 1,
        alone=hits[0],
        together=hits[1],
        range_alone=range_iou(found[0], link.joint),
        range_together=range_iou(found[1], link.joint),
        twins=len(like) + 1,
        equal_alone=equal[0],
        equal=equal[1],
        seconds=seconds,
    )


def _hit(item: ArticulatedObject, k: int, found: Joint, *, directed: bool) -> bool:
    """Type, axis within 5 degrees and line within 0.05 of the diagonal, as for single parts."""
    true = item.links[k + 1].joint
    assert true is not None
    axis = axis_error(found, true, directed=directed or not reversible(true))
    if found.type != true.type or (true.type != "fixed" and axis >= close_axis):
        return False
    if true.type in ("prismatic", "fixed"):
        return True
    points = np.concatenate([item.links[m].vertices for m in item.moving(k + 1)])
    every_point = np.concatenate([link.vertices for link in item.links])
    middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
    diagonal = float(np.linalg.norm(np.ptp(every_point, axis=0)))
    return line_distance(found, true, middle) < close_line * diagonal


def _equal(one: Joint, other: Joint) -> bool:
    span = max(other.upper - other.lower, 1e-12)
    off = max(abs(one.lower - other.lower), abs(one.upper - other.upper))
    return one.type == other.type and off <= same_range * span


def _row(told: Told, category: str, scores: Sequence[PartScores]) -> Row:
    twins = [score for score in scores if score.twins > 1]
    return Row(
        told=told,
        category=category,
        parts=len(scores),
        errors=sum(bool(score.error) for score in scores),
        parents=float(np.mean([score.parent_right for score in scores])),
        alone=float(np.mean([score.alone for score in scores])),
        together=float(np.mean([score.together for score in scores])),
        twins=len(twins),
        twins_alone=_mean([score.alone for score in twins]),
        twins_together=_mean([score.together for score in twins]),
        equal_alone=_mean([score.equal_alone for score in twins]),
        equal=_mean([score.equal for score in twins]),
        seconds=_mean([score.seconds for score in scores if score.seconds is not None]),
    )


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"
