"""`generate`: objects with known joints, as files."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.datasets import ArticulatedObject


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("category", help="cabinet, oven, ...; a wrong one lists them all")
    parser.add_argument("--seed", type=int, default=0, help="of the first object")
    parser.add_argument("--count", type=int, default=1, help="objects, of successive seeds")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--format",
        choices=writers,
        default="npz",
        help="npz: one case a moving part, with its true joint; glb, obj: one file an object",
    )
    closed = parser.add_mutually_exclusive_group()
    closed.add_argument("--solid", action="store_true", default=True, help="closed shells")
    closed.add_argument("--open", dest="solid", action="store_false", help="as artists model")


def run(options: argparse.Namespace) -> int:
    from backend.datasets import generate

    items = (
        generate(options.category, seed, solid=options.solid)
        for seed in range(options.seed, options.seed + options.count)
    )
    for item in items:
        options.out.mkdir(parents=True, exist_ok=True)
        for path in writers[options.format](item, options.out / f"{item.category}-{item.seed}"):
            print(path)
    return 0


def _write_cases(item: ArticulatedObject, stem: Path) -> list[Path]:
    from backend.datasets import save_case

    moving = [link.name for link in item.links if link.joint is not None and link.drag is not None]
    paths = [stem.with_name(f"{stem.name}-{name}.npz") for name in moving]
    for path, case in zip(paths, item.cases(), strict=True):
        save_case(path, case)
    return paths


def _write_glb(item: ArticulatedObject, stem: Path) -> list[Path]:
    from backend.datasets import write_glb

    path = stem.with_name(f"{stem.name}.glb")
    write_glb(item, path)
    return [path]


def _write_obj(item: ArticulatedObject, stem: Path) -> list[Path]:
    from backend.datasets import write_obj

    path = stem.with_name(f"{stem.name}.obj")
    write_obj(item, path)
    return [path]


writers: dict[str, Callable[[ArticulatedObject, Path], list[Path]]] = {
    "npz": _write_cases,
    "glb": _write_glb,
    "obj": _write_obj,
}
