"""Small objects with several parts whose tree is plain from their making: metres, z up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.assembly.whole import Mark, Whole
from backend.geometry.mesh import Mesh
from tests.backend.articulation.shapes import block, carcass, gap, rod, solid, wall

slit = 0.003


def whole(body: Mesh, parts: dict[str, Mesh]) -> Whole:
    """A body and parts by name."""
    sides = [body, *parts.values()]
    starts = np.cumsum([0, *(len(side.vertices) for side in sides)])
    return Whole(
        mesh=Mesh(
            np.concatenate([side.vertices for side in sides]),
            np.concatenate([s.faces + np.int32(k) for s, k in zip(sides, starts, strict=False)]),
        ),
        owner=np.repeat(np.arange(-1, len(parts)), [len(s.faces) for s in sides]).astype(np.int32),
        marks=tuple(Mark(name) for name in parts),
    )


def sideboard() -> Whole:
    """Two doors that are mirror images, with handles, above a wide drawer."""
    x, top, low = 0.3, 0.8 - wall - gap, 0.3
    doors, handles = {}, {}
    for name, sign in (("left", -1.0), ("right", 1.0)):
        ends = sorted((sign * (x - wall - gap), sign * slit / 2))
        doors[f"{name} door"] = solid(block([ends[0], -0.25, low], [ends[1], -0.25 + wall, top]))
        grip = sorted((sign * 0.02, sign * 0.035))
        handles[f"{name} handle"] = solid(block([grip[0], -0.28, 0.45], [grip[1], -0.25, 0.55]))
    shelf = block([-x + wall, -0.25, low - wall - gap], [x - wall, 0.25 - wall, low - gap])
    return whole(solid(*carcass(), shelf), doors | handles)


def castors() -> Whole:
    """A plate on two forks with a wheel each; the wheels touch the forks' pins only."""
    parts = {}
    for name, x in (("front", 0.2), ("back", -0.2)):
        cheeks = [
            block([x - 0.03, y - 0.005, 0.04], [x + 0.03, y + 0.005, 0.12]) for y in (-0.03, 0.03)
        ]
        bridge = block([x - 0.03, -0.035, 0.12], [x + 0.03, 0.035, 0.13])
        pin = rod([x, -0.03, 0.06], [x, 0.03, 0.06], 0.005)
        stem = rod([x, 0.0, 0.13], [x, 0.0, 0.148], 0.01)
        parts[f"{name} fork"] = solid(*cheeks, bridge, pin, stem)
        parts[f"{name} wheel"] = solid(rod([x, -0.015, 0.06], [x, 0.015, 0.06], 0.055))
    return whole(solid(block([-0.3, -0.15, 0.149], [0.3, 0.15, 0.18])), parts)


def lamp() -> Whole:
    """Foot, two arms and a head, one after the other."""
    parts = {
        "lower arm": solid(rod([0.0, 0.02, 0.05], [0.3, 0.02, 0.35], 0.01)),
        "upper arm": solid(rod([0.3, -0.001, 0.35], [0.6, -0.001, 0.15], 0.01)),
        "head": solid(rod([0.6, -0.022, 0.19], [0.6, -0.022, 0.06], 0.01)),
    }
    post = rod([0.0, 0.0, 0.01], [0.0, 0.0, 0.06], 0.009)
    return whole(solid(block([-0.1, -0.1, 0.0], [0.1, 0.1, 0.01]), post), parts)


def drawers(count: int = 2) -> Whole:
    """Equal drawers above each other, each on a shelf."""
    height = (0.8 - 2 * wall) / count
    parts, shelves = {}, []
    for k in range(count):
        low, high = wall + k * height + gap, wall + (k + 1) * height - wall - gap
        x = 0.3 - wall - gap
        parts[f"drawer {k + 1}"] = solid(
            block([-x, -0.25, low], [x, -0.25 + wall, high]),
            block([-x, -0.25 + wall, low], [-x + 0.01, 0.2, high - 0.05]),
            block([x - 0.01, -0.25 + wall, low], [x, 0.2, high - 0.05]),
            block([-x + 0.01, -0.25 + wall, low], [x - 0.01, 0.2, low + 0.01]),
            block([-x + 0.01, 0.19, low + 0.01], [x - 0.01, 0.2, high - 0.05]),
        )
        shelves.append(block([-x, -0.25, high + gap], [x, 0.25 - wall, high + gap + wall - slit]))
    return whole(solid(*carcass(), *shelves[:-1]), parts)


def moved(item: Whole, matrix: ArrayLike, shift: ArrayLike = (0.0, 0.0, 0.0)) -> Whole:
    """The object turned, mirrored or stretched, with its pulls and its up."""
    linear = np.asarray(matrix, float)
    there = lambda points: points @ linear.T + np.asarray(shift, float)  # noqa: E731
    up: NDArray[np.float64] = linear @ np.array(item.up)
    up = up / np.linalg.norm(up)
    return replace(
        item,
        mesh=Mesh(there(item.mesh.vertices), item.mesh.faces),
        marks=tuple(replace(mark, drags=there(mark.drags)) for mark in item.marks),
        up=(float(up[0]), float(up[1]), float(up[2])),
    )


def listed(item: Whole, order: list[int]) -> Whole:
    """The same object with its parts listed in another order."""
    place = np.empty(len(order) + 1, dtype=np.int32)
    place[order] = np.arange(len(order))
    place[-1] = -1
    return replace(item, owner=place[item.owner], marks=tuple(item.marks[k] for k in order))


def pulled(item: Whole, name: str, start: ArrayLike, end: ArrayLike) -> Whole:
    """The object with one of its parts pulled."""
    drag = np.array([start, end], float)[None]
    marks = [replace(mark, drags=drag) if mark.name == name else mark for mark in item.marks]
    return replace(item, marks=tuple(marks))
