"""Cases as the fit sees them: the reasons of every hypothesis, and how right each of them is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.articulation import circumstances, findings, pulls, reasons
from backend.articulation.findings import Findings
from backend.articulation.hypotheses import Candidates, propose, sources
from backend.articulation.judgement import Judge
from backend.articulation.look import Look
from backend.articulation.problem import silent
from backend.articulation.scene import Scene
from backend.articulation.subject import Subject, prepare
from backend.articulation.sweeps import Gaps
from backend.datasets import Case, load_case
from backend.evaluation.answers import close_axis, close_line
from backend.evaluation.regimes import Regime, drags, problem, random_turn, regimes
from backend.geometry.surface import Motions
from backend.metrics.joints import reversible

Values = NDArray[np.float64]

told_apart = 1.5, 0.015  # degrees and diagonals by which one right answer is better than another
pulled: tuple[Regime, ...] = ("exact", "rough", "rougher", "short")


@dataclass(frozen=True, eq=False)
class Trial:
    """One case in one regime, H motions.

    `marks` (H, R) are their reasons, `about` (C,) the circumstances, `support` (H, S) the
    sources, `right` (H,) in [0, 1] how right each is, `angle` (H,) how many degrees its axis is
    off. `size` is the part's diagonal.
    """

    case: str
    category: str
    regime: Regime
    turned: bool
    marks: NDArray[np.float32]
    about: NDArray[np.float32]
    right: NDArray[np.float32]
    angle: NDArray[np.float32]
    support: NDArray[np.bool_]
    motions: Motions
    size: float

    def scores(self, judge: Judge, without: Collection[str] = ()) -> Values:
        """Return the scores (H,) that a judge gives."""
        return judge(self.marks, self.motions.hinge, self.about, without)


def trials(files: list[Path], seed: int = 0) -> Iterator[Trial]:
    """Yield every regime of every case file, some with `up` as it is, some any other way.

    Turning the object changes nothing but `up` in the object's own frame, so only that is turned.
    """
    for path in files:
        yield from of_case(load_case(path), path.stem, seed)


def of_case(case: Case, name: str, seed: int = 0) -> Iterator[Trial]:
    """Yield every regime of a case; see `trials`."""
    if case.joint_type == "fixed":  # no axis to find
        return
    subject = prepare(problem(case, "part", name), silent)
    ways = {regime: subject.frame.local(drags(case, regime, name, seed)) for regime in pulled}
    found = _findings(subject, [ways[regime] for regime in pulled])
    count = len(found) - len(pulled)
    turned = replace(subject, up=random_turn(name, seed).matrix.T @ subject.up)
    for k, regime in enumerate(regimes):
        chosen = [*range(count), *([count + k] if regime in pulled else [])]
        own = found.take(np.array(chosen))
        prompt = case.prompt if regime == "text" else ""
        for stands in (k % 2 == 0,) if regime in pulled else (True, False):
            asked = replace(subject if stands else turned, prompt=prompt)
            if regime in pulled:
                asked = replace(asked, drags=ways[regime])
                signed = own.flipped(pulls.value(own.motions, asked.drags) < 0.0)
            else:
                signed = own.both_ways()
            look = Look(Scene(asked), signed)
            yield Trial(
                case=name,
                category=case.category,
                regime=regime,
                turned=not stands,
                marks=reasons.marks(look).astype(np.float32),
                about=circumstances.of(look).astype(np.float32),
                right=rightness(case, asked, signed.motions).astype(np.float32),
                angle=angles(case, asked, signed.motions).astype(np.float32),
                support=signed.support,
                motions=signed.motions,
                size=subject.part.box.diagonal,
            )


def _findings(subject: Subject, ways: list[Values]) -> Findings:
    """All hypotheses, then the slide along each of the pulls."""
    straight = [(drag[0, 1] - drag[0, 0]) for drag in ways]
    axes = np.array([way / np.linalg.norm(way) for way in straight])
    slides = Motions(
        np.zeros(len(axes), bool), axes, np.tile(subject.part.box.centre, (len(axes), 1))
    )
    support = np.zeros((len(axes), len(sources)), bool)
    support[:, sources.index("drag")] = True
    gaps = Gaps(subject)
    pieces = [
        findings.examine(subject, some, gaps)
        for some in (propose(subject), Candidates(slides, support))
    ]
    return findings.joined(pieces)


def rightness(case: Case, subject: Subject, motions: Motions) -> Values:
    """Return how right each motion is (H,): 0 where it is no hit, else up to 1 where exact."""
    hinge = case.joint.type != "prismatic"
    angle = angles(case, subject, motions)
    line = _line(case, subject, motions) if hinge else np.zeros(len(motions))
    good = (motions.hinge == hinge) & (angle < close_axis) & (line < close_line)
    return np.where(good, np.exp(-angle / told_apart[0] - line / told_apart[1]), 0.0)


def angles(case: Case, subject: Subject, motions: Motions) -> Values:
    """Return how many degrees each axis (H,) is off; either way where nobody pulls a wheel."""
    cosine = subject.frame.world_direction(motions.axis) @ np.array(case.joint.axis)
    if reversible(case.joint) and not len(subject.drags):
        cosine = np.abs(cosine)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


def _line(case: Case, subject: Subject, motions: Motions) -> Values:
    corners = case.vertices[case.faces[case.moving_faces]].reshape(-1, 3).astype(np.float64)
    middle = 0.5 * (corners.min(axis=0) + corners.max(axis=0))
    axis = subject.frame.world_direction(motions.axis)
    origin = subject.frame.world(motions.origin)
    foot = origin + axis * ((middle - origin) * axis).sum(axis=1, keepdims=True)
    arm = foot - np.array(case.joint.origin)
    true = np.array(case.joint.axis)
    return np.linalg.norm(arm - np.outer(arm @ true, true), axis=1) / subject.frame.scale
