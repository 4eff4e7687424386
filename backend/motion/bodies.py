"""What moves: rigid links in a tree of joints, and where they are when the first one is moved."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.geometry.mesh import Mesh
from backend.motion.timing import Timing
from backend.motion.way import Way
from protocol.animation import Orientation, RotationMode, Step
from protocol.joint import Joint

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Part:
    """A rigid link: its mesh (world, as sent; maybe empty), parent and joint."""

    name: str
    mesh: Mesh
    parent: int = -1
    joint: Joint | None = None


@dataclass(frozen=True, eq=False)
class Body:
    """A mover as asked: see `protocol.animation.Mover`. Vectors are (3,), matrices (4, 4)."""

    name: str
    parts: tuple[Part, ...]
    way: Way
    timing: Timing
    pivot: Floats
    forward: Floats
    up: Floats
    orientation: Orientation = "follow"
    target: Floats | None = None
    on_ground: bool = False
    roll: bool = True
    steps: tuple[Step, ...] = ()
    frame: Floats = field(default_factory=lambda: np.eye(4))
    parent: Floats = field(default_factory=lambda: np.eye(4))
    rotation: RotationMode = "xyz"

    @cached_property
    def points(self) -> Floats:
        """The vertices of all meshes (N, 3), as sent; the pivot where there are none."""
        used = [part.mesh.vertices[np.unique(part.mesh.faces)] for part in self.parts]
        found = np.concatenate([np.zeros((0, 3)), *used])
        return found if len(found) else self.pivot[None]

    @cached_property
    def corners(self) -> Floats:
        """The corners (8, 3) of the box around it, in world as sent."""
        return box_corners(self.points)

    @cached_property
    def size(self) -> float:
        """The diagonal of its box; a share of the way for one without a mesh."""
        size = float(np.linalg.norm(np.ptp(self.points, axis=0)))
        return size if size > 0.0 else 0.1 * self.way.length

    @cached_property
    def axes(self) -> Floats:
        """Ahead, left and up as sent, the rows of a (3, 3) rotation."""
        ahead = self.forward - self.up * (self.forward @ self.up)
        ahead /= np.linalg.norm(ahead)
        return np.stack([ahead, np.cross(self.up, ahead), self.up])

    @cached_property
    def sent(self) -> Floats:
        """Exactly ahead, left and up across it as sent, the rows of a (3, 3) rotation."""
        ahead = self.forward / np.linalg.norm(self.forward)
        left = np.cross(self.up, ahead)
        left /= np.linalg.norm(left)
        return np.stack([ahead, left, np.cross(ahead, left)])

    @property
    def is_level(self) -> bool:
        """Whether only its heading turns, before it settles on any ground."""
        return self.on_ground or self.orientation == "upright"

    @cached_property
    def extent(self) -> tuple[Floats, Floats]:
        """The lowest and highest coordinates along `axes`, from the pivot."""
        local = (self.points - self.pivot) @ self.axes.T
        return local.min(axis=0), local.max(axis=0)

    def carried(self, index: int) -> list[int]:
        """Return the indices of a link and of all that hangs on it."""
        found = {index}
        for i, part in enumerate(self.parts):
            if part.parent in found and i:
                found.add(i)
        return sorted(found)

    def reach(self, index: int) -> float:
        """Return how far a link's joint moves its farthest point by one unit of its value."""
        joint = self.parts[index].joint
        if joint is None or joint.type == "fixed":
            return 0.0
        if joint.type == "prismatic":
            return 1.0
        axis, origin = np.asarray(joint.axis), np.asarray(joint.origin)
        meshes = [self.parts[i].mesh for i in self.carried(index)]
        points = np.concatenate(
            [np.zeros((0, 3)), *(m.vertices[np.unique(m.faces)] for m in meshes)]
        )
        arms = points - origin
        across = np.linalg.norm(np.cross(arms, axis), axis=1)
        far = float(across.max()) if len(across) else 0.5 * self.size
        return math.hypot(far, joint.pitch / math.tau)


def poses_of(body: Body, root: Floats, joints: Floats) -> Floats:
    """Return (L, N, 4, 4): where each link is when the first is moved by `root` (N, 4, 4) and the
    joints are at (N, L).
    """
    found = np.empty((len(body.parts), len(root), 4, 4))
    for i, part in enumerate(body.parts):
        base = root if i == 0 else found[max(part.parent, 0)]
        if part.joint is None or not joints[:, i].any():
            found[i] = base
        else:
            found[i] = base @ motions(part.joint, joints[:, i])
    return found


def motions(joint: Joint, values: ArrayLike) -> Floats:
    """Return (N, 4, 4) world transforms that move a part to each of the values (N,)."""
    values = np.asarray(values, np.float64)
    axis, origin = np.asarray(joint.axis, float), np.asarray(joint.origin, float)
    found = np.tile(np.eye(4), (len(values), 1, 1))
    if joint.type == "fixed":
        return found
    if joint.type == "prismatic":
        found[:, :3, 3] = values[:, None] * axis
        return found
    found[:, :3, :3] = turns(axis, values)
    along = joint.pitch * values / math.tau if joint.type == "screw" else np.zeros(len(values))
    found[:, :3, 3] = origin - found[:, :3, :3] @ origin + along[:, None] * axis
    return found


def turns(axis: Floats, angles: Floats) -> Floats:
    """Return (N, 3, 3) rotations about unit axes (3,) or (N, 3) by angles (N,)."""
    axes = np.broadcast_to(axis, (len(angles), 3))
    cross = np.zeros((len(angles), 3, 3))
    cross[:, 0, 1], cross[:, 0, 2], cross[:, 1, 2] = -axes[:, 2], axes[:, 1], -axes[:, 0]
    cross -= cross.transpose(0, 2, 1)
    sines, rest = np.sin(angles)[:, None, None], (1.0 - np.cos(angles))[:, None, None]
    return np.eye(3) + sines * cross + rest * (cross @ cross)


def placed(body: Body, rotations: Floats, positions: Floats) -> Floats:
    """Return (N, 4, 4) that turn a body about its pivot and bring that to positions (N, 3)."""
    found = np.tile(np.eye(4), (len(positions), 1, 1))
    found[:, :3, :3] = rotations
    found[:, :3, 3] = positions - rotations @ body.pivot
    return found


def moved(poses: Floats, points: Floats) -> Floats:
    """Return (N, P, 3): points (P, 3) under each pose (N, 4, 4)."""
    return np.einsum("nij,pj->npi", poses[:, :3, :3], points) + poses[:, None, :3, 3]


def box_corners(points: Floats) -> Floats:
    ends = np.stack([points.min(axis=0), points.max(axis=0)])
    return np.array([ends[[i, j, k], [0, 1, 2]] for i, j, k in np.ndindex(2, 2, 2)])
