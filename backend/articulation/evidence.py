"""Reasons for and against each hypothesis: scores in (0, 1], and their sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from backend.articulation import weights, words
from backend.articulation.kinematics import arms, carry, move, signed
from backend.articulation.subject import Subject
from backend.articulation.sweeps import Gaps, sweep
from backend.geometry.boxes import perpendicular
from backend.geometry.surface import Motions, stacked
from protocol.joint import Evidence

Values = NDArray[np.float64]

trial_turn = np.radians(60.0)  # how far a hinge is tried where no drag says
sample_spacing = 0.01  # between the samples that stand for a surface where distances may be rough
trial_slide = 0.5  # of the part's own length along the slide


@dataclass(frozen=True, eq=False)
class Findings:
    """Measured facts on H hypotheses; `motions` have the sign in which values grow."""

    motions: Motions
    sources: list[str]
    value: Values  # (H,) the joint value to carry the drags; where none: a trial value
    residual: Values  # (H,) distance left over the drag's length
    forward: Values  # (H,) first contact on the way out
    backward: Values  # (H,) first contact on the way in
    blocked: Values  # (H,) share of probes in collision on the way to `value`
    loose: Values  # (H,) how much the gap grew at `value`, over the way travelled
    on_axis: Values  # (H,) distance from the hinge line to part and body, over the part's diagonal
    lever: Values  # (H,) the drag start's arm over the part's longest arm
    guided: Values  # (H,) share of the ways across a slide that are barred; 1 for hinges
    rubbing: Values  # (H,) share of the speed at the contact that goes through the body
    strayed: Values  # (H,) how far refinement went from where a source put it, in slacks

    def take(self, chosen: NDArray[np.intp]) -> Findings:
        facts = {name: getattr(self, name)[chosen] for name in measured}
        return Findings(self.motions.take(chosen), [self.sources[k] for k in chosen], **facts)


measured = (
    "value",
    "residual",
    "forward",
    "backward",
    "blocked",
    "loose",
    "on_axis",
    "lever",
    "guided",
    "rubbing",
    "strayed",
)


def joined(pieces: list[Findings]) -> Findings:
    """Return the hypotheses of all pieces in one."""
    motions = stacked([piece.motions for piece in pieces])
    facts = {name: np.concatenate([getattr(piece, name) for piece in pieces]) for name in measured}
    return Findings(motions, [name for piece in pieces for name in piece.sources], **facts)


def with_drag_signs(subject: Subject, motions: Motions) -> Motions:
    """Return the motions with axes turned so that the drags have positive values."""
    if not len(subject.drags):
        return motions
    values, _ = carry(motions, subject.drags)
    return signed(motions, values.sum(axis=1) < 0.0)


def pulled(subject: Subject, motions: Motions) -> tuple[Values, Values]:
    """Return the value (H,) that carries the drags and the RMS residual (H,) over their length."""
    if not len(subject.drags):
        return trial_values(subject, motions), np.zeros(len(motions))
    values, off = carry(motions, subject.drags)
    off = np.where(values < 0.0, 1.0, off)
    return np.maximum(values, 0.0).mean(axis=1), np.sqrt((off**2).mean(axis=1))


def trial_values(subject: Subject, motions: Motions) -> Values:
    """Return the value (H,) at which each motion is tried where no drag says."""
    return np.where(motions.hinge, trial_turn, trial_slide * lengths_along(subject, motions))


def lengths_along(subject: Subject, motions: Motions) -> Values:
    """Return the part's extent (H,) along each axis."""
    return np.ptp(subject.part.samples.points @ motions.axis.T, axis=0)


def reaches(subject: Subject, motions: Motions, value: Values) -> Values:
    """Return how far (H,) each motion is swept: past the drag, and to a useful range."""
    usual = np.where(motions.hinge, np.radians(100.0), lengths_along(subject, motions))
    return np.maximum(usual, 1.1 * value)


def examine(
    subject: Subject,
    motions: Motions,
    sources: list[str],
    gaps: Gaps,
    *,
    steps: int = 20,
    probes: int = 320,
) -> Findings:
    """Move the part along every hypothesis and measure."""
    motions = with_drag_signs(subject, motions)
    value, _ = pulled(subject, motions)
    reach = reaches(subject, motions, value)
    out = sweep(subject, motions, reach, steps=steps, probes=probes)
    back = sweep(subject, motions, -reach, steps=steps, probes=probes)
    if not len(subject.drags):
        inward = back.limits() > 1.2 * out.limits()
        motions = signed(motions, inward)
        forward, backward = _swapped(out.limits(), back.limits(), inward)
        blocked, _ = _swapped(out.blocked(0.95 * value), back.blocked(0.95 * value), inward)
    else:
        forward, backward = out.limits(), back.limits()
        blocked = out.blocked(0.95 * value)
    value, residual = pulled(subject, motions)
    return Findings(
        motions=motions,
        sources=sources,
        value=value,
        residual=residual,
        forward=np.minimum(forward, reach),
        backward=np.minimum(backward, reach),
        blocked=blocked,
        loose=looseness(subject, motions, value, gaps),
        on_axis=axis_distance(subject, motions, gaps),
        lever=lever(subject, motions),
        guided=guidance(subject, motions),
        rubbing=rubbing(subject, motions),
        strayed=np.zeros(len(motions)),
    )


def looseness(subject: Subject, motions: Motions, value: Values, gaps: Gaps) -> Values:
    """Return how much (H,) the gap grew over how far the part travelled; 1 = carried off."""
    tried = np.maximum(value, 0.3 * trial_values(subject, motions))
    corners = subject.part.samples.points[:64]
    travelled = np.linalg.norm(move(motions, tried, corners) - corners, axis=2).mean(axis=1)
    grown = np.maximum(gaps.at(motions, tried) - sample_spacing, 0.0)
    return np.clip(grown / np.maximum(travelled, 0.02), 0.0, 1.0)


def axis_distance(subject: Subject, motions: Motions, gaps: Gaps) -> Values:
    """Return the distance (H,) of the hinge line from part plus body, over the part's diagonal."""
    along = subject.part.samples.points @ motions.axis.T - (motions.origin * motions.axis).sum(
        axis=1
    )
    low, high = along.min(axis=0), along.max(axis=0)
    shares = np.linspace(-0.06, 1.06, 17)
    marks = low[:, None] + (high - low)[:, None] * shares
    points = motions.origin[:, None, :] + marks[:, :, None] * motions.axis[:, None, :]
    flat = points.reshape(-1, 3)
    to_body = gaps.body_distance(flat).reshape(marks.shape)
    to_part = KDTree(subject.part.samples.points).query(flat, workers=2)[0].reshape(marks.shape)
    near = np.maximum(np.percentile(to_body + to_part, 12.5, axis=1) - 2.0 * sample_spacing, 0.0)
    return np.where(motions.hinge, near / subject.part.box.diagonal, 0.0)


def lever(subject: Subject, motions: Motions) -> Values:
    """Return the arm (H,) of the drag's start over the part's longest arm; 1 for slides.

    Without a drag the part's grip stands for its start, if it has one.
    """
    held = subject.drags[:, 0] if len(subject.drags) else subject.grip
    if not len(held):
        return np.ones(len(motions))
    longest = arms(motions, subject.part.samples.points).max(axis=1)
    own = arms(motions, held).max(axis=1)
    share = np.clip(own / np.maximum(longest, 1e-9), 0.0, 1.0)
    return np.where(motions.hinge, share, 1.0)


def guidance(subject: Subject, motions: Motions) -> Values:
    """Return the share (H,) of the four ways across each slide on which the body stops the part."""
    guided = np.ones(len(motions))
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
    turn = np.cross(motions.axis[:, None, :], points[None] - motions.origin[:, None, :])
    speed = np.where(motions.hinge[:, None, None], turn, motions.axis[:, None, :])
    through = ((speed * normals[None]).sum(axis=2) ** 2).sum(axis=1)
    return np.sqrt(through / np.maximum((speed**2).sum(axis=(1, 2)), 1e-12))


def scores(subject: Subject, found: Findings) -> dict[str, Values]:
    """Return each evidence's score (H,) in (0, 1]; weights.evidence names them all."""
    ones = np.ones(len(found.motions))
    has_drag = len(subject.drags) > 0
    raw = {
        "drag": drag_score(found.residual) if has_drag else ones,
        "penetration": np.exp(-found.blocked / 0.03),
        "detachment": 1.0 - 0.97 * found.loose,
        "origin": np.exp(-found.on_axis / 0.08),
        "reach": 0.1 + 0.9 * found.lever,
        "contact": 0.2 + 0.8 * np.exp(-((found.rubbing / 0.25) ** 2)),
        "guidance": 0.08 + 0.92 * found.guided**3,
        "shape": shape_score(subject, found),
        "travel": travel_score(subject, found),
        "text": text_score(subject, found.motions),
        "convention": convention_score(subject, found.motions),
    }
    return {name: np.clip(score, weights.floor, 1.0) for name, score in raw.items()}


def drag_score(residual: Values) -> Values:
    """A pull by hand is off by a tenth, now and then by far more; a program's is exact."""
    by_hand = (1.0 + (residual / 0.15) ** 2) ** -2.0
    return 0.25 * np.exp(-0.5 * (residual / 0.012) ** 2) + 0.75 * by_hand


def shape_score(subject: Subject, found: Findings) -> Values:
    """Plates such as doors and lids swing out of their plane, unless a pin goes through them."""
    half = np.sort(subject.core.half)
    normal = subject.core.axes[int(np.argmin(subject.core.half))]
    in_plane = np.abs(found.motions.axis @ normal) > 0.9
    odd = (half[0] < 0.25 * half[1]) & found.motions.hinge & in_plane
    held = np.isin(found.sources, ["shared axis", "round part"])
    screwed = np.isin(found.sources, ["pin"])  # or the screw of a handle
    return np.where(odd & ~held, np.where(screwed, 0.5, 0.25), 1.0)


def travel_score(subject: Subject, found: Findings) -> Values:
    """A joint that can hardly move is none: full marks for a useful range both ways together."""
    length = lengths_along(subject, found.motions)
    useful = np.where(found.motions.hinge, np.radians(45.0), 0.35 * length)
    return np.clip((found.forward + found.backward) / np.maximum(useful, 1e-9), 0.05, 1.0)


def text_score(subject: Subject, motions: Motions) -> Values:
    """Return how likely the prompt means this type of joint, (H,) in (0, 1)."""
    turning = words.turning_share(subject.prompt)
    return np.where(motions.hinge, turning, 1.0 - turning)


def convention_score(subject: Subject, motions: Motions) -> Values:
    """Hinges and slides run upright or level far more often than askew."""
    upright = np.abs(motions.axis @ subject.up)
    askew = np.minimum(
        np.degrees(np.arcsin(np.clip(upright, 0, 1))), np.degrees(np.arccos(np.clip(upright, 0, 1)))
    )
    return np.where(askew < 3.0, 1.0, 0.6)


def total(subject: Subject, found: Findings) -> Values:
    """Return the weighted log score (H,) of each hypothesis."""
    marks = scores(subject, found)
    source = np.log([weights.sources[name] for name in found.sources])
    score = sum(weights.evidence[name] * np.log(mark) for name, mark in marks.items())
    return score + source - 0.5 * found.strayed**2


def in_words(subject: Subject, found: Findings, h: int) -> tuple[Evidence, ...]:
    """Return hypothesis h's evidence with a sentence each, the most telling first."""
    marks = scores(subject, found)
    texts = {name: sentence(subject, found, h) for name, sentence in sentences.items()}
    shown = [name for name, text in texts.items() if text]
    shown.sort(key=lambda name: weights.evidence[name] * np.log(marks[name][h]))
    return tuple(
        Evidence(name=name, score=float(marks[name][h]), text=texts[name]) for name in shown
    )


def _drag_words(subject: Subject, found: Findings, h: int) -> str:
    if not len(subject.drags):
        return ""
    return f"Carries the pull to within {found.residual[h]:.0%} of its length."


def _penetration_words(subject: Subject, found: Findings, h: int) -> str:
    if found.blocked[h] < 0.005:
        return "Moves freely along the pull." if len(subject.drags) else "Moves freely."
    return f"On the way {found.blocked[h]:.0%} of it would run into the body."


def _detachment_words(subject: Subject, found: Findings, h: int) -> str:
    return "Stays on the body." if found.loose[h] < 0.1 else "Comes off the body as it moves."


def _origin_words(subject: Subject, found: Findings, h: int) -> str:
    if not found.motions.hinge[h]:
        return ""
    near = found.on_axis[h] < 0.05
    return (
        "The hinge sits where part and body meet."
        if near
        else "The hinge is away from where part and body meet."
    )


def _contact_words(subject: Subject, found: Findings, h: int) -> str:
    return "Part and body slip along each other." if found.rubbing[h] < 0.15 else ""


def _reach_words(subject: Subject, found: Findings, h: int) -> str:
    if not found.motions.hinge[h] or not len(subject.drags):
        return ""
    return (
        "Pulled well away from the hinge."
        if found.lever[h] > 0.5
        else "Pulled close to the hinge, which is hard."
    )


def _guidance_words(subject: Subject, found: Findings, h: int) -> str:
    if found.motions.hinge[h]:
        return ""
    return "The body guides the slide." if found.guided[h] > 0.6 else "Little guides the slide."


def _shape_words(subject: Subject, found: Findings, h: int) -> str:
    usual = shape_score(subject, found)[h] == 1.0
    return "" if usual else "Would swing flat in its own plane, with no pin to hold it."


def _travel_words(subject: Subject, found: Findings, h: int) -> str:
    short = travel_score(subject, found)[h] < 0.5
    return "Has hardly any room to move." if short else "Has room to move."


def _text_words(subject: Subject, found: Findings, h: int) -> str:
    score = text_score(subject, found.motions)[h]
    if abs(score - 0.5) < 0.05:
        return ""
    return (
        "Fits the words of the prompt."
        if score > 0.5
        else "The prompt sounds like another kind of joint."
    )


def _convention_words(subject: Subject, found: Findings, h: int) -> str:
    usual = convention_score(subject, found.motions)[h] == 1.0
    return "Upright or level, as most joints are." if usual else "Runs askew, as few joints do."


sentences = {
    "drag": _drag_words,
    "penetration": _penetration_words,
    "detachment": _detachment_words,
    "origin": _origin_words,
    "contact": _contact_words,
    "reach": _reach_words,
    "guidance": _guidance_words,
    "shape": _shape_words,
    "travel": _travel_words,
    "text": _text_words,
    "convention": _convention_words,
}


def _swapped(first: Values, second: Values, swap: NDArray[np.bool_]) -> tuple[Values, Values]:
    return np.where(swap, second, first), np.where(swap, first, second)
