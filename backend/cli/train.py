"""`train`: fit the weights of the reasons on generated objects."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.evaluation.trials import Trial


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["articulation"])
    parser.add_argument(
        "--count", type=int, default=5, help="objects of each family to fit on, of the seeds 0.."
    )
    parser.add_argument(
        "--check", type=int, default=2, help="objects of each family to calibrate on, of 500.."
    )
    parser.add_argument("--dry", action="store_true", help="print the figures, keep the weights")


def run(options: argparse.Namespace) -> int:
    from backend.training import articulation

    training = _trials("train", options.count)
    validation = _trials("validation", options.check)
    found = articulation.train(training, validation)
    print(articulation.markdown(list(articulation.figures(training, validation))), end="")
    if not options.dry:
        articulation.write(found)
    return 0


def _trials(split: str, count: int) -> list[Trial]:
    """The trials of two parts of the first objects of every family, some open, as artists model."""
    import numpy as np

    from backend.datasets import categories, generate, save_case, seeds_of
    from backend.evaluation.trials import trials

    found: list[Trial] = []
    with tempfile.TemporaryDirectory() as folder:
        for category in categories:
            for seed in seeds_of(split, count):
                cases = generate(category, seed, solid=seed % 3 != 0, habits=True).cases()
                for k in np.random.default_rng(seed).permutation(len(cases))[:2]:
                    path = Path(folder) / f"{category}-{seed}-{k}.npz"
                    save_case(path, cases[k])
                    found.extend(trials([path]))
            print(f"{split} {category}: {len(found)} trials", file=sys.stderr)
    return found
