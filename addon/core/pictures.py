"""Pictures as jobs keep them in the .blend, when the backend has forgotten their arrays."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..protocol.blobs import Blob
from ..protocol.dragging import DraggedView
from ..protocol.errors import failure

Pixels = NDArray[np.uint8]
thumbnail = 128  # pixels, the most that is kept of a picture that is only looked at


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """An sRGB picture: `data` is (height, width, 3) uint8, the top row first, compressed."""

    width: int
    height: int
    data: bytes

    @property
    def pixels(self) -> Pixels:
        """The picture as (H, W, 3) uint8."""
        flat = np.frombuffer(zlib.decompress(self.data), np.uint8)
        return flat.reshape(self.height, self.width, 3)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a model made of a view: the picture before and after the pull, and the joint's, if any.

    `error` is how far the joint's is off, 0 to 1.
    """

    before: Picture
    after: Picture
    found: Picture | None = None
    error: float = 0.0


def picture(pixels: Pixels) -> Picture:
    """Return a picture of (H, W, 3) uint8. Raises TugError `malformed` for anything else."""
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or not pixels.size:
        raise failure("malformed", "The backend sent a picture that is none; ask again.")
    height, width, _ = pixels.shape
    return Picture(width=width, height=height, data=zlib.compress(pixels.tobytes(), 6))


def seen(
    views: Iterable[DraggedView], array: Callable[[Blob], NDArray], most: int = 0
) -> tuple[Seen, ...]:
    """Return the pictures of views; those over `most` pixels wide are made smaller, unless 0."""

    def read(blob: Blob) -> Picture:
        return picture(smaller(array(blob), most) if most else array(blob))

    return tuple(
        Seen(
            before=read(view.before),
            after=read(view.after),
            found=read(view.found) if view.found else None,
            error=view.error,
        )
        for view in views
    )


def smaller(pixels: Pixels, most: int) -> Pixels:
    """Return the picture at most `most` pixels wide and high, shrunk by a whole number."""
    times = -(-max(pixels.shape[:2]) // most)
    if times <= 1:
        return pixels
    height, width = (max(side // times, 1) for side in pixels.shape[:2])
    whole = pixels[: height * times, : width * times].astype(np.float32)
    blocks = whole.reshape(height, times, width, times, -1).mean(axis=(1, 3))
    return np.rint(blocks).astype(np.uint8)


def resized(pixels: Pixels, size: int) -> Pixels:
    """Return (H, W, 4) as (size, size, 4): each pixel the mean of what it covers, by alpha."""
    if pixels.shape[:2] == (size, size):
        return pixels
    whole = pixels.astype(np.float32)
    whole[..., :3] *= whole[..., 3:] / 255.0
    whole = _means(_means(whole, size).swapaxes(0, 1), size).swapaxes(0, 1)
    whole[..., :3] /= np.maximum(whole[..., 3:] / 255.0, 1e-6)
    return np.rint(np.clip(whole, 0.0, 255.0)).astype(np.uint8)


def _means(rows: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Return (N, L, C) as (N, size, C): means over equal shares of each row."""
    count, length, channels = rows.shape
    edges = np.linspace(0.0, length, size + 1)
    whole = np.minimum(edges.astype(int), length - 1)
    part = (edges - whole)[:, None]
    found = np.empty((count, size, channels), np.float32)
    for index, row in enumerate(rows):  # one by one, for the sums of large pictures are large
        sums = np.zeros((length + 1, channels))
        np.cumsum(row, axis=0, out=sums[1:], dtype=np.float64)
        at = sums[whole] + part * row[whole]
        found[index] = np.diff(at, axis=0) * (size / length)
    return found


def rgba(pixels: Pixels) -> NDArray[np.float32]:
    """Return (H * W * 4,) in [0, 1] as Blender's images have it: the bottom row first."""
    height, width, channels = pixels.shape
    whole = np.ones((height, width, 4), np.float32)
    whole[..., :channels] = pixels[::-1] / np.float32(255.0)
    return whole.reshape(-1)
