"""The engine: a part, a body and some pulls in; ranked joints out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from backend.articulation import evidence, ranges, refine, weights
from backend.articulation.evidence import Findings
from backend.articulation.hypotheses import Hypothesis, alike, as_motions, propose
from backend.articulation.problem import Problem, Progress, silent
from backend.articulation.subject import Subject, prepare
from backend.articulation.sweeps import Gaps
from backend.geometry.surface import Motions
from protocol.errors import failure
from protocol.joint import Joint, JointType

stages = ("prepare", "hypotheses", "evidence", "refine", "range")
examined = 140  # hypotheses that are moved and tested for contact
refined = 12  # hypotheses that are optimised
batch = 24  # hypotheses between two checks for cancel


@dataclass(frozen=True)
class Answer:
    """Joints from the most to the least likely, seconds of each stage, remarks for the user."""

    joints: tuple[Joint, ...]
    seconds: dict[str, float]
    notes: tuple[str, ...]


def articulate(problem: Problem, *, alternatives: int = 5, progress: Progress = silent) -> Answer:
    """Return up to `alternatives` distinct joints that could carry the part along the drags.

    World frame and units of the problem; see `protocol.joint.Joint`. Deterministic for a seed.
    Raises TugError `bad_input` or `too_large` with a sentence, and whatever `progress.check`
    raises to cancel.
    """
    clock = _Clock(progress)
    with clock.stage("prepare"):
        subject = prepare(problem, progress)
        gaps = Gaps(subject)
    with clock.stage("hypotheses"):
        hypotheses = _plausible(subject, propose(subject))
    with clock.stage("evidence"):
        found = _examine(subject, hypotheses, gaps, progress)
    with clock.stage("refine"):
        found = _refine(subject, found, gaps, progress)
    with clock.stage("range"):
        joints = _joints(subject, found, gaps, alternatives, progress)
    return Answer(joints, clock.seconds, _notes(subject, joints))


class _Clock:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.progress.check()
        self.progress.stage(name)
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def _plausible(subject: Subject, hypotheses: list[Hypothesis]) -> list[Hypothesis]:
    """The hypotheses that carry the drags best; all of them where there is no drag."""
    if not hypotheses:
        raise failure("bad_input", "No joint of the allowed types fits: allow more joint types.")
    if not len(subject.drags):
        return hypotheses
    motions = evidence.with_drag_signs(subject, as_motions(hypotheses))
    _, residual = evidence.pulled(subject, motions)
    prior = np.array([weights.sources[h.source] for h in hypotheses])
    rank = np.argsort(-np.log(prior) - 3.0 * np.log(evidence.drag_score(residual)), kind="stable")
    return [hypotheses[k] for k in rank[:examined]]


def _examine(
    subject: Subject, hypotheses: list[Hypothesis], gaps: Gaps, progress: Progress
) -> Findings:
    pieces = []
    for start in range(0, len(hypotheses), batch):
        progress.stage("evidence", start, len(hypotheses))
        progress.check()
        some = hypotheses[start : start + batch]
        pieces.append(evidence.examine(subject, as_motions(some), [h.source for h in some], gaps))
    return evidence.joined(pieces)


def _refine(subject: Subject, found: Findings, gaps: Gaps, progress: Progress) -> Findings:
    """The best hypotheses and what becomes of them when optimised, examined finely."""
    order = np.argsort(-evidence.total(subject, found), kind="stable")
    best = found.take(order[:refined])
    seen = np.isin(best.sources, weights.pinned)
    pieces = [found.take(order[refined:]), _finely(subject, best, gaps)]
    for noise in (refine.by_hand, refine.exact) if len(subject.drags) else ():
        progress.check()
        motions, strayed = refine.to_drags(subject, best.motions, seen, noise)
        moved = np.flatnonzero(strayed > 0.02)
        if len(moved):
            better = replace(best, motions=motions, strayed=strayed).take(moved)
            pieces.append(_finely(subject, better, gaps))
    return evidence.joined(pieces)


def _finely(subject: Subject, found: Findings, gaps: Gaps) -> Findings:
    motions, sources = found.motions, found.sources
    finely = evidence.examine(subject, motions, sources, gaps, steps=32, probes=1200)
    return replace(finely, strayed=found.strayed)


def _joints(
    subject: Subject, found: Findings, gaps: Gaps, alternatives: int, progress: Progress
) -> tuple[Joint, ...]:
    total = evidence.total(subject, found)
    chosen = distinct_best(subject, found.motions, total, max(alternatives, 5))
    share = confidence(total[chosen])
    joints = []
    for h, certainty in zip(chosen[:alternatives], share, strict=False):
        progress.check()
        joints.append(_joint(subject, found, h, gaps, float(certainty)))
    return tuple(joints)


def distinct_best(
    subject: Subject, motions: Motions, total: NDArray[np.float64], count: int
) -> list[int]:
    """Return indices of the best hypotheses that differ in type, axis or line, best first."""
    size = subject.part.box.diagonal
    kept: list[int] = []
    for k in np.argsort(-total, kind="stable"):
        if len(kept) == count:
            break
        if not alike(motions, kept, int(k), angle=8.0, distance=0.06 * size).any():
            kept.append(int(k))
    return kept


def confidence(total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of belief (K,) in each of K distinct joints: a softmax of their scores.

    It is not calibrated, so it never speaks of certainty.
    """
    weight = np.exp((total - total.max()) / weights.temperature)
    return np.minimum(weight / weight.sum(), weights.most_sure)


def _joint(subject: Subject, found: Findings, h: int, gaps: Gaps, certainty: float) -> Joint:
    motion = found.motions.take([h])
    value = float(found.value[h]) if len(subject.drags) else 0.0
    span = ranges.find(subject, motion, value, gaps)
    hinge = bool(motion.hinge[0])
    unit = 1.0 if hinge else subject.frame.scale
    origin = _on_axis(motion, subject) if hinge else subject.part.box.centre
    return Joint(
        type=_type(hinge, span.continuous),
        axis=_triple(subject.frame.world_direction(motion.axis[0])),
        origin=_triple(subject.frame.world(origin)),
        lower=float(span.lower * unit) + 0.0,  # never "-0"
        upper=float(span.upper * unit) + 0.0,
        confidence=certainty,
        evidence=evidence.in_words(subject, found, h),
    )


def _type(hinge: bool, spins: bool) -> JointType:
    if not hinge:
        return "prismatic"
    return "continuous" if spins else "revolute"


def _on_axis(motion: Motions, subject: Subject) -> NDArray[np.float64]:
    """The point of the axis beside the part's centre: where an artist looks for the hinge."""
    axis, origin = motion.axis[0], motion.origin[0]
    return origin + axis * float((subject.part.box.centre - origin) @ axis)


def _triple(vector: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = (float(value) + 0.0 for value in vector)  # never "-0"
    return x, y, z


def _notes(subject: Subject, joints: tuple[Joint, ...]) -> tuple[str, ...]:
    notes = []
    if not len(subject.drags):
        notes.append("No drag was given, so the direction of the joint is a guess.")
    if subject.rest_gap > 0.05:
        notes.append("The part does not touch the body: is the right body chosen?")
    if len(joints) > 1 and joints[0].confidence < 0.5:
        notes.append("Several joints fit about equally well: compare the alternatives.")
    return tuple(notes)
