"""The tables of DragAPart's evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

splits = {"test_objects": "unseen objects", "test_families": "unseen families"}
measures = {
    "psnr": "PSNR",
    "psnr_pooled": "PSNR, all moving pixels",
    "psnr_moving": "a picture's, mean",
    "ssim": "SSIM",
    "lpips": "LPIPS",
}
digits = {"psnr": 2, "psnr_pooled": 2, "psnr_moving": 2, "ssim": 3, "lpips": 3}


def write(out: Path, found: Mapping[str, Any]) -> str:
    """Write `table.json` and `table.md`; return the latter's text."""
    (out / "table.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    text = markdown(found)
    (out / "table.md").write_text(text, "utf-8")
    return text


def markdown(found: Mapping[str, Any]) -> str:
    """Return the tables: methods on each split, then looks, then numbers of steps."""
    head = f"{found['model']}, {found['count']} pairs a split, {found['size']} pixels"
    parts = [f"{head}, seed {found['seed']}.", found["note"], _methods(found["splits"])]
    parts += [_looks(found["splits"]), _steps(found["steps"])]
    return "\n".join(part + "\n" for part in parts if part)


def row_of(values: Mapping[str, float]) -> list[str]:
    """Return the measures as cells; one that was not taken is a dash."""
    return [f"{values[name]:.{digits[name]}f}" if name in values else "–" for name in measures]


def table(head: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """Return a table whose first `words` columns are words and the others numbers."""
    rule = ["---"] * words + ["---:"] * (len(head) - words)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def _methods(found: Mapping[str, Any]) -> str:
    rows = [
        [splits.get(split, split), method, *row_of(values), f"{_gain(values, own):+.2f}"]
        for split, own in found.items()
        for method, values in own["methods"].items()
    ]
    return table(["pairs", "method", *measures.values(), "over copying"], rows, words=2)


def _gain(values: Mapping[str, float], own: Mapping[str, Any]) -> float:
    return values["psnr_pooled"] - own["methods"]["copy"]["psnr_pooled"]


def _looks(found: Mapping[str, Any]) -> str:
    rows = [
        [splits.get(split, split), look, str(values["count"]), *_compared(values)]
        for split, own in found.items()
        for look, values in own["looks"].items()
    ]
    head = ["PSNR, all moving pixels", "look", "pairs", "model", "copy", "warp"]
    return table(head, rows, words=2)


def _compared(values: Mapping[str, float]) -> list[str]:
    return [f"{values[method]:.2f}" for method in ("model", "copy", "warp")]


def _steps(found: Mapping[str, Any]) -> str:
    if not found:
        return ""
    rows = [
        [steps, *row_of(values), f"{1000 * values['cpu_seconds']:.0f}"]
        for steps, values in found.items()
    ]
    return table(["steps, on validation", *measures.values(), "CPU ms a picture"], rows)
