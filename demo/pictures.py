"""The picture and the film from what Blender rendered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from backend.pictures.sheets import with_drags

paper = (255, 255, 255, 255)
ink = (60, 64, 72, 255)
faint = 0.35
margin = 28
caption_height = 56
name_room, head_room, gap = 110, 28, 4
legend = ((255, 106, 60, 255), "drag"), ((58, 158, 255, 255), "joint")


def write_picture(frames: Path, path: Path) -> None:
    """Lay rest.png, half.png and open.png side by side, with captions and a legend."""
    panels = [_panel(frames / f"{name}.png", frames) for name in ("rest", "half", "open")]
    width, height = panels[0].size
    sheet = Image.new("RGBA", (3 * width, height + caption_height), paper)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(24)
    for index, (name, panel) in enumerate(zip(("rest", "half", "open"), panels, strict=True)):
        sheet.paste(panel, (index * width, 0))
        draw.text((index * width + margin, height), name, ink, font)
    x = 3 * width - 270
    for colour, word in legend:
        draw.line([(x, height + 14), (x + 34, height + 14)], colour, 6)
        draw.text((x + 44, height), word, ink, font)
        x += 130
    sheet.convert("RGB").save(path, optimize=True)


def write_sheet(rendered: Path, path: Path, columns: int, captions: Sequence[str]) -> None:
    """Write a caption under each cell of a rendered grid; "refused" stands out."""
    sheet = Image.open(rendered).convert("RGB")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    rows = -(-len(captions) // columns)
    width, height = sheet.width / columns, sheet.height / rows
    for index, caption in enumerate(captions):
        place = (index % columns + 0.5) * width, (index // columns + 1) * height - 4
        colour = legend[0][0] if caption == "refused" else ink
        draw.text(place, caption, colour, font, anchor="md", stroke_width=2, stroke_fill=paper)
    sheet.save(path, optimize=True)


def write_views(
    rendered: Path,
    path: Path,
    views: Sequence[str],
    shown: Sequence[int],
    span: Sequence[int],
) -> None:
    """Lay view-VIEW-FRAME.png out: a row for each view, a column for each shown frame.

    `span` is the motion's first and last frame. Over them comes the first track of each view,
    from views/NAME/tracks.npz, with a dot where it is at that frame.
    """
    first = Image.open(rendered / f"view-0-{shown[0]}.png")
    width, height = first.size
    across, down = name_room + len(shown) * (width + gap), head_room + len(views) * (height + gap)
    sheet = Image.new("RGB", (across, down), paper[:3])
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for column, frame in enumerate(shown):
        x = name_room + column * (width + gap)
        share = (frame - span[0]) / (span[1] - span[0])
        said = f"frame {frame} ({share:.0%})"
        draw.text((x + width / 2, head_room / 2), said, ink, font, anchor="mm")
        for row, name in enumerate(views):
            tile = Image.open(rendered / f"view-{row}-{frame}.png").convert("RGB")
            _draw_track(tile, rendered / "views" / name, frame - span[0])
            sheet.paste(tile, (x, head_room + row * (height + gap)))
    for row, name in enumerate(views):
        y = head_room + row * (height + gap) + height / 2
        draw.text((name_room / 2, y), name, ink, font, anchor="mm")
    sheet.save(path, optimize=True)


def write_strip(rendered: Path, path: Path, names: Sequence[str], views: int) -> None:
    """Lay out a row for each object: at rest, views before above imagined ones, and opened.

    They are INDEX/rest.png, INDEX/view-VIEW.npz with `before`, `after` and `drags`, opened.png.
    """
    tall = Image.open(rendered / "0" / "rest.png").height
    side = (tall - 2 * gap) // 2
    across = 2 * tall + views * (side + 2 * gap) + 2 * gap
    sheet = Image.new("RGB", (across, len(names) * (tall + head_room)), paper[:3])
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for row, name in enumerate(names):
        top, folder = row * (tall + head_room) + head_room, rendered / str(row)
        heads = [(0, name), (tall + 2 * gap, "as the model sees it pulled, and what it imagines")]
        heads.append((across - tall, "the joint found, the textures baked"))
        for x, said in heads:
            draw.text((x + gap, top - gap), said, ink, font, anchor="ls")
        for x, tile in ((0, "rest"), (across - tall, "opened")):
            sheet.paste(Image.open(folder / f"{tile}.png").convert("RGB"), (x, top))
        for view in range(views):
            x = tall + 2 * gap + view * (side + 2 * gap)
            with np.load(folder / f"view-{view}.npz") as seen:
                before = with_drags(seen["before"], seen["drags"], 1).resize((side, side))
                after = Image.fromarray(seen["after"]).resize((side, side))
            sheet.paste(before, (x, top))
            sheet.paste(after, (x, top + side + 2 * gap))
    sheet.save(path, optimize=True)


def _draw_track(tile: Image.Image, view: Path, at: int) -> None:
    """Draw a view's first track, which is in the pixels of its own pictures."""
    with np.load(view / "tracks.npz") as held:
        track = held["tracks"][:, 0]
    manifest = json.loads((view.parent / "manifest.json").read_text(encoding="utf-8"))
    camera = next(seen["camera"] for seen in manifest["views"] if seen["name"] == view.name)
    points = track * tile.width / camera["width"]
    draw = ImageDraw.Draw(tile)
    draw.line([*map(tuple, points.tolist())], legend[0][0][:3], 1)
    x, y = points[at].tolist()
    draw.ellipse([x - 3, y - 3, x + 3, y + 3], legend[0][0][:3], paper[:3])


def write_film(frames: Path, path: Path) -> None:
    """Play film-*.png there and back as an animated WebP, which needs no video encoder."""
    opening = [_panel(file, frames).convert("RGB") for file in sorted(frames.glob("film-*.png"))]
    order = [*opening, *opening[-2:0:-1]]
    waits = [80] * len(order)
    waits[0] = waits[len(opening) - 1] = 500
    order[0].save(path, save_all=True, append_images=order[1:], duration=waits, loop=0, quality=82)


def _panel(file: Path, frames: Path) -> Image.Image:
    """A rendered frame on paper, with the arrows showing faintly through what hides them."""
    seen = Image.open(file).convert("RGBA")
    arrows = (
        Image.open(frames / "arrows.png")
        .convert("RGBA")
        .resize(seen.size, Image.Resampling.LANCZOS)
    )
    arrows.putalpha(arrows.getchannel("A").point([round(faint * a) for a in range(256)]))
    sheet = Image.new("RGBA", seen.size, paper)
    sheet.alpha_composite(seen)
    sheet.alpha_composite(arrows)
    return sheet
