"""Procedural articulated objects with true joints.

    drawer = generate("cabinet", seed=3).cases()[0]

Deterministic in (category, seed). Metres, z up, standing on z = 0, front towards -y.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np

from backend.datasets.bin import bin_with_lid
from backend.datasets.cabinet import cabinet
from backend.datasets.case import Case, load_case, save_case
from backend.datasets.chair import chair
from backend.datasets.faucet import faucet
from backend.datasets.files import write_glb, write_obj
from backend.datasets.laptop import laptop
from backend.datasets.object import ArticulatedObject, Link, Part, build
from backend.datasets.oven import oven
from backend.datasets.scissors import scissors
from backend.datasets.window import window
from protocol.errors import failure

_families: dict[str, Callable[[np.random.Generator], list[Part]]] = {
    "bin": bin_with_lid,
    "cabinet": cabinet,
    "chair": chair,
    "faucet": faucet,
    "laptop": laptop,
    "oven": oven,
    "scissors": scissors,
    "window": window,
}
sample_seed = 55
categories: tuple[str, ...] = tuple(_families)


def generate(category: str, seed: int, *, solid: bool = True) -> ArticulatedObject:
    """Return the object of a category that belongs to `seed` (0 or more).

    With `solid` every link is a union of closed shells; without, backs and interiors are
    missing and boards are open, as artists model what is never seen. The joints are the
    same. Raises TugError(bad_input) for an unknown category or a negative seed.
    """
    if category not in _families:
        known = ", ".join(categories)
        raise failure("bad_input", f"There is no category {category!r}; there are {known}.")
    if seed < 0:
        raise failure("bad_input", f"A seed is 0 or more, not {seed}.")
    rng = np.random.default_rng([zlib.crc32(category.encode()), seed])
    return build(category, seed, _families[category](rng), solid=solid)


def sample() -> ArticulatedObject:
    """Return the asset of the demo: a cabinet with two drawers and a hinged door."""
    return generate("cabinet", sample_seed)


__all__ = [
    "ArticulatedObject",
    "Case",
    "Link",
    "categories",
    "generate",
    "load_case",
    "sample",
    "save_case",
    "write_glb",
    "write_obj",
]
