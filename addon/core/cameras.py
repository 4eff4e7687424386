"""Lenses as Blender has them, and as pixels: the same picture both ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fit = Literal["AUTO", "HORIZONTAL", "VERTICAL"]
Pair = tuple[float, float]
usual_sensor = 36.0  # mm, the width that new cameras have


@dataclass(frozen=True)
class Picture:
    """The size of a picture in pixels, and how wide and high a pixel is."""

    width: int
    height: int
    aspect_x: float = 1.0
    aspect_y: float = 1.0

    @property
    def squeeze(self) -> float:
        """How much higher than wide a pixel is."""
        return self.aspect_y / self.aspect_x


@dataclass(frozen=True)
class Lens:
    """A perspective camera of Blender: lengths in mm, shifts in shares of the fitted side."""

    lens: float
    sensor_width: float = usual_sensor
    sensor_height: float = 24.0
    fit: Fit = "AUTO"
    shift_x: float = 0.0
    shift_y: float = 0.0


def pixels(lens: Lens, picture: Picture) -> tuple[Pair, Pair]:
    """Return focal lengths and centre of a lens in pixels, as protocol.views.Camera has them."""
    span = _span(lens.fit, picture)
    sensor = lens.sensor_height if lens.fit == "VERTICAL" else lens.sensor_width
    focal = lens.lens * span / sensor
    centre_x = picture.width / 2.0 - lens.shift_x * span
    centre_y = picture.height / 2.0 + lens.shift_y * span / picture.squeeze
    return (focal, focal / picture.squeeze), (centre_x, centre_y)


def lens(focal: Pair, centre: Pair, width: int, height: int) -> tuple[Lens, Picture]:
    """Return a lens of Blender, and the picture for which it has this focal length and centre.

    Its wider side is fitted, so that a picture of another shape shows the same across it.
    """
    picture = Picture(width, height, 1.0, focal[0] / focal[1])
    fit: Fit = "HORIZONTAL" if width >= height * picture.squeeze else "VERTICAL"
    span = _span(fit, picture)
    return Lens(
        lens=focal[0] * usual_sensor / span,
        sensor_width=usual_sensor,
        sensor_height=usual_sensor,
        fit=fit,
        shift_x=(width / 2.0 - centre[0]) / span,
        shift_y=(centre[1] - height / 2.0) * picture.squeeze / span,
    ), picture


def _span(fit: Fit, picture: Picture) -> float:
    """Return the fitted side in widths of a pixel."""
    high = picture.height * picture.squeeze
    if fit == "AUTO":
        fit = "HORIZONTAL" if picture.width >= high else "VERTICAL"
    return float(picture.width) if fit == "HORIZONTAL" else high
