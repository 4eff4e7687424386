"""Scores of part proposals summed up: a row for each category of each method, and for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from backend.evaluation.proposals import PartScores

every = "all"
right = 0.5


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The scores of the cases of one category by one method; shares are of all its cases."""

    method: str
    category: str
    cases: int
    errors: int
    iou: float  # mean of the best proposal
    iou_of: tuple[float, ...]  # mean of the best of the first 1, 5, 10
    over: tuple[float, ...]  # share of cases with an IoU over 0.5, 0.75, 0.9
    by_words: float | None  # share of cases whose part is found by the prompt
    proposals: float  # mean
    seconds: float  # median


columns: dict[str, Callable[[Row], str]] = {
    "method": lambda row: row.method,
    "category": lambda row: row.category,
    "cases": lambda row: str(row.cases),
    "errors": lambda row: str(row.errors),
    "IoU": lambda row: f"{row.iou:.3f}",
    "of 1": lambda row: f"{row.iou_of[0]:.2f}",
    "of 5": lambda row: f"{row.iou_of[1]:.2f}",
    "of 10": lambda row: f"{row.iou_of[2]:.2f}",
    "> 0.5": lambda row: f"{row.over[0]:.1%}",
    "> 0.75": lambda row: f"{row.over[1]:.1%}",
    "> 0.9": lambda row: f"{row.over[2]:.1%}",
    "by words": lambda row: "" if row.by_words is None else f"{row.by_words:.1%}",
    "proposals": lambda row: f"{row.proposals:.0f}",
    "seconds": lambda row: f"{row.seconds:.2f}",
}
in_words = ("method", "category")


def rows(scores: Sequence[PartScores]) -> tuple[Row, ...]:
    """Return the rows, methods in the order they came, categories by name, then all of them."""
    found = []
    for method in dict.fromkeys(score.method for score in scores):
        own = [score for score in scores if score.method == method]
        for category in sorted({score.category for score in own}):
            found.append(_row(method, category, [s for s in own if s.category == category]))
        found.append(_row(method, every, own))
    return tuple(found)


def markdown(rows: Iterable[Row]) -> str:
    """Return the rows as a table; those over all categories in bold."""
    rule = (" --- " if name in in_words else " ---: " for name in columns)
    lines = ["| " + " | ".join(columns) + " |", "|" + "|".join(rule) + "|"]
    for row in rows:
        cells = [cell(row) for cell in columns.values()]
        if row.category == every:
            cells = [f"**{cell}**" if cell else "" for cell in cells]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write(folder: Path, scores: Sequence[PartScores]) -> str:
    """Write `table.md` and `table.json`, and return the former."""
    found = rows(scores)
    text = markdown(found)
    (folder / "table.md").write_text(text, "utf-8")
    told = msgspec.json.encode({"rows": found, "cases": scores})
    (folder / "table.json").write_bytes(msgspec.json.format(told) + b"\n")
    return text


def _row(method: str, category: str, scores: Sequence[PartScores]) -> Row:
    best = np.array([score.best for score in scores])
    reads = any(score.by_words is not None for score in scores)
    hits = [(score.by_words or 0.0) > right for score in scores]
    return Row(
        method=method,
        category=category,
        cases=len(scores),
        errors=sum(bool(score.error) for score in scores),
        iou=float(best.mean()),
        iou_of=tuple(np.mean([score.best_of for score in scores], axis=0).tolist()),
        over=tuple(float((best > bar).mean()) for bar in (0.5, 0.75, 0.9)),
        by_words=float(np.mean(hits)) if reads else None,
        proposals=float(np.mean([score.proposals for score in scores])),
        seconds=float(np.median([score.seconds for score in scores])),
    )
