"""Movers on uneven ground: height, pitch and roll so that what they stand on touches it.

The ground is the surface below the way: where several lie above each other, the one that goes on
from the frame before, or that the way itself climbs to. A footprint is the contact of each wheel
(its lower arc, so that it climbs a kerb as a wheel does), or points of the base. It settles as a
rigid thing: the least squares of the distances, with nothing deeper in the ground than a small
share of the size. That is smoothed in time as far as it stays as close. Where it would jump, it
rises before the step and comes down after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import savgol_filter

from backend.geometry.mesh import areas_and_normals, sample
from backend.motion.bodies import Body, placed
from backend.motion.stage import Stage
from backend.motion.wheels import Wheel

Floats = NDArray[np.float64]
rounds = 4
most_points = 40
clear = 0.35  # of the height: ground is sought below that, not on what it drives under
slope = 0.7  # of the distance: nothing steeper is driven on
paces = 4  # from the middle to each contact
sunk = {True: 0.004, False: 0.0008}  # of the size, that wheels and bases may be in the ground
hard = 1e4  # how much more that counts
smoothings = (40.0, 32.0, 26.0, 20.0, 16.0, 12.0, 9.0, 6.0, 4.0)  # frames
close = 0.0035  # of the size
jump = 0.006  # of the size, within a frame's part and steeper than half upright
turn_out = np.linspace(-1.0, 1.0, 11)  # radians along a wheel's lower arc


@dataclass(frozen=True, eq=False)
class Footprint:
    """Contacts (C,), each the nearest of its points (C, P, 3) in the mover's level frame.

    It goes up ledges no higher than `climb`.
    """

    points: Floats
    wheels: bool
    climb: float


@dataclass(frozen=True, eq=False)
class Settled:
    """`poses` (N, 4, 4), the ground's up at each contact (C, N, 3), the `gap` (N,) as a share of
    the size, the scene's faces under the contacts (N, C), where there was no ground (N,), and
    where a step was smoothed (N,).
    """

    poses: Floats
    ups: Floats
    gap: Floats
    faces: NDArray[np.int32]
    off: NDArray[np.bool_]
    stepped: NDArray[np.bool_]
    highest_step: float


def footprint(body: Body, wheels: list[Wheel]) -> Footprint:
    """What of a mover touches the ground, in its level frame from the pivot."""
    if len(wheels) >= 2:
        climb = 0.9 * min(wheel.radius for wheel in wheels)
        return Footprint(np.stack([_arc(body, wheel) for wheel in wheels]), True, climb)
    climb = max(0.25 * (body.extent[1][2] - body.extent[0][2]), 0.02 * body.size)
    return Footprint(_base(body)[:, None, :], False, climb)


def _arc(body: Body, wheel: Wheel) -> Floats:
    """The lower arc at both edges and the middle of the tread (P, 3)."""
    centre = body.axes @ (wheel.centre - body.pivot)
    axis = body.axes @ wheel.axis
    if wheel.swivel >= 0:
        axis = np.array([0.0, 1.0, 0.0])
    down = np.array([0.0, 0.0, -1.0])
    ahead = np.cross(axis, down)
    ahead /= np.linalg.norm(ahead)
    down = np.cross(ahead, axis)
    down *= np.sign(-down[2])
    arcs = np.outer(np.cos(turn_out), down) + np.outer(np.sin(turn_out), ahead)
    sides = np.array([-0.5, 0.0, 0.5]) * wheel.width * 0.9
    return (centre + wheel.radius * arcs[None] + sides[:, None, None] * axis).reshape(-1, 3)


def _base(body: Body) -> Floats:
    """Points of what is lowest, spread over it (C, 3)."""
    local = (body.points - body.pivot) @ body.axes.T
    low, height = local[:, 2].min(), max(float(np.ptp(local[:, 2])), 1e-9)
    band = low + max(0.02 * height, 0.002 * body.size)
    found = [local[local[:, 2] <= band]]
    for part in body.parts:
        corners = (part.mesh.corners - body.pivot) @ body.axes.T
        flat = (corners[..., 2] <= band).all(axis=1) if len(corners) else np.zeros(0, bool)
        if flat.any():
            mesh = type(part.mesh)(
                corners[flat].reshape(-1, 3),
                np.arange(3 * int(flat.sum()), dtype=np.int32).reshape(-1, 3),
            )
            areas, normals = areas_and_normals(mesh)
            if areas.sum() > 0.0:
                found.append(sample(mesh, areas, normals, 200, np.random.default_rng(0)).points)
    points = np.concatenate(found)
    return _thinned(points, most_points)


def _thinned(points: Floats, most: int) -> Floats:
    """Points far from each other."""
    chosen = [int(np.argmax(np.linalg.norm(points[:, :2] - points[:, :2].mean(axis=0), axis=1)))]
    distance = np.full(len(points), np.inf)
    while len(chosen) < min(most, len(points)):
        last = points[chosen[-1], :2]
        distance = np.minimum(distance, np.linalg.norm(points[:, :2] - last, axis=1))
        if distance.max() < 1e-9:
            break
        chosen.append(int(np.argmax(distance)))
    return points[chosen]


def settle(
    body: Body,
    stage: Stage,
    feet: Footprint,
    rotations: Floats,
    positions: Floats,
    parts: int,
    proceed: Callable[[], None],
) -> Settled:
    """Put a mover, level at `positions` (N, 3) of its pivot with headings, onto the ground."""
    reference = _reference(body, stage, feet, rotations, positions)
    off = ~np.isfinite(reference)
    base = float(feet.points[..., 2].min())
    plain = positions @ body.up
    height = np.where(off, plain, reference - base)
    fit = _Fit(body, stage, feet, rotations @ body.axes.T, positions, reference)
    state = np.stack([height, np.zeros(len(height)), np.zeros(len(height))], axis=1)
    for _ in range(rounds):
        proceed()
        gaps, places, _ = fit.gaps(state)
        state = state + np.where(
            off[:, None], 0.0, _step(gaps, places, sunk[feet.wheels] * body.size)
        )
    state, stepped, highest = _without_jumps(body, positions, state, off, parts)
    state = _smoothed(fit, state, off | stepped, body.size, parts, proceed)
    gaps, _, faces = fit.gaps(state)
    gap = _gap(gaps, feet.wheels) / body.size
    poses = fit.poses(state)
    ups = np.broadcast_to(body.up, (gaps.shape[1], *positions.shape)).copy()
    for c in range(gaps.shape[1]):
        known = faces[:, c] >= 0
        normals = stage.normals[faces[known, c]]
        ups[c, known] = normals * np.sign(normals @ body.up + 1e-12)[:, None]
    gap = np.where(off | stepped, 0.0, gap)
    return Settled(poses, ups, gap, faces, off, stepped, highest)


def _gap(gaps: Floats, wheels: bool) -> Floats:
    """How far off or in the ground (N,): any wheel, or the nearest point of a base."""
    known = np.where(np.isfinite(gaps), gaps, 0.0)
    sunken = np.maximum(-known, 0.0).max(axis=1)
    lifted = (
        known.max(axis=1)
        if wheels
        else np.maximum(np.where(np.isfinite(gaps), gaps, np.inf).min(axis=1), 0.0)
    )
    return np.maximum(sunken, np.where(np.isfinite(lifted), lifted, 0.0))


def _reference(
    body: Body, stage: Stage, feet: Footprint, rotations: Floats, positions: Floats
) -> Floats:
    """The height of the ground (N,) below the middle of the footprint; NaN without any."""
    middle = feet.points.reshape(-1, 3)
    centre = 0.5 * (middle.min(axis=0) + middle.max(axis=0))
    places = positions + (rotations @ (body.axes.T @ centre))
    wished = positions @ body.up + float(middle[:, 2].min())
    return surface_below(stage, places, wished, body.extent[1][2] - body.extent[0][2], feet.climb)


def surface_below(
    stage: Stage, places: Floats, wished: Floats, height: float, climb: float
) -> Floats:
    """The heights (N,) of the ground that something `height` tall at `wished` heights (N,) goes on.

    It is the uppermost surface that is no more than a `climb` (and what slopes and the way
    itself rise) above the one before; the first is near where it is wished. NaN without any.
    """
    flat = places - np.outer(places @ stage.up, stage.up)
    gone = np.append(0.0, np.linalg.norm(np.diff(flat, axis=0), axis=1))
    found = np.full(len(places), np.nan)
    last: tuple[float, float] | None = None
    for i, heights in enumerate(stage.layers(places)):
        heights = heights[np.isfinite(heights)]
        if not len(heights):
            continue
        if last is None:
            cost = np.abs(heights - wished[i]) + 1e3 * (heights > wished[i] + 0.5 * height)
            found[i] = heights[np.argmin(cost)]
        else:
            rise = climb + slope * gone[i] + max(0.0, float(wished[i]) - last[1])
            reached = heights[heights <= last[0] + rise]
            found[i] = reached.max() if len(reached) else heights.min()
        last = float(found[i]), float(wished[i])
    return found


class _Fit:
    """Distances of a footprint to the ground for states (N, 3): height of the pivot and slopes
    ahead and to the left.
    """

    def __init__(
        self,
        body: Body,
        stage: Stage,
        feet: Footprint,
        bases: Floats,
        positions: Floats,
        reference: Floats,
    ) -> None:
        self.body, self.stage, self.feet = body, stage, feet
        self.bases = bases  # columns: ahead, left, up
        self.flat = positions - np.outer(positions @ body.up, body.up)
        height = body.extent[1][2] - body.extent[0][2]
        spots = feet.points.mean(axis=1)
        near = np.linalg.norm(feet.points[..., :2] - spots[:, None, :2], axis=2)
        below = self.walked(spots, np.nan_to_num(reference), height)
        self.start = below[..., None] + feet.climb + slope * near
        self.least = below[..., None] - clear * height - slope * near

    def walked(self, spots: Floats, reference: Floats, height: float) -> Floats:
        """The height of the ground (N, C) at contacts, walked to from the middle: no ledge that
        is too high is climbed on the way.
        """
        count, (contacts, _) = len(self.flat), spots.shape
        now = np.repeat(reference[:, None], contacts, axis=1)
        step = np.linalg.norm(spots[:, :2], axis=1) / paces
        level = np.einsum("nik,ck->nci", self.bases[:, :, :2], spots[:, :2])
        for pace in range(1, paces + 1):
            places = self.flat[:, None] + level * (pace / paces)
            lift = now + self.feet.climb + slope * step
            starts = places + lift[..., None] * self.body.up
            found, _ = self.stage.below(starts.reshape(-1, 3))
            found = found.reshape(count, contacts)
            now = np.where(found > now - clear * height - slope * step, found, now)
        return now

    def axes(self, state: Floats) -> Floats:
        """Ahead, left and up of the settled mover as columns; seen from above it heads the same."""
        ahead, left, up = (self.bases[:, :, k] for k in range(3))
        normal = _unit(up - state[:, 1:2] * ahead - state[:, 2:3] * left)
        nose = _unit(ahead + state[:, 1:2] * up)
        return np.stack([nose, np.cross(normal, nose), normal], axis=2)

    def poses(self, state: Floats) -> Floats:
        places = self.flat + np.outer(state[:, 0], self.body.up)
        return placed(self.body, self.axes(state) @ self.body.axes, places)

    def gaps(self, state: Floats) -> tuple[Floats, Floats, NDArray[np.int32]]:
        """Distances (N, C), inf without ground; where, level (N, C, 2); faces (N, C)."""
        count, (contacts, each) = len(state), self.feet.points.shape[:2]
        offsets = np.einsum("nij,cpj->ncpi", self.axes(state), self.feet.points)
        points = self.flat[:, None, None] + offsets
        heights = state[:, 0, None, None] + offsets @ self.body.up
        level = points - (points @ self.body.up)[..., None] * self.body.up
        starts = level + self.start[..., None] * self.body.up
        ground, face = self.stage.below(starts.reshape(-1, 3))
        ground, face = ground.reshape(count, contacts, each), face.reshape(count, contacts, each)
        gaps = np.where(ground > self.least, heights - ground, np.inf)
        nearest = np.argmin(gaps, axis=2)
        rows, columns = np.indices(nearest.shape)
        offsets = offsets[rows, columns, nearest]
        places = np.stack(
            [np.einsum("nci,ni->nc", offsets, self.bases[:, :, k]) for k in (0, 1)], axis=2
        )
        found = gaps[rows, columns, nearest]
        return found, places, np.where(np.isfinite(found), face[rows, columns, nearest], -1)


def _step(gaps: Floats, places: Floats, sunk: float) -> Floats:
    """What to add to states (N, 3): least squares of the gaps, hardly any below -sunk."""
    known = np.isfinite(gaps)
    gaps = np.where(known, gaps, 0.0)
    rows = np.concatenate([np.ones((*places.shape[:2], 1)), places], axis=2)
    reach = max(float(np.abs(places).max()), 1e-9)
    weights = known.astype(float)
    change = np.zeros((len(gaps), 3))
    target = np.zeros_like(gaps)
    prior = np.diag([1e-9, 1e-7 * reach**2, 1e-7 * reach**2])
    for _ in range(12):
        normal = np.einsum("nc,nci,ncj->nij", weights, rows, rows) + prior
        side = np.einsum("nc,nci->ni", weights * (target - gaps), rows)
        change = np.linalg.solve(normal, side[..., None])[..., 0]
        after = gaps + np.einsum("nci,ni->nc", rows, change)
        deep = known & (after < -sunk * (1.0 - 1e-6) - 1e-15)
        held = deep | (known & (weights > 1.5) & (after < -sunk * (1.0 - 1e-2)))
        weights = np.where(held, hard, known.astype(float))
        target = np.where(held, -sunk, 0.0)
    change[~known.any(axis=1)] = 0.0
    return change


def _without_jumps(
    body: Body, positions: Floats, state: Floats, off: NDArray[np.bool_], parts: int
) -> tuple[Floats, NDArray[np.bool_], float]:
    """States that rise before a step and come down after it; where that is; the highest step."""
    flat = positions - np.outer(positions @ body.up, body.up)
    gone = np.linalg.norm(np.diff(flat, axis=0), axis=1)
    rise = np.diff(state[:, 0])
    tips = 0.3 * body.size * np.linalg.norm(np.diff(state[:, 1:], axis=0), axis=1)
    sudden = (np.abs(rise) + tips > jump * body.size) & (np.abs(rise) + tips > 1.0 * gone)
    sudden &= ~(off[1:] & off[:-1])
    found, stepped = state.copy(), np.zeros(len(state), bool)
    if not sudden.any():
        return found, stepped, 0.0
    along = np.concatenate([[0.0], np.cumsum(gone)])
    reach = 0.35 * body.size
    for group in np.split(
        np.flatnonzero(sudden), np.flatnonzero(np.diff(np.flatnonzero(sudden)) > 2 * parts) + 1
    ):
        a, b = int(group[0]), int(group[-1]) + 1
        up = state[b, 0] > state[a, 0]
        low = int(np.searchsorted(along, along[a] - reach)) if up else a
        high = b if up else int(np.searchsorted(along, along[b] + reach, side="right")) - 1
        low, high = min(low, max(a - parts, 0)), max(high, min(b + parts, len(state) - 1))
        shares = np.linspace(0.0, 1.0, high - low + 1)[:, None]
        shares = shares * shares * (3.0 - 2.0 * shares)
        found[low : high + 1] = found[low] + shares * (state[high] - found[low])
        stepped[low : high + 1] = True
    return found, stepped, float((np.abs(rise) + tips)[sudden].max())


def _smoothed(
    fit: _Fit,
    state: Floats,
    loose: NDArray[np.bool_],
    size: float,
    parts: int,
    proceed: Callable[[], None],
) -> Floats:
    """States smoothed in time, as far as they stay as close to the ground as they were."""
    if len(state) < 8:
        return state
    before = _gap(fit.gaps(state)[0], fit.feet.wheels)[~loose]
    for frames in smoothings:
        proceed()
        found = np.stack([_blurred(column, int(frames * parts)) for column in state.T], axis=1)
        after = _gap(fit.gaps(found)[0], fit.feet.wheels)[~loose]
        if not len(after) or (after <= np.maximum(before + 0.0005 * size, close * size)).all():
            return found
    return state


def _blurred(values: Floats, width: int) -> Floats:
    """Smoothed over windows of `width` samples, twice; bends that are longer stay as they are."""
    width = min(width, len(values)) // 2 * 2 - 1
    if width < 5:
        return values
    return np.asarray(savgol_filter(savgol_filter(values, width, 3), width, 3))


def _unit(vectors: Floats) -> Floats:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
