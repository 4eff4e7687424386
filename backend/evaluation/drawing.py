"""A shaded picture of a body and a part from a three-quarter view, cast ray by ray."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from backend.geometry.mesh import Mesh, areas_and_normals
from backend.geometry.surface import Surface

Points = NDArray[np.float64]
Colour = tuple[int, int, int]

paper: Colour = (255, 255, 255)
grey: Colour = (186, 192, 202)
oversampling = 2
through = 0.35  # how strongly what the body hides is seen
views = [(side, front, 0.62) for front in (-1.0, 1.0) for side in (-0.62, 0.62)]


@dataclass(frozen=True, eq=False)
class Camera:
    """A parallel view. Looks along `forward` (3,) at `centre` (3,); `radius` fills the picture."""

    centre: Points
    forward: Points
    radius: float
    size: int  # pixels, square

    @property
    def frame(self) -> tuple[Points, Points]:
        """The directions right and up in the picture."""
        right = np.cross(self.forward, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        return right, np.cross(right, self.forward)

    def pixels(self, points: Points) -> Points:
        """Return where points (N, 3) are in the picture, (N, 2): x right, y down."""
        right, up = self.frame
        away = points - self.centre
        flat = np.stack([away @ right, -(away @ up)], axis=-1)
        return (flat / self.radius + 1.0) * 0.5 * self.size

    def rays(self, count: int) -> Points:
        """Return the starts (count * count, 3) of the rays through the picture, by rows."""
        right, up = self.frame
        steps = ((np.arange(count) + 0.5) / count * 2.0 - 1.0) * self.radius
        y, x = np.meshgrid(-steps, steps, indexing="ij")
        start = self.centre - 3.0 * self.radius * self.forward
        return start + x.reshape(-1, 1) * right + y.reshape(-1, 1) * up


def best_camera(part: Mesh, body: Mesh, also: Points, size: int) -> Camera:
    """Return the three-quarter view that shows the most of the part; `also` (N, 3) is in it."""
    points = np.concatenate([part.corners.reshape(-1, 3), body.corners.reshape(-1, 3), also])
    centre = 0.5 * (points.min(axis=0) + points.max(axis=0))
    radius = 1.12 * float(np.linalg.norm(points - centre, axis=1).max())
    forwards = [-np.array(view) / np.linalg.norm(view) for view in views]
    cameras = [Camera(centre, forward, radius, size) for forward in forwards]
    return max(cameras, key=lambda camera: _seen(camera, part, body))


def picture(camera: Camera, body: Mesh, part: Mesh, colour: Colour) -> Image.Image:
    """Return the body in grey and the part in `colour`, faintly where the body hides it."""
    count = camera.size * oversampling
    behind, body_light = _cast(camera, body, count)
    before, part_light = _cast(camera, part, count)
    pixels = np.where(np.isfinite(behind)[:, None], body_light[:, None] * grey, paper)
    strength = np.where(np.isfinite(before), np.where(before <= behind, 1.0, through), 0.0)[:, None]
    pixels = pixels * (1.0 - strength) + part_light[:, None] * np.array(colour) * strength
    image = Image.fromarray(pixels.reshape(count, count, 3).round().astype(np.uint8))
    return image.resize((camera.size, camera.size), Image.Resampling.LANCZOS)


def arrow(image: Image.Image, tail: Points, tip: Points, colour: Colour, width: int = 3) -> None:
    """Draw an arrow between two points (2,) of the picture."""
    draw = ImageDraw.Draw(image)
    draw.line([*tail, *tip], colour, width)
    way = tip - tail
    length = float(np.linalg.norm(way))
    if length > 1.0:
        ahead = way / length * (4.0 + 2.0 * width)
        across = 0.5 * np.array([-ahead[1], ahead[0]])
        corners = [tip + 0.2 * ahead, tip - ahead + across, tip - ahead - across]
        draw.polygon([tuple(corner) for corner in corners], colour)


def _seen(camera: Camera, part: Mesh, body: Mesh) -> int:
    behind, before = (_cast(camera, mesh, 64)[0] for mesh in (body, part))
    return int((before < behind).sum())


def _cast(
    camera: Camera, mesh: Mesh, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance (N,) in radii, infinite where nothing is hit, and brightness (N,) of each ray."""
    local = Mesh((mesh.vertices - camera.centre) / camera.radius, mesh.faces)
    starts = (camera.rays(count) - camera.centre) / camera.radius
    distance, face = Surface(local).cast(starts, camera.forward)
    normals = areas_and_normals(mesh)[1]
    lamp = camera.forward - 0.5 * camera.frame[0] - 0.6 * camera.frame[1]
    light = 0.45 + 0.55 * np.abs(normals[face] @ (lamp / np.linalg.norm(lamp)))
    return distance, np.where(face >= 0, light, 0.0)
