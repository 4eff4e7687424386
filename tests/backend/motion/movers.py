"""Small movers, ways and scenes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backend.geometry.mesh import Mesh
from backend.motion.bodies import Body, Part
from backend.motion.engine import Plan, animate
from backend.motion.stage import Piece
from backend.motion.timing import Timing
from backend.motion.way import Way
from protocol.joint import Joint
from tests.backend.conftest import box

wheel_radius = 0.1


def block(low: tuple[float, ...], high: tuple[float, ...]) -> Mesh:
    vertices, faces = box(low, high)
    return Mesh(vertices.astype(float), faces)


def disc(centre: tuple[float, float, float], radius: float, width: float, sides: int = 48) -> Mesh:
    """A closed wheel whose axis is x."""
    angles = np.arange(sides) * 2.0 * np.pi / sides
    rim = np.stack([0.0 * angles, radius * np.cos(angles), radius * np.sin(angles)], axis=1)
    points = [
        rim - np.array([width / 2, 0, 0]),
        rim + np.array([width / 2, 0, 0]),
        np.array([[-width / 2, 0, 0], [width / 2, 0, 0]]),
    ]
    k, n = np.arange(sides), (np.arange(sides) + 1) % sides
    faces = [
        np.stack([k, n, sides + k], axis=1),
        np.stack([n, sides + n, sides + k], axis=1),
        np.stack([n, k, 0 * k + 2 * sides], axis=1),
        np.stack([sides + k, sides + n, 0 * k + 2 * sides + 1], axis=1),
    ]
    return Mesh(np.concatenate(points) + centre, np.concatenate(faces).astype(np.int32))


def spinning(axis: tuple[float, float, float], origin: tuple[float, float, float]) -> Joint:
    return Joint(type="continuous", axis=axis, origin=origin, lower=0.0, upper=6.28)


def wheel(name: str, x: float, y: float, sign: float = 1.0, parent: int = 0) -> Part:
    centre = (x, y, wheel_radius)
    mesh = disc(centre, wheel_radius, 0.04)
    return Part(name, mesh, parent, spinning((sign, 0.0, 0.0), centre))


def cart(way: Way, timing: Timing | None = None, **fields: Any) -> Body:
    """Two fixed wheels below the pivot and a castor ahead; forward is -y."""
    pivot = (0.0, -0.6, 0.3)
    fork = Part(
        "castor", block((-0.02, -0.6, 0.1), (0.02, -0.5, 0.28)), 0, spinning((0, 0, 1), pivot)
    )
    parts = (
        Part("deck", block((-0.3, -0.8, 0.25), (0.3, 0.2, 0.35))),
        wheel("left", 0.3, 0.0),
        wheel("right", -0.3, 0.0, sign=-1.0),
        fork,
        wheel("castor wheel", 0.0, -0.54, parent=3),
        Part(
            "door",
            block((-0.1, -0.1, 0.35), (0.1, 0.1, 0.5)),
            0,
            Joint(type="revolute", axis=(0, 0, 1), origin=(0.1, 0, 0.4), lower=0.0, upper=1.5),
        ),
    )
    return body(way, timing, parts, **({"on_ground": True} | fields))


def body(
    way: Way, timing: Timing | None = None, parts: tuple[Part, ...] = (), **fields: Any
) -> Body:
    """A box that looks along -y, its pivot in the middle of its base."""
    usual: dict[str, Any] = {
        "name": "mover",
        "parts": parts or (Part("box", block((-0.3, -0.4, 0), (0.3, 0.4, 0.5))),),
        "way": way,
        "timing": timing or Timing(1, 100),
        "pivot": np.zeros(3),
        "forward": np.array([0.0, -1.0, 0.0]),
        "up": np.array([0.0, 0.0, 1.0]),
    }
    return Body(**(usual | fields))


def line(length: float = 6.0, count: int = 40) -> Way:
    return Way(np.linspace(0.0, length, count)[:, None] * [1.0, 0.0, 0.0] - [length / 2, 0, 0])


def circle(radius: float = 3.0, count: int = 200, share: float = 1.0) -> Way:
    turn = np.linspace(0.0, 2.0 * np.pi * share, count, endpoint=share < 1.0)
    points = radius * np.stack([np.cos(turn), np.sin(turn), 0.0 * turn], axis=1)
    return Way(points, closed=share >= 1.0)


floor = Piece("floor", block((-20, -20, -0.1), (20, 20, 0)))


def moved(*bodies: Body, pieces: tuple[Piece, ...] = (floor,), **fields: Any):
    return animate(Plan(bodies, pieces, **fields))


def with_steps(mover: Body, *steps: Any) -> Body:
    return replace(mover, steps=steps)


def pivots(mover: Body, track: Any) -> np.ndarray:
    return track.poses[:, :3, :3] @ mover.pivot + track.poses[:, :3, 3]


def ahead(mover: Body, track: Any) -> np.ndarray:
    return track.poses[:, :3, :3] @ mover.forward
