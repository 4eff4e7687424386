"""`evaluate imagined`: what models that imagine pulls add to the joints."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .evaluate_articulation import models

regimes = ("exact", "rough", "rougher", "far", "straight", "short")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cases", type=Path, required=True, metavar="DIR", help="a folder of .npz cases"
    )
    parser.add_argument(
        "--model",
        choices=models,
        nargs="+",
        action="extend",
        help="who is asked; an oracle knows the true joint and sees it clearly, blurred or "
        "poorly; default: dragapart",
    )
    parser.add_argument(
        "--regime",
        choices=regimes,
        nargs="+",
        action="extend",
        help="the exact drag, one with its end off by 8 %% (rough), 20 %% (rougher) or 40 %% "
        "(far), as long but straight on (straight), or a tenth of it (short); default: each",
    )
    parser.add_argument("--every", type=int, default=1, metavar="N", help="each Nth case only")
    parser.add_argument("--seed", type=int, default=0, help="of noise, views and models")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at work")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")


def run(options: argparse.Namespace) -> int:
    from backend.evaluation.imagined import evaluate
    from backend.evaluation.run import case_files

    def tell(done: int, total: int, name: str) -> None:
        print(f"[{done}/{total}] {name}", file=sys.stderr)

    text = evaluate(
        case_files(options.cases)[:: max(1, options.every)],
        tuple(dict.fromkeys(options.regime or regimes)),
        tuple(dict.fromkeys(options.model or ["dragapart"])),
        options.out,
        tell,
        jobs=options.jobs,
        seed=options.seed,
    )
    print(text, end="")
    return 0
