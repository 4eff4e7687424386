"""Texels that no picture shows: filled from their chart, and bled beyond its border."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp
from numpy.typing import NDArray
from scipy.ndimage import find_objects
from scipy.spatial import KDTree

from backend.articulation.problem import Progress
from backend.geometry.mesh import Mesh, areas_and_normals
from backend.textures import kernels
from backend.textures.atlas import Atlas

wp: Any = warp  # its stubs do not follow its own array types

Light = NDArray[np.float32]

lenders = 20_000  # texels whose colours charts without any may borrow
least_bleed = 4  # texels beyond a chart's border
bleed_share = 1 / 128  # of the texture


def fill(
    atlas: Atlas,
    light: Light,
    known: NDArray[np.bool_],
    wanted: NDArray[np.bool_],
    progress: Progress,
) -> NDArray[np.bool_]:
    """Fill `light` (N, 3) where it is wanted and not known, from known texels of the same chart.

    Returns which texels (N,) were filled: those of a chart with nothing known are not.
    """
    size = atlas.resolution
    chart = atlas.chart[atlas.face]
    missing = wanted & ~known
    needy = np.intersect1d(chart[missing], chart[known])
    number = np.zeros(int(atlas.chart.max()) + 1, np.int32)
    number[needy] = np.arange(1, len(needy) + 1)
    labels = np.zeros(size * size, np.int32)
    labels[atlas.place] = number[chart]
    index = np.full(size * size, -1, np.int32)
    index[atlas.place] = np.arange(len(atlas), dtype=np.int32)
    labels, index = labels.reshape(size, size), index.reshape(size, size)
    filled = np.zeros(len(atlas), bool)
    for label, window in enumerate(find_objects(labels), start=1):
        progress.check()
        inside = labels[window] == label
        texels = index[window][inside]
        colours = np.zeros((*inside.shape, 3), np.float32)
        weight = np.zeros(inside.shape, np.float32)
        weight[inside] = known[texels]
        colours[inside] = light[texels] * weight[inside][:, None]
        smooth = _pull_push(colours, weight)[inside]
        empty = missing[texels]
        light[texels[empty]] = smooth[empty]
        filled[texels[empty]] = True
    return filled


def borrow(
    atlas: Atlas,
    mesh: Mesh,
    light: Light,
    known: NDArray[np.bool_],
    wanted: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Give charts without a known texel one colour each: that of the nearest ones in the world.

    Returns which texels (N,) were filled, all that are wanted unless nothing is known at all.
    """
    missing = wanted & ~known
    if not known.any() or not missing.any():
        return np.zeros(len(atlas), bool)
    some = np.flatnonzero(known)
    some = some[:: max(1, len(some) // lenders)]
    faces = np.unique(atlas.face[missing])
    middles = mesh.corners[faces].mean(axis=1)
    nearest = KDTree(atlas.points(mesh, some)).query(middles)[1]
    chart = atlas.chart[faces]
    size = areas_and_normals(mesh)[0][faces] + 1e-300
    total = np.bincount(chart, size)
    colours = np.zeros((len(total), 3), np.float32)
    for k in range(3):
        lent = np.bincount(chart, size * light[some[nearest], k])
        colours[:, k] = lent / np.maximum(total, 1e-300)
    light[missing] = colours[atlas.chart[atlas.face[missing]]]
    return missing


def _pull_push(colours: NDArray, weight: NDArray) -> NDArray:
    """Colours (h, w, 3), already times their weight (h, w), spread to where it is 0.

    Halved until one texel is left, and each level's holes filled from the next (Gortler et al.
    1996, section 3.5).
    """
    if min(weight.shape) == 0 or weight.all() or weight.size == 1:
        return colours / np.maximum(weight, np.float32(1e-12))[..., None]
    height, width = weight.shape
    padding = ((0, height % 2), (0, width % 2))
    wide, known = np.pad(colours, (*padding, (0, 0))), np.pad(weight, padding)
    halved = wide[::2, ::2] + wide[1::2, ::2] + wide[::2, 1::2] + wide[1::2, 1::2]
    total = known[::2, ::2] + known[1::2, ::2] + known[::2, 1::2] + known[1::2, 1::2]
    share = np.minimum(total, 1.0) / np.maximum(total, 1e-12)
    coarse = _pull_push(halved * share[..., None], total * share)
    below = _doubled(_doubled(coarse, 0), 1)[:height, :width]
    return colours + (1.0 - weight)[..., None] * below


def _doubled(values: NDArray, axis: int) -> NDArray:
    """Twice as many values along an axis, each between two old ones."""
    first, last = values.take([0], axis), values.take([-1], axis)
    before = np.concatenate([first, values.take(range(values.shape[axis] - 1), axis)], axis)
    after = np.concatenate([values.take(range(1, values.shape[axis]), axis), last], axis)
    both = np.stack([0.75 * values + 0.25 * before, 0.75 * values + 0.25 * after], axis + 1)
    shape = list(values.shape)
    shape[axis] *= 2
    return both.reshape(shape)


def bleed(
    image: Light, painted: NDArray[np.bool_], free: NDArray[np.bool_]
) -> tuple[Light, NDArray[np.bool_]]:
    """Spread painted texels of an image (R, R, 3) into free ones (R, R) around them.

    So far that smaller copies of the texture show nothing else at the borders of charts.
    Returns the image and which texels are painted now.
    """
    state = np.where(painted, 1, np.where(free, 0, 2)).astype(np.uint8)
    image = np.ascontiguousarray(image, np.float32)
    for _ in range(max(least_bleed, round(bleed_share * len(image)))):
        spread, new_state = np.empty_like(image), np.empty_like(state)
        inputs = [
            wp.array(image, dtype=wp.vec3, copy=False),
            wp.array(state, dtype=wp.uint8, copy=False),
            wp.array(spread, dtype=wp.vec3, copy=False),
            wp.array(new_state, dtype=wp.uint8, copy=False),
        ]
        wp.launch(kernels.bleed_kernel, dim=state.shape, inputs=inputs, device="cpu")
        image, state = spread, new_state
    return image, state == 1
