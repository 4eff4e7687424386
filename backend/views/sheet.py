"""Pictures for people: what views see, colour coded, with trajectories drawn over it."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from backend.views.engine import View

Picture = NDArray[np.uint8]
line, gap = 2, 4
paper, ink, faint = (24, 24, 28), (255, 255, 255), (150, 150, 160)
label_height = 14
least_flow = 0.25  # pixels a frame: what is slower is pale


def palette(count: int) -> NDArray[np.float64]:
    """Colours (count, 3) in [0, 1] that are easy to tell apart."""
    golden = 0.61803398875
    rows = [colorsys.hsv_to_rgb((0.58 + k * golden) % 1.0, 0.55, 1.0) for k in range(count)]
    return np.array(rows).reshape(-1, 3)


def shaded(images: Mapping[str, NDArray], frame: int, moving: NDArray[np.bool_]) -> Picture:
    """Parts in colours (scenery in grey), shaded by normals or depth: (H, W, 3).

    `moving` says of each part whether it belongs to a tracked body.
    """
    size = next(iter(images.values())).shape[1:3]
    base = np.full((*size, 3), 0.75)
    covered = np.ones(size, bool)
    if "parts" in images:
        ids = images["parts"][frame].astype(np.intp)
        colours = np.concatenate([[np.zeros(3)], palette(len(moving))])
        colours[1:][~moving] = 0.62
        base, covered = colours[ids], ids > 0
    elif "depth" in images:
        covered = np.isfinite(images["depth"][frame])
    light = _light(images, frame, covered) * np.where(_outlines(images, frame), 0.35, 1.0)
    picture = np.where(covered[..., None], base * light[..., None], np.array(paper) / 255.0)
    return (255.0 * np.clip(picture, 0.0, 1.0)).astype(np.uint8)


def _outlines(images: Mapping[str, NDArray], frame: int) -> NDArray[np.bool_]:
    """Pixels at whose right or lower edge another body or part begins."""
    ids = images["parts"][frame] if "parts" in images else np.zeros((1, 1), np.uint16)
    right = np.pad(ids[:, 1:] != ids[:, :-1], ((0, 0), (0, 1)))
    return right | np.pad(ids[1:] != ids[:-1], ((0, 1), (0, 0)))


def _light(images: Mapping[str, NDArray], frame: int, covered: NDArray[np.bool_]) -> NDArray:
    if "normals" in images:
        normal = images["normals"][frame].astype(float) / 127.0
        return 0.25 + 0.75 * np.clip(normal @ np.array([-0.35, 0.5, 0.79]), 0.0, 1.0)
    if "depth" in images and covered.any():
        depth = images["depth"][frame]
        low, high = np.percentile(depth[covered], (1.0, 99.0))
        return 1.0 - 0.6 * np.clip((depth - low) / max(high - low, 1e-9), 0.0, 1.0)
    return np.ones(covered.shape)


def flow_picture(flow: NDArray[np.float16]) -> Picture:
    """Flow (H, W, 2) as colours: hue is where to, saturation how far."""
    x, y = np.nan_to_num(flow.astype(float)).transpose(2, 0, 1)
    length = np.hypot(x, y)
    share = np.clip(length / max(float(length.max()), least_flow), 0.0, 1.0)
    hue = (np.arctan2(-y, x) / math.tau) % 1.0
    wheel = np.abs((hue[..., None] * 6.0 + np.array([0.0, 4.0, 2.0])) % 6.0 - 3.0) - 1.0
    colour = 1.0 - share[..., None] * (1.0 - np.clip(wheel, 0.0, 1.0))
    return (255.0 * colour).astype(np.uint8)


def depth_picture(depth: NDArray[np.float32]) -> Picture:
    """Depth (H, W) as grey, near is bright."""
    covered = np.isfinite(depth)
    grey = np.zeros(depth.shape)
    if covered.any():
        low, high = np.percentile(depth[covered], (0.5, 99.5))
        grey = np.where(covered, 1.0 - 0.9 * (depth - low) / max(high - low, 1e-9), 0.0)
    return np.repeat((255.0 * np.clip(grey, 0.0, 1.0)).astype(np.uint8)[..., None], 3, axis=2)


def with_tracks(picture: Picture, view: View, frame: int, middle: NDArray[np.bool_]) -> Image.Image:
    """The picture with the ways of middles, and where each track is; hollow if not visible."""
    image = Image.fromarray(picture)
    pen = ImageDraw.Draw(image)
    colours = (255.0 * palette(view.tracks.shape[1])).astype(int)
    for k in np.argsort(middle, kind="stable"):
        colour, way = tuple(colours[k].tolist()), view.tracks[:, k]
        known = way[np.isfinite(way).all(axis=1)]
        if middle[k] and len(known) > 1 and np.ptp(known, axis=0).max() > 0.5:
            pen.line([tuple(spot) for spot in known.tolist()], fill=colour, width=line)
        x, y = way[frame].tolist()
        if math.isfinite(x) and math.isfinite(y):
            reach = 3 if middle[k] else 1
            fill = (ink if middle[k] else colour) if view.visible[frame, k] else None
            pen.ellipse((x - reach, y - reach, x + reach, y + reach), outline=colour, fill=fill)
    return image


def plain(picture: Picture) -> Image.Image:
    return Image.fromarray(picture)


def contact_sheet(
    views: Sequence[tuple[View, Sequence[Image.Image]]], titles: Sequence[str]
) -> Image.Image:
    """Rows of pictures, a view a row, with their names and the titles of the columns."""
    width, height = (max(p.size[axis] for _, row in views for p in row) for axis in (0, 1))
    columns = max(len(row) for _, row in views)
    side = 74
    size = (
        side + columns * (width + gap),
        label_height + gap + len(views) * (height + gap),
    )
    sheet = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(sheet)
    for k, title in enumerate(titles):
        pen.text((side + k * (width + gap) + 2, 2), title, fill=ink)
    for row, (view, pictures) in enumerate(views):
        top = label_height + gap + row * (height + gap)
        pen.text((4, top + 4), view.camera.name, fill=ink)
        if view.replaces:
            pen.text((4, top + 18), f"for {view.replaces}", fill=faint)
        for k, picture in enumerate(pictures):
            sheet.paste(picture, (side + k * (width + gap), top))
    return sheet
