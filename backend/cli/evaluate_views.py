"""`evaluate views`: how exact what cameras are said to see is."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.evaluation.views import ViewScores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=200, metavar="N", help="scenes, of seeds 0 on")
    parser.add_argument("--out", type=Path, metavar="DIR", help="also write views.md there")


def run(options: argparse.Namespace) -> int:
    from backend.evaluation.views import evaluate
    from protocol.errors import failure

    if options.count < 1:
        raise failure("bad_input", "--count is how many scenes are measured: 1 or more.")
    text = evaluate(options.count, _tell)
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "views.md").write_text(text, "utf-8")
    print(text, end="")
    return 0


def _tell(done: int, total: int, scores: ViewScores) -> None:
    print(
        f"[{done}/{total}] scene {scores.seed}: views agree within {scores.agreement:.4f} px, "
        f"{scores.seconds:.2f} s",
        file=sys.stderr,
        flush=True,
    )
