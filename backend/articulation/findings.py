"""What is measured of each hypothesis, whatever is pulled or said: sweeps, gaps and slips."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from backend.articulation.hypotheses import Candidates
from backend.articulation.kinematics import move, signed
from backend.articulation.subject import Subject
from backend.articulation.sweeps import Gaps, Sweep, sweep
from backend.geometry.boxes import perpendicular
from backend.geometry.shapes import turning_error
from backend.geometry.surface import Motions, stacked

Values = NDArray[np.float64]

trial_turn = np.radians(60.0)  # how far a hinge is tried where no pull says
trial_slide = 0.5  # of the part's own length along the slide
soon = 0.2  # of the trial
turn_reach = np.radians(120.0)  # how far a hinge is swept each way
slide_reach = 1.2  # of the part's own length
sample_spacing = 0.01  # between the samples that stand for a surface where distances may be rough


@dataclass(frozen=True, eq=False)
class Findings:
    """Measured facts on H motions; forward is the way in which values grow."""

    motions: Motions
    support: NDArray[np.bool_]  # (H, S) which sources proposed it, see hypotheses.sources
    forward: Sweep
    backward: Sweep
    length: Values  # (H,) the part's extent along the axis
    loose: Values  # (H,) growth of the gap at the trial value forward, over the way travelled
    loose_back: Values  # (H,) and backward
    loose_soon: Values  # (H,) the same at a fifth of the trial value
    loose_soon_back: Values  # (H,)
    off_axis: Values  # (H,) from the hinge line to part and body, over the part's diagonal
    guided: Values  # (H,) share of the ways across a slide that are barred; 0 for hinges
    rubbing: Values  # (H,) share of the speed at the contact that goes through the body
    round: Values  # (H,) share of the part's speed that goes through its own surface
    strayed: Values  # (H,) how far refinement went from where a source put it, in slacks

    def __len__(self) -> int:
        return len(self.motions)

    @property
    def reach(self) -> Values:
        """How far (H,) each motion was swept."""
        return reaches(self.motions, self.length)

    @property
    def trial(self) -> Values:
        """The value (H,) at which each motion is tried where no pull says."""
        return trial_values(self.motions, self.length)

    def take(self, chosen: NDArray[np.intp]) -> Findings:
        """Return some of them."""
        facts = {name: getattr(self, name)[chosen] for name in measured}
        return Findings(
            self.motions.take(chosen),
            forward=self.forward.take(chosen),
            backward=self.backward.take(chosen),
            **facts,
        )

    def flipped(self, flip: NDArray[np.bool_]) -> Findings:
        """Return them with the motions of `flip` (H,) the other way round."""
        return replace(
            self,
            motions=signed(self.motions, flip),
            forward=self.forward.where(~flip, self.backward),
            backward=self.backward.where(~flip, self.forward),
            loose=np.where(flip, self.loose_back, self.loose),
            loose_back=np.where(flip, self.loose, self.loose_back),
            loose_soon=np.where(flip, self.loose_soon_back, self.loose_soon),
            loose_soon_back=np.where(flip, self.loose_soon, self.loose_soon_back),
        )

    def both_ways(self) -> Findings:
        """Return each of them both ways round (2H)."""
        return joined([self, self.flipped(np.ones(len(self), dtype=bool))])


measured = (
    "support",
    "length",
    "loose",
    "loose_back",
    "loose_soon",
    "loose_soon_back",
    "off_axis",
    "guided",
    "rubbing",
    "round",
    "strayed",
)


def joined(pieces: list[Findings]) -> Findings:
    """Return the motions of all pieces in one."""
    facts = {name: np.concatenate([getattr(piece, name) for piece in pieces]) for name in measured}
    return Findings(
        stacked([piece.motions for piece in pieces]),
        forward=Sweep.joined([piece.forward for piece in pieces]),
        backward=Sweep.joined([piece.backward for piece in pieces]),
        **facts,
    )


def examine(
    subject: Subject, candidates: Candidates, gaps: Gaps, *, steps: int = 24, probes: int = 400
) -> Findings:
    """Move the part along every candidate, both ways, and measure."""
    motions = candidates.motions
    length = lengths_along(subject, motions)
    reach, trial = reaches(motions, length), trial_values(motions, length)
    return Findings(
        motions=motions,
        support=candidates.support,
        forward=sweep(subject, motions, reach, steps=steps, probes=probes),
        backward=sweep(subject, motions, -reach, steps=steps, probes=probes),
        length=length,
        loose=looseness(subject, motions, trial, gaps),
        loose_back=looseness(subject, motions, -trial, gaps),
        loose_soon=looseness(subject, motions, soon * trial, gaps),
        loose_soon_back=looseness(subject, motions, -soon * trial, gaps),
        off_axis=axis_distance(subject, motions, gaps),
        guided=guidance(subject, motions),
        rubbing=rubbing(subject, motions),
        round=roundness(subject, motions),
        strayed=np.zeros(len(motions)),
    )


def lengths_along(subject: Subject, motions: Motions) -> Values:
    """Return the part's extent (H,) along each axis."""
    return np.ptp(subject.part.samples.points @ motions.axis.T, axis=0)


def reaches(motions: Motions, length: Values) -> Values:
    """Return how far (H,) each motion is swept."""
    return np.where(motions.hinge, turn_reach, slide_reach * length)


def trial_values(motions: Motions, length: Values) -> Values:
    """Return the value (H,) at which each motion is tried where no pull says."""
    return np.where(motions.hinge, trial_turn, trial_slide * length)


def looseness(subject: Subject, motions: Motions, value: Values, gaps: Gaps) -> Values:
    """Return how much (H,) the gap grew over how far the part travelled; 1 = carried off."""
    corners = subject.part.samples.points[:64]
    travelled = np.linalg.norm(move(motions, value, corners) - corners, axis=2).mean(axis=1)
    grown = np.maximum(gaps.at(motions, value) - sample_spacing, 0.0)
    return np.clip(grown / np.maximum(travelled, 0.02), 0.0, 1.0)


def axis_distance(subject: Subject, motions: Motions, gaps: Gaps) -> Values:
    """Return the distance (H,) of the hinge line from part plus body, over the part's diagonal."""
    offset = (motions.origin * motions.axis).sum(axis=1)
    along = subject.part.samples.points @ motions.axis.T - offset
    low, high = along.min(axis=0), along.max(axis=0)
    shares = np.linspace(-0.06, 1.06, 17)
    marks = low[:, None] + (high - low)[:, None] * shares
    points = motions.origin[:, None, :] + marks[:, :, None] * motions.axis[:, None, :]
    flat = points.reshape(-1, 3)
    to_body = gaps.body_distance(flat).reshape(marks.shape)
    to_part = KDTree(subject.part.samples.points).query(flat, workers=2)[0].reshape(marks.shape)
    near = np.maximum(np.percentile(to_body + to_part, 12.5, axis=1) - 2.0 * sample_spacing, 0.0)
    return np.where(motions.hinge, near / subject.part.box.diagonal, 0.0)


def guidance(subject: Subject, motions: Motions) -> Values:
    """Return the share (H,) of the four ways across each slide on which the body stops the part."""
    guided = np.zeros(len(motions))
    slides = np.flatnonzero(~motions.hinge)
    if not len(slides):
        return guided
    axes = motions.axis[slides]
    across = np.array([perpendicular(axis) for axis in axes])
    ways = np.stack([across, np.cross(axes, across)], axis=1)
    ways = _squared(ways, subject.part.box.axes)
    both = np.concatenate([ways, -ways], axis=1).reshape(-1, 3)
    sideways = Motions(np.zeros(len(both), dtype=bool), both, np.zeros((len(both), 3)))
    reach = np.full(len(both), 0.12 * subject.part.box.diagonal)
    barred = sweep(subject, sideways, reach, steps=6).limits() < reach
    guided[slides] = barred.reshape(-1, 4).mean(axis=1)
    return guided


def _squared(ways: Values, axes: Values) -> Values:
    """Turn each pair of ways (S, 2, 3) about the slide so that one follows a box axis."""
    slide = np.cross(ways[:, 0], ways[:, 1])
    flat = axes[None] - (slide @ axes.T)[:, :, None] * slide[:, None, :]
    longest = flat[np.arange(len(ways)), np.linalg.norm(flat, axis=2).argmax(axis=1)]
    first = longest / np.linalg.norm(longest, axis=1, keepdims=True)
    return np.stack([first, np.cross(slide, first)], axis=1, dtype=np.float64)


def rubbing(subject: Subject, motions: Motions) -> Values:
    """Return how much (H,) of the speed at the contact points into the body: 0 where all slips."""
    chosen = np.flatnonzero(subject.contact)[:300]
    points, normals = subject.nearest[chosen], subject.facing[chosen]
    speed = velocities(motions, points)
    through = ((speed * normals[None]).sum(axis=2) ** 2).sum(axis=1)
    return np.sqrt(through / np.maximum((speed**2).sum(axis=(1, 2)), 1e-12))


def velocities(motions: Motions, points: Values) -> Values:
    """Return the velocity (H, N, 3) of points (N, 3) at rest, for a unit speed of the value."""
    turn = np.cross(motions.axis[:, None, :], points[None] - motions.origin[:, None, :])
    return np.where(motions.hinge[:, None, None], turn, motions.axis[:, None, :])


def roundness(subject: Subject, motions: Motions) -> Values:
    """Return how little (H,) the part is a body of revolution about each hinge; 1 for slides."""
    part = subject.part.samples.take(np.arange(400))
    off = np.ones(len(motions))
    for h in np.flatnonzero(motions.hinge):
        off[h] = turning_error(
            motions.axis[h], motions.origin[h], part.points, part.normals, part.area
        )
    return off
