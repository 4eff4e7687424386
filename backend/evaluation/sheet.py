"""The contact sheet: the worst answers beside the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from backend.articulation.problem import no_drags
from backend.datasets import Case
from backend.evaluation.answers import Scores, badness
from backend.evaluation.drawing import Camera, Colour, arrow, best_camera, paper, picture
from backend.evaluation.regimes import part_and_body
from backend.geometry.mesh import Mesh
from protocol.joint import Joint, motion

ink: Colour = (50, 54, 62)
resting: Colour = (240, 196, 96)
truth: Colour = (52, 150, 84)
answer: Colour = (206, 62, 120)
pull: Colour = (240, 110, 30)
shown = 12
columns = 2
side = 260  # pixels of a panel
caption = 62
panels = ("at rest", "opened by the truth", "opened by the answer")


@dataclass(frozen=True, eq=False)
class Cell:
    """What is shown of a case; `found` is missing where there was no answer, `need` is what
    would have brought a right one."""

    scores: Scores
    case: Case | None = None
    drags: NDArray[np.float64] = field(default_factory=lambda: no_drags)
    found: Joint | None = None
    need: str = ""


def worst(scores: Sequence[Scores]) -> list[Scores]:
    """Return the worst answer of each of the cases that went worst, the worst first."""
    by_case: dict[str, Scores] = {}
    for scored in sorted(scores, key=badness, reverse=True):
        by_case.setdefault(scored.case, scored)
    return list(by_case.values())[:shown]


def write(path: Path, cells: Sequence[Cell]) -> None:
    """Write the sheet of some cells as an image."""
    rows = -(-len(cells) // columns)
    wide, high = len(panels) * side + 20, side + caption
    sheet = Image.new("RGB", (min(columns, len(cells)) * wide, rows * high + caption), paper)
    _legend(sheet)
    for index, cell in enumerate(cells):
        corner = index % columns * wide + 10, index // columns * high + caption
        _draw(sheet, corner, cell)
    sheet.save(path, optimize=True)


def _legend(sheet: Image.Image) -> None:
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    words = (resting, "at rest"), (truth, "truth"), (answer, "answer"), (pull, "pull")
    x = 14
    for colour, word in words:
        draw.rectangle([x, 14, x + 16, 30], colour)
        draw.text((x + 24, 22), word, ink, font, anchor="lm")
        x += 110
    draw.text((x, 22), "arrows are axes; hidden parts are faint", ink, font, anchor="lm")


def _draw(sheet: Image.Image, corner: tuple[int, int], cell: Cell) -> None:
    draw, (x, y) = ImageDraw.Draw(sheet), corner
    if cell.case is not None:
        for index, panel in enumerate(_panels(cell, cell.case)):
            sheet.paste(panel, (x + index * side, y + caption))
    title = f"{cell.scores.case}, {cell.scores.regime}"
    draw.text((x, y + 4), title, ink, ImageFont.load_default(16))
    draw.text((x, y + 24), _says(cell), answer, ImageFont.load_default(14))
    draw.text((x, y + 42), cell.need, ink, ImageFont.load_default(14))


def _says(cell: Cell) -> str:
    scores, found = cell.scores, cell.found
    if found is None or cell.case is None:
        return f"error: {scores.error}"[:110]
    words = [found.type if scores.type_right else f"{found.type}, not {cell.case.joint_type}"]
    words.append(f"axis {scores.axis:.1f}° off")
    if scores.line is not None:
        words.append(f"line {scores.line:.3f} off")
    words.append(f"range IoU {scores.range_iou:.2f}")
    return ", ".join(words if scores.executes else [*words, "does not execute"])


def _panels(cell: Cell, case: Case) -> list[Image.Image]:
    """The part at rest with the pull and both axes, opened by the truth, opened by the answer."""
    part, body = part_and_body(case)
    opened = _moved(part, case.joint, _open(case.joint))
    camera = best_camera(opened, body, part.vertices, side)
    ways = [(case.joint, truth)] + ([(cell.found, answer)] if cell.found else [])
    rest = picture(camera, body, part, resting)
    for joint, colour in ways:
        _axis(rest, camera, joint, case, colour)
    for drag in camera.pixels(cell.drags):
        arrow(rest, drag[0], drag[1], pull, 4)
    images = [rest]
    for joint, colour in ways:
        images.append(picture(camera, body, _moved(part, joint, _open(joint)), colour))
        _axis(images[-1], camera, joint, case, colour)
    for image, words in zip(images, panels, strict=False):
        ImageDraw.Draw(image).text((side / 2, side - 4), words, ink, anchor="md")
    return images


def _open(joint: Joint) -> float:
    """A value that shows the motion: the far end, but no full turn, which looks like none."""
    return min(joint.upper, 2.0) if joint.type == "continuous" else joint.upper


def _moved(mesh: Mesh, joint: Joint, value: float) -> Mesh:
    there = motion(joint, value)
    return Mesh(mesh.vertices @ there[:3, :3].T + there[:3, 3], mesh.faces)


def _axis(image: Image.Image, camera: Camera, joint: Joint, case: Case, colour: Colour) -> None:
    """The axis beside the part; a slider's starts at the part's middle."""
    part = part_and_body(case)[0].vertices
    middle, axis = 0.5 * (part.min(axis=0) + part.max(axis=0)), np.array(joint.axis)
    foot = np.array(joint.origin) + axis * ((middle - joint.origin) @ axis)
    if joint.type == "prismatic":
        foot = middle
    reach = 0.45 * camera.radius
    tail = foot if joint.type == "prismatic" else foot - reach * axis
    ends = camera.pixels(np.array([tail, foot + reach * axis]))
    arrow(image, ends[0], ends[1], colour)
