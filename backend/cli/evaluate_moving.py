"""`evaluate moving`: how well the moving part is found from drags (DragAPart's table A)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--preset", choices=("small", "full"), default="small")
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="what a training has written, instead"
    )
    parser.add_argument(
        "--pictures", type=int, default=200, metavar="N", help="of each split; 0 leaves them out"
    )
    parser.add_argument(
        "--objects", type=int, default=1, metavar="N", help="of each family; 0 leaves meshes out"
    )
    parser.add_argument("--views", type=int, default=8, metavar="N", help="of each mesh")
    parser.add_argument("--clusters", type=int, default=4, metavar="N", help="on meshes")
    parser.add_argument("--seed", type=int, default=0)


def run(options: argparse.Namespace) -> int:
    from backend.evaluation.moving import Plan, evaluate, timesteps
    from backend.models import dragapart

    model = dragapart.load(options.preset, file=options.weights)
    plan = Plan(
        options.out,
        pictures=options.pictures,
        objects=options.objects,
        views=options.views,
        clusters=options.clusters,
        seed=options.seed,
        timesteps=timesteps if model.config.noise_input else timesteps[:1],  # it sees none
    )
    print(evaluate(plan, model, _tell), end="")
    return 0


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
