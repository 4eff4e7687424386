"""`evaluate trajectory`: motion along ways that are known by formula."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.evaluation.trajectory import Scores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=200, metavar="N", help="cases (200)")
    parser.add_argument(
        "--split",
        choices=("development", "test"),
        default="test",
        help="which seeds (test): nothing is tuned on those of the test",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")


def run(options: argparse.Namespace) -> int:
    from backend.evaluation.trajectory import evaluate

    print(evaluate(options.split, options.count, options.out, _tell), end="")
    return 0


def _tell(done: int, total: int, scores: Scores) -> None:
    said = scores.error or f"{scores.seconds:.1f} s"
    print(f"[{done}/{total}] {scores.seed} {scores.name}: {said}", file=sys.stderr, flush=True)
