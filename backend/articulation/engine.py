"""The engine: a part, a body and some pulls in; ranked joints out."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from backend.articulation import (
    asking,
    evidence,
    findings,
    judgement,
    kinds,
    locks,
    pulls,
    refine,
    sureness,
    weights,
)
from backend.articulation.asking import Ask
from backend.articulation.findings import Findings
from backend.articulation.hypotheses import Candidates, alike, is_seen, propose
from backend.articulation.imagined import Seen
from backend.articulation.kinds import Kind
from backend.articulation.look import Look
from backend.articulation.problem import Problem, Progress, silent
from backend.articulation.scene import Scene
from backend.articulation.subject import Subject, prepare
from backend.articulation.sweeps import Gaps
from backend.geometry.surface import Motions, together
from protocol.errors import failure
from protocol.joint import Evidence, Joint

stages = ("prepare", "hypotheses", "evidence", "refine", "imagine", "compare", "range")
examined = 160  # hypotheses that are moved and tested for contact
refined = 12  # hypotheses that are optimised
batch = 24  # hypotheses between two checks for cancel
both_ways = 0.1  # difference in score below which a motion is as good the other way round
same_angle, same_line = 8.0, 0.06  # degrees, and of the part's diagonal: no different joint


@dataclass(frozen=True)
class Answer:
    """Joints from the most to the least likely, seconds of each stage, remarks for the user.

    `choices` is how many of the first joints to show side by side, `share` what of the
    likelihood the best has, which its confidence is calibrated from. `views` are what a model
    that was asked imagined, beside the best joint.
    """

    joints: tuple[Joint, ...]
    choices: int
    share: float
    seconds: dict[str, float]
    notes: tuple[str, ...]
    views: tuple[Seen, ...] = ()


def articulate(
    problem: Problem,
    *,
    alternatives: int = 5,
    progress: Progress = silent,
    without: Collection[str] = (),
    ask: Sequence[Ask] = (),
) -> Answer:
    """Return up to `alternatives` distinct joints that could carry the part along the drags.

    World frame and units of the problem; see `protocol.joint.Joint`. Deterministic for a seed.
    What is locked holds exactly; with a locked axis, values may be negative where the drags go
    against it, and where there are none it is the likelier way round.
    `without` names kinds of evidence (`evidence.kinds`) and sources of hypotheses
    (`hypotheses.sources`) that are left out, to measure what they are worth. `ask` are learned
    models whose opinion may be asked, see `asking`.
    Raises TugError `bad_input`, `too_large` or `missing_model` with a sentence, and whatever
    `progress.check` raises to cancel.
    """
    clock = _Clock(progress)
    if set(problem.types) == {"fixed"}:
        return Answer((_fixed(prepare(problem, progress), 1.0),), 1, 1.0, clock.seconds, ())
    look, score, gaps = _explored(problem, clock, without)
    if ask:
        look = _imagined(look, score, ask, problem.seed, clock)
        score = total(look, evidence.reasons_of(without))
    with clock.stage("range"):
        size = look.scene.subject.part.box.diagonal
        chosen = distinct_best(look.motions, score, max(alternatives, 5), size)
        joints = _joints(look, score, chosen, gaps, alternatives, progress)
        views = look.imagined[0].shown(look.motions, chosen[0]) if look.imagined else ()
    share = float(sureness.shares(score[chosen])[0])
    notes = _notes(look, joints, ask)
    return Answer(joints, sureness.choices(joints), share, clock.seconds, notes, views)


def explore(problem: Problem) -> tuple[Look, NDArray[np.float64]]:
    """Return every motion that is considered, with its score (H,); raises like `articulate`."""
    look, score, _ = _explored(problem, _Clock(silent), ())
    return look, score


def _explored(
    problem: Problem, clock: _Clock, without: Collection[str]
) -> tuple[Look, NDArray[np.float64], Gaps]:
    progress, left_out = clock.progress, evidence.reasons_of(without)
    with clock.stage("prepare"):
        subject = prepare(problem, progress)
        gaps = Gaps(subject)
    with clock.stage("hypotheses"):
        candidates = _plausible(subject, propose(subject, without))
    with clock.stage("evidence"):
        look = _judged(subject, _examine(subject, candidates, gaps, progress))
    with clock.stage("refine"):
        look = _refine(look, gaps, progress, left_out)
        score = total(look, left_out)
    return look, score, gaps


class _Clock:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Progress]:
        self.progress.check()
        self.progress.stage(name)
        start = time.perf_counter()
        yield self.progress
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def _plausible(subject: Subject, candidates: Candidates) -> Candidates:
    """The candidates that carry the drags best; all of them where there is no drag."""
    if not len(candidates):
        raise failure("bad_input", "No joint of the allowed types fits: allow more joint types.")
    if not len(subject.drags):
        return candidates
    motions = pulls.with_signs(candidates.motions, subject.drags)
    rank = np.argsort(-pulls.likelihood(motions, subject.drags), kind="stable")
    return replace(candidates, motions=motions).take(rank[:examined])


def _examine(subject: Subject, candidates: Candidates, gaps: Gaps, progress: Progress) -> Findings:
    pieces = []
    for start in range(0, len(candidates), batch):
        progress.stage("evidence", start, len(candidates))
        progress.check()
        some = candidates.take(slice(start, start + batch))
        pieces.append(findings.examine(subject, some, gaps))
    return findings.joined(pieces)


def _judged(subject: Subject, found: Findings) -> Look:
    """What was found, as the drags turn it round, or both ways round where there are none."""
    if not len(subject.drags) and not subject.held.one_way:
        found = found.both_ways()
    return Look(Scene(subject), found)


def total(look: Look, without: frozenset[str]) -> NDArray[np.float64]:
    """Return the score (H,) of each motion: the log of its likelihood, up to a constant."""
    score = judgement.score(look, weights.judge(look.pulled), without)
    if not look.pulled:
        score = score + look.scene.subject.held.agreement(look.motions.axis)
    score = score + weights.straying * look.found.strayed**2
    return score + sum(one.score for one in look.imagined)


def _refine(look: Look, gaps: Gaps, progress: Progress, without: frozenset[str]) -> Look:
    """All of them, and what becomes of the best when they are optimised."""
    subject, found = look.scene.subject, look.found
    if not look.pulled:
        return look
    best = found.take(np.argsort(-total(look, without), kind="stable")[:refined])
    pieces = [found]
    for noise in (refine.by_hand, refine.exact):
        progress.check()
        motions, strayed = refine.to_drags(subject, best.motions, is_seen(best.support), noise)
        moved = np.flatnonzero(strayed > 0.02)
        if len(moved):
            better = Candidates(motions, best.support).take(moved)
            examined_again = findings.examine(subject, better, gaps)
            pieces.append(replace(examined_again, strayed=strayed[moved]))
    return Look(look.scene, findings.joined(pieces))


def _imagined(
    look: Look, score: NDArray[np.float64], ask: Sequence[Ask], seed: int, clock: _Clock
) -> Look:
    """The look with what models have to say that are asked about it."""
    return replace(look, imagined=asking.opinions(look, score, ask, seed, clock.stage))


def _joints(
    look: Look,
    score: NDArray[np.float64],
    chosen: list[int],
    gaps: Gaps,
    alternatives: int,
    progress: Progress,
) -> tuple[Joint, ...]:
    certain = sureness.confidence(score[chosen], look.pulled)
    chosen = chosen[:alternatives]
    _ = gaps.clearance  # before two threads ask for it
    found = []
    for kind in together(*(partial(_kind, look, h, gaps) for h in chosen)):
        progress.check()
        found.append(kind)
    told = evidence.in_words(look, chosen)
    joints = [
        _joint(look.scene.subject, kind, float(certainty), words)
        for kind, certainty, words in zip(found, certain, told, strict=False)
    ]
    if not look.pulled and kinds.stays(look.scene.subject, found):
        joints[0] = _fixed(look.scene.subject, joints[0].confidence)
    return tuple(joints)


def distinct_best(
    motions: Motions, total: NDArray[np.float64], count: int, size: float
) -> list[int]:
    """Return indices of the best motions that differ in type, axis or line, best first.

    One the other way round differs too, unless it is as good: knobs turn both ways. `size` is
    the part's diagonal.
    """
    kept: list[int] = []
    for k in np.argsort(-total, kind="stable"):
        if len(kept) == count:
            break
        same = alike(motions, kept, int(k), angle=same_angle, distance=same_line * size)
        onward = motions.axis[kept] @ motions.axis[k] > 0.0
        as_good = np.abs(total[kept] - total[k]) < both_ways
        if not (same & (onward | as_good)).any():
            kept.append(int(k))
    return kept


def _kind(look: Look, h: int, gaps: Gaps) -> Kind:
    subject, motion = look.scene.subject, look.motions.take([h])
    value = float(pulls.value(motion, subject.drags)[0]) if look.pulled else 0.0
    return kinds.find(subject, motion, max(value, 0.0), gaps)


def _joint(subject: Subject, kind: Kind, certainty: float, why: tuple[Evidence, ...]) -> Joint:
    motion = kind.motion
    hinge, scale = bool(motion.hinge[0]), subject.frame.scale
    unit = 1.0 if hinge else scale
    origin = _on_axis(motion, subject) if hinge else subject.part.box.centre
    told = (Evidence(name="type", score=1.0, text=kind.text),) if kind.text else ()
    joint = Joint(
        type=kind.type,
        axis=_triple(subject.frame.world_direction(motion.axis[0])),
        origin=_triple(subject.frame.world(origin)),
        lower=float(kind.lower * unit) + 0.0,  # never "-0"
        upper=float(kind.upper * unit) + 0.0,
        pitch=kind.pitch * scale + 0.0,
        slide=(kind.slide[0] * scale + 0.0, kind.slide[1] * scale + 0.0),
        confidence=certainty,
        evidence=(*told, *why),
    )
    return locks.upheld(joint, subject.held.lock)


def _fixed(subject: Subject, certainty: float) -> Joint:
    joint = Joint(
        type="fixed",
        axis=(0.0, 0.0, 1.0),
        origin=_triple(subject.frame.world(subject.part.box.centre)),
        lower=0.0,
        upper=0.0,
        confidence=certainty,
        evidence=(Evidence(name="type", score=1.0, text="Nothing lets it move."),),
    )
    return locks.upheld(joint, subject.held.lock)


def _on_axis(motion: Motions, subject: Subject) -> NDArray[np.float64]:
    """The point of the axis beside the part's centre: where an artist looks for the hinge."""
    axis, origin = motion.axis[0], motion.origin[0]
    return origin + axis * float((subject.part.box.centre - origin) @ axis)


def _triple(vector: NDArray[np.float64]) -> tuple[float, float, float]:
    x, y, z = (float(value) + 0.0 for value in vector)  # never "-0"
    return x, y, z


def _notes(look: Look, joints: tuple[Joint, ...], ask: Sequence[Ask]) -> tuple[str, ...]:
    notes = []
    subject = look.scene.subject
    if not look.pulled and subject.held.axis is None:
        notes.append("No drag was given, so the direction of the joint is a guess.")
    if any(one.always for one in ask) and not look.imagined:
        notes.append(asking.unheard(look))
    if subject.rest_gap > 0.05:
        notes.append("The part does not touch the body: is the right body chosen?")
    if sureness.choices(joints) > 1:
        notes.append("Several joints fit about equally well: compare the alternatives.")
    return tuple(notes)
