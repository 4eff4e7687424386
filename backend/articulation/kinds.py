"""Which type of joint a motion is, with its range: also screws, turn-and-slide and fixed joints.

Hinges and slides are the rule. Another type is answered on clear evidence only: a screw where a
thread is seen or the prompt says so, a cylindrical joint where the prompt or different pulls
both turn and slide, a fixed one where nothing moves. Wheels are `ranges.spins`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.articulation import ranges, words
from backend.articulation.clearance import poses
from backend.articulation.kinematics import arms, carry, signed
from backend.articulation.subject import Subject
from backend.articulation.sweeps import Gaps
from backend.geometry.mesh import Mesh, areas_and_normals, sample, subset
from backend.geometry.surface import Motions, Surface
from protocol.joint import JointType

Values = NDArray[np.float64]
Pair = tuple[float, float]

said = 0.9  # how likely the prompt's words must be for a type that only words tell
slopes = 0.15, 0.98  # of faces on a thread: cosine between normal and axis
pitches = 0.08, 0.7  # of threads, over the radius
proud = 0.006  # of the radius: what strays less when it is turned is round
kept_straying = 0.4  # share of its straying that a thread keeps when it is screwed, at most
whole_thread = 0.6  # share of what is not round that is the thread
thread_points = 120
usual_pitch = 0.2  # over the radius: bottles, jars and bolts
steep = 0.35  # way along the axis over that around it, from which a pull alone shows a screw
least_turn = np.radians(30.0)  # in the pulls, for that
apart = 0.3  # share of the other motion in pulls that turn and in those that slide
blocked_turn, blocked_slide = (
    np.radians(1.0),
    0.003,
)  # what moves less than this, both ways, is fixed


@dataclass(frozen=True)
class Kind:
    """A motion's type, range and parameters in the object's frame; `text` says why it is odd."""

    type: JointType
    motion: Motions
    lower: float
    upper: float
    pitch: float = 0.0
    slide: Pair = (0.0, 0.0)
    text: str = ""


@dataclass(frozen=True)
class Thread:
    """A helix: `pitch` along the axis a turn, and how many `turns` of it are there."""

    pitch: float
    turns: float


def find(subject: Subject, motion: Motions, value: float, gaps: Gaps) -> Kind:
    """Return the type and range of one motion; `value` is where the drags want it (or 0)."""
    allowed = subject.joint_types
    if not motion.hinge[0]:
        span = ranges.find(subject, motion, value, gaps)
        return Kind("prismatic", motion, span.lower, span.upper)
    ordinary = not {"revolute", "continuous"}.isdisjoint(allowed)
    forced = "" if ordinary else "screw" if "screw" in allowed else "cylindrical"
    if "cylindrical" in allowed and (forced == "cylindrical" or _does_both(subject, motion)):
        return _cylindrical(subject, motion, value, gaps)
    if "screw" in allowed:
        screwed = _screw(subject, motion, value, gaps, certain=forced == "screw")
        if screwed:
            return screwed
    span = ranges.find(subject, motion, value, gaps)
    endless = span.continuous or "revolute" not in allowed
    return Kind("continuous" if endless else "revolute", motion, span.lower, span.upper)


def stays(subject: Subject, kinds: list[Kind]) -> bool:
    """Whether the joint is fixed: it is said, or none of the best motions goes anywhere."""
    if "fixed" not in subject.joint_types:
        return False
    return is_said(subject, "fixed") or all(
        kind.upper - kind.lower < (blocked_turn if kind.motion.hinge[0] else blocked_slide)
        for kind in kinds
    )


def is_said(subject: Subject, kind: JointType) -> bool:
    """Whether the prompt says outright that the joint is of a type."""
    types = words.parse(subject.prompt).types
    return types[kind] >= said and types[kind] == max(types.values())


def _screw(
    subject: Subject, motion: Motions, value: float, gaps: Gaps, *, certain: bool
) -> Kind | None:
    """The motion as a screw, if it is one; `certain` where the request leaves nothing else."""
    even = _round(subject, motion)
    thread = find_thread(subject, motion) if even else None
    if thread is not None:
        return _wound(motion, subject, value, gaps, thread, "Goes along the thread it has.")
    pitch = _pulled_pitch(subject, motion) if even else 0.0
    if pitch:
        text = "Goes along and around, as it is pulled."
        return _wound(motion, subject, value, gaps, Thread(pitch, 0.0), text)
    if certain or is_said(subject, "screw"):
        pitch = usual_pitch * _radius(subject, motion)
        text = "No thread is modelled: its pitch is a guess."
        return _wound(motion, subject, value, gaps, Thread(pitch, 0.0), text)
    return None


def _wound(
    motion: Motions, subject: Subject, value: float, gaps: Gaps, thread: Thread, text: str
) -> Kind:
    """A screw is tight at rest, and comes out in the turns of its thread."""
    pitch = thread.pitch
    turns = thread.turns or float(np.clip(_overlap(subject, motion) / abs(pitch), 0.5, 4.0))
    way = max(2.0 * np.pi * turns, value)
    ahead = gaps.clearance.of_solids(motion, way, pitch)
    if value <= 0.0 and ahead < 0.5 * way:
        other = signed(motion, np.array([True]))
        behind = gaps.clearance.of_solids(other, way, pitch)
        if behind > ahead:
            motion, ahead = other, behind
    return Kind("screw", motion, 0.0, min(way, ahead), pitch=pitch, text=text)


def find_thread(subject: Subject, motion: Motions) -> Thread | None:
    """Return the thread around a hinge's axis on body or part.

    A thread is what does not stay in its own surface when it is turned about the axis, and does
    when it is moved along by the right pitch as well.
    """
    generator = np.random.default_rng(subject.seed)
    radius = _radius(subject, motion)
    for side in (subject.body, subject.part):
        points = _slopes(side.mesh, subject, motion, generator)
        off = _astray(side.surface, points, motion, [0.0])[0] if len(points) else np.zeros(0)
        points = points[off > proud * radius]
        if len(points) < thread_points:
            continue
        off = off[off > proud * radius]
        pitch = _best_pitch(side.surface, points, motion, radius)
        on_thread = _astray(side.surface, points, motion, [pitch])[0] < kept_straying * off
        if on_thread.mean() > whole_thread:
            along = points[on_thread] @ motion.axis[0]
            return Thread(pitch, float(np.ptp(np.percentile(along, [4.0, 96.0]))) / abs(pitch))
    return None


def _slopes(
    mesh: Mesh, subject: Subject, motion: Motions, generator: np.random.Generator
) -> Values:
    """Points (N, 3) where a side, near the part, is neither flat nor straight along the axis."""
    axis, origin = motion.axis[0], motion.origin[0]
    centres, part = mesh.corners.mean(axis=1), subject.part.samples.points
    reached, along = (part - origin) @ axis, (centres - origin) @ axis
    near = arms(motion, centres)[0] < 1.1 * arms(motion, part).max()
    near &= (along > reached.min()) & (along < reached.max())
    around = subset(mesh, near)
    areas, normals = areas_and_normals(around)
    slope = np.abs(normals @ axis)
    areas = np.where((slope > slopes[0]) & (slope < slopes[1]), areas, 0.0)
    if not areas.any():
        return np.zeros((0, 3))
    return sample(around, areas, normals, 4 * thread_points, generator).points


def _best_pitch(surface: Surface, points: Values, motion: Motions, radius: float) -> float:
    """The pitch with which points stay best in their surface, either hand."""
    some = points[:thread_points]
    sizes = radius * np.geomspace(*pitches, 20)
    tried = np.concatenate([sizes, -sizes])
    for step in (0.06, 0.015, 0.004):
        off = np.median(_astray(surface, some, motion, tried), axis=1)
        best = float(tried[int(np.argmin(off))])
        tried = best * (1.0 + step * np.arange(-2, 3))
    return best


def _astray(surface: Surface, points: Values, motion: Motions, pitches: ArrayLike) -> Values:
    """How far points are from a surface when they are screwed on a little, or back, with each
    of the pitches: (K, N).
    """
    turns = np.radians([-70.0, -40.0, 40.0, 70.0])
    pitches = np.asarray(pitches)
    there = poses(motion, np.tile(turns, len(pitches)), np.repeat(pitches, len(turns)))
    moved = np.einsum("kij,nj->kni", there[:, :3, :3], points) + there[:, None, :3, 3]
    off = surface.closest(moved.reshape(-1, 3), limit=0.2)[0].reshape(len(pitches), 2, 2, -1)
    return np.minimum(off, off[:, ::-1, ::-1]).mean(axis=(1, 2))


def _pulled_pitch(subject: Subject, motion: Motions) -> float:
    """The way along the axis for each turn that the drags show; 0 where it is not plain."""
    if not len(subject.drags):
        return 0.0
    along, around, radius = _ways(subject, motion)
    turned = float((around / radius).sum())
    plain = abs(turned) > least_turn and abs(along.sum()) > steep * abs(around.sum())
    return 2.0 * np.pi * float(along.sum()) / turned if plain else 0.0


def _does_both(subject: Subject, motion: Motions) -> bool:
    """Whether prompt or pulls say that the part turns and, apart from that, slides."""
    if is_said(subject, "cylindrical"):
        return True
    if len(subject.drags) < 2 or not _round(subject, motion):
        return False
    along, around, _ = _ways(subject, motion)
    turn = np.abs(along) < apart * np.abs(around)
    slide = np.abs(around) < apart * np.abs(along)
    return bool(turn.any() and slide.any())


def _ways(subject: Subject, motion: Motions) -> tuple[Values, Values, Values]:
    """How far each drag goes along the axis and around it, and its arm: (D,) each."""
    drags = subject.drags
    along = (drags[:, 1] - drags[:, 0]) @ motion.axis[0]
    radius = np.maximum(arms(motion, drags[:, 0])[0], 1e-9)
    return along, carry(motion, drags)[0][0] * radius, radius


def _cylindrical(subject: Subject, motion: Motions, value: float, gaps: Gaps) -> Kind:
    """Turns as a hinge does and slides as a slide does, from where it stands."""
    turn = ranges.find(subject, motion, value, gaps)
    straight = replace(motion, hinge=np.array([False]))
    wanted = 0.0
    if len(subject.drags):
        along = _ways(subject, motion)[0]
        wanted = float(along[np.abs(along).argmax()])
    onward = wanted >= 0.0
    slide = straight if onward else signed(straight, np.array([True]))
    span = ranges.find(subject, slide, abs(wanted), gaps)
    both = (span.lower, span.upper) if onward else (-span.upper, -span.lower)
    text = "Turns, and slides along the same axis."
    return Kind("cylindrical", motion, turn.lower, turn.upper, slide=both, text=text)


def _round(subject: Subject, motion: Motions) -> bool:
    """Whether the part's bulk lies evenly around the axis."""
    return ranges.off_centre(subject, motion) < ranges.broad[0]


def _radius(subject: Subject, motion: Motions) -> float:
    return float(np.percentile(arms(motion, subject.part.samples.points), 50.0))


def _overlap(subject: Subject, motion: Motions) -> float:
    """How far part and body reach past each other along the axis, close to it."""
    axis, origin = motion.axis[0], motion.origin[0]
    wide = arms(motion, subject.part.samples.points).max()
    ends = []
    for side in (subject.part, subject.body):
        points = side.samples.points
        near = points[arms(motion, points)[0] < 1.05 * wide]
        along = (near - origin) @ axis
        ends.append((along.min(), along.max()) if len(along) else (0.0, 0.0))
    (a, b), (c, d) = ends
    return max(float(min(b, d) - max(a, c)), 0.0)
