"""`generate`: objects with known joints, as files."""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from backend.datasets import ArticulatedObject


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("category", help="cabinet, oven, ..., or all; a wrong one lists them")
    parser.add_argument(
        "--split",
        choices=("train", "validation", "test"),
        help="the benchmark's objects: its seeds, and --habits; three of each family",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the first object, and of --rotate")
    parser.add_argument("--count", type=int, help="objects a family, of successive seeds")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--format",
        choices=writers,
        default="npz",
        help="npz: one case a moving part, with its true joint; glb, obj: one file an object",
    )
    closed = parser.add_mutually_exclusive_group()
    closed.add_argument("--solid", action="store_true", default=True, help="closed shells")
    closed.add_argument(
        "--open", dest="solid", action="store_false", help="without backs and interiors"
    )
    parser.add_argument(
        "--habits",
        action="store_true",
        help="as artists model: soup, flipped faces, overlaps, parts half open, natural prompts",
    )
    parser.add_argument("--rotate", action="store_true", help="turn each object's cases at random")
    parser.add_argument(
        "--scale", action="store_true", help="make each object's cases 0.01 to 100 times as big"
    )


def run(options: argparse.Namespace) -> int:
    from backend.datasets import categories, generate, seeds_of

    habits = options.habits or options.split is not None
    if options.split is not None:
        seeds = seeds_of(options.split, options.count or 3)
    else:
        seeds = range(options.seed, options.seed + (options.count or 1))
    for category in categories if options.category == "all" else (options.category,):
        for seed in seeds:
            item = generate(category, seed, solid=options.solid, habits=habits)
            options.out.mkdir(parents=True, exist_ok=True)
            for path in writers[options.format](item, options.out / f"{category}-{seed}", options):
                print(path)
    return 0


def _write_cases(item: ArticulatedObject, stem: Path, options: argparse.Namespace) -> list[Path]:
    from backend.datasets import save_case

    rotation, scale = _frame(stem.name, options)
    moving = [link.name for link in item.links if link.joint is not None and link.drag is not None]
    paths = [stem.with_name(f"{stem.name}-{name}.npz") for name in moving]
    for path, case in zip(paths, item.cases(), strict=True):
        save_case(path, case.turned(rotation, scale))
    return paths


def _frame(name: str, options: argparse.Namespace) -> tuple[NDArray[np.float64], float]:
    """The rotation, uniform over all, and the scale that belong to the object of that name."""
    import numpy as np
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng([options.seed, zlib.crc32(name.encode())])
    rotation, scale = Rotation.random(rng=rng).as_matrix(), float(10 ** rng.uniform(-2, 2))
    return rotation if options.rotate else np.eye(3), scale if options.scale else 1.0


def _write_glb(item: ArticulatedObject, stem: Path, _options: argparse.Namespace) -> list[Path]:
    from backend.datasets import write_glb

    path = stem.with_name(f"{stem.name}.glb")
    write_glb(item, path)
    return [path]


def _write_obj(item: ArticulatedObject, stem: Path, _options: argparse.Namespace) -> list[Path]:
    from backend.datasets import write_obj

    path = stem.with_name(f"{stem.name}.obj")
    write_obj(item, path)
    return [path]


writers: dict[str, Callable[[ArticulatedObject, Path, argparse.Namespace], list[Path]]] = {
    "npz": _write_cases,
    "glb": _write_glb,
    "obj": _write_obj,
}
