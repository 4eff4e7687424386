"""Scores summed up: a row for each category of each regime, and one for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from backend.evaluation.answers import Scores

every = "all"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The scores of the cases of one category in one regime.

    Shares are of all cases, those without an answer among them; means and medians are over
    the cases that have the figure, None where there is none.
    """

    regime: str
    category: str
    cases: int
    errors: int
    type_accuracy: float
    axis_mean: float | None  # degrees
    axis_median: float | None
    line_mean: float | None  # over the diagonal
    hits: float
    range_iou: float
    executable: float
    top_2: float  # share of cases where one of the first two joints hits
    top_3: float
    asks: float  # share of cases where two joints are shown
    seconds: float | None  # median


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """What `table.json` holds."""

    turned: bool
    seed: int
    rows: tuple[Row, ...]
    cases: tuple[Scores, ...]


columns: dict[str, Callable[[Row], str]] = {
    "regime": lambda row: row.regime,
    "category": lambda row: row.category,
    "cases": lambda row: str(row.cases),
    "errors": lambda row: str(row.errors),
    "type": lambda row: f"{row.type_accuracy:.1%}",
    "axis mean": lambda row: _number(row.axis_mean, ".2f", "°"),
    "axis median": lambda row: _number(row.axis_median, ".2f", "°"),
    "line mean": lambda row: _number(row.line_mean, ".4f"),
    "hit": lambda row: f"{row.hits:.1%}",
    "top 2": lambda row: f"{row.top_2:.1%}",
    "top 3": lambda row: f"{row.top_3:.1%}",
    "asks": lambda row: f"{row.asks:.1%}",
    "range IoU": lambda row: f"{row.range_iou:.2f}",
    "executable": lambda row: f"{row.executable:.1%}",
    "seconds": lambda row: _number(row.seconds, ".2f"),
}
in_words = ("regime", "category")


def rows(scores: Sequence[Scores]) -> tuple[Row, ...]:
    """Return the rows, regimes in the order they came, categories by name, then all of them."""
    found = []
    for regime in dict.fromkeys(score.regime for score in scores):
        own = [score for score in scores if score.regime == regime]
        for category in sorted({score.category for score in own}):
            found.append(_row(regime, category, [s for s in own if s.category == category]))
        found.append(_row(regime, every, own))
    return tuple(found)


def markdown(rows: Iterable[Row]) -> str:
    """Return the rows as a table; those over all categories in bold."""
    lines = ["| " + " | ".join(columns) + " |"]
    lines.append(
        "|" + "|".join(" --- " if name in in_words else " ---: " for name in columns) + "|"
    )
    for row in rows:
        cells = [cell(row) for cell in columns.values()]
        if row.category == every:
            cells = [f"**{cell}**" for cell in cells]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write(
    folder: Path, scores: Sequence[Scores], *, turned: bool, seed: int, also: str = ""
) -> str:
    """Write `table.md`, which ends with `also`, and `table.json`; return the former."""
    table = Table(turned=turned, seed=seed, rows=rows(scores), cases=tuple(scores))
    text = "\n".join(filter(None, (markdown(table.rows), also)))
    (folder / "table.md").write_text(text, "utf-8")
    (folder / "table.json").write_bytes(msgspec.json.format(msgspec.json.encode(table)) + b"\n")
    return text


def _row(regime: str, category: str, scores: Sequence[Scores]) -> Row:
    answered = [score for score in scores if not score.error]
    axes = [score.axis for score in answered if score.axis is not None]
    lines = [score.line for score in answered if score.line is not None]
    return Row(
        regime=regime,
        category=category,
        cases=len(scores),
        errors=len(scores) - len(answered),
        type_accuracy=float(np.mean([score.type_right for score in scores])),
        axis_mean=_over(np.mean, axes),
        axis_median=_over(np.median, axes),
        line_mean=_over(np.mean, lines),
        hits=float(np.mean([score.hit for score in scores])),
        range_iou=float(np.mean([score.range_iou for score in scores])),
        executable=float(np.mean([score.executes for score in scores])),
        top_2=_within(scores, 2),
        top_3=_within(scores, 3),
        asks=float(np.mean([score.asks for score in scores])),
        seconds=_over(np.median, [score.seconds for score in answered]),
    )


def _within(scores: Sequence[Scores], count: int) -> float:
    return float(np.mean([score.rank is not None and score.rank <= count for score in scores]))


def _over(how: Callable, values: Sequence[float]) -> float | None:
    return float(how(values)) if values else None


def _number(value: float | None, form: str, unit: str = "") -> str:
    return "" if value is None else f"{value:{form}}{unit}"
