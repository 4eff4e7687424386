"""The figures of placing as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from backend.evaluation.placement import Scores

close = 5e-3  # of the size: the goal for penetration and gap
exact = 1e-3
puts = 0.01  # of the size: what moves less within two seconds stays put
strays = 0.05
heads = (
    "method",
    "trials",
    "no place",
    "penetration and gap <= 0.5 %",
    "<= 0.1 %",
    "stays put",
    "drift <= 5 %",
    "median drift",
    "joints free",
    "at the wall",
    "CPU s median",
    "CPU s max",
)


def write(folder: Path, scores: Sequence[Scores], ours: str) -> str:
    """Write the table and all scores; return the table."""
    text = markdown(scores, ours)
    (folder / "placement.md").write_text(text, "utf-8")
    (folder / "placement.json").write_bytes(msgspec.json.encode(list(scores)))
    return text


def markdown(scores: Sequence[Scores], ours: str) -> str:
    """Return a row for each method, and for this version one for each kind of support."""
    methods = list(dict.fromkeys(one.method for one in scores))
    own = [one for one in scores if one.method == ours]
    lines = [_line(heads), _line(["---"] + ["---:"] * (len(heads) - 1))]
    lines.append(_line(_row(ours, own)))
    shared = {one.seed for one in scores if one.method != ours}
    if shared and len(shared) < len(own):
        lines.append(_line(_row(f"{ours}, the same", [s for s in own if s.seed in shared])))
    others = [m for m in methods if m != ours]
    lines += [_line(_row(m, [s for s in scores if s.method == m])) for m in others]
    lines += ["", _line(heads), _line(["---"] + ["---:"] * (len(heads) - 1))]
    for where in sorted({one.where for one in own}):
        lines.append(_line(_row(where, [one for one in own if one.where == where])))
    failed = [one for one in own if one.error or not _good(one) or one.moved > puts]
    if failed:
        lines += ["", "Where it fell short:", ""]
        lines += [f"- {_said(one)}" for one in failed]
    return "\n".join(lines) + "\n"


def _good(one: Scores) -> bool:
    return max(one.penetration, one.gap) <= close


def _row(name: str, scores: Sequence[Scores]) -> list[str]:
    done = [one for one in scores if not one.error]
    walls = [one for one in done if one.at_wall is not None]
    drift = [one.drift for one in done]
    seconds = [one.seconds for one in done]
    return [
        name,
        str(len(scores)),
        str(len(scores) - len(done)),
        _share(_good(one) for one in done),
        _share(max(one.penetration, one.gap) <= exact for one in done),
        _share(one.moved <= puts for one in done),
        _share(one.drift <= strays for one in done if one.at_wall is None),
        f"{100 * np.median(drift):.1f} %" if drift else "-",
        f"{100 * np.mean([one.free for one in done]):.1f} %" if done else "-",
        _share(bool(one.at_wall) for one in walls),
        f"{np.median(seconds):.2f}" if seconds else "-",
        f"{max(seconds):.2f}" if seconds else "-",
    ]


def _said(one: Scores) -> str:
    if one.error:
        return f"{one.seed} {one.name} ({one.where}): {one.error}"
    return (
        f"{one.seed} {one.name} ({one.where}): penetration {100 * one.penetration:.2f} %, gap "
        f"{100 * one.gap:.2f} %, stability {one.stability:.3f}, moved {100 * one.moved:.2f} %"
    )


def _share(values) -> str:
    known = list(values)
    return f"{100 * np.mean(known):.1f} %" if known else "-"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
