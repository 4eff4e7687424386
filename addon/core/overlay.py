"""What the viewport shows of drags and proposed joints, as plain arrays.

Everything is in world space and Blender units. Lines are (N, 2, 3) segments, fills are
(N, 3, 3) triangles, both float32, ready for one draw call each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..protocol.joint import Joint, motion
from .geometry import transformed

Array = NDArray[np.float32]
full_turn = 2.0 * math.pi
crease_cosine = math.cos(math.radians(30.0))
most_edges = 60_000
nowhere = np.zeros((0, 3), np.float32)


@dataclass(frozen=True)
class Glyph:
    """A joint as drawn: its axis, the way it moves, its range, and where it stands now.

    A fixed joint has only a mark, and what the others have is empty.
    """

    axis: Array  # (N, 2, 3) the axis line with a head where it points, or the mark
    origin: Array  # (0 or 1, 3)
    arrow: Array  # (N, 2, 3) direction of positive motion; of a screw both turn and climb
    limits: Array  # (N, 2, 3) outline of the range
    range: Array  # (N, 3, 3) the range as a filled wedge (hinges) or nothing (sliders)
    pointer: Array  # (N, 2, 3) the present value
    ends: Array  # (0 or 2, 3) where lower and upper limit are: of turn and slide, of the turn
    slides: Array  # (0 or 2, 3) the same of the slide of what turns and slides

    @property
    def points(self) -> Array:
        """All points (N, 3) of its lines."""
        every = (self.axis, self.arrow, self.limits, self.pointer)
        return np.concatenate([lines.reshape(-1, 3) for lines in every])


def joint_glyph(
    joint: Joint, centre: ArrayLike, size: float, value: float = 0.0, slide: float = 0.0
) -> Glyph:
    """Return how to draw `joint` on a part.

    Parameters
    ----------
    centre : (3,) array-like
        Centre of the part at rest, world. Wedges point from the axis towards it.
    size : float
        Diagonal of the part's box in Blender units; zero or less is drawn as 1.
    value : float
        Where the part is shown, in the joint's own unit.
    slide : float
        How far a cylindrical joint is shifted, in Blender units.
    """
    size = size if size > 0.0 else 1.0
    middle = np.asarray(centre, np.float64)
    match joint.type:
        case "fixed":
            return _mark(middle, size)
        case "prismatic":
            return _slider(joint, middle, (joint.lower, joint.upper), size, value)
        case "screw":
            climb = joint.pitch / full_turn
            ends = climb * joint.lower, climb * joint.upper
            return _turn_and_slide(joint, middle, ends, size, value, climb * value)
        case "cylindrical":
            return _turn_and_slide(joint, middle, joint.slide, size, value, slide)
        case _:
            return _hinge(joint, middle, size, value)


@dataclass(frozen=True)
class Arrow:
    """A drag as drawn: a line from start to end, and a cone at the end. Both empty if equal."""

    shaft: Array  # (N, 2, 3)
    head: Array  # (N, 3, 3)


def drag_arrow(start: ArrayLike, end: ArrayLike, head: float = math.inf) -> Arrow:
    """Return an arrow between two (3,) points; its head is `head` long, at most a third of it."""
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    length = float(np.linalg.norm(end - start))
    if not length > 0.0:
        return Arrow(_segments([]), np.zeros((0, 3, 3), np.float32))
    direction = (end - start) / length
    foot = end - min(head, length / 3.0) * direction
    rim = _Rim(foot, direction, _outward(direction, np.zeros(3)), 0.35 * min(head, length / 3.0))
    circle = rim.points(np.linspace(0.0, full_turn, 13))
    cone = np.concatenate([_fan(end, circle), _fan(foot, circle)])
    return Arrow(_segments([(start, foot)]), cone)


def feature_edges(vertices: ArrayLike, faces: ArrayLike) -> NDArray[np.int32]:
    """Return the edges that make a shape readable: borders and creases over 30 degrees.

    Parameters are (V, 3) vertices and (F, 3) triangles; the answer is (E, 2) vertex
    indices. Large answers are thinned to 60 000 edges so that a ghost stays cheap to draw.
    """
    vertices = np.asarray(vertices, np.float64)
    faces = np.asarray(faces, np.int64).reshape(-1, 3)
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    keys = edges[:, 0] * max(len(vertices), 1) + edges[:, 1]
    order = np.argsort(keys, kind="stable")
    starts, counts = _runs(keys[order])
    sharp = counts != 2
    pairs = starts[~sharp]
    normals = _normals(vertices, faces)
    first, second = order[pairs] // 3, order[pairs + 1] // 3
    sharp[~sharp] = np.abs(np.sum(normals[first] * normals[second], axis=1)) < crease_cosine
    found = edges[order[starts[sharp]]].astype(np.int32)
    return found[:: max(1, -(-len(found) // most_edges))]


def moved(points: ArrayLike, joint: Joint, value: float, slide: float = 0.0) -> Array:
    """Return (..., 3) rest points carried by `joint` to `value` and `slide`."""
    carry = motion(joint, value, slide)
    return transformed(carry, np.asarray(points, np.float64)).astype(np.float32)


def box_on_screen(seen: NDArray, margin: float) -> tuple[float, float, float, float] | None:
    """Return (left, bottom, right, top) around pixels (N, 2), NaN ones left out; None of none."""
    seen = seen[np.isfinite(seen).all(axis=1)]
    if not len(seen):
        return None
    (left, bottom), (right, top) = seen.min(axis=0) - margin, seen.max(axis=0) + margin
    return float(left), float(bottom), float(right), float(top)


def projected(points: ArrayLike, matrix: NDArray, width: float, height: float) -> NDArray:
    """Return where (N, 3) world points are seen, (N, 2) pixels; NaN behind the viewer.

    `matrix` (4, 4) is the view's perspective matrix.
    """
    points = np.asarray(points, np.float64)
    clip = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ matrix.T
    depth = clip[:, 3:]
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = np.where(depth > 1e-9, clip[:, :2] / depth, np.nan)
    return (0.5 + 0.5 * seen) * (width, height)


def _hinge(joint: Joint, centre: NDArray, size: float, value: float) -> Glyph:
    axis, origin = np.asarray(joint.axis), np.asarray(joint.origin)
    origin = origin + axis * float(np.dot(centre - origin, axis))
    outward = _outward(axis, centre - origin)
    radius = max(float(np.linalg.norm(centre - origin)), 0.25 * size)
    rim = _Rim(origin, axis, outward, radius)
    lower, upper = joint.lower, joint.upper
    if upper - lower > full_turn:
        lower, upper = 0.0, full_turn
    arc = rim.points(np.linspace(lower, upper, 49))
    arrow = rim.points(np.linspace(lower, upper, 49), 1.08)
    return Glyph(
        axis=_axis_lines(np.asarray(joint.origin), axis, size),
        origin=_point(joint.origin),
        arrow=_segments([*_chain(arrow), *_head(arrow[-1], _heading(arrow), 0.12 * radius)]),
        limits=_segments([(origin, arc[0]), *_chain(arc), (arc[-1], origin)]),
        range=_fan(origin, arc),
        pointer=_segments([(origin, rim.points(np.array([value]))[0])]),
        ends=nowhere if joint.type == "continuous" else rim.points(np.array([lower, upper]), 1.3),
        slides=nowhere,
    )


def _slider(
    joint: Joint, centre: NDArray, way: tuple[float, float], size: float, value: float
) -> Glyph:
    axis = np.asarray(joint.axis)
    tick = 0.08 * size * _outward(axis, np.zeros(3))
    low, high = centre + axis * way[0], centre + axis * way[1]
    here = centre + axis * value
    head = _head(high, axis if way[0] <= way[1] else -axis, 0.1 * size)
    return Glyph(
        axis=_axis_lines(np.asarray(joint.origin), axis, size),
        origin=_point(joint.origin),
        arrow=_segments([(low, high), *head]),
        limits=_segments([(low - tick, low + tick), (low, high), (high - tick, high + tick)]),
        range=np.zeros((0, 3, 3), np.float32),
        pointer=_segments([(here - 2 * tick, here + 2 * tick)]),
        ends=np.array([low - 2.5 * tick, high - 2.5 * tick], np.float32),
        slides=nowhere,
    )


def _turn_and_slide(
    joint: Joint, centre: NDArray, ends: tuple[float, float], size: float, value: float, slid: float
) -> Glyph:
    """Return the glyph of a joint that turns and slides along the same axis."""
    turn, way = _hinge(joint, centre, size, value), _slider(joint, centre, ends, size, slid)
    shifted = (turn.pointer + slid * np.asarray(joint.axis)).astype(np.float32)
    return Glyph(
        axis=turn.axis,
        origin=turn.origin,
        arrow=np.concatenate([turn.arrow, way.arrow]),
        limits=np.concatenate([turn.limits, way.limits]),
        range=turn.range,
        pointer=np.concatenate([shifted, way.pointer]),
        ends=turn.ends,
        slides=way.ends,
    )


def _mark(centre: NDArray, size: float) -> Glyph:
    """Return a small three-dimensional cross in a box: this stays where it is."""
    arms = 0.08 * size * np.eye(3)
    cross = [(centre - arm, centre + arm) for arm in arms]
    tips = [centre + sign * arm for arm in arms[:2] for sign in (1.0, -1.0)]
    ring = [(tips[i], tips[j]) for i, j in ((0, 2), (2, 1), (1, 3), (3, 0))]
    nothing = _segments([])
    return Glyph(
        axis=_segments([*cross, *ring]),
        origin=nowhere,
        arrow=nothing,
        limits=nothing,
        range=np.zeros((0, 3, 3), np.float32),
        pointer=nothing,
        ends=nowhere,
        slides=nowhere,
    )


@dataclass(frozen=True)
class _Rim:
    """A circle about the axis; angle 0 points along `outward`."""

    origin: NDArray
    axis: NDArray
    outward: NDArray
    radius: float

    def points(self, angles: NDArray, scale: float = 1.0) -> NDArray:
        across = np.cross(self.axis, self.outward)
        spokes = np.outer(np.cos(angles), self.outward) + np.outer(np.sin(angles), across)
        return self.origin + self.radius * scale * spokes


def _outward(axis: NDArray, towards: NDArray) -> NDArray:
    """Return the unit vector at right angles to `axis` nearest to `towards` (any, if along it)."""
    across = towards - axis * float(np.dot(towards, axis))
    length = float(np.linalg.norm(across))
    if length < 1e-9:
        across = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
        across *= np.sign(axis[int(np.argmax(np.abs(axis)))])  # the same for both ways round
        length = float(np.linalg.norm(across))
    return across / length


def _axis_lines(origin: NDArray, axis: NDArray, size: float) -> Array:
    """The line, and a head with four sides where it points, unlike the flat one of the arrow."""
    tip = origin + 0.7 * size * axis
    head = _head(tip, axis, 0.09 * size)
    base = [head[k][1] for k in (0, 2, 1, 3)]
    rim = list(zip(base, base[1:] + base[:1], strict=True))
    return _segments([(origin - 0.7 * size * axis, tip), *head, *rim])


def _point(place: ArrayLike) -> Array:
    return np.asarray(place, np.float32).reshape(1, 3)


def _head(tip: NDArray, direction: NDArray, length: float) -> list[tuple[NDArray, NDArray]]:
    side = _outward(direction, np.zeros(3))
    sides = (side, -side, np.cross(direction, side), -np.cross(direction, side))
    return [(tip, tip - length * (direction - 0.4 * s)) for s in sides]


def _heading(points: NDArray) -> NDArray:
    step = points[-1] - points[-2]
    length = float(np.linalg.norm(step))
    return step / length if length > 0.0 else np.array([0.0, 0.0, 1.0])


def _chain(points: NDArray) -> list[tuple[NDArray, NDArray]]:
    return list(pairwise(points))


def _fan(origin: NDArray, arc: NDArray) -> Array:
    centres = np.broadcast_to(origin, arc[:-1].shape)
    return np.stack([centres, arc[:-1], arc[1:]], axis=1).astype(np.float32)


def _segments(pairs: list[tuple[NDArray, NDArray]]) -> Array:
    return np.asarray(pairs, np.float32).reshape(-1, 2, 3)


def _runs(sorted_keys: NDArray) -> tuple[NDArray, NDArray]:
    """Return where each run of equal keys, 0 or more, starts and how long it is."""
    starts = np.flatnonzero(np.diff(sorted_keys, prepend=-1))
    return starts, np.diff(np.r_[starts, len(sorted_keys)])


def _normals(vertices: NDArray, faces: NDArray) -> NDArray:
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    normals = np.cross(b - a, c - a)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return normals / np.where(lengths > 0.0, lengths, 1.0)
