"""`evaluate articulation`: one part at a time, on cases whose joints are known."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.evaluation.answers import Scores

regimes = ("exact", "rough", "rougher", "short", "text", "part")
models = ("dragapart", "dragapart:full", "oracle", "oracle:blurred", "oracle:poor")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cases", type=Path, required=True, metavar="DIR", help="a folder of .npz cases"
    )
    parser.add_argument(
        "--regime",
        choices=(*regimes, "far", "straight"),
        nargs="+",
        action="extend",
        help="what is known of a case: its exact drag, the drag with its end off by 8 %% (rough), "
        "20 %% (rougher) or 40 %% (far), as long but straight on (straight), a tenth of it "
        "(short), the prompt or the part only; default: each but far and straight",
    )
    parser.add_argument(
        "--rotate", action="store_true", help="turn each object at random; up remains up"
    )
    parser.add_argument("--seed", type=int, default=0, help="of noise and rotations")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes at work")
    parser.add_argument(
        "--evidence",
        choices=models,
        nargs="+",
        default=[],
        help="ask learned models too, or an oracle that knows the true joint in their place",
    )
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
    from backend.evaluation.run import Plan, evaluate

    chosen = tuple(dict.fromkeys(options.regime or regimes))
    if options.ablate:
        return _ablate(options, chosen)
    _check_names(options.without)
    without = tuple(options.without)
    plan = Plan(
        options.cases,
        options.out,
        chosen,
        options.rotate,
        options.seed,
        without,
        tuple(dict.fromkeys(options.evidence)),
    )
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
