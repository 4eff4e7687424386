"""Timing side by side and tables in Markdown. Standard library only: it runs in every Python."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence


def seconds(action: Callable[[], object]) -> float:
    """Return how long one call takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def interleaved(alternatives: dict[str, Callable[[int], float]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each alternative over `rounds`, taking turns.

    Each is called with the number of the round and returns the seconds to count. One round
    before the first is thrown away.
    """
    times: dict[str, list[float]] = {name: [] for name in alternatives}
    for number in range(rounds + 1):
        for name, run in alternatives.items():
            gc.collect()
            took = run(number)
            if number:
                times[name].append(took)
    return {name: statistics.median(values) for name, values in times.items()}


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are right-aligned."""
    marks = ["---", *["---:" for _ in headers[1:]]]
    return "\n".join("| " + " | ".join(row) + " |" for row in [headers, marks, *rows])


def compared(medians: dict[str, float], base: str) -> str:
    """Return a table of milliseconds and of the ratio to one of the alternatives."""
    rows = [
        [name, f"{1000 * median:.1f}", f"{median / medians[base]:.2f}"]
        for name, median in medians.items()
    ]
    return table(["", "ms (median)", f"ratio to {base}"], rows)
