"""How a mover is turned while it goes along its way.

Ahead and up of a mover at each time make its rotation; what looked along `forward` as sent looks
ahead then. At a corner of the way the heading turns by the shorter way within a few frames about
the moment when it passes: one frame to each side, and up to three more for a full turn back as
at a cusp. Where the way is steep, up is carried along without twisting (double reflection); it
comes back to the world's up where that is less than about a right angle away, so that a vertical
loop is driven upside down and a spiral upright.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation, Slerp

from backend.motion.bodies import Body, turns
from backend.motion.way import Way

Floats = NDArray[np.float64]
gravity = 9.81  # a Blender unit is a metre
most_lean = math.radians(50.0)
lean_seconds = 0.08  # a lean does not jump where the bend does
seek = 20.0  # over a twentieth of the size most of the way back to upright is done
steep = 0.9962  # sine of 85 degrees: where up says nothing about the roll
most_seek, least_seek = math.radians(110.0), math.radians(50.0)


def rotations(body: Body, along: Floats, positions: Floats, frames: Floats, fps: float) -> Floats:
    """Return (N, 3, 3) that turn the body from how it was sent, at frames (N,)."""
    ahead, up = bases(body, along, positions)
    if body.orientation == "bank":
        ahead, up = _leaning(body, along, ahead, up, frames, fps)
    tilts = np.zeros(len(along)) if body.on_ground else body.way.tilt(along)
    if body.orientation == "keep":
        found = turns(body.way.tangents(along), tilts)
    else:
        up = (turns(ahead, tilts) @ up[..., None])[..., 0] if tilts.any() else up
        found = np.stack([ahead, np.cross(up, ahead), up], axis=2)
        found = found @ (body.axes if body.is_level else body.sent)
    if body.orientation in ("keep", "look_at"):
        return found
    return _eased(found, *crossings(body.way, along, frames), frames)


def bases(body: Body, along: Floats, positions: Floats) -> tuple[Floats, Floats]:
    """Return ahead and up (N, 3) each, before leaning, tilting and easing of corners."""
    up = np.broadcast_to(body.up, positions.shape)
    match body.orientation:
        case "keep":
            return np.broadcast_to(body.axes[0], positions.shape), up
        case "look_at":
            assert body.target is not None
            there = body.target - positions
            if body.on_ground:
                there = there - np.outer(there @ body.up, body.up)
                return _kept(there, body.axes[0], 1e-6 * body.size), up
            ahead = _kept(there, body.axes[0], 1e-6 * body.size)
            return ahead, _square(np.array(up), ahead, body.axes[0])
        case "upright":
            return level(body, along), up
        case _ if body.on_ground:
            return level(body, along), up
        case _:
            ahead = body.way.tangents(along)
            return ahead, _carried_up(body, along, ahead)


def level(body: Body, along: Floats) -> Floats:
    """Return the level part of the way's direction (N, 3); as before where that has none."""
    tangents = body.way.tangents(along)
    flat = tangents - np.outer(tangents @ body.up, body.up)
    return _kept(flat, body.axes[0], 1e-4)


def crossings(way: Way, along: Floats, frames: Floats) -> tuple[Floats, Floats]:
    """Return when corners are passed (C,), in frames and in order, and by which angles (C,)."""
    times, angles = [], []
    for place, angle in zip(way.corners, way.turns, strict=True):
        side = np.sign(along - place)
        side[np.abs(along - place) < 1e-9 * way.length] = 0
        known = np.flatnonzero(side)
        flips = np.flatnonzero(side[known[1:]] != side[known[:-1]])
        for k in flips:
            a, b = known[k], known[k + 1]
            times.append(_moment(place, along, frames, a, b))
            angles.append(angle)
    order = np.argsort(times)
    return np.array(times)[order], np.array(angles)[order]


def _moment(place: float, along: Floats, frames: Floats, a: int, b: int) -> float:
    """When a length of way is reached between two samples, by the cubic through four."""
    low, high = max(a - 1, 0), min(b + 2, len(frames))
    start = frames[a]
    curve = np.polyfit(frames[low:high] - start, along[low:high] - place, min(3, high - low - 1))
    left, right = 0.0, float(frames[b] - start)
    rising = along[b] > along[a]
    for _ in range(40):
        middle = 0.5 * (left + right)
        before = (np.polyval(curve, middle) < 0.0) == rising
        left, right = (middle, right) if before else (left, middle)
    return float(start + 0.5 * (left + right))


def windows(times: Floats, angles: Floats, frames: Floats) -> list[tuple[int, int]]:
    """Return between which of the frames (indices) the heading turns at each corner."""
    found = []
    last = 0
    step = frames[1] - frames[0] if len(frames) > 1 else 1.0
    for i, (time, angle) in enumerate(zip(times, angles, strict=True)):
        half = 1.0 + 3.0 * angle / math.pi
        low = time - half
        high = time + half
        if i + 1 < len(times):
            high = min(high, 0.5 * (time + times[i + 1]))
        a = max(math.floor((low - frames[0]) / step), last)
        b = min(math.ceil((high - frames[0]) / step), len(frames) - 1)
        if b > a:
            found.append((a, b))
            last = b
    return found


def _eased(found: Floats, times: Floats, angles: Floats, frames: Floats) -> Floats:
    """Rotations that turn smoothly at corners."""
    eased = found.copy()
    for a, b in windows(times, angles, frames):
        ends = Rotation.from_matrix(found[[a, b]])
        shares = np.linspace(0.0, 1.0, b - a + 1)
        shares = shares * shares * (3.0 - 2.0 * shares)
        eased[a : b + 1] = Slerp([0.0, 1.0], ends)(shares).as_matrix()
    return eased


def _carried_up(body: Body, along: Floats, ahead: Floats) -> Floats:
    """Up (N, 3) that is carried along the way and seeks the world's."""
    stations = body.way.stations()
    last = np.append(np.diff(stations), 0.0)
    tangents = body.way.tangents(stations)
    before = body.way.tangents(np.maximum(stations - 1e-7 * body.way.length, 0.0))
    ups = np.empty_like(tangents)
    now = _square(body.up[None].copy(), tangents[:1], body.axes[0])[0]
    pull = 1.0 - np.exp(-seek * np.roll(last, 1) / min(body.size, 0.1 * body.way.length))
    pull[0] = 1.0
    points = body.way.at(stations)
    for i, tangent in enumerate(tangents):
        if i:
            now = _reflected(now, points[i] - points[i - 1], tangents[i - 1], before[i])
            now = _turned(now, before[i], tangent)
        now = _sought(now, tangent, body.up, float(pull[i]))
        ups[i] = now
    between = np.stack([np.interp(along, stations, axis) for axis in ups.T], axis=1)
    return _square(between, ahead, body.axes[0])


def _reflected(up: Floats, chord: Floats, before: Floats, after: Floats) -> Floats:
    """Up carried over one step without twisting (Wang et al. 2008)."""
    length = float(chord @ chord)
    if length == 0.0:
        return up
    up = up - chord * (2.0 / length * float(chord @ up))
    there = before - chord * (2.0 / length * float(chord @ before))
    second = after - there
    length = float(second @ second)
    return up if length < 1e-24 else up - second * (2.0 / length * float(second @ up))


def _turned(up: Floats, before: Floats, after: Floats) -> Floats:
    """Up carried over a corner by the shortest turn; kept where the way comes straight back."""
    cosine = float(before @ after)
    if cosine > 1.0 - 1e-12:
        return up
    if cosine < -0.9999:
        flat = up - after * float(up @ after)
        return flat / np.linalg.norm(flat)
    axis = np.cross(before, after)
    axis /= np.linalg.norm(axis)
    return turns(axis, np.array([math.acos(max(-1.0, cosine))]))[0] @ up


def _sought(up: Floats, tangent: Floats, wanted: Floats, pull: float) -> Floats:
    """Up turned about the way towards the world's."""
    rise = float(tangent @ wanted)
    flat = up - tangent * float(tangent @ up)
    up = flat / np.linalg.norm(flat)
    if abs(rise) > steep:
        return up
    best = wanted - tangent * rise
    best /= np.linalg.norm(best)
    angle = math.atan2(float(np.cross(up, best) @ tangent), float(up @ best))
    near = min(1.0, max(0.0, (most_seek - abs(angle)) / least_seek))
    weight = min(1.0, pull * near) * (1.0 - rise * rise) ** 2
    return turns(tangent, np.array([weight * angle]))[0] @ up


def _leaning(
    body: Body, along: Floats, ahead: Floats, up: Floats, frames: Floats, fps: float
) -> tuple[Floats, Floats]:
    """Ahead and up leant into the bends as a coordinated turn asks: tan = v^2 k / g."""
    if body.on_ground:
        return ahead, up
    step = (frames[1] - frames[0]) / fps
    speed = np.gradient(along, step)
    left = np.cross(up, ahead)
    sideways = speed**2 * (body.way.curvatures(along) * left).sum(axis=1)
    lean = np.clip(np.arctan2(sideways, gravity), -most_lean, most_lean)
    lean = gaussian_filter1d(lean, lean_seconds / step, mode="nearest")
    return ahead, (turns(ahead, -lean) @ up[..., None])[..., 0]


def _kept(vectors: Floats, first: Floats, least: float) -> Floats:
    """Unit vectors; where one has no length, the one before it."""
    lengths = np.linalg.norm(vectors, axis=1)
    good = lengths > least
    if not good.any():
        return np.broadcast_to(first, vectors.shape).copy()
    index = np.where(good, np.arange(len(vectors)), 0)
    index = np.maximum.accumulate(index)
    index[: np.flatnonzero(good)[0]] = np.flatnonzero(good)[0]
    return vectors[index] / lengths[index, None]


def _square(up: Floats, ahead: Floats, spare: Floats) -> Floats:
    """Up square to ahead (N, 3) each; where it has no part that is, away from `spare`."""
    flat = up - ahead * (up * ahead).sum(axis=1, keepdims=True)
    lengths = np.linalg.norm(flat, axis=1)
    instead = -spare + ahead * (ahead @ spare)[:, None]
    flat = np.where(lengths[:, None] > 1e-6, flat, instead)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-300)
