"""Entity and heat images: the inputs of DragAnything (Wu et al. 2024, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from backend.views.cameras import Pinhole

widest, height = 50.0, 320.0  # pixels: of a disc's radius, in a picture of that height
template, sigma = 100.0, 40.0  # of the Gaussian in units of which the disc's radius is 100


@dataclass(frozen=True, eq=False)
class Entity:
    """What a disc stands for: its `id` in the images, its track and its mask's id."""

    id: int
    track: int


def radii(
    entity: Entity,
    masks: NDArray[np.uint16],
    depths: NDArray[np.float64],
    camera: Pinhole,
    limit: float,
) -> NDArray[np.float64]:
    """The radius of an entity's disc at each frame, (T,).

    It is that of the largest circle in its mask where most of it is seen, and shrinks as it
    goes away; at most `limit` pixels.
    """
    area = np.array([int((mask == entity.id).sum()) for mask in masks])
    best = int(area.argmax())
    if not area[best] or not depths[best] > 0.0:
        return np.zeros(len(depths))
    inscribed = in_circle(masks[best] == entity.id)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = inscribed * depths[best] / depths
    return np.where(depths > camera.near, np.minimum(scaled, limit), 0.0)


def in_circle(mask: NDArray[np.bool_]) -> float:
    """The radius of the largest circle in a mask (H, W), 0 in an empty one."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return 0.0
    cropped = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return float(np.asarray(distance_transform_edt(np.pad(cropped, 1))).max())


def radius_limit(camera: Pinhole) -> float:
    """DragAnything's 50 pixels of 320 rows, in this picture."""
    return widest * min(camera.width, camera.height) / height


def draw(
    entities: Sequence[Entity],
    radius: Sequence[NDArray[np.float64]],
    pixels: NDArray[np.float64],
    frame: int,
    ids: NDArray[np.uint16],
    heat: NDArray[np.uint8],
) -> None:
    """Draw discs and Gaussians of a frame into (H, W) images; later entities lie over earlier."""
    for entity, sizes in zip(entities, radius, strict=True):
        x, y = pixels[frame, entity.track]
        side = float(sizes[frame])
        if side <= 0.0 or not np.isfinite([x, y]).all():
            continue
        rows = _span(y, side, ids.shape[0])
        columns = _span(x, side, ids.shape[1])
        if rows.start >= rows.stop or columns.start >= columns.stop:
            continue
        down = (np.arange(rows.start, rows.stop) + 0.5 - y)[:, None]
        across = (np.arange(columns.start, columns.stop) + 0.5 - x)[None]
        square = (down**2 + across**2) * (template / side) ** 2
        inside = square <= template**2
        bell = np.floor(255.0 * np.exp(-0.5 * square / sigma**2) + 0.5).astype(np.uint8)
        ids[rows, columns][inside] = entity.id
        heat[rows, columns][inside] = bell[inside]


def _span(middle: float, side: float, size: int) -> slice:
    """Pixels whose middles may be that near, within the picture."""
    start = int(np.clip(np.ceil(middle - side - 0.5), 0, size))
    return slice(start, int(np.clip(np.floor(middle + side - 0.5) + 1, start, size)))
