"""A software rasteriser: what each pixel of a camera sees, frame by frame (Warp).

What stands still is rasterised once for a camera; what moves is laid over that in each frame.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import warp
from numpy.typing import NDArray

from backend.views import kernels
from backend.views.cameras import Pinhole
from backend.views.scene import Part, Scene

wp: Any = warp  # its stubs do not follow its own array types

nothing = 0xFFFFFFFF
kinds: dict[str, tuple[tuple[int, ...], Any]] = {  # of a layer: the shape of a pixel, its type
    "depth": ((), np.float32),
    "normals": ((3,), np.int8),
    "instances": ((), np.uint16),
    "parts": ((), np.uint16),
    "flow": ((2,), np.float16),
}
Images = dict[str, NDArray]


@dataclass(frozen=True, eq=False)
class Backdrop:
    """What a camera sees of all that stands still: images (H, W, ...) and keys (H, W)."""

    images: Images
    keys: NDArray[np.uint64]
    group: Group
    seen: Any


@dataclass(frozen=True, eq=False)
class Covered:
    """Which triangle each pixel of some frames sees, until this thread draws again.

    The keys (B, h, w) are those of a window of the picture that begins at `corner`, x and y;
    outside it nothing moves.
    """

    keys: NDArray[np.uint64]
    corner: tuple[int, int]
    group: Group
    seen: NDArray[np.float64]
    behind: Backdrop

    def planes(self, b: NDArray, y: NDArray, x: NDArray) -> tuple[NDArray, NDArray]:
        """Corners (N, 3, 3) in the camera's frame and part (N,) of what pixels see, -1 nothing."""
        corners = np.full((len(b), 3, 3), np.nan)
        part = np.full(len(b), -1)
        front = self._front(b, y, x)
        back = (self.behind.keys[y, x] & np.uint64(nothing)).astype(np.int64)
        for here, face, group, seen, frame in (
            (front != nothing, front, self.group, self.seen, b),
            ((front == nothing) & (back != nothing), back, self.behind.group, None, b * 0),
        ):
            if here.any():
                source = self.behind.seen.numpy() if seen is None else seen
                vertices = group.faces[face[here]]
                corners[here] = source[frame[here][:, None], vertices]
                part[here] = group.part[group.owner[vertices[:, 0]]]
        return corners, part

    def _front(self, b: NDArray, y: NDArray, x: NDArray) -> NDArray[np.int64]:
        """The triangle of what moves in pixels (N,)."""
        found = np.full(len(b), nothing, np.int64)
        row, column = y - self.corner[1], x - self.corner[0]
        height, width = self.keys.shape[1:]
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        keys = self.keys[b[inside], row[inside], column[inside]]
        found[inside] = (keys & np.uint64(nothing)).astype(np.int64)
        return found


class Group:
    """Parts that are rasterised together. Rigid ones come first, then those that bend."""

    def __init__(
        self, members: Sequence[tuple[int, int, Part]], device: str, *, still: bool = False
    ) -> None:
        ordered = sorted(members, key=lambda member: member[2].shapes is not None and not still)
        self.device = device
        self._parts = [part for _, _, part in ordered]
        self._still = still
        self.part = np.array([index for index, _, _ in ordered], np.int32)
        self.body = np.array([index for _, index, _ in ordered], np.int32)
        meshes = [part.mesh for part in self._parts]
        self.starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
        self.owner = np.repeat(
            np.arange(len(meshes), dtype=np.int32), [len(mesh.vertices) for mesh in meshes]
        )
        self.faces = np.concatenate(
            [np.zeros((0, 3), np.int32)]
            + [mesh.faces + np.int32(s) for mesh, s in zip(meshes, self.starts, strict=False)]
        )
        rigid = [part for part in self._parts if still or part.shapes is None]
        points = [part.at(0) if still else part.mesh.vertices for part in rigid]
        self._rigid = len(rigid)
        self._points = wp.array(
            np.concatenate([np.zeros((0, 3)), *points]), dtype=wp.vec3d, device=device
        )
        self._device_arrays = [
            wp.array(array, dtype=int, device=device)
            for array in (self.faces, self.owner, self.part, self.body)
        ]

    @property
    def arrays(self) -> list[Any]:
        """Faces, the part that owns each vertex, and index and body of each part."""
        return self._device_arrays

    def seen(self, view: NDArray[np.float64], start: int, stop: int) -> Any:
        """Where the vertices are at frames `start` to `stop`, in a camera's frame: (B, V)."""
        count = stop - start
        seen = wp.empty((count, int(self.starts[-1])), dtype=wp.vec3d, device=self.device)
        if len(self._points):
            poses = np.stack([self._poses(view, k, start, stop) for k in range(self._rigid)], 1)
            inputs = [
                self._points,
                self._device_arrays[1],
                wp.array(poses, dtype=wp.mat44d, device=self.device),
                seen,
            ]
            size = (count, len(self._points))
            wp.launch(kernels.carry_kernel, dim=size, inputs=inputs, device=self.device)
        for k in range(self._rigid, len(self._parts)):
            shapes = np.ascontiguousarray(self._parts[k].shapes[start:stop], np.float32)  # type: ignore[index]
            inputs = [
                wp.array(shapes, dtype=wp.vec3, device=self.device),
                wp.mat44d(view),
                int(self.starts[k]),
                seen,
            ]
            size = shapes.shape[:2]
            wp.launch(kernels.bend_kernel, dim=size, inputs=inputs, device=self.device)
        return seen

    def _poses(self, view: NDArray[np.float64], k: int, start: int, stop: int) -> NDArray:
        motion = self._parts[k].motion
        if self._still or motion is None:
            return np.broadcast_to(view, (stop - start, 4, 4))
        return view @ motion[start:stop]


class Rasteriser:
    """Ready to show a scene to cameras."""

    def __init__(self, scene: Scene, device: str = "cpu") -> None:
        members = [(index, body, part) for index, (body, part) in enumerate(scene.parts)]
        self.device = device
        self.frames = scene.frames
        self._kept = threading.local()
        self.still = Group([m for m in members if not m[2].moves], device, still=True)
        self.moving = Group([m for m in members if m[2].moves], device)

    def backdrop(self, camera: Pinhole, layers: Sequence[str]) -> Backdrop:
        """What a camera sees of all that stands still."""
        size = (camera.height, camera.width)
        images = {name: np.zeros((1, *size, *kinds[name][0]), kinds[name][1]) for name in layers}
        if "depth" in images:
            images["depth"][...] = np.inf
        keys = np.full((1, *size), np.iinfo(np.uint64).max)
        seen = self.still.seen(camera.view, 0, 1)
        if len(self.still.faces):
            spots = self._spots(camera, seen)
            self._pass(self.still, camera, seen, spots, keys, (0, 0), images, moves=0)
        return Backdrop({k: image[0] for k, image in images.items()}, keys[0], self.still, seen)

    def draw(
        self, camera: Pinhole, behind: Backdrop, start: int, stop: int, images: Mapping[str, Any]
    ) -> Covered:
        """Fill `images` (B, H, W, ...) with frames `start` to `stop` over a backdrop."""
        for name, image in images.items():
            image[...] = behind.images[name]
        end = min(stop + 1, self.frames)
        seen = self.moving.seen(camera.view, start, end)
        spots = self._spots(camera, seen)
        x, y = self._window(camera, seen, spots)
        keys = self._keys((stop - start, y.stop - y.start, x.stop - x.start))
        keys[...] = behind.keys[y, x] | np.uint64(nothing)
        corner = (x.start, y.start)
        if keys.size:
            moves = end - start - 1
            self._pass(self.moving, camera, seen, spots, keys, corner, images, moves=moves)
        return Covered(keys, corner, self.moving, seen.numpy(), behind)

    def _keys(self, shape: tuple[int, ...]) -> NDArray[np.uint64]:
        """This thread's memory for keys: new memory is slow."""
        size = math.prod(shape)
        kept = getattr(self._kept, "keys", None)
        if kept is None or len(kept) < size:
            kept = self._kept.keys = np.empty(size, np.uint64)
        return kept[:size].reshape(shape)

    def _spots(self, camera: Pinhole, seen: Any) -> Any:
        """Where vertices (B, V) are in the picture; zero where that is nowhere."""
        spots = wp.zeros(seen.shape, dtype=wp.vec2d, device=self.device)
        lens = wp.vec4d(*camera.focal, *camera.centre)
        self._launch(kernels.spot_kernel, seen.shape, [seen, lens, wp.float64(camera.near), spots])
        return spots

    def _window(self, camera: Pinhole, seen: Any, spots: Any) -> tuple[slice, slice]:
        """The columns and rows that moving vertices are within; all where one is behind."""
        size = (camera.width, camera.height)
        if not seen.size:
            return slice(0, 0), slice(0, 0)
        if seen.numpy()[..., 2].min() < camera.near:
            return slice(0, size[0]), slice(0, size[1])
        places = spots.numpy().reshape(-1, 2)
        low, high = places.min(axis=0) - 1.0, places.max(axis=0) + 1.0
        starts = np.clip(np.floor(low), 0, size).astype(int)
        ends = np.clip(np.ceil(high), starts, size).astype(int)
        return slice(int(starts[0]), int(ends[0])), slice(int(starts[1]), int(ends[1]))

    def _pass(
        self,
        group: Group,
        camera: Pinhole,
        seen: Any,
        spots: Any,
        keys: NDArray[np.uint64],
        corner: tuple[int, int],
        images: Mapping[str, Any],
        *,
        moves: int,
    ) -> None:
        """Cover pixels by a group's triangles, in place, and write what they see."""
        lens = wp.vec4d(*camera.focal, *camera.centre)
        near, far = wp.float64(camera.near), wp.float64(camera.far)
        there = self._shared(keys, wp.uint64)
        size = (len(keys), len(group.faces))
        inputs = [seen, spots, group.arrays[0], lens, near, far, *corner, there]
        self._launch(kernels.cover_kernel, size, inputs)
        layers = [self._layer(images, name) for name in kinds]
        inputs = [seen, *group.arrays, lens, moves, *corner, there, *layers]
        self._launch(kernels.resolve_kernel, keys.shape, inputs)
        if self.device != "cpu":
            keys[...] = there.numpy()
            for name, layer in zip(kinds, layers, strict=True):
                if name in images:
                    images[name][...] = layer.numpy()

    def _layer(self, images: Mapping[str, Any], name: str) -> Any:
        """A layer's memory for kernels, or an empty array where it is not wanted."""
        shape, dtype = kinds[name]
        empty = np.zeros((0, 0, 0, *((0,) if shape else ())), dtype)
        return self._shared(images.get(name, empty), wp.dtype_from_numpy(np.dtype(dtype)))

    def _shared(self, array: NDArray, dtype: Any) -> Any:
        """The array for kernels: the same memory where they run on the CPU."""
        return wp.array(array, dtype=dtype, device=self.device, copy=self.device != "cpu")

    def _launch(self, kernel: Any, dim: Any, inputs: list[Any]) -> None:
        wp.launch(kernel, dim=dim, inputs=inputs, device=self.device)


def blank(layers: Sequence[str], frames: int, camera: Pinhole) -> Images:
    """Arrays for layers of a camera, not filled: (T, H, W, ...)."""
    size = (frames, camera.height, camera.width)
    return {name: np.empty((*size, *kinds[name][0]), kinds[name][1]) for name in layers}
