"""Moving a promising hypothesis to the best place nearby."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from backend.articulation.kinematics import carry
from backend.articulation.subject import Subject
from backend.geometry.boxes import perpendicular
from backend.geometry.surface import Motions, stacked

Values = NDArray[np.float64]

by_hand, exact = 0.08, 0.005  # noise of a drag drawn by a hand or by a program, over its length
origin_slack = 0.04  # of the part's diagonal: how far hinges lie from boxes and contacts
axis_slack = np.radians(1.0)


def to_drags(subject: Subject, motions: Motions, noise: float) -> tuple[Motions, Values]:
    """Return hinges shifted and tilted to carry the drags better, and how far (H,) in slacks.

    `noise` is how far off the drags are thought to be: the smaller, the more they are obeyed.
    """
    refined = [_fit(subject, motions.take([h]), noise) for h in range(len(motions))]
    return stacked([motion for motion, _ in refined]), np.array([step for _, step in refined])


def _fit(subject: Subject, motion: Motions, noise: float) -> tuple[Motions, float]:
    if not motion.hinge[0]:
        return motion, 0.0
    slack = np.array([origin_slack * subject.part.box.diagonal] * 2 + [axis_slack] * 2)

    def cost(step: Values) -> Values:
        _, off = carry(shifted(motion, step * slack), subject.drags)
        return np.concatenate([off[0] / noise, step])

    step = least_squares(cost, np.zeros(4), method="lm", max_nfev=40).x
    return shifted(motion, step * slack), float(np.linalg.norm(step))


def shifted(motion: Motions, step: Values) -> Motions:
    """Return the hinge moved by step[:2] across its axis and tilted by step[2:4] radians."""
    u = perpendicular(motion.axis[0])
    v = np.cross(motion.axis[0], u)
    axis = motion.axis[0] + step[2] * u + step[3] * v
    origin = motion.origin[0] + step[0] * u + step[1] * v
    return Motions(motion.hinge, (axis / np.linalg.norm(axis))[None], origin[None])
