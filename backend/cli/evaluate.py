"""`evaluate`: how good the answers are on cases whose truth is known."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from . import evaluate_objects, evaluate_proposals, evaluate_trajectory

if TYPE_CHECKING:
    from backend.evaluation.answers import Scores

regimes = ("exact", "rough", "rougher", "short", "text", "part")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    _add_articulation(what.add_parser("articulation", help="one part of an object at a time"))
    evaluate_objects.add_arguments(what.add_parser("objects", help="all parts of an object"))
    evaluate_proposals.add_arguments(
        what.add_parser("proposals", help="which regions are proposed as parts")
    )
    evaluate_trajectory.add_arguments(
        what.add_parser("trajectory", help="motion along ways, on ground and round obstacles")
    )


def _add_articulation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cases", type=Path, required=True, metavar="DIR", help="a folder of .npz cases"
    )
    parser.add_argument(
        "--regime",
        choices=regimes,
        nargs="+",
        action="extend",
        help="what is known of a case: its exact drag, the drag with its end off by 8 %% (rough) "
        "or 20 %% (rougher), a tenth of it (short), the prompt or the part only; default: each",
    )
    parser.add_argument(
        "--rotate", action="store_true", help="turn each object at random; up remains up"
    )
    parser.add_argument("--seed", type=int, default=0, help="of noise and rotations")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at work")
    left_out = parser.add_mutually_exclusive_group()
    left_out.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="NAME",
        help="leave out a kind of evidence (drag, shape, ...) or a source of hypotheses",
    )
    left_out.add_argument(
        "--ablate", action="store_true", help="print what each kind and each source buys instead"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")


def run(options: argparse.Namespace) -> int:
    if options.what == "objects":
        return evaluate_objects.run(options)
    if options.what == "proposals":
        return evaluate_proposals.run(options)
    if options.what == "trajectory":
        return evaluate_trajectory.run(options)
    from backend.evaluation.run import Plan, evaluate

    chosen = tuple(dict.fromkeys(options.regime or regimes))
    if options.ablate:
        return _ablate(options, chosen)
    _check_names(options.without)
    without = tuple(options.without)
    plan = Plan(options.cases, options.out, chosen, options.rotate, options.seed, without)
    print(evaluate(plan, Teller(), jobs=options.jobs), end="")
    return 0


def _ablate(options: argparse.Namespace, chosen: tuple) -> int:
    from backend.evaluation import ablation
    from backend.evaluation.run import case_files

    def tell(done: int, total: int) -> None:
        print(f"[{done}/{total}]", file=sys.stderr)

    text = ablation.markdown(ablation.ablate(case_files(options.cases), chosen, tell))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "ablation.md").write_text(text, "utf-8")
    print(text, end="")
    return 0


def _check_names(names: list[str]) -> None:
    from backend.articulation.evidence import kinds
    from backend.articulation.hypotheses import sources
    from protocol.errors import failure

    for name in names:
        if name not in kinds and name not in sources:
            known = ", ".join((*kinds, *sources))
            raise failure("bad_input", f"Nothing is called {name!r}; there are {known}.")


class Teller:
    """Says on standard error how each case went and how long the rest will take."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def __call__(self, done: int, total: int, scores: Scores) -> None:
        left = (time.monotonic() - self.began) / done * (total - done)
        print(
            f"[{done}/{total}, {_span(left)} left] {scores.case} {scores.regime}: {_said(scores)}",
            file=sys.stderr,
        )


def _said(scores: Scores) -> str:
    if scores.error:
        return f"error: {scores.error}"
    outcome = "hit" if scores.hit else "miss"
    return f"{outcome}, axis {scores.axis:.1f}° off, {scores.seconds:.1f} s"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
