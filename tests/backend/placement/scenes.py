"""Small scenes and things for the tests of placing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from backend.formats import meshes
from backend.formats.model import Link, Model, Shape, moved
from backend.geometry.mesh import Mesh
from backend.placement.engine import Outcome, Placed, place
from backend.placement.item import Item, Part
from protocol.joint import Joint
from protocol.placement import Wish


def block(low: Any, high: Any) -> Mesh:
    low, high = np.asarray(low, float), np.asarray(high, float)
    mesh = meshes.box(high - low)
    return Mesh(mesh.vertices + (low + high) / 2, mesh.faces)


def sheet(half: float = 5.0, z: float = 0.0) -> Mesh:
    """A plane, two triangles."""
    corners = [[-half, -half, z], [half, -half, z], [half, half, z], [-half, half, z]]
    return Mesh(np.array(corners, float), np.array([[0, 1, 2], [0, 2, 3]], np.int32))


def slope(degrees: float) -> Mesh:
    """A large board that rises along x, its top through the origin."""
    a = math.radians(degrees)
    turn = np.eye(4)
    turn[0, 0] = turn[2, 2] = math.cos(a)
    turn[2, 0], turn[0, 2] = math.sin(a), -math.sin(a)
    return moved(block((-4, -4, -0.2), (4, 4, 0)), turn)


def model(mesh: Mesh, name: str = "Box") -> Model:
    return Model(name, (Link(name, (Shape(name, mesh),)),))


def crate(size: tuple[float, float, float] = (0.3, 0.3, 0.4), name: str = "Box") -> Model:
    half = np.array(size) / 2
    return model(block(-half, half), name)


def cupboard() -> Model:
    """A box of 1 x 0.4 x 1 with a door on its front (-y) that swings out by 90 degrees."""
    hinge = Joint(
        type="revolute", axis=(0, 0, -1), origin=(-0.5, -0.22, 0.5), lower=0.0, upper=math.pi / 2
    )
    body = Link("body", (Shape("body", block((-0.5, -0.2, 0), (0.5, 0.2, 1))),))
    door = Link("door", (Shape("door", block((-0.49, -0.24, 0.05), (0.5, -0.2, 0.95))),), 0, hinge)
    return Model("Cupboard", (body, door))


floor = Part("Floor", block((-5, -5, -0.1), (5, 5, 0)))
wall = Part("Wall", block((-5, 5, -0.1), (5, 5.1, 3)))
table = Part(
    "Table",
    meshes.merged(
        [block((-1, -1, 0.7), (1, 1, 0.75))]
        + [
            block((x, y, 0), (x + 0.08, y + 0.08, 0.7))
            for x in (-0.95, 0.87)
            for y in (-0.95, 0.87)
        ]
    ),
)
room = (floor, wall, table)


def put(asked: Model | Item, wish: Wish | None = None, scene: Any = room, **fields: Any) -> Placed:
    """Place one thing; its placement."""
    item = asked if isinstance(asked, Item) else Item(asked, wish or Wish(), **fields)
    return place([item], scene).placed[0]


def put_all(items: list[Item], scene: Any = room) -> Outcome:
    return place(items, scene)


def corners(asked: Model, placed: Placed) -> np.ndarray:
    """The vertices (V, 3) of a model where it was placed."""
    points = np.concatenate([s.mesh.vertices for link in asked.links for s in link.shapes])
    return points @ placed.pose[:3, :3].T + placed.pose[:3, 3]
