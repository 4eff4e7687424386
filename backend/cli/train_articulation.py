"""`train articulation`: fit the weights of the reasons on generated objects."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from backend.datasets import Case
    from backend.evaluation.trials import Trial
    from backend.training.calibration import Told

Item = TypeVar("Item")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--count", type=int, default=12, help="objects of each family to fit on, of the seeds 0.."
    )
    parser.add_argument(
        "--check", type=int, default=2, help="objects of each family to calibrate on, of 500.."
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the objects")
    parser.add_argument("--dry", action="store_true", help="print the figures, keep the weights")


def run(options: argparse.Namespace) -> int:
    from backend.articulation import weights
    from backend.training import articulation, calibration

    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        training = list(_every(pool, _trials, "train", options.count))
        validation = list(_every(pool, _trials, "validation", options.check))
    print(articulation.markdown(list(articulation.figures(training, validation))), end="")
    if options.dry:
        return 0
    found = articulation.train(training)
    weights.write(found)
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        told = list(_every(pool, _answers, "validation", options.check))
    judges = articulation.without_families(articulation.half_of(training, False))
    told += calibration.of_strangers(articulation.half_of(validation, False), judges)
    weights.write(calibration.calibrated(found, told))
    return 0


def _every(
    pool: ProcessPoolExecutor,
    what: Callable[[tuple[str, str, int]], Iterable[Item]],
    split: str,
    count: int,
) -> Iterator[Item]:
    """What the first objects of every family of a split give, in the order of seeds."""
    from backend.datasets import categories, seeds_of

    objects = [(split, name, seed) for seed in seeds_of(split, count) for name in categories]
    for k, found in enumerate(pool.map(what, objects), 1):
        print(f"{split}: {k} of {len(objects)} objects", file=sys.stderr, end="\r")
        yield from found
    print(file=sys.stderr)


def _trials(about: tuple[str, str, int]) -> list[Trial]:
    from backend.evaluation.trials import of_case

    return [trial for name, case in _cases(*about) for trial in of_case(case, name)]


def _answers(about: tuple[str, str, int]) -> list[Told]:
    from backend.training import calibration

    return [told for name, case in _cases(*about) for told in calibration.answers(case, name)]


def _cases(split: str, category: str, seed: int) -> Iterator[tuple[str, Case]]:
    """Two parts of an object as artists model it, every third open; worn to train on."""
    import numpy as np

    from backend.datasets import generate
    from backend.training.wear import worn

    cases = generate(category, seed, solid=seed % 3 != 0, habits=True).cases()
    for k in np.random.default_rng(seed).permutation(len(cases))[:2]:
        generator = np.random.default_rng([seed, int(k)])
        case = worn(cases[k], generator) if split == "train" else cases[k]
        if case.joint_type != "fixed":
            yield f"{category}-{seed}-{k}", case
