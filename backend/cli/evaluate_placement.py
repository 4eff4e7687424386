"""`evaluate placement`: generated things in generated rooms."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.evaluation.placement import Scores

chosen_splits = ("validation", "test")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=200, metavar="N", help="trials (200)")
    parser.add_argument(
        "--split", choices=chosen_splits, default="validation", help="which seeds (validation)"
    )
    parser.add_argument(
        "--ablate",
        type=int,
        default=0,
        metavar="N",
        help="how many of the trials are also done without each loss, and by Drag4D's (0)",
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at work")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")


def run(options: argparse.Namespace) -> int:
    from backend.evaluation.placement import Plan, evaluate

    plan = Plan(options.out, options.count, options.split, options.ablate, options.jobs)
    print(evaluate(plan, _tell), end="")
    return 0


def _tell(done: int, total: int, scores: Scores) -> None:
    told = scores.error or (
        f"penetration {100 * scores.penetration:.2f} %, gap {100 * scores.gap:.2f} %, "
        f"moved {100 * scores.moved:.2f} %, {scores.seconds:.2f} s"
    )
    name = f"{scores.seed} {scores.name} ({scores.where}) {scores.method}"
    print(f"[{done}/{total}] {name}: {told}", file=sys.stderr, flush=True)
