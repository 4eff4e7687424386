"""The seeds of the benchmark: what is trained, tuned and measured on never mixes."""

from __future__ import annotations

from protocol.errors import failure

splits: dict[str, range] = {
    "train": range(100),
    "validation": range(500, 600),
    "test": range(1000, 1100),
}


def seeds_of(split: str, count: int) -> range:
    """Return the first `count` seeds of a split.

    Raises TugError(bad_input) for an unknown split or more seeds than it has.
    """
    if split not in splits:
        raise failure("bad_input", f"There is no split {split!r}; there are {', '.join(splits)}.")
    seeds = splits[split]
    if not 0 < count <= len(seeds):
        raise failure("bad_input", f"A split has 1 to {len(seeds)} objects a family, not {count}.")
    return seeds[:count]
