"""Scores of moving parts as tables: t by clusters in pictures, families on meshes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from backend.evaluation.moving import CaseScore, Score

titles = {"test_objects": "unseen objects", "test_families": "unseen families"}


def write(folder: Path, scores: Sequence[Score], cases: Sequence[CaseScore]) -> str:
    """Write `table.md` and `table.json`, and return the former."""
    text = "\n".join([*_pictures(scores), *_meshes(cases)]) + "\n"
    (folder / "table.md").write_text(text, "utf-8")
    told = msgspec.json.encode({"pictures": list(scores), "meshes": list(cases)})
    (folder / "table.json").write_bytes(msgspec.json.format(told) + b"\n")
    return text


def _pictures(scores: Sequence[Score]) -> list[str]:
    """Mean IoU (%) in pictures, a row for each t, and for each method without one."""
    if not scores:
        return []
    counts = sorted({score.clusters for score in scores if score.clusters})
    heads = ["in pictures, mIoU (%)", "t", *(f"{count} clusters" for count in counts)]
    lines = [_row(heads), "| --- " + "| ---: " * (len(heads) - 1) + "|"]
    for split in dict.fromkeys(score.split for score in scores):
        own = [score for score in scores if score.split == split]
        title = f"{titles.get(split, split)} ({own[0].count} pictures)"
        for score in own:
            if not score.clusters:
                spread = [f"{100 * score.mean:.1f}"] * len(counts)
                lines.append(_row([f"{title}: {score.method}", "", *spread]))
        for t in dict.fromkeys(score.t for score in own if score.clusters):
            at = {score.clusters: score.mean for score in own if score.t == t and score.clusters}
            cells = [f"{100 * at[count]:.1f}" for count in counts]
            lines.append(_row([f"{title}: DragAPart", str(t), *cells]))
    return [*lines, ""]


def _meshes(cases: Sequence[CaseScore]) -> list[str]:
    """Mean IoU of faces, a row for each split and family."""
    if not cases:
        return []
    methods = list(dict.fromkeys(case.method for case in cases))
    lines = [_row(["on meshes, face IoU", "cases", *methods])]
    lines.append("| --- " + "| ---: " * (len(methods) + 1) + "|")
    for split in dict.fromkeys(case.split for case in cases):
        own = [case for case in cases if case.split == split]
        for family in sorted({case.family for case in own}):
            lines.append(_mean(family, [case for case in own if case.family == family], methods))
        lines.append(_mean(f"**{titles.get(split, split)}**", own, methods))
    errors = {case.case: case.error for case in cases if case.error}
    return [*lines, *([""] if errors else []), *(f"- {k}: {v}" for k, v in errors.items())]


def _mean(name: str, cases: Sequence[CaseScore], methods: Sequence[str]) -> str:
    means = [np.mean([c.iou for c in cases if c.method == method]) for method in methods]
    count = len({case.case for case in cases})
    return _row([name, str(count), *(f"{mean:.3f}" for mean in means)])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
