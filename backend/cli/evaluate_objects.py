"""`evaluate objects`: whole objects with all their parts marked."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.evaluation.objects import PartScores

chosen_splits = ("train", "validation", "test")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--category", nargs="+", metavar="NAME", help="families to generate; default: all"
    )
    parser.add_argument(
        "--split", choices=chosen_splits, default="validation", help="which seeds (validation)"
    )
    parser.add_argument("--count", type=int, default=2, metavar="N", help="objects a family (2)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")


def run(options: argparse.Namespace) -> int:
    from backend.datasets import categories, generate
    from backend.datasets.splits import seeds_of
    from backend.evaluation.objects import evaluate

    seeds = seeds_of(options.split, options.count)
    families = options.category or categories
    objects = (generate(family, seed, habits=True) for family in families for seed in seeds)
    print(evaluate(objects, options.out, _tell), end="")
    return 0


def _tell(scores: list[PartScores]) -> None:
    first = scores[0]
    errors = "".join(f" {error}" for error in sorted({score.error for score in scores} - {""}))
    hits = sum(score.together for score in scores)
    print(
        f"{first.category} {first.seed}: {hits} of {len(scores)} hit.{errors}",
        file=sys.stderr,
        flush=True,
    )
