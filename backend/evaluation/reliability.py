"""Whether the confidence that is told holds: of the joints told with 0.8, do eight in ten hit?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from backend.evaluation.answers import Scores
from backend.evaluation.drawing import Colour, paper

Values = NDArray[np.float64]

bins = 10
side, margin = 360, 56  # pixels
ink: Colour = (50, 54, 62)
faint: Colour = (214, 218, 224)
curve: Colour = (36, 110, 190)


@dataclass(frozen=True)
class Curve:
    """Answers of like confidence: `told` and `hit` are their means, `count` how many they are.

    `error` is the expected calibration error: the mean of |told - hit| over all answers.
    """

    name: str
    told: tuple[float, ...]
    hit: tuple[float, ...]
    count: tuple[int, ...]
    error: float


def curves(scores: Sequence[Scores]) -> tuple[Curve, ...]:
    """Return the curve of the answers to pulls and that of the others, where there are any."""
    groups = {
        "pulled": [s for s in scores if s.regime not in ("text", "part") and not s.error],
        "not pulled": [s for s in scores if s.regime in ("text", "part") and not s.error],
    }
    return tuple(curve_of(name, own) for name, own in groups.items() if own)


def curve_of(name: str, scores: Sequence[Scores]) -> Curve:
    """Return the curve of some answers, in bins of equal width."""
    told = np.array([score.confidence for score in scores])
    hit = np.array([score.hit for score in scores], dtype=float)
    place = np.minimum((told * bins).astype(int), bins - 1)
    own = [place == k for k in range(bins) if (place == k).any()]
    means = [(float(told[k].mean()), float(hit[k].mean()), int(k.sum())) for k in own]
    error = sum(count * abs(a - b) for a, b, count in means) / len(scores)
    told_of, hit_of, count_of = zip(*means, strict=True)
    return Curve(name, told_of, hit_of, count_of, error)


def markdown(found: Sequence[Curve]) -> str:
    """Return the curves as a table."""
    lines = ["| answers | told | hit | count |", "| --- | ---: | ---: | ---: |"]
    for each in found:
        rows = zip(each.told, each.hit, each.count, strict=True)
        lines += [f"| {each.name} | {told:.2f} | {hit:.2f} | {n} |" for told, hit, n in rows]
        lines.append(f"| **{each.name}: calibration error** | | **{each.error:.3f}** | |")
    return "\n".join(lines) + "\n"


def write(path: Path, found: Sequence[Curve]) -> None:
    """Draw the curves side by side; the size of a dot shows how many answers it stands for."""
    wide = side + 2 * margin
    image = Image.new("RGB", (wide * len(found), wide), paper)
    for k, each in enumerate(found):
        _draw(ImageDraw.Draw(image), k * wide + margin, margin, each)
    image.save(path, optimize=True)


def _draw(draw: ImageDraw.ImageDraw, x: int, y: int, each: Curve) -> None:
    font, small = ImageFont.load_default(16), ImageFont.load_default(12)
    for k in range(0, 11, 2):
        at = k / 10 * side
        draw.line([x + at, y, x + at, y + side], faint)
        draw.line([x, y + at, x + side, y + at], faint)
        draw.text((x + at, y + side + 6), f"{k / 10:.1f}", ink, small, anchor="ma")
        draw.text((x - 6, y + side - at), f"{k / 10:.1f}", ink, small, anchor="rm")
    draw.line([x, y + side, x + side, y], ink)
    points = [(x + a * side, y + (1 - b) * side) for a, b in zip(each.told, each.hit, strict=True)]
    draw.line(points, curve, 2)
    for (u, v), count in zip(points, each.count, strict=True):
        radius = 3 + 9 * np.sqrt(count / sum(each.count))
        draw.ellipse([u - radius, v - radius, u + radius, v + radius], curve)
    title = f"{each.name}: calibration error {each.error:.3f}"
    draw.text((x, y - 12), title, ink, font, anchor="ls")
    draw.text((x + side / 2, y + side + 26), "confidence told; share that hit", ink, small, "ma")
