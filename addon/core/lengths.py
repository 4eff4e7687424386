"""Lengths as they are typed, and round ones."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

units = {
    "km": 1e3,
    "m": 1.0,
    "dm": 0.1,
    "cm": 0.01,
    "mm": 1e-3,
    "um": 1e-6,
    "µm": 1e-6,
    "mi": 1609.344,
    "ft": 0.3048,
    "'": 0.3048,
    "in": 0.0254,
    '"': 0.0254,
}
number = r"(?:\d+\.?\d*|\.\d+)"
unit = "|".join(sorted(map(re.escape, units), key=len, reverse=True))
term = re.compile(rf"({number})\s?({unit})")
whole = re.compile(rf"-?(?:{number}|(?:{number}\s?(?:{unit})\s?)+)")
beginnings = "|".join(re.escape(name[:end]) for name in units for end in range(1, len(name) + 1))
begun = re.compile(rf"-?(?:{number}\s?(?:{unit})\s?)*(?:\.|{number}\s?(?:{beginnings})?)?")
inches = tuple(0.0254 * count for count in (1 / 16, 1 / 4, 1, 12, 120, 1200))


@dataclass
class Typed:
    """A length while it is typed, such as `30cm` or `5'6"`; empty when there is none."""

    text: str = ""

    def add(self, letter: str) -> bool:
        """Take a letter if it can belong to a length, and say so; a minus turns it round."""
        if letter == "-":
            self.text = self.text[1:] if self.text.startswith("-") else f"-{self.text}"
            return True
        longer = self.text + letter.replace(",", ".")
        if not letter or not begun.fullmatch(longer):
            return False
        self.text = longer
        return True

    def back(self) -> None:
        """Take the last letter away."""
        self.text = self.text[:-1]

    def metres(self, bare: float = 1.0) -> float | None:
        """Return the length; a number alone counts `bare` metres. None while it is none yet."""
        if not whole.fullmatch(self.text):
            return None
        sign, text = (-1.0, self.text[1:]) if self.text.startswith("-") else (1.0, self.text)
        terms = term.findall(text)
        if not terms:
            return sign * float(text) * bare
        return sign * sum(float(count) * units[name] for count, name in terms)


def round_step(least: float, candidates: Sequence[float] = ()) -> float:
    """Return the smallest round length of at least `least`: one of the candidates, else 10^n."""
    fitting = [length for length in candidates if length >= least]
    if fitting:
        return min(fitting)
    return 10.0 ** math.ceil(math.log10(least) - 1e-9) if least > 0.0 else 0.0
