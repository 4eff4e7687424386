"""`train dragapart`: train the network that imagines dragged parts, on generated pairs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--preset", choices=("small", "full"), default="small", help="which network (small)"
    )
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=(),
        metavar="DIR",
        help="what `tug dataset` has rendered before; by default pairs are while it trains",
    )
    parser.add_argument(
        "--source",
        default="",
        metavar="DIR",
        help="a folder of PartNet-Mobility to render; by default this project's families",
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes that render (1)")
    parser.add_argument("--steps", type=int, default=0, metavar="N", help="end after so many steps")
    parser.add_argument(
        "--minutes", type=float, default=0.0, metavar="M", help="or after so many minutes"
    )
    parser.add_argument(
        "--batch", type=int, default=32, metavar="N", help="pairs a step and process (32)"
    )
    parser.add_argument("--rate", type=float, default=None, help="the highest learning rate")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--resume", action="store_true", help="go on with what is in --out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--precision", choices=("bf16", "fp16", "no"), default="no", help="mixed precision (no)"
    )
    parser.add_argument(
        "--textured-share", type=float, default=0.2, metavar="S", help="of random textures (0.2)"
    )
    parser.add_argument(
        "--colours-share", type=float, default=0.5, metavar="S", help="of random colours (0.5)"
    )
    parser.add_argument(
        "--save-minutes", type=float, default=3.0, metavar="M", help="between checkpoints (3)"
    )
    parser.add_argument(
        "--show-minutes", type=float, default=15.0, metavar="M", help="between grids (15)"
    )
    parser.add_argument("--cpu", action="store_true", help="leave a GPU alone")


def run(options: argparse.Namespace) -> int:
    from backend.models import registry
    from backend.models.dragapart.card import small

    _check(options)
    registry.require_packages(small)
    from backend.training import dragapart_recipe

    path = dragapart_recipe.train(options, lambda text: print(text, file=sys.stderr, flush=True))
    print(path)
    return 0


def _check(options: argparse.Namespace) -> None:
    from protocol.errors import failure

    if options.steps <= 0 and options.minutes <= 0:
        raise failure("bad_input", "Say how long to train: --steps or --minutes.")
    shares = options.textured_share, options.colours_share
    if min(shares) < 0 or sum(shares) > 1:
        raise failure("bad_input", "The shares of looks are 0 to 1 and at most 1 together.")
    if options.seed < 0 or options.jobs < 1:
        raise failure("bad_input", "--seed is 0 or more, --jobs 1 or more.")
    if options.batch < 1:
        raise failure("bad_input", "--batch is how many pairs a step learns from: 1 or more.")
    if options.out.exists() and list(options.out.glob("state-*.pt")) and not options.resume:
        raise failure(
            "bad_input",
            f"There is a run in {options.out} already.",
            fix="Go on with it by --resume, or name another folder.",
        )
