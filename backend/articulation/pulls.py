"""How well a joint carries the pulls, and what a pull means that is short for its part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.articulation.kinematics import carry, signed
from backend.geometry.surface import Motions

Values = NDArray[np.float64]

exactly = 0.012  # a program's pull is off by this share of its length
by_hand = 0.15  # and a hand's by about this, now and then by far more
widest_chord = np.radians(60.0)  # half of the widest turn that a straight pull may stand for
rarely = 0.3  # how much less likely a straight pull is that stands for more
short = 0.3  # of the arm: pulls much shorter than this only say where to go first
pointing = 0.06  # how likely such a pull points at a place that its point passes, not reaches


def with_signs(motions: Motions, drags: Values) -> Motions:
    """Return the motions with axes turned so that the drags (D, 2, 3) have positive values."""
    values, _ = carry(motions, drags)
    return signed(motions, values.sum(axis=1) < 0.0)


def value(motions: Motions, drags: Values) -> Values:
    """Return the joint value (H,) that carries the drags best; negative where it goes backwards."""
    return carry(motions, drags)[0].mean(axis=1)


def residual(motions: Motions, drags: Values) -> Values:
    """Return how far the drags' starts are carried past their ends, RMS (H,) over their length."""
    return np.sqrt((carry(motions, drags)[1] ** 2).mean(axis=1))


def likelihood(motions: Motions, drags: Values) -> Values:
    """Return the log likelihood (H,) of the drags, 0 at the best.

    A drag ends where its start goes (exactly, or as a hand does it), or it is short and points
    at where its start goes later on: along the chord of a longer turn. Who means a turn of more
    than the widest chord's rarely pulls straight across it.
    """
    values, off = carry(motions, drags)
    off = np.where(values < 0.0, 1.0, off)
    reached = 0.25 * np.exp(-0.5 * (off / exactly) ** 2) + 0.75 * _tail(off / by_hand)
    wide = motions.hinge & (values.min(axis=1) > 2.0 * widest_chord)
    reached = np.where(wide[:, None], rarely * reached, reached)
    return np.log(reached + _pointed(motions, drags)).sum(axis=1)


def _pointed(motions: Motions, drags: Values) -> Values:
    """The likelihood (H, D) that each drag points along a chord of its start's circle."""
    start, way = drags[:, 0], drags[:, 1] - drags[:, 0]
    length = np.linalg.norm(way, axis=1)
    way = way / length[:, None]
    axis = motions.axis[:, None, :]
    arm = start[None] - motions.origin[:, None, :]
    arm = arm - (arm * axis).sum(axis=2, keepdims=True) * axis
    radius = np.maximum(np.linalg.norm(arm, axis=2), 1e-9)
    inwards = -(arm * way).sum(axis=2) / radius
    ahead = (np.cross(axis, arm) * way).sum(axis=2) / radius
    turned = np.arctan2(inwards, ahead)  # half the turn at the end of the chord
    beside = np.clip(turned, 0.0, widest_chord) - turned
    off = np.hypot(beside, np.arcsin(np.clip((way * axis).sum(axis=2), -1.0, 1.0)))
    is_short = 1.0 / (1.0 + (length / radius / short) ** 4)
    return np.where(motions.hinge[:, None], pointing * is_short * _tail(off / by_hand), 0.0)


def _tail(off: Values) -> Values:
    return (1.0 + off**2) ** -2.0
