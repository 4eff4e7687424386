"""Ways round what is in the way: a smooth path of offsets to the side.

At stations along the way, the scene's points that the mover would take with it say which offsets
are blocked. The cheapest path through the free ones is found by dynamic programming and then
bent as little as the free space lets it. What comes out is a new way: it is checked with the
real shapes afterwards, and tried again with more room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve_banded, cholesky_banded
from scipy.spatial import KDTree

from backend.geometry.mesh import Mesh, sample
from backend.motion import orientation
from backend.motion.bodies import Body
from backend.motion.ground import slope, surface_below
from backend.motion.stage import Stage
from backend.motion.way import Way

Floats = NDArray[np.float64]
widest = 4.0  # sizes to each side
steepest = (0.6, 1.2, 2.5)  # to the side per length ahead: the next where one is not enough
most_stations = 500
through = 30.0  # where there is no way round all: what a size of way through something costs
ledge = 0.03  # of the height: what is higher is gone round
most_points = 50_000
rounds_of_bending = 400


def around(
    body: Body, stage: Stage, way: Way, margin: float, proceed: Callable[[], None]
) -> Way | None:
    """Return a way that keeps a `margin` (world units) from obstacles; None without one.

    Where nothing is in the way it stays as it was; returns the same way when it is all free.
    """
    spacing = max(0.08 * body.size, way.length / most_stations)
    count = max(8, int(np.ceil(way.length / spacing)))
    places = np.unique(np.concatenate([np.linspace(0.0, way.length, count + 1), way.corners]))
    if way.closed:
        places = places[:-1]
    points = way.at(places)
    ahead, left = _sides(body, way, places)
    base = _heights(body, stage, points)
    cloud = _cloud(body, stage, points, base)
    if not len(cloud):
        return way
    offsets = np.arange(-1.0, 1.0 + 1e-9, 1.0 / 160.0) * widest * body.size
    blocked = _blocked(body, cloud, points, ahead, left, base, offsets, margin, proceed)
    middle = len(offsets) // 2
    if not blocked[:, middle].any():
        return way
    empty = np.zeros_like(blocked)
    if body.on_ground:
        empty = _bottomless(body, stage, points, left, base, offsets)
    tries = [*((np.inf, most) for most in steepest), (through, steepest[0])]
    choices = (_cheapest(blocked, empty, offsets, places, *one) for one in tries)
    chosen = next((found for found in choices if found is not None), None)
    if chosen is None:
        return None
    bent = _bent(blocked | empty, offsets, chosen, places, 0.5 * body.size)
    moved = points + bent[:, None] * left
    still = np.abs(bent) < 2e-4 * body.size
    if still.all():
        return way
    moved[still] = points[still]
    return Way(moved, closed=way.closed, tilt=way.tilt(places))


def _sides(body: Body, way: Way, places: Floats) -> tuple[Floats, Floats]:
    """Level directions ahead and to the left of the way (J, 3)."""
    ahead = orientation.level(replace(body, way=way), places)
    return ahead, np.cross(body.up, ahead)


def _heights(body: Body, stage: Stage, points: Floats) -> Floats:
    """The height of the mover's base (J,) at each station."""
    wished = points @ body.up + body.extent[0][2]
    if not body.on_ground:
        return wished
    height = body.extent[1][2] - body.extent[0][2]
    found = surface_below(stage, points, wished, height, ledge * height)
    return np.where(np.isfinite(found), found, wished)


def _cloud(body: Body, stage: Stage, points: Floats, base: Floats) -> Floats:
    """Points (N, 3) on obstacles near the way: not on ground that can be driven on."""
    if not len(stage):
        return np.zeros((0, 3))
    reach = (widest + 1.5) * body.size
    corners = stage.mesh.corners
    low, high = points.min(axis=0) - reach, points.max(axis=0) + reach
    near = (corners.max(axis=1) >= low).all(axis=1) & (corners.min(axis=1) <= high).all(axis=1)
    if not near.any():
        return np.zeros((0, 3))
    mesh = Mesh(stage.mesh.vertices, stage.mesh.faces[near])
    areas, normals = stage.areas[near], stage.normals[near]
    spacing = 0.04 * body.size
    count = int(np.clip(areas.sum() / spacing**2, 2000, most_points))
    drawn = sample(mesh, areas, normals, count, np.random.default_rng(0))
    edges = corners[near]
    middles = 0.5 * (edges + np.roll(edges, 1, axis=1))
    spots = np.concatenate([drawn.points, edges.reshape(-1, 3), middles.reshape(-1, 3)])
    facing = np.concatenate([drawn.normals, *[np.repeat(normals, 3, axis=0)] * 2])
    tree = KDTree(_flat(points, body.up))
    distance, nearest = tree.query(_flat(spots, body.up))
    above = spots @ body.up - base[nearest]
    height = body.extent[1][2] - body.extent[0][2]
    ground = (np.abs(facing @ body.up) > 0.5) & (above < 0.3 * height)
    return spots[(distance < reach) & ~(ground & body.on_ground)]


def _flat(points: Floats, up: Floats) -> Floats:
    return points - np.outer(points @ up, up)


def _blocked(
    body: Body,
    cloud: Floats,
    points: Floats,
    ahead: Floats,
    left: Floats,
    base: Floats,
    offsets: Floats,
    margin: float,
    proceed: Callable[[], None],
) -> NDArray[np.bool_]:
    """Which offsets (J, K) the mover cannot have at each station."""
    low, high = body.extent
    height = high[2] - low[2]
    climb = max(ledge * height, 0.01 * body.size) if body.on_ground else 0.0
    tree = KDTree(_flat(cloud, body.up))
    reach = float(np.hypot(offsets[-1] + abs(high[1]) + abs(low[1]), abs(high[0]) + abs(low[0])))
    blocked = np.zeros((len(points), len(offsets) + 1), np.int32)
    step = offsets[1] - offsets[0]
    levels = cloud @ body.up
    for j, found in enumerate(tree.query_ball_point(_flat(points, body.up), reach + margin)):
        if j % 16 == 0:
            proceed()
        near = np.array(found, int)
        if not len(near):
            continue
        rise = levels[near] - base[j]
        near = near[(rise > climb) & (rise < height + 0.5 * margin)]
        arms = cloud[near] - points[j]
        x, y = arms @ ahead[j], arms @ left[j]
        y = y[(x > low[0] - margin) & (x < high[0] + margin)]
        first = np.ceil((y - high[1] - margin - offsets[0]) / step).astype(int)
        last = np.floor((y - low[1] + margin - offsets[0]) / step).astype(int)
        some = (last >= 0) & (first < len(offsets)) & (last >= first)
        np.add.at(blocked[j], np.clip(first[some], 0, len(offsets)), 1)
        np.add.at(blocked[j], np.clip(last[some] + 1, 0, len(offsets)), -1)
    return np.cumsum(blocked, axis=1)[:, :-1] > 0


def _bottomless(
    body: Body, stage: Stage, points: Floats, left: Floats, base: Floats, offsets: Floats
) -> NDArray[np.bool_]:
    """Which offsets (J, K) have no ground to stand on; not where there is none on the way."""
    coarse = offsets[::4]
    places = points[:, None] + coarse[None, :, None] * left[:, None]
    places = places - (places @ body.up)[..., None] * body.up
    reach = 0.35 * (body.extent[1][2] - body.extent[0][2])
    lift = base[:, None] + reach + slope * np.abs(coarse)
    heights, _ = stage.below((places + lift[..., None] * body.up).reshape(-1, 3))
    heights = heights.reshape(len(points), len(coarse))
    empty = heights < base[:, None] - reach - slope * np.abs(coarse)
    empty[empty[:, len(coarse) // 2]] = False
    return np.repeat(empty, 4, axis=1)[:, : len(offsets)]


def _cheapest(
    blocked: NDArray[np.bool_],
    empty: NDArray[np.bool_],
    offsets: Floats,
    places: Floats,
    price: float,
    most_slope: float,
) -> NDArray[np.intp] | None:
    """The offset (J,) index at each station, from none to none; None where all is blocked.

    What is blocked costs a `price`; nothing goes where it is `empty`.
    """
    step = offsets[1] - offsets[0]
    scale = offsets[-1] / widest
    cost = np.where(blocked, price, np.abs(offsets) / scale)
    cost[empty] = np.inf
    middle = len(offsets) // 2
    for end in (0, -1):
        if not blocked[end, middle]:
            cost[end] = np.where(np.arange(len(offsets)) == middle, 0.0, np.inf)
        else:
            cost[end] = np.where(np.abs(offsets) < scale, 20.0 * cost[end], np.inf)
    gaps = np.diff(places)
    best = cost[0].copy()
    came = np.zeros((len(places), len(offsets)), np.int32)
    for j, gap in enumerate(gaps, start=1):
        most = max(1, int(most_slope * gap / step + 0.5))
        padded = np.pad(best, most, constant_values=np.inf)
        shifts = np.arange(-most, most + 1)
        toll = 3.0 * (shifts * step) ** 2 / (gap * scale)
        options = np.stack(
            [padded[most + s : most + s + len(best)] + p for s, p in zip(shifts, toll, strict=True)]
        )
        pick = np.argmin(options, axis=0)
        came[j] = np.clip(np.arange(len(best)) + shifts[pick], 0, len(best) - 1)
        best = options[pick, np.arange(len(best))] + cost[j] * gap / scale
    if not np.isfinite(best).any():
        return None
    chosen = np.empty(len(places), np.intp)
    chosen[-1] = int(np.argmin(best))
    for j in range(len(places) - 1, 0, -1):
        chosen[j - 1] = came[j, chosen[j]]
    return chosen


def _bent(
    blocked: NDArray[np.bool_],
    offsets: Floats,
    chosen: NDArray[np.intp],
    places: Floats,
    scale: float,
) -> Floats:
    """Offsets (J,) that bend as little as the free space about the chosen ones lets them."""
    low, high = np.empty(len(places)), np.empty(len(places))
    for j, k in enumerate(chosen):
        walls = np.flatnonzero(blocked[j])
        below, above = walls[walls < k], walls[walls > k]
        low[j] = offsets[below[-1] + 1] if len(below) else offsets[0]
        high[j] = offsets[above[0] - 1] if len(above) else offsets[-1]
    start = offsets[chosen]
    low[[0, -1]] = high[[0, -1]] = start[[0, -1]]
    gaps = np.diff(places)
    count = len(places)
    second = np.zeros((count - 2, count))
    rows = np.arange(count - 2)
    mean = 0.5 * (gaps[1:] + gaps[:-1])
    second[rows, rows] = 1.0 / (gaps[:-1] * mean)
    second[rows, rows + 2] = 1.0 / (gaps[1:] * mean)
    second[rows, rows + 1] = -second[rows, rows] - second[rows, rows + 2]
    weighted = second * np.sqrt(mean)[:, None] * scale**2
    normal = weighted.T @ weighted + np.diag(1e-2 * np.gradient(places))
    strength = 0.1 * float(np.median(np.diag(normal)))
    normal[np.diag_indices(count)] += strength
    bands = np.zeros((3, count))
    for k in range(3):
        bands[2 - k, k:] = np.diagonal(normal, k)
    factor = cholesky_banded(bands)
    held, dual = np.clip(start, low, high), np.zeros(count)
    for _ in range(rounds_of_bending):
        bent = cho_solve_banded((factor, False), strength * (held - dual))
        held = np.clip(bent + dual, low, high)
        dual += bent - held
    bent = cho_solve_banded((factor, False), strength * (held - dual))
    bent[[0, -1]] = held[[0, -1]]
    return bent
