"""Small objects with a joint that is plain from their making: metres, z up, front -y."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import trimesh
from numpy.typing import ArrayLike, NDArray

from backend.articulation.problem import Problem
from backend.geometry.mesh import Mesh
from protocol.joint import Joint, JointType, Vector, motion

wall = 0.018
gap = 0.002


@dataclass(frozen=True)
class Made:
    """Part, body, the true joint, and an exact pull along it."""

    part: Mesh
    body: Mesh
    joint: Joint
    start: NDArray[np.float64]
    value: float

    @property
    def end(self) -> NDArray[np.float64]:
        return self.reached(self.value)

    @property
    def diagonal(self) -> float:
        points = np.concatenate([self.part.vertices, self.body.vertices])
        return float(np.linalg.norm(np.ptp(points, axis=0)))

    def reached(self, value: float) -> NDArray[np.float64]:
        return (motion(self.joint, value) @ np.append(self.start, 1.0))[:3]

    def problem(self, *, end: ArrayLike | None = None, **options) -> Problem:
        pull = np.stack([self.start, self.end if end is None else np.asarray(end)])[None]
        return Problem(self.part, self.body, pull, **options)


def block(low: ArrayLike, high: ArrayLike) -> trimesh.Trimesh:
    return trimesh.creation.box(bounds=np.array([low, high], dtype=float))


def solid(*pieces: trimesh.Trimesh) -> Mesh:
    vertices, faces = trimesh.util.append_faces(
        [piece.vertices for piece in pieces], [piece.faces for piece in pieces]
    )
    return Mesh(np.asarray(vertices, dtype=float), np.asarray(faces, dtype=np.int32))


def rod(start: ArrayLike, end: ArrayLike, radius: float) -> trimesh.Trimesh:
    return trimesh.creation.cylinder(radius, segment=np.array([start, end]), sections=32)


def true_joint(kind: JointType, axis: Vector, origin: Vector, upper: float) -> Joint:
    return Joint(type=kind, axis=axis, origin=origin, lower=0.0, upper=upper)


def carcass(width: float = 0.6, depth: float = 0.5, height: float = 0.8) -> list[trimesh.Trimesh]:
    """An open-fronted cabinet of boards."""
    x, y, z = width / 2, depth / 2, height
    return [
        block([-x, -y, 0], [-x + wall, y, z]),
        block([x - wall, -y, 0], [x, y, z]),
        block([-x + wall, -y, 0], [x - wall, y, wall]),
        block([-x + wall, -y, z - wall], [x - wall, y, z]),
        block([-x + wall, y - wall, wall], [x - wall, y, z - wall]),
    ]


def door() -> Made:
    """A door with a handle inset in a cabinet, hinged on its left front edge."""
    x = 0.3 - wall - gap
    panel = block([-x, -0.25, wall + gap], [x, -0.25 + wall, 0.8 - wall - gap])
    part = solid(panel, block([0.2, -0.28, 0.35], [0.22, -0.25, 0.45]))
    joint = true_joint("revolute", (0.0, 0.0, -1.0), (-x, -0.25, 0.4), 1.8)
    return Made(part, solid(*carcass()), joint, np.array([0.21, -0.28, 0.4]), 1.1)


def drawer() -> Made:
    """A drawer with sides and bottom in the upper part of a cabinet."""
    x, low, high = 0.3 - wall - gap, 0.42, 0.8 - wall - gap
    part = solid(
        block([-x, -0.25, low], [x, -0.25 + wall, high]),
        block([-x, -0.25 + wall, low], [-x + 0.01, 0.2, 0.6]),
        block([x - 0.01, -0.25 + wall, low], [x, 0.2, 0.6]),
        block([-x + 0.01, -0.25 + wall, low], [x - 0.01, 0.2, low + 0.01]),
        block([-x + 0.01, 0.19, low + 0.01], [x - 0.01, 0.2, 0.6]),
        block([-0.05, -0.27, 0.6], [0.05, -0.25, 0.62]),
    )
    shelf = block([-0.3 + wall, -0.25, 0.4], [0.3 - wall, 0.25 - wall, 0.4 + wall])
    joint = true_joint("prismatic", (0.0, -1.0, 0.0), (0.0, 0.0, 0.6), 0.38)
    return Made(part, solid(*carcass(), shelf), joint, np.array([0.0, -0.27, 0.61]), 0.25)


def lid() -> Made:
    """A flat lid lying on an open box, hinged at the back."""
    box = trimesh.creation.box(bounds=np.array([[0, 0, 0], [0.4, 0.3, 0.3]], dtype=float))
    inside = block([0.01, 0.01, 0.01], [0.39, 0.29, 0.31])
    body = solid(*_shell(box, inside))
    part = solid(block([0.0, 0.0, 0.301], [0.4, 0.3, 0.311]))
    joint = true_joint("revolute", (-1.0, 0.0, 0.0), (0.2, 0.3, 0.301), 1.8)
    return Made(part, body, joint, np.array([0.2, 0.0, 0.306]), 1.0)


def knob() -> Made:
    """A round knob with a pointer on the front of a panel."""
    disc = rod([0.1, -0.051, 0.0], [0.1, -0.08, 0.0], 0.03)
    part = solid(disc, block([0.098, -0.085, 0.005], [0.102, -0.08, 0.029]))
    body = solid(block([-0.3, -0.05, -0.2], [0.3, 0.05, 0.2]))
    joint = true_joint("continuous", (0.0, 1.0, 0.0), (0.1, -0.065, 0.0), 2 * np.pi)
    return Made(part, body, joint, np.array([0.13, -0.065, 0.0]), 1.0)


def sash() -> Made:
    """A window pane that slides sideways in a grooved frame."""
    frame = [
        block([0, -0.05, 0], [1.2, 0.05, 0.04]),
        block([0, -0.05, 0.96], [1.2, 0.05, 1]),
        block([0, -0.05, 0.04], [0.04, 0.05, 0.96]),
        block([1.16, -0.05, 0.04], [1.2, 0.05, 0.96]),
        block([0.6, 0.01, 0.04], [0.64, 0.03, 0.96]),
    ]
    part = solid(block([0.042, -0.02, 0.042], [0.62, -0.01, 0.958]))
    joint = true_joint("prismatic", (1.0, 0.0, 0.0), (0.3, -0.015, 0.5), 0.54)
    return Made(part, solid(*frame), joint, np.array([0.58, -0.02, 0.5]), 0.4)


every: dict[str, Callable[[], Made]] = {
    "door": door,
    "drawer": drawer,
    "lid": lid,
    "knob": knob,
    "sash": sash,
}


def changed(made: Made, part: Callable[[Mesh], Mesh], body: Callable[[Mesh], Mesh]) -> Made:
    return replace(made, part=part(made.part), body=body(made.body))


def line_distance(found: Joint, true: Joint) -> float:
    """Distance between the axis lines; for parallel ones measured across them."""
    between = np.array(found.origin) - np.array(true.origin)
    across = np.cross(found.axis, true.axis)
    if np.linalg.norm(across) < 1e-2:
        return float(np.linalg.norm(np.cross(between, true.axis)))
    return float(abs(between @ across) / np.linalg.norm(across))


def angle(found: Joint, true: Joint) -> float:
    """Signed-axis error in degrees: 180 where the axis points the wrong way."""
    return float(np.degrees(np.arccos(np.clip(np.dot(found.axis, true.axis), -1.0, 1.0))))


def _shell(outside: trimesh.Trimesh, inside: trimesh.Trimesh) -> list[trimesh.Trimesh]:
    """Five boards between two boxes, open above."""
    (a, b, c), (d, e, f) = outside.bounds
    (p, q, r), (s, t, _) = inside.bounds
    return [
        block([a, b, c], [d, e, r]),
        block([a, b, r], [p, e, f]),
        block([s, b, r], [d, e, f]),
        block([p, b, r], [s, q, f]),
        block([p, t, r], [s, e, f]),
    ]
