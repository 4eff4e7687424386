"""The toolbar's icons are those that building/icons.py draws, in the format that Blender reads."""

from __future__ import annotations

import pytest

from building.icons import folder, icon, icons


@pytest.mark.parametrize("name", sorted(icons))
def test_the_icons_in_the_add_on_are_as_drawn(name: str) -> None:
    assert (folder / f"{name}.dat").read_bytes() == icon(icons[name]())


def test_an_icon_is_a_header_corners_and_colours() -> None:
    quad = [(0.0, 0.0), (255.0, 0.0), (255.0, 255.4), (-0.2, 255.0)]
    data = icon([(quad, (1, 2, 3))])
    assert data[:8] == b"VCO\0\xff\xff\0\0"
    assert list(data[8:20]) == [0, 0, 255, 0, 255, 255, 0, 0, 255, 255, 0, 255]
    assert data[20:] == bytes((1, 2, 3, 255)) * 6
