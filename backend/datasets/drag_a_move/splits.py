"""What is trained on, and what nobody has seen: by object and by family."""

from __future__ import annotations

from collections.abc import Sequence

from backend.datasets import categories, splits
from protocol.errors import failure

held_out: tuple[str, ...] = ("bottle", "fridge", "lamp", "laptop", "scissors", "window")
"""Families of the test alone: a screw, doors with drawers, a chain, a lid, blades, a sash."""

held_out_elsewhere: tuple[str, ...] = (*held_out, "refrigerator")
"""The same, as PartNet-Mobility calls them."""

more_seeds = range(10_000, 30_000)  # of objects to train on, beside those of the benchmark
_families = {
    True: held_out,
    False: tuple(family for family in categories if family not in held_out),
}
_seeds: dict[str, tuple[range, ...]] = {
    "train": (splits["train"], more_seeds),
    "validation": (splits["validation"],),
    "test_objects": (splits["test"],),
    "test_families": (splits["test"],),
}
names: tuple[str, ...] = tuple(_seeds)


def families_of(split: str) -> tuple[str, ...]:
    """The families of a split. Raises TugError bad_input for an unknown one."""
    return _families[_known(split) == "test_families"]


def seeds_of(split: str) -> Sequence[range]:
    """The seeds of a split's objects. Raises TugError bad_input for an unknown one."""
    return _seeds[_known(split)]


def _known(split: str) -> str:
    if split not in _seeds:
        raise failure("bad_input", f"There is no split {split!r}; there are {', '.join(names)}.")
    return split
