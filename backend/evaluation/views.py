"""How exact the controls of views are, on generated rooms with things that move in them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.datasets.rooms import room
from backend.datasets.things import thing
from backend.formats.model import Link, Model
from backend.geometry.surface import Surface
from backend.tasks.geometry import merged
from backend.views.cameras import Pinhole
from backend.views.engine import Prepared, View, Wish, prepare, render
from backend.views.scene import Body, Part, Scene
from protocol.views import Rig

frames, size, margin, tracks = 24, 128, 0.1, 6
clear, fastest = math.radians(20.0), 16.0
salt = 0x71E5
along_share, fast_share = 0.3, 0.3  # of the scenes: the two failures that Drag4D tells of
probed = 200  # pixels of a view whose depth is checked against the surface


@dataclass(frozen=True)
class ViewScores:
    """One scene: the worst of all views and frames.

    `projection` is in pixels against an independent projector, `agreement` how far, in pixels,
    views are off the one point they agree on best; `flow` in pixels against the motion of the
    point that depth says is there; `surface` how far such points are off their part, as a
    share of its size. `outside` is how far the motion reaches out of the frame in pixels,
    `slack` how much nearer the camera could stand, in pixels. `along` is the smallest angle to
    the motion in degrees, `step` the largest shown step in pixels.
    """

    seed: int
    projection: float
    agreement: float
    flow: float
    surface: float
    outside: float
    slack: float
    along: float
    step: float
    replaced: int
    clips: int
    seconds: float


def evaluate(count: int, tell: Callable[[int, int, ViewScores], None]) -> str:
    """Measure scenes of seeds 0 to count - 1; return the table in Markdown."""
    found = []
    for seed in range(count):
        found.append(measured(seed))
        tell(seed + 1, count, found[-1])
    return table(found)


def measured(seed: int) -> ViewScores:
    """The scores of one scene."""
    scene = scene_of(seed)
    wish = Wish(
        rig=Rig(width=size, height=size, margin=margin),
        layers=("depth", "parts", "flow"),
        clear=clear,
        fastest=fastest,
        tracks=tracks,
        seed=seed,
    )
    began = time.perf_counter()
    prepared = prepare(scene, wish)
    views = list(render(prepared))
    took = time.perf_counter() - began
    surfaces = [Surface(part.mesh) for _, part in scene.parts]
    probes = [_probed(prepared, view, surfaces, seed) for view in views]
    framing = [_framing(prepared, view) for view in views]
    return ViewScores(
        seed=seed,
        projection=max(_projection(prepared, view) for view in views),
        agreement=_agreement(views),
        flow=max(flow for flow, _ in probes),
        surface=max(surface for _, surface in probes),
        outside=max(outside for outside, _ in framing),
        slack=max(slack for _, slack in framing),
        along=min(math.degrees(view.along) for view in views),
        step=max(_shown_step(view, scene.first) for view in views),
        replaced=sum(bool(view.replaces) for view in views),
        clips=max(len(view.clips) for view in views),
        seconds=took,
    )


def scene_of(seed: int) -> Scene:
    """A room in which a thing goes a way; some go along the axis of a view, some dash."""
    generator = np.random.default_rng([salt, seed])
    model, place = thing(seed), room(seed)
    motion = _motion(generator, 0.35 * min(place.floor_size))
    value = np.linspace(0.0, 1.0, frames)
    poses = np.stack([model.poses(_values(model, share)) for share in value])
    parts = tuple(
        Part(link.name, merged([shape.mesh for shape in link.shapes]), motion @ poses[:, index])
        for index, link in enumerate(model.links)
        if sum(len(shape.mesh.faces) for shape in link.shapes)
    )
    scenery = tuple(
        Body(part.name, (Part(part.name, part.mesh),), tracked=False) for part in place.parts
    )
    return Scene((Body("thing", parts), *scenery), frames)


def _values(model: Model, share: float) -> dict[str, float]:
    def value(link: Link) -> float:
        return share * (link.joint.upper if link.joint else 0.0)

    return {link.name: value(link) for link in model.links}


def _motion(generator: np.random.Generator, reach: float) -> NDArray[np.float64]:
    """Poses (T, 4, 4) along a bent way, or straight along y; some with a dash in the middle."""
    share = np.linspace(0.0, 1.0, frames)
    if generator.random() < fast_share:
        share = 0.5 + 0.5 * np.tanh(12.0 * (share - 0.5)) / np.tanh(6.0)
    if generator.random() < along_share:
        way = np.stack([0.02 * share, 2.0 * share - 1.0, 0.0 * share], axis=1)
        turn = 0.0 * share
    else:
        knots = generator.uniform(-1.0, 1.0, (4, 3)) * [1.0, 1.0, 0.1]
        basis = [math.comb(3, k) * share**k * (1.0 - share) ** (3 - k) for k in range(4)]
        way, turn = np.stack(basis, axis=1) @ knots, generator.uniform(-3.0, 3.0) * share
    motion = np.tile(np.eye(4), (frames, 1, 1))
    motion[:, 0, 0] = motion[:, 1, 1] = np.cos(turn)
    motion[:, 1, 0] = np.sin(turn)
    motion[:, 0, 1] = -np.sin(turn)
    motion[:, :3, 3] = reach * way + [0.0, 0.0, 0.3]
    return motion


def by_clip_space(camera: Pinhole, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pixels of points (..., 3) by a frustum matrix and a viewport, as renderers find them."""
    (fx, fy), (cx, cy) = camera.focal, camera.centre
    width, height, near, far = camera.width, camera.height, camera.near, camera.far
    frustum = np.array(
        [
            [2.0 * fx / width, 0.0, 1.0 - 2.0 * cx / width, 0.0],
            [0.0, 2.0 * fy / height, 2.0 * cy / height - 1.0, 0.0],
            [0.0, 0.0, (far + near) / (near - far), 2.0 * far * near / (near - far)],
            [0.0, 0.0, -1.0, 0.0],
        ]
    )
    whole = np.concatenate([points, np.ones((*points.shape[:-1], 1))], axis=-1)
    clip = whole @ (frustum @ np.linalg.inv(camera.pose)).T
    ndc = clip[..., :2] / clip[..., 3:]
    return np.stack([(ndc[..., 0] + 1.0) * width / 2.0, (1.0 - ndc[..., 1]) * height / 2.0], -1)


def _projection(prepared: Prepared, view: View) -> float:
    expected = by_clip_space(view.camera, prepared.tracks.ways)
    return float(np.abs(view.tracks - expected).max())


def _agreement(views: list[View]) -> float:
    """How far tracks are off the point that all views together say (linear least squares)."""
    matrices = []
    for view in views:
        (fx, fy), (cx, cy) = view.camera.focal, view.camera.centre
        lens = np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])
        matrices.append(lens @ view.camera.view[:3])
    spots = np.stack([view.tracks.reshape(-1, 2).astype(float) for view in views], axis=1)
    lenses = np.stack(matrices)
    rows = spots[..., None] * lenses[None, :, None, 2] - lenses[None, :, :2]
    rows = rows.reshape(len(spots), -1, 4)
    points = np.stack([np.linalg.lstsq(r[:, :3], -r[:, 3], rcond=None)[0] for r in rows])
    off = [
        np.linalg.norm(view.camera.project(points)[0] - spots[:, k], axis=1).max()
        for k, view in enumerate(views)
    ]
    return float(max(off))


def _probed(
    prepared: Prepared, view: View, surfaces: list[Surface], seed: int
) -> tuple[float, float]:
    """Worst flow in pixels and worst distance to the surface, of random pixels of what moves."""
    parts = [part for _, part in prepared.scene.parts]
    moves = np.array([False, *(part.moves for part in parts)])
    spots = np.argwhere(moves[view.images["parts"][:-1]])
    generator = np.random.default_rng(seed)
    if not len(spots):
        return 0.0, 0.0
    chosen = spots[generator.integers(0, len(spots), probed)]
    frame, row, column = chosen.T
    index = view.images["parts"][frame, row, column].astype(int) - 1
    depth = view.images["depth"][frame, row, column].astype(float)
    pixel = np.stack([column + 0.5, row + 0.5], axis=1)
    world = _unprojected(view.camera, pixel, depth)
    flow, surface = 0.0, 0.0
    for k in np.unique(index):
        here, motion = index == k, parts[k].motion
        if motion is None:
            continue
        back = np.linalg.inv(motion[frame[here]])
        rest = np.einsum("nij,nj->ni", back[:, :3, :3], world[here]) + back[:, :3, 3]
        there = motion[frame[here] + 1]
        moved = np.einsum("nij,nj->ni", there[:, :3, :3], rest) + there[:, :3, 3]
        expected = by_clip_space(view.camera, moved) - pixel[here]
        told = view.images["flow"][frame, row, column][here].astype(float)
        flow = max(flow, float(np.abs(told - expected).max()))
        distance, _, _ = surfaces[k].closest(rest)
        extent = float(np.linalg.norm(np.ptp(parts[k].mesh.vertices, axis=0)))
        surface = max(surface, float(distance.max()) / extent)
    return flow, surface


def _unprojected(
    camera: Pinhole, pixel: NDArray[np.float64], depth: NDArray[np.float64]
) -> NDArray[np.float64]:
    flat = (pixel - camera.centre) / camera.focal * depth[:, None]
    local = np.stack([flat[:, 0], -flat[:, 1], -depth], axis=1)
    return local @ camera.pose[:3, :3].T + camera.pose[:3, 3]


def _framing(prepared: Prepared, view: View) -> tuple[float, float]:
    """How far the motion reaches out of the frame, and how much room it leaves, in pixels."""
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for body in prepared.scene.bodies:
        if body.tracked:
            for part in body.parts:
                for frame in range(prepared.scene.frames):
                    spots = by_clip_space(view.camera, part.at(frame))
                    low = np.minimum(low, spots.min(axis=0))
                    high = np.maximum(high, spots.max(axis=0))
    free = margin * size
    room_left = np.minimum(low - free, size - free - high)
    both = (low - free) + (size - free - high)
    return float(max(0.0, -room_left.min())), float(max(0.0, both.min()))


def _shown_step(view: View, first: int) -> float:
    """The largest step of a track in a shown frame of any clip."""
    steps = np.linalg.norm(np.diff(view.tracks.astype(float), axis=0), axis=2).max(axis=1)
    return max(
        float(steps[clip.first - first : clip.last - first].max(initial=0.0)) / clip.slower
        for clip in view.clips
    )


rows = {
    "projection": ("projection against an independent one, px", 0.5, max),
    "agreement": ("views against each other, px", 0.5, max),
    "flow": ("flow against the motion of what is seen, px", 0.5, max),
    "surface": ("depth against the surface, share of the part's size", 0.005, max),
    "outside": ("motion out of the frame, px", 0.01, max),
    "slack": ("frame wider than it must be, px", 0.01, max),
    "along": ("motion off a view's axis, degrees", math.degrees(clear) - 1e-6, min),
    "step": ("shown step, px", fastest + 1e-6, max),
}


def table(found: list[ViewScores]) -> str:
    """The worst and the median of each measure, and whether the goal holds everywhere."""
    lines = [
        f"{len(found)} scenes of {frames} frames, {size} x {size} pixels.",
        "",
        "| measure | median | worst | goal | holds in |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, (words, goal, worst) in rows.items():
        values = np.array([getattr(scores, name) for scores in found])
        holds = (values >= goal) if worst is min else (values <= goal)
        sign = ">=" if worst is min else "<="
        lines.append(
            f"| {words} | {np.median(values):.3g} | {worst(values.tolist()):.3g} "
            f"| {sign} {goal:g} | {holds.mean():.1%} |"
        )
    replaced = sum(scores.replaced for scores in found)
    cut = sum(scores.clips > 1 for scores in found)
    seconds = np.median([scores.seconds for scores in found])
    lines += [
        "",
        f"{replaced} views along the motion were replaced; {cut} scenes were too fast and cut "
        f"into clips. {seconds:.2f} s a scene (median).",
    ]
    return "\n".join(lines) + "\n"
