"""`evaluate proposals`: how well parts are proposed and found by words."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.evaluation.proposals import PartScores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cases", type=Path, required=True, metavar="DIR", help="a folder of .npz cases"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")


def run(options: argparse.Namespace) -> int:
    from backend.evaluation.proposals import Plan, evaluate

    print(evaluate(Plan(options.cases, options.out), _tell), end="")
    return 0


def _tell(done: int, total: int, scores: PartScores) -> None:
    told = f"error: {scores.error}" if scores.error else f"best IoU {scores.best:.2f}"
    if scores.by_words is not None:
        told += f", by words {scores.by_words:.2f}"
    print(f"[{done}/{total}] {scores.case} {scores.method}: {told}", file=sys.stderr, flush=True)
