"""Shaded pictures of meshes on a white background, many frames in one go (Warp).

    shot = shoot([Actor(mesh, looks.clay(mesh))], camera, light(seed=3), layers=("parts",))

Each frame may have a camera and a light of its own. A face is lit from both sides by a sun
(Lambert), a sky and a ground; nothing casts shadows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import warp
from numpy.typing import NDArray

from backend.geometry.mesh import Mesh, areas_and_normals
from backend.pictures import kernels
from backend.pictures.textures import Texture, linear, pyramids
from backend.views import kernels as covering
from backend.views.cameras import Pinhole

wp: Any = warp  # its stubs do not follow its own array types

fine = 2  # samples of a pixel, across and down
groove = 0.012  # of a picture's width: how near to each other faces shade each other
most_keys = 6_000_000  # that are drawn in one go
nowhere = np.iinfo(np.uint64).max
elevations = (-15.0, 70.0)  # degrees above the ground from which cameras look
fields = (25.0, 50.0)  # degrees, a camera's angle of view
margins = (1.12, 1.6)  # a picture's width by that of what it shows


@dataclass(frozen=True, eq=False)
class Actor:
    """A mesh in the world, at rest, with `colours` (F, 3) uint8 sRGB of its faces.

    `motion` (T, 4, 4) carries it from rest, frame by frame.
    """

    mesh: Mesh
    colours: NDArray[np.uint8]
    motion: NDArray[np.float64] | None = None
    texture: Texture | None = None


@dataclass(frozen=True)
class Light:
    """A sun in the `direction` (unit, world, towards it) and what else shines; all strengths.

    `cavity` is how much darker it is in grooves and where a face meets another one.
    """

    direction: tuple[float, float, float] = (0.36, -0.48, 0.8)
    sun: float = 0.75
    sky: float = 0.5
    ground: float = 0.25
    cavity: float = 0.7


def _nothing() -> Any:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class Shot:
    """`colour` (T, H, W, 3) uint8, and layers (T, H, W, ...) as seen through pixels' centres.

    `parts` uint16 is 1 + the actor's index, 0 nothing; `depth` float32, inf nothing; `flow`
    (..., 2) float32 pixels, x right, y down, 0 where nothing is; `faces` int32 counts the
    triangles of all actors through, -1 nothing. A layer that was not wanted is empty.
    """

    colour: NDArray[np.uint8]
    parts: NDArray[np.uint16] = field(default_factory=_nothing)
    depth: NDArray[np.float32] = field(default_factory=_nothing)
    flow: NDArray[np.float32] = field(default_factory=_nothing)
    faces: NDArray[np.int32] = field(default_factory=_nothing)


@dataclass(frozen=True, eq=False)
class Layers:
    """What a `Shot` has beside its colours, all of it."""

    faces: NDArray[np.int32]
    parts: NDArray[np.uint16]
    depth: NDArray[np.float32]
    flow: NDArray[np.float32]


def shoot(
    actors: Sequence[Actor],
    camera: Pinhole | Sequence[Pinhole],
    light: Light | Sequence[Light],
    *,
    frames: int = 1,
    layers: Sequence[str] = (),
    to: Sequence[int] | None = None,
    device: str = "cpu",
) -> Shot:
    """Return the pictures of `frames` frames, and those of `layers` that are wanted.

    `to` (T,) is the frame to which each frame's flow leads: the next one if not given, the
    last one to itself. Cameras of one call are of one size.
    """
    stage = Stage(actors, frames, device)
    colour = stage.colour(camera, light)
    if not layers:
        return Shot(colour)
    found = stage.layers(camera, to)
    return Shot(colour, **{name: getattr(found, name) for name in layers})


class Stage:
    """Actors put together for the kernels; triangles and vertices are counted through."""

    def __init__(self, actors: Sequence[Actor], frames: int, device: str = "cpu") -> None:
        self.frames, self.device = frames, device
        meshes = [actor.mesh for actor in actors]
        starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
        self.faces = _joined(
            [m.faces + np.int32(s) for m, s in zip(meshes, starts, strict=False)], (3,), np.int32
        )
        self.actor = np.repeat(np.arange(len(meshes)), [len(m.faces) for m in meshes])
        owner = np.repeat(np.arange(len(meshes)), [len(m.vertices) for m in meshes])
        poses = [np.eye(4) if a.motion is None else a.motion for a in actors]
        self.poses = np.stack([np.broadcast_to(p, (frames, 4, 4)) for p in poses], axis=1)
        self.points = _joined([mesh.vertices for mesh in meshes], (3,), float)
        self._points = self._there(self.points, wp.vec3d)
        self._owner = self._there(owner, int)
        self._faces = self._there(self.faces, int)
        self._actor = self._there(self.actor, int)
        self._surface = self._prepared(actors)

    def colour(
        self, camera: Pinhole | Sequence[Pinhole], light: Light | Sequence[Light]
    ) -> NDArray[np.uint8]:
        """Pictures (T, H, W, 3)."""
        cameras, lights = _each(camera, self.frames), _each(light, self.frames)
        height, width = cameras[0].height, cameras[0].width
        pictures = np.empty((self.frames, height, width, 3), np.uint8)
        for frames in self._chunks(height * width * fine * fine):
            chosen = [cameras[t] for t in frames]
            seen, keys, lens = self._covered(chosen, frames, fine)
            lit = [lights[t] for t in frames]
            inputs = [
                seen,
                self._faces,
                self._actor,
                *self._surface,
                self._there(self.poses[frames][..., :3, :3], wp.mat33),
                self._there([one.direction for one in lit], wp.vec3),
                self._there([(one.sun, one.sky, one.ground, one.cavity) for one in lit], wp.vec4),
                self._there([1.0 / (fine * one.focal[0]) for one in chosen], float),
                lens,
                fine,
                max(1, round(groove * fine * width)),
                keys,
            ]
            part = wp.empty((len(frames), height, width, 3), dtype=wp.uint8, device=self.device)
            self._launch(kernels.shade_kernel, part.shape[:3], [*inputs, part])
            pictures[frames] = part.numpy()
        return pictures

    def layers(
        self,
        camera: Pinhole | Sequence[Pinhole],
        to: Sequence[int] | None = None,
        chosen: Sequence[int] | None = None,
    ) -> Layers:
        """Layers (N, H, W, ...) of all frames, or of those that are `chosen`; see `shoot`."""
        cameras, count = _each(camera, self.frames), self.frames
        target = np.minimum(np.arange(count) + 1, count - 1) if to is None else np.asarray(to)
        wanted = np.arange(count) if chosen is None else np.asarray(chosen)
        size = (len(wanted), cameras[0].height, cameras[0].width)
        images = Layers(
            faces=np.full(size, -1, np.int32),
            parts=np.zeros(size, np.uint16),
            depth=np.full(size, np.inf, np.float32),
            flow=np.zeros((*size, 2), np.float32),
        )
        kept = (images.faces, images.parts, images.depth, images.flow)
        types = (int, wp.uint16, float, float)
        for rows in self._chunks(size[1] * size[2], len(wanted)):
            frames = wanted[rows]
            seen, keys, lens = self._covered([cameras[t] for t in frames], frames, 1)
            later = self._seen([cameras[t] for t in frames], target[frames])
            there = [self._there(k[rows], t) for k, t in zip(kept, types, strict=True)]
            inputs = [seen, later, self._faces, self._actor, lens, keys, *there]
            self._launch(kernels.layers_kernel, keys.shape, inputs)
            for image, found in zip(kept, there, strict=True):
                image[rows] = found.numpy()
        return images

    def corners(self, face: int, frame: int) -> NDArray[np.float64]:
        """The corners (3, 3) in world of a triangle at a frame."""
        pose = self.poses[frame, self.actor[face]]
        return self.points[self.faces[face]] @ pose[:3, :3].T + pose[:3, 3]

    def _covered(
        self, cameras: Sequence[Pinhole], frames: NDArray, samples: int
    ) -> tuple[Any, Any, Any]:
        """Vertices (B, V) as cameras see them, the keys (B, h, w) of what is nearest, the lens."""
        width, height = samples * cameras[0].width, samples * cameras[0].height
        lens = wp.vec4d(width, height, width / 2, height / 2)
        seen = self._seen(cameras, frames)
        near = wp.float64(min(camera.near for camera in cameras))
        far = wp.float64(max(camera.far for camera in cameras))
        spots = wp.zeros(seen.shape, dtype=wp.vec2d, device=self.device)
        self._launch(covering.spot_kernel, seen.shape, [seen, lens, near, spots])
        keys = wp.full((len(frames), height, width), nowhere, dtype=wp.uint64, device=self.device)
        inputs = [seen, spots, self._faces, lens, near, far, 0, 0, keys]
        self._launch(covering.cover_kernel, (len(frames), len(self.faces)), inputs)
        return seen, keys, lens

    def _seen(self, cameras: Sequence[Pinhole], frames: NDArray) -> Any:
        """Where vertices are for cameras whose lenses are made one: (B, V).

        The lens of each camera is folded into its matrix, so that one lens serves all of a call.
        """
        views = np.stack([_folded(camera) for camera in cameras])
        poses = self._there(views[:, None] @ self.poses[frames], wp.mat44d)
        seen = wp.empty((len(frames), len(self._points)), dtype=wp.vec3d, device=self.device)
        inputs = [self._points, self._owner, poses, seen]
        self._launch(covering.carry_kernel, seen.shape, inputs)
        return seen

    def _prepared(self, actors: Sequence[Actor]) -> list[Any]:
        """Normals, colours and textures of faces, as the shading kernel takes them."""
        found = [areas_and_normals(actor.mesh) for actor in actors]
        areas = np.concatenate([np.zeros(0), *(area for area, _ in found)])
        normals = _joined([normal for _, normal in found], (3,), np.float32)
        colours = _joined([linear(actor.colours) for actor in actors], (3,), np.float32)
        uv, image, images = _textured(actors)
        tables, texels = pyramids(images)
        return [
            self._there(normals, wp.vec3),
            self._there(colours, wp.vec3),
            self._there(image, int),
            self._there(uv, wp.vec2),
            self._there(_density(uv, areas, tables, image), float),
            self._there(tables, int),
            self._there(texels, wp.vec3),
        ]

    def _chunks(self, size: int, count: int | None = None) -> list[NDArray[np.intp]]:
        """Frames that are drawn in one go, where each has so many keys."""
        frames = np.arange(self.frames if count is None else count)
        step = max(1, most_keys // max(1, size))
        return [frames[start : start + step] for start in range(0, len(frames), step)]

    def _there(self, array: Any, dtype: Any) -> Any:
        return wp.array(array, dtype=dtype, device=self.device)

    def _launch(self, kernel: Any, dim: Any, inputs: list[Any]) -> None:
        wp.launch(kernel, dim=dim, inputs=inputs, device=self.device)


def light(seed: int) -> Light:
    """A random light: a sun anywhere above the horizon, and a sky that is not black."""
    return random_light(np.random.default_rng(seed))


def random_light(rng: np.random.Generator) -> Light:
    """As `light`, from a generator."""
    turn, height = rng.uniform(0.0, math.tau), rng.uniform(0.1, 0.95)
    flat = math.sqrt(1.0 - height * height)
    direction = (flat * math.cos(turn), flat * math.sin(turn), height)
    sun, sky, ground = rng.uniform(0.4, 0.9), rng.uniform(0.35, 0.6), rng.uniform(0.15, 0.35)
    return Light(direction, float(sun), float(sky), float(ground))


def cameras_around(meshes: Sequence[Mesh], count: int, seed: int, size: int) -> list[Pinhole]:
    """Random cameras that frame everything in square pictures of `size` pixels.

    They are drawn as for training: from all around, from a little below the ground's plane
    to nearly above, with some room about the object.
    """
    rng = np.random.default_rng(seed)
    points = np.concatenate([mesh.vertices[np.unique(mesh.faces)] for mesh in meshes])
    return [random_camera(rng, points, size) for _ in range(count)]


def random_camera(rng: np.random.Generator, points: NDArray[np.float64], size: int) -> Pinhole:
    """One of `cameras_around` for points (N, 3)."""
    azimuth = rng.uniform(0.0, math.tau)
    elevation = math.radians(rng.uniform(*elevations))
    field = math.radians(rng.uniform(*fields))
    return framed(points, azimuth, elevation, field, rng.uniform(*margins), size)


def framed(
    points: NDArray[np.float64],
    azimuth: float,
    elevation: float,
    field: float,
    margin: float,
    size: int,
) -> Pinhole:
    """The camera that looks from there, angles in radians, and has all points in its middle."""
    flat = math.cos(elevation)
    back = np.array([flat * math.cos(azimuth), flat * math.sin(azimuth), math.sin(elevation)])
    right = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    turn = np.stack([right, np.cross(back, right), back], axis=1)
    local = points @ turn
    steep = math.tan(field / 2) / margin
    across = np.array([_between(local[:, k], local[:, 2], steep) for k in (0, 1)])
    middle = across[:, 0]
    away = float(across[:, 1].max())
    pose = np.eye(4)
    pose[:3, :3] = turn
    pose[:3, 3] = turn @ np.array([middle[0], middle[1], away])
    focal = size / 2 / math.tan(field / 2)
    far = away - float(local[:, 2].min())
    near = away - float(local[:, 2].max())
    return Pinhole(
        "camera",
        pose,
        (focal, focal),
        (size / 2, size / 2),
        size,
        size,
        near=max(near * 0.05, far * 1e-4),
        far=far * 10.0,
    )


def _between(side: NDArray, height: NDArray, steep: float) -> tuple[float, float]:
    """Where the tip of a wedge over all points is: along `side`, and how high.

    A point (s, h) is in the wedge with its tip at (m, d) if |s - m| <= steep (d - h).
    """
    high = float((side + steep * height).max())
    low = float((side - steep * height).min())
    return (high + low) / 2, (high - low) / 2 / steep


def _folded(camera: Pinhole) -> NDArray[np.float64]:
    """World to what a lens of focal length 1 and centre 0.5 of the picture sees alike."""
    lens = np.eye(4)
    sizes = (camera.width, camera.height)
    for k, (focal, centre, size) in enumerate(zip(camera.focal, camera.centre, sizes, strict=True)):
        lens[k, k], lens[k, 2] = focal / size, centre / size - 0.5
    return lens @ camera.view


def _textured(actors: Sequence[Actor]) -> tuple[NDArray, NDArray, list[NDArray[np.uint8]]]:
    """Texture coordinates (F, 3, 2), images (F,) and all the images of actors."""
    uv, image, images = [], [], []
    for actor in actors:
        count, texture = len(actor.mesh.faces), actor.texture
        if texture is None:
            uv.append(np.zeros((count, 3, 2), np.float32))
            image.append(np.full(count, -1, np.int32))
            continue
        uv.append(texture.uv)
        image.append(np.where(texture.image >= 0, texture.image + len(images), -1))
        images.extend(texture.images)
    return _joined(uv, (3, 2), np.float32), _joined(image, (), np.int32), images


def _density(uv: NDArray, areas: NDArray, tables: NDArray, image: NDArray) -> NDArray[np.float32]:
    """Texels along a unit of length on each face, (F,)."""
    a, b = uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]
    covered = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
    texels = tables[np.maximum(image, 0), 0, 1:].prod(axis=1)
    return np.sqrt(covered * texels / np.maximum(areas, 1e-300)).astype(np.float32)


def _each(given: Any, frames: int) -> list[Any]:
    """One for each frame."""
    return list(given) if isinstance(given, Sequence) else [given] * frames


def _joined(arrays: Sequence[NDArray], shape: tuple[int, ...], dtype: Any) -> NDArray:
    return np.concatenate([np.zeros((0, *shape), dtype), *arrays]).astype(dtype)
