"""The toolbar's icons: `python -m building.icons` writes them into addon/tools/icons.

Blender's format: "VCO" and a zero, two bytes of range, two of start, then for all triangles their
corners (x, y up, a byte each), then their corners' colours (RGBA).
"""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

Point = tuple[float, float]  # 0 to 255, y up
Color = tuple[int, int, int]
Shape = tuple[list[Point], Color]  # convex

folder = Path(__file__).parents[1] / "addon" / "tools" / "icons"
white, grey, dark = (255, 255, 255), (150, 150, 150), (95, 95, 95)
violet, green, orange = (166, 120, 255), (98, 220, 118), (255, 166, 62)


def icon(shapes: list[Shape]) -> bytes:
    """Return the file of an icon; later shapes lie over earlier ones."""
    corners, colors = bytearray(), bytearray()
    for points, color in shapes:
        for second, third in pairwise(points[1:]):
            for x, y in (points[0], second, third):
                corners += bytes((_byte(x), _byte(y)))
                colors += bytes((*color, 255))
    return b"VCO\0" + bytes((255, 255, 0, 0)) + bytes(corners) + bytes(colors)


def line(points: list[Point], width: float, color: Color) -> list[Shape]:
    """Return a line of some width with round joints."""
    shapes: list[Shape] = []
    for (x, y), (u, v) in pairwise(points):
        length = math.hypot(u - x, v - y)
        across, up = -(v - y) / length * width / 2, (u - x) / length * width / 2
        corners = [(x + across, y + up), (u + across, v + up)]
        shapes.append(([*corners, (u - across, v - up), (x - across, y - up)], color))
    return shapes + [disc(point, width / 2, color) for point in points[1:-1]]


def disc(middle: Point, radius: float, color: Color) -> Shape:
    """Return a filled circle."""
    turns = [2 * math.pi * i / 20 for i in range(20)]
    return [
        (middle[0] + radius * math.cos(a), middle[1] + radius * math.sin(a)) for a in turns
    ], color


def box(front: Color) -> list[Shape]:
    """Return a cube seen from a corner, with its left face in a colour."""
    top = [(18.0, 128.0), (92.0, 158.0), (166.0, 128.0), (92.0, 98.0)]
    left = [(18.0, 128.0), (92.0, 98.0), (92.0, 14.0), (18.0, 44.0)]
    right = [(92.0, 98.0), (166.0, 128.0), (166.0, 44.0), (92.0, 14.0)]
    return [(top, grey), (right, dark), (left, front)]


def pick() -> list[Shape]:
    """A box of which an eyedropper takes a face."""
    pipette = line([(84.0, 84.0), (172.0, 172.0)], 28.0, white)
    collar = line([(144.0, 200.0), (200.0, 144.0)], 24.0, white)
    bulb = line([(180.0, 180.0), (214.0, 214.0)], 66.0, white)
    tip = ([(62.0, 62.0), (98.0, 76.0), (76.0, 98.0)], white)
    return [*box(violet), *pipette, *collar, *bulb, disc((214.0, 214.0), 33.0, white), tip]


def drag() -> list[Shape]:
    """A box from whose face an arrow is pulled."""
    shaft = line([(64.0, 78.0), (184.0, 190.0)], 26.0, green)
    head = ([(236.0, 240.0), (142.0, 214.0), (210.0, 142.0)], green)
    return [*box(violet), disc((60.0, 74.0), 26.0, green), *shaft, head]


def trajectory() -> list[Shape]:
    """A curve between two dots."""
    steps = [i / 16 for i in range(17)]
    curve = [(38 + 180 * t, 128 - 84 * math.cos(math.pi * t) + 14 * math.sin(6 * t)) for t in steps]
    return [*line(curve, 26.0, white), disc(curve[0], 34.0, orange), disc(curve[-1], 34.0, green)]


def place() -> list[Shape]:
    """A box that comes down on a surface."""
    low = [(x + 36.0, y + 62.0) for x, y in ((18.0, 128.0), (92.0, 158.0), (166.0, 128.0))]
    front = [(x + 36.0, y + 62.0) for x, y in ((18.0, 128.0), (92.0, 98.0), (166.0, 128.0))]
    foot = [(x, y - 76.0) for x, y in front]
    ground = ([(4.0, 58.0), (128.0, 108.0), (252.0, 58.0), (128.0, 8.0)], green)
    top = ([low[0], low[1], low[2], front[1]], grey)
    left = ([front[0], front[1], foot[1], foot[0]], violet)
    right = ([front[1], front[2], foot[2], foot[1]], dark)
    return [ground, top, right, left]


icons = {
    "tug.pick": pick,
    "tug.drag": drag,
    "tug.place": place,
    "tug.trajectory": trajectory,
}


def main() -> None:
    folder.mkdir(exist_ok=True)
    for name, draw in icons.items():
        (folder / f"{name}.dat").write_bytes(icon(draw()))


def _byte(value: float) -> int:
    return round(min(max(value, 0.0), 255.0))


if __name__ == "__main__":
    main()
