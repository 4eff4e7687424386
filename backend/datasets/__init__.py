"""Procedural articulated objects with true joints.

    drawer = generate("cabinet", seed=3).cases()[0]

Deterministic in (category, seed). Metres, z up, standing on z = 0, front towards -y.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from backend.datasets.bin import bin_with_lid
from backend.datasets.bottle import bottle
from backend.datasets.box import box_with_lid
from backend.datasets.bucket import bucket
from backend.datasets.cabinet import cabinet
from backend.datasets.camera import camera
from backend.datasets.cart import cart
from backend.datasets.case import Case, load_case, save_case
from backend.datasets.casement import casement
from backend.datasets.chair import chair
from backend.datasets.dishwasher import dishwasher
from backend.datasets.door import door
from backend.datasets.drill import drill
from backend.datasets.eyeglasses import eyeglasses
from backend.datasets.faucet import faucet
from backend.datasets.files import write_glb, write_obj
from backend.datasets.folding_chair import folding_chair
from backend.datasets.fridge import fridge
from backend.datasets.garage import garage
from backend.datasets.gate import gate
from backend.datasets.habits import drawn, left_open, modelled
from backend.datasets.kettle import kettle
from backend.datasets.knife import knife
from backend.datasets.lamp import lamp
from backend.datasets.laptop import laptop
from backend.datasets.microwave import microwave
from backend.datasets.object import ArticulatedObject, Link, Part, build, opened
from backend.datasets.oven import oven
from backend.datasets.pliers import pliers
from backend.datasets.recliner import recliner
from backend.datasets.safe import safe
from backend.datasets.scissors import scissors
from backend.datasets.splits import seeds_of, splits
from backend.datasets.stapler import stapler
from backend.datasets.stool import stool
from backend.datasets.switch import switch
from backend.datasets.toaster import toaster
from backend.datasets.wardrobe import wardrobe
from backend.datasets.washer import washer
from backend.datasets.window import window
from backend.datasets.words import varied
from protocol.errors import failure

_families: dict[str, Callable[[np.random.Generator], list[Part]]] = {
    "bin": bin_with_lid,
    "bottle": bottle,
    "box": box_with_lid,
    "bucket": bucket,
    "cabinet": cabinet,
    "camera": camera,
    "cart": cart,
    "casement": casement,
    "chair": chair,
    "dishwasher": dishwasher,
    "door": door,
    "drill": drill,
    "eyeglasses": eyeglasses,
    "faucet": faucet,
    "folding_chair": folding_chair,
    "fridge": fridge,
    "garage": garage,
    "gate": gate,
    "kettle": kettle,
    "knife": knife,
    "lamp": lamp,
    "laptop": laptop,
    "microwave": microwave,
    "oven": oven,
    "pliers": pliers,
    "recliner": recliner,
    "safe": safe,
    "scissors": scissors,
    "stapler": stapler,
    "stool": stool,
    "switch": switch,
    "toaster": toaster,
    "wardrobe": wardrobe,
    "washer": washer,
    "window": window,
}
sample_seed = 55
_habits_stream = 1  # so that a recipe is the same with and without habits
categories: tuple[str, ...] = tuple(_families)


def generate(
    category: str, seed: int, *, solid: bool = True, habits: bool = False
) -> ArticulatedObject:
    """Return the object of a category that belongs to `seed` (0 or more).

    With `solid` every link is a union of closed shells; without, backs and interiors are
    missing and boards are open, as artists model what is never seen. The joints are the
    same. With `habits` it is also modelled, posed and asked for as artists do, see `habits`.
    Raises TugError(bad_input) for an unknown category or a negative seed.
    """
    parts = recipe(category, seed)
    if not habits:
        return build(category, seed, parts, solid=solid)
    rng = _habits_rng(category, seed)
    return _with_habits(rng, category, seed, parts, solid)


def habits_of(category: str, seed: int) -> tuple[str, ...]:
    """Return the names of the habits that object has with `habits`."""
    return drawn(_habits_rng(category, seed))


def _habits_rng(category: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([zlib.crc32(category.encode()), seed, _habits_stream])


def recipe(category: str, seed: int) -> list[Part]:
    """Return the parts, closed, of which that object is built; raises as `generate` does."""
    if category not in _families:
        known = ", ".join(categories)
        raise failure("bad_input", f"There is no category {category!r}; there are {known}.")
    if seed < 0:
        raise failure("bad_input", f"A seed is 0 or more, not {seed}.")
    rng = np.random.default_rng([zlib.crc32(category.encode()), seed])
    return _families[category](rng)


def _with_habits(
    rng: np.random.Generator, category: str, seed: int, parts: list[Part], solid: bool
) -> ArticulatedObject:
    chosen = drawn(rng)
    if not solid or "open" in chosen:
        parts = opened(parts)
    rest = left_open(rng, parts) if "ajar" in chosen else {}
    item = build(category, seed, modelled(rng, parts, chosen), solid=True, rest=rest)
    return replace(item, links=tuple(_reworded(rng, link) for link in item.links))


def _reworded(rng: np.random.Generator, link: Link) -> Link:
    if link.joint is None or link.drag is None:
        return link
    return replace(link, prompt=varied(rng, link.prompt, link.joint, link.drag))


def sample() -> ArticulatedObject:
    """Return the asset of the demo: a cabinet with two drawers and a hinged door."""
    return generate("cabinet", sample_seed)


__all__ = [
    "ArticulatedObject",
    "Case",
    "Link",
    "categories",
    "generate",
    "habits_of",
    "load_case",
    "recipe",
    "sample",
    "save_case",
    "seeds_of",
    "splits",
    "write_glb",
    "write_obj",
]
