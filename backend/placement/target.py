"""Where a thing is wished to be, in the scene's frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import trimesh

from backend.placement.body import Points, inverse, posed
from backend.placement.item import Item
from backend.placement.thing import Thing


@dataclass(frozen=True, eq=False)
class Frame:
    """The scene's frame: z up, its size near 1. `upright` (3, 3) turns world to z up."""

    upright: Points
    centre: Points
    size: float

    @property
    def inward(self) -> Points:
        """From world, (4, 4)."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.upright / self.size
        matrix[:3, 3] = -self.centre / self.size
        return matrix

    @property
    def outward(self) -> Points:
        return inverse(self.inward)


@dataclass(frozen=True, eq=False)
class Target:
    """What is wished of a thing: its middle at `flat` (2,), its lowest point at height `z`.

    `turn` (3, 3) is how it is turned to begin with, `turns` whether it may turn further about
    up; `size` its size there. `clicked` says that the surface at `z` was pointed at.
    """

    flat: Points
    z: float
    turn: Points
    turns: bool
    size: float
    clicked: bool
    upright: bool
    front: Points

    @property
    def height(self) -> float:
        return self.z


def upright(up: Points) -> Points:
    """The rotation (3, 3) that turns the unit vector of `up` to z."""
    if np.allclose(up / np.linalg.norm(up), (0.0, 0.0, 1.0), atol=1e-12):
        return np.eye(3)
    return np.asarray(trimesh.geometry.align_vectors(up, (0.0, 0.0, 1.0)), float)[:3, :3]


def target_of(item: Item, thing: Thing, frame: Frame) -> Target:
    """Return what an item's wish means for its thing."""
    wish = item.wish
    middle = posed(np.zeros((1, 3)), frame.inward @ inverse(thing.inward))[0]
    scale = _scale(item, wish.size)
    size = thing.size * scale / frame.size
    turn = np.eye(3)
    if wish.turn is not None:
        turn = frame.upright @ rotation(wish.turn) @ frame.upright.T
        turn = about_up(turn) if item.upright else turn
    low = float((thing.hull @ turn.T)[:, 2].min()) * size
    if wish.centre is not None:
        middle = posed(np.array([wish.centre]), frame.inward)[0]
    z = float(middle[2]) + low
    if wish.spot is not None:
        spot = posed(np.array([wish.spot]), frame.inward)[0]
        middle, z = np.array([*spot[:2], middle[2]]), float(spot[2])
    front = turn @ frame.upright @ (np.asarray(item.front, float) / np.linalg.norm(item.front))
    return Target(
        flat=middle[:2],
        z=z,
        turn=turn,
        turns=wish.turn is None,
        size=size,
        clicked=wish.spot is not None,
        upright=item.upright,
        front=front,
    )


def as_sent(thing: Thing, frame: Frame) -> Points:
    """The pose (4, 4) of a thing that stays where it was sent."""
    return frame.inward @ inverse(thing.inward)


def about_up(turn: Points) -> Points:
    """What of a rotation is about z, (3, 3)."""
    angle = np.arctan2(turn[1, 0] - turn[0, 1], turn[0, 0] + turn[1, 1])
    return yawed(np.array([angle]))[0]


def yawed(angles: Points) -> Points:
    """Rotations about z by angles (K,), (K, 3, 3)."""
    turns = np.zeros((len(angles), 3, 3))
    turns[:, 0, 0] = turns[:, 1, 1] = np.cos(angles)
    turns[:, 1, 0] = np.sin(angles)
    turns[:, 0, 1] = -turns[:, 1, 0]
    turns[:, 2, 2] = 1.0
    return turns


def rotation(quaternion: tuple[float, float, float, float]) -> Points:
    """The rotation (3, 3) of a quaternion (w, x, y, z) of any length."""
    w, x, y, z = np.asarray(quaternion, float) / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def _scale(item: Item, size: tuple[float, float, float] | None) -> float:
    """How much an object grows to fit into a box; a side of the box without length says nothing."""
    if size is None:
        return 1.0
    points = np.concatenate(
        [s.mesh.vertices[np.unique(s.mesh.faces)] for k in item.model.links for s in k.shapes]
    )
    extents = np.ptp(points, axis=0)
    said = (np.asarray(size) > 0.0) & (extents > 1e-9 * extents.max())
    return float((np.asarray(size)[said] / extents[said]).min()) if said.any() else 1.0
