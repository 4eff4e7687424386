"""`evaluate dragapart`: what the network imagines of dragged parts, beside the truth."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

splits = ("test_objects", "test_families")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--preset", choices=("small", "full"), default="small", help="which network (small)"
    )
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="what a training has written, instead"
    )
    parser.add_argument(
        "--split", choices=splits, nargs="+", default=splits, help="unseen objects, families; both"
    )
    parser.add_argument("--count", type=int, default=200, metavar="N", help="pairs a split (200)")
    parser.add_argument(
        "--steps",
        type=int,
        nargs="*",
        default=(1, 2, 4, 8),
        metavar="N",
        help="numbers of steps to compare on validation pairs, if the network takes more than one "
        "(1 2 4 8)",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lpips", type=Path, metavar="DIR", help="where LPIPS' weights lie")
    parser.add_argument(
        "--ablate",
        choices=("encodings", "randomisation"),
        help="train variants equally long and compare them instead: Table 2, Table 3",
    )
    parser.add_argument(
        "--minutes", type=float, default=10.0, metavar="M", help="of each variant's training (10)"
    )
    parser.add_argument(
        "--data", type=Path, nargs="+", default=(), metavar="DIR", help="pairs to train variants on"
    )
    parser.add_argument(
        "--jobs", type=int, default=1, help="processes that render without --data (1)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")


def run(options: argparse.Namespace) -> int:
    from backend.models import registry
    from backend.models.dragapart.card import small

    _check(options)
    registry.require_packages(small)
    if options.ablate:
        return _ablate(options)
    from backend.evaluation.dragapart import Evaluation, Plan, evaluate
    from backend.evaluation.dragapart_model import distance, model

    found, note = model(options.preset, options.weights)
    measure, missing = distance(options.lpips)
    told = " ".join(part for part in (note, missing) if part)
    steps = options.steps if found.config.noise_input else ()  # without noise one is all there is
    plan = Plan(options.out, options.split, options.count, steps, options.seed, told)
    print(evaluate(plan, Evaluation(found, measure, _tell)), end="")
    return 0


def _ablate(options: argparse.Namespace) -> int:
    from backend.evaluation.dragapart_ablation import Plan, ablate
    from backend.evaluation.dragapart_model import distance

    plan = Plan(
        options.out,
        options.ablate,
        options.minutes,
        options.count,
        data=options.data,
        seed=options.seed,
        jobs=options.jobs,
    )
    print(ablate(plan, distance(options.lpips)[0], _tell), end="")
    return 0


def _check(options: argparse.Namespace) -> None:
    from protocol.errors import failure

    if options.count < 1:
        raise failure("bad_input", "--count is how many pairs are measured: 1 or more.")
    if any(steps < 1 for steps in options.steps):
        raise failure("bad_input", "--steps are numbers of steps: 1 or more each.")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
