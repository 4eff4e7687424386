"""Samples of one object: many states, cameras and lights, drawn in one go.

The surface that a drag starts on is seen in the picture before, chosen in proportion to how
far it moves in the picture; a part that cannot be dragged (hidden, or hardly moved) stays
where it is. Every moving part has one drag, so that nothing moves without a reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from backend.datasets.drag_a_move import animation
from backend.datasets.drag_a_move.animation import Pair
from backend.datasets.drag_a_move.sample import Look, Sample, most_drags
from backend.datasets.object import ArticulatedObject, Link
from backend.geometry.mesh import Mesh
from backend.pictures import looks, studio
from backend.pictures.studio import Actor, Layers, Light, Stage
from backend.pictures.textures import Texture
from backend.views.cameras import Pinhole

least_seen = 0.0015  # of the picture, of a part that is dragged
least_flow = 1 / 24  # of the picture's width, somewhere on it
farthest = 0.1  # of the picture's width, beyond its border that a drag may end
tries = 2  # states that are looked at for each sample


@dataclass(frozen=True, eq=False)
class Setting:
    """A pair with its camera and light, and the poses (L, 4, 4) before and after."""

    pair: Pair
    camera: Pinhole
    light: Light
    before: NDArray[np.float64]
    after: NDArray[np.float64]


def samples_of(
    item: ArticulatedObject, rng: np.random.Generator, count: int, size: int, look: Look
) -> list[Sample]:
    """Up to `count` samples of an object in one look; fewer where its parts are rarely seen.

    The geometry of all of them does not depend on the look.
    """
    movers = animation.movable(item)
    settings_seed, looks_seed = (int(seed) for seed in rng.integers(2**31, size=2))
    if not movers:
        return []
    rng = np.random.default_rng(settings_seed)
    settings = [_setting(rng, item, movers, size) for _ in range(tries * count)]
    settings = _seen(item, settings)[:count]
    if not settings:
        return []
    stage = _stage(item, settings, look, looks_seed)
    cameras = [setting.camera for setting in settings for _ in (0, 1)]
    lights = [setting.light for setting in settings for _ in (0, 1)]
    layers = stage.layers(cameras, [t | 1 for t in range(stage.frames)])
    drags = [_drags(rng, stage, setting, item, layers, k) for k, setting in enumerate(settings)]
    kept = [k for k in range(len(settings)) if _inside(drags[k])]
    pictures = stage.colour(cameras, lights)
    found = []
    for k in kept:
        setting = settings[k]
        lookup = _lookup(item, setting.pair)
        before, after = (lookup[layers.parts[2 * k + j]] for j in (0, 1))
        found.append(
            Sample(
                before=pictures[2 * k],
                after=pictures[2 * k + 1],
                drags=drags[k],
                moving_before=before,
                moving_after=after,
                flow=np.where(before[..., None] > 0, layers.flow[2 * k], np.float32(0.0)),
                family=item.category,
                seed=item.seed,
                look=look,
                camera=setting.camera,
                names=tuple(item.links[i].name for i in setting.pair.movers),
            )
        )
    return found


def _setting(
    rng: np.random.Generator, item: ArticulatedObject, movers: Sequence[int], size: int
) -> Setting:
    """A random pair, seen from a random side of the object, which is turned at random."""
    pair = animation.draw(rng, item, movers)
    turn = _about_z(rng.uniform(0.0, math.tau))
    before, after = (turn @ item.pose(values) for values in (pair.before, pair.after))
    points = np.concatenate([_moved(p, link) for p, link in zip(before, item.links, strict=True)])
    camera = studio.random_camera(rng, points, size)
    return Setting(pair, camera, studio.random_light(rng), before, after)


def _seen(item: ArticulatedObject, settings: list[Setting]) -> list[Setting]:
    """Those in which something moves that can be dragged; what cannot does not move."""
    stage = _stage(item, settings, "clay", 0)
    cameras = [setting.camera for setting in settings for _ in (0, 1)]
    first = range(0, stage.frames, 2)
    layers = stage.layers(cameras, [t | 1 for t in range(stage.frames)], first)
    length = np.linalg.norm(layers.flow, axis=-1)
    kept = []
    for k, setting in enumerate(settings):
        masks = _lookup(item, setting.pair)[layers.parts[k]]
        movers = [
            i
            for number, i in enumerate(setting.pair.movers)
            if _draggable(length[k][masks == number + 1], setting.camera.width)
        ][:most_drags]
        if movers:
            kept.append(_only(item, setting, movers))
    return kept


def _draggable(lengths: NDArray[np.float32], size: int) -> bool:
    """Whether a part of which some pixels are seen, by how far each moves, can be dragged."""
    enough = len(lengths) >= least_seen * size * size
    return bool(enough and np.isfinite(lengths).all() and lengths.max() >= least_flow * size)


def _only(item: ArticulatedObject, setting: Setting, movers: Sequence[int]) -> Setting:
    if len(movers) == len(setting.pair.movers):
        return setting
    pair = setting.pair.only(item, movers)
    turn = setting.before[0] @ np.linalg.inv(item.pose(pair.before)[0])
    return replace(setting, pair=pair, after=turn @ item.pose(pair.after))


def _stage(item: ArticulatedObject, settings: Sequence[Setting], look: Look, seed: int) -> Stage:
    """The links as actors, frame by frame before and after of each setting."""
    poses = np.stack([pose for s in settings for pose in (s.before, s.after)])
    actors = [_actor(link, poses[:, i], look, seed + i) for i, link in enumerate(item.links)]
    return Stage(actors, len(poses))


def _actor(link: Link, motion: NDArray[np.float64], look: Look, seed: int) -> Actor:
    mesh = Mesh(link.vertices, link.faces)
    if look != "textured":
        colours = looks.clay(mesh) if look == "clay" else looks.colours(mesh, seed)
        return Actor(mesh, colours, motion)
    images = tuple(np.asarray(material.image) for material in link.materials)
    return Actor(mesh, looks.clay(mesh), motion, Texture(link.uv, link.face_material, images))


def _lookup(item: ArticulatedObject, pair: Pair) -> NDArray[np.uint8]:
    """For each value of a layer of parts: 1 + which mover carries it, 0 none."""
    carried = np.zeros(len(item.links) + 1, np.uint8)
    for i, link in enumerate(item.links):
        own = i in pair.movers
        carried[i + 1] = pair.movers.index(i) + 1 if own else carried[link.parent + 1]
    return carried


def _drags(
    rng: np.random.Generator,
    stage: Stage,
    setting: Setting,
    item: ArticulatedObject,
    layers: Layers,
    k: int,
) -> NDArray[np.float32]:
    """One drag for each mover of setting `k`, (10, 4); all NaN where one has nothing to hold."""
    drags = np.zeros((most_drags, 4), np.float32)
    masks = _lookup(item, setting.pair)[layers.parts[2 * k]]
    length = np.linalg.norm(layers.flow[2 * k], axis=-1)
    for number in range(len(setting.pair.movers)):
        rows, columns = np.nonzero(masks == number + 1)
        weights = length[rows, columns].astype(np.float64)
        if not len(rows) or not weights.sum() > 0.0:
            return np.full_like(drags, np.nan)
        at = int(rng.choice(len(rows), p=weights / weights.sum()))
        pixel = np.array([columns[at], rows[at]])
        face = int(layers.faces[2 * k, rows[at], columns[at]])
        drags[number] = _drag(rng, stage, setting.camera, 2 * k, face, pixel)
    return drags


def _drag(
    rng: np.random.Generator,
    stage: Stage,
    camera: Pinhole,
    frame: int,
    face: int,
    pixel: NDArray[np.int64],
) -> NDArray[np.float64]:
    """From a point of a pixel that its triangle has, or else its centre, to where that goes."""
    before, after = (stage.corners(face, frame + j) for j in (0, 1))
    spots = pixel + rng.random(2), pixel + np.float64(0.5)
    shares = [camera_shares(camera, before, spot) for spot in spots]
    chosen = 0 if shares[0].min() >= 0.0 else 1
    end, _ = camera.project(shares[chosen] @ after)
    return np.concatenate([spots[chosen], end]) / camera.width


def camera_shares(
    camera: Pinhole, corners: NDArray[np.float64], spot: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How much of each corner (3, 3) has the point of a triangle's plane seen at `spot`, (3,)."""
    view = camera.view
    seen = corners @ view[:3, :3].T + view[:3, 3]
    ray = np.append((spot - camera.centre) / camera.focal, 1.0)
    volumes = np.array([np.dot(np.cross(seen[k - 2], seen[k - 1]), ray) for k in range(3)])
    return volumes / volumes.sum()


def _inside(drags: NDArray[np.float32]) -> bool:
    """Whether no drag ends far outside the picture; false where there is NaN."""
    return bool(((drags >= -farthest) & (drags <= 1.0 + farthest)).all())


def _moved(pose: NDArray[np.float64], link: Link) -> NDArray[np.float64]:
    return link.vertices @ pose[:3, :3].T + pose[:3, 3]


def _about_z(angle: float) -> NDArray[np.float64]:
    pose = np.eye(4)
    pose[:2, :2] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    return pose
