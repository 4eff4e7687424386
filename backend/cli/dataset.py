"""`dataset`: pictures to train and to measure learned models on, as files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    chosen = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    command = chosen.add_parser(
        "drag_a_move",
        help="objects before and after their parts were dragged (DragAPart)",
        description="Draw samples of Drag-a-Move; a run that was stopped goes on where it was.",
    )
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument("--count", type=int, default=1000, metavar="N", help="samples")
    command.add_argument(
        "--split",
        default="train",
        help="train, validation, test_objects (unseen), test_families (unseen)",
    )
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--size", type=int, default=64, metavar="PIXELS", help="of a side")
    command.add_argument(
        "--look",
        nargs="+",
        metavar="LOOK",
        help="clay, colours (a random one for each loose piece), textured; default: all",
    )
    command.add_argument(
        "--source",
        type=Path,
        metavar="DIR",
        help="objects of PartNet-Mobility or GAPartNet instead of generated ones",
    )
    command.add_argument("--jobs", type=int, default=1, metavar="N", help="processes")
    command.add_argument("--sheet", action="store_true", help="also pictures to look at")


def run(options: argparse.Namespace) -> int:
    from backend.datasets.drag_a_move import every_look, folder
    from backend.datasets.drag_a_move.stream import checked
    from protocol.errors import failure

    if options.count < 1 or options.jobs < 1:
        raise failure("bad_input", "--count and --jobs are 1 or more.")
    source = "" if options.source is None else str(options.source.resolve())
    looks = options.look or every_look
    recipe = checked(options.split, options.seed, options.size, looks, source)
    folder.write(
        options.out,
        recipe,
        options.count,
        jobs=options.jobs,
        sheets=options.sheet,
        done=_tell,
    )
    print(options.out / folder.index_file)
    return 0


def _tell(there: int, count: int) -> None:
    print(f"[{there}/{count}]", file=sys.stderr, flush=True)
