"""Handles and knobs on surfaces that face -y, and where one grips them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.datasets.shapes import Shape, box, lathe, merged, rod, rounded_path, tube
from protocol.joint import Vector

# Turns what was modelled upwards (+z) to face the viewer (-y).
facing_front = np.array(
    [[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]], dtype=np.float64
)
_upright = np.array([[0.0, 0, -1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]])


@dataclass(frozen=True)
class HandleStyle:
    """What the handles of one object look like, in metres."""

    kind: str
    length: float
    standoff: float
    thickness: float


def handle_style(rng: np.random.Generator) -> HandleStyle:
    """Return a random style; all handles of an object share one."""
    return HandleStyle(
        kind=str(rng.choice(["bow", "bar", "knob", "block"])),
        length=float(rng.uniform(0.09, 0.17)),
        standoff=float(rng.uniform(0.022, 0.034)),
        thickness=float(rng.uniform(0.008, 0.012)),
    )


def handle(
    style: HandleStyle, at: Vector, room: float, *, vertical: bool = False
) -> tuple[Shape, Vector]:
    """Return a handle at most `room` metres long at a point on a front, and its grip point."""
    length = min(style.length, 0.6 * room)
    shape = _makers[style.kind](length, style.standoff, style.thickness)
    if vertical:
        shape = shape.transformed(_upright)
    x, y, z = at
    return shape.moved(at), (x, y + float(shape.vertices[:, 1].min()), z)


def _bow(length: float, standoff: float, thickness: float) -> Shape:
    """A bent rod."""
    x = length / 2
    corners = [(-x, 0, 0), (-x, -standoff, 0), (x, -standoff, 0), (x, 0, 0)]
    return tube(rounded_path(corners, 0.6 * standoff), thickness / 2)


def _bar(length: float, standoff: float, thickness: float) -> Shape:
    """A rod on two posts."""
    x, radius = length / 2, thickness / 2
    posts = [rod((s * 0.7 * x, 0, 0), (s * 0.7 * x, -standoff, 0), 0.7 * radius) for s in (-1, 1)]
    return merged([rod((-x, -standoff, 0), (x, -standoff, 0), radius), *posts])


def _knob(_length: float, standoff: float, thickness: float) -> Shape:
    """A turned mushroom."""
    stem, head = 0.6 * thickness, 1.5 * thickness
    heights = np.array([0.0, 0.1, 0.5, 0.62, 0.8, 0.93, 1.0]) * standoff
    radii = [1.4 * stem, stem, stem, 0.9 * head, head, 0.85 * head, 0.4 * head]
    return lathe(np.column_stack([radii, heights]), 20).transformed(facing_front)


def _block(length: float, standoff: float, thickness: float) -> Shape:
    """A plain strip."""
    x, z = length / 2, thickness / 2
    return box((-x, -0.7 * standoff, -z), (x, 0, z), 0.0015)


_makers = {"bow": _bow, "bar": _bar, "knob": _knob, "block": _block}
