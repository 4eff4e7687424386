"""Moving promising hypotheses to the best place nearby."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.articulation.findings import velocities
from backend.articulation.kinematics import misses
from backend.articulation.subject import Subject
from backend.geometry.surface import Motions

Values = NDArray[np.float64]

by_hand, exact = 0.08, 0.005  # noise of a drag drawn by a hand or by a program, over its length
slip_noise = 0.1  # share of the speed at the contact that may go through the body
contacts = 60  # points of it that stand for all
origin_slack = 0.04  # of the part's diagonal: how far hinges lie from boxes and contacts
axis_slack = np.radians(1.0)
firm_share = 0.25  # of those slacks, for hinges that were seen and not guessed
rounds = 12
nudge = 1e-4  # in slacks, for derivatives


def to_drags(
    subject: Subject, motions: Motions, firm: NDArray[np.bool_], noise: float
) -> tuple[Motions, Values]:
    """Return hinges shifted and tilted to carry the drags better, and how far (H,) in slacks.

    Least squares of the drags' misses over `noise`, of the speed with which the part would go
    through the body where both touch, and of the steps over the slacks, by Levenberg and
    Marquardt on all hinges at once. The smaller the noise, the more the drags are obeyed.
    Slides stay as they are; `firm` (H,) hinges hardly move, and what is locked does not.
    """
    slack = np.array([origin_slack * subject.part.box.diagonal] * 2 + [axis_slack] * 2)
    slack[[subject.held.origin is not None] * 2 + [subject.held.axis is not None] * 2] = 0.0
    slack = slack * np.where(firm, firm_share, 1.0)[:, None]

    def errors(step: Values) -> Values:
        moved = shifted(motions, step * slack)
        miss = misses(moved, subject.drags).reshape(len(motions), -1)
        return np.concatenate([miss / noise, _through(subject, moved) / slip_noise, step], axis=1)

    step = np.zeros((len(motions), 4))
    damping = np.full(len(motions), 1e-3)
    error = errors(step)
    for _ in range(rounds):
        slope = np.stack([errors(step + nudge * unit) for unit in np.eye(4)], axis=2)
        slope = (slope - error[:, :, None]) / nudge
        square = np.einsum("hik,hil->hkl", slope, slope)
        square += np.eye(4) * damping[:, None, None]
        change = np.linalg.solve(square, np.einsum("hik,hi->hk", slope, error)[:, :, None])
        tried = step - change[:, :, 0]
        new = errors(tried)
        better = (new**2).sum(axis=1) < (error**2).sum(axis=1)
        step = np.where(better[:, None], tried, step)
        error = np.where(better[:, None], new, error)
        damping = np.where(better, 0.2 * damping, 10.0 * damping)
    step[~motions.hinge] = 0.0
    return shifted(motions, step * slack), np.linalg.norm(step, axis=1)


def _through(subject: Subject, motions: Motions) -> Values:
    """How fast (H, C) the contacts would go into the body; squared and summed it is `rubbing`²."""
    chosen = np.flatnonzero(subject.contact)[:contacts]
    speed = velocities(motions, subject.nearest[chosen])
    into = (speed * subject.facing[chosen]).sum(axis=2)
    return into / np.sqrt(np.maximum((speed**2).sum(axis=(1, 2)), 1e-12))[:, None]


def shifted(motions: Motions, step: Values) -> Motions:
    """Return hinges moved by step[:, :2] across their axes and tilted by step[:, 2:] radians."""
    u = np.eye(3)[np.abs(motions.axis).argmin(axis=1)]
    u = u - motions.axis * (u * motions.axis).sum(axis=1, keepdims=True)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    v = np.cross(motions.axis, u)
    axis = motions.axis + step[:, 2:3] * u + step[:, 3:4] * v
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    return Motions(motions.hinge, axis, motions.origin + step[:, 0:1] * u + step[:, 1:2] * v)
