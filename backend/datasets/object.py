"""Articulated objects: links in a tree with true joints, and the recipes they are built from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
import trimesh
from numpy.typing import ArrayLike, NDArray

from backend.datasets.case import Case
from backend.datasets.materials import Material, projected
from backend.datasets.shapes import Shape, merged
from protocol.joint import Joint, JointType, Vector, motion


@dataclass(frozen=True, eq=False)
class Piece:
    """One closed shell of a part.

    In the open variant of an object `hidden` pieces are missing and the faces that look
    along `bare` (3,) are, where artists save what nobody sees.
    """

    shape: Shape
    material: Material
    hidden: bool = False
    bare: Vector | None = None


@dataclass(frozen=True, eq=False)
class Part:
    """The recipe of a link. `grip` (3,) is where one pulls, `opening` a typical joint value."""

    name: str
    pieces: list[Piece]
    parent: str = ""
    joint: Joint | None = None
    prompt: str = ""
    grip: Vector = (0.0, 0.0, 0.0)
    opening: float = 0.0


@dataclass(frozen=True, eq=False)
class Link:
    """A rigid part of an object at rest, in the object's frame: metres, z up, front -y.

    `vertices` (V, 3) float64, `faces` (F, 3) int32, `uv` (F, 3, 2) float32 a texture
    coordinate for each corner, `face_material` (F,) int32 an index into `materials`.
    `parent` is an index into the object's links, -1 for the body. A moving link has its
    true `joint` (range relative to rest), a `prompt` and a `drag` (2, 3) from its surface.
    """

    name: str
    vertices: NDArray[np.float64]
    faces: NDArray[np.int32]
    uv: NDArray[np.float32]
    face_material: NDArray[np.int32]
    materials: tuple[Material, ...]
    parent: int = -1
    joint: Joint | None = None
    prompt: str = ""
    drag: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class ArticulatedObject:
    """A generated object; parents come before their children in `links`, the body first."""

    category: str
    seed: int
    links: tuple[Link, ...]

    def link(self, name: str) -> Link:
        """Return the link of that name; raises KeyError."""
        for link in self.links:
            if link.name == name:
                return link
        raise KeyError(name)

    def moving(self, index: int) -> list[int]:
        """Return the indices of a link and of everything that hangs on it."""
        carried = {index}
        for i, link in enumerate(self.links):
            if link.parent in carried:
                carried.add(i)
        return sorted(carried)

    def pose(self, values: Mapping[str, float]) -> NDArray[np.float64]:
        """Return (L, 4, 4) world transforms of the links at joint `values` by link name, else 0."""
        poses = np.tile(np.eye(4), (len(self.links), 1, 1))
        for i, link in enumerate(self.links):
            if link.joint is not None:
                own = motion(link.joint, values.get(link.name, 0.0))
                poses[i] = poses[link.parent] @ own
        return poses

    def mesh(self) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int32]]:
        """Return vertices (V, 3), faces (F, 3) and the link of each face (F,) of all links."""
        whole = merged(Shape(link.vertices, link.faces) for link in self.links)
        part = np.repeat(np.arange(len(self.links)), [len(link.faces) for link in self.links])
        return whole.vertices, whole.faces, part.astype(np.int32)

    def cases(self) -> list[Case]:
        """Return one case for each moving link; its children move with it."""
        vertices, faces, face_part = self.mesh()
        names = tuple(link.name for link in self.links)
        cases = []
        for i, link in enumerate(self.links):
            if link.joint is None or link.drag is None:
                continue
            cases.append(
                Case(
                    vertices=vertices.astype(np.float32),
                    faces=faces,
                    face_part=face_part,
                    moving_faces=np.isin(face_part, self.moving(i)),
                    part_names=names,
                    joint_type=link.joint.type,
                    axis=np.array(link.joint.axis),
                    origin=np.array(link.joint.origin),
                    lower=link.joint.lower,
                    upper=link.joint.upper,
                    drag_start=link.drag[0],
                    drag_end=link.drag[1],
                    prompt=link.prompt,
                    category=self.category,
                )
            )
        return cases


def hinge(axis: ArrayLike, origin: ArrayLike, upper: float, lower: float = 0.0) -> Joint:
    """Return a revolute joint; angles in degrees, as makers of hinges count."""
    return _joint("revolute", axis, origin, math.radians(lower), math.radians(upper))


def swivel(axis: ArrayLike, origin: ArrayLike) -> Joint:
    """Return a joint that turns without end; its range is one turn."""
    return _joint("continuous", axis, origin, 0.0, 2 * math.pi)


def slide(axis: ArrayLike, upper: float) -> Joint:
    """Return a slider of `upper` metres; `build` moves its origin to the part's centre."""
    return _joint("prismatic", axis, (0.0, 0.0, 0.0), 0.0, upper)


def build(category: str, seed: int, parts: Iterable[Part], *, solid: bool) -> ArticulatedObject:
    """Return the object made of `parts`, parents first; see `Piece` for what `solid` keeps."""
    links: list[Link] = []
    index = {"": -1}
    for part in parts:
        index[part.name] = len(links)
        links.append(_link(part, index[part.parent], solid))
    return ArticulatedObject(category, seed, tuple(links))


def _link(part: Part, parent: int, solid: bool) -> Link:
    pieces = part.pieces if solid else [_opened(p) for p in part.pieces if not p.hidden]
    shape = merged(piece.shape for piece in pieces)
    materials = tuple(dict.fromkeys(piece.material for piece in pieces))
    # An irrational step, so that no two boards show the same piece of wood.
    uv = [
        projected(piece.shape, piece.material.tile, (0.618 * i % 1.0, 0.414 * i % 1.0))
        for i, piece in enumerate(pieces)
    ]
    owners = [np.full(len(p.shape.faces), materials.index(p.material)) for p in pieces]
    joint = _centred(part.joint, shape) if part.joint else None
    return Link(
        name=part.name,
        vertices=shape.vertices,
        faces=shape.faces,
        uv=np.concatenate(uv),
        face_material=np.concatenate(owners).astype(np.int32),
        materials=materials,
        parent=parent,
        joint=joint,
        prompt=part.prompt,
        drag=_drag(shape, part.grip, joint, part.opening) if joint else None,
    )


def _opened(piece: Piece) -> Piece:
    if piece.bare is None:
        return piece
    return Piece(piece.shape.without(piece.bare), piece.material)


def _joint(
    kind: JointType, axis: ArrayLike, origin: ArrayLike, lower: float, upper: float
) -> Joint:
    direction = np.asarray(axis, dtype=np.float64)
    return Joint(
        type=kind,
        axis=_vector(direction / np.linalg.norm(direction)),
        origin=_vector(origin),
        lower=float(lower),
        upper=float(upper),
        confidence=1.0,
    )


def _centred(joint: Joint, shape: Shape) -> Joint:
    if joint.type != "prismatic":
        return joint
    centre = (shape.vertices.min(axis=0) + shape.vertices.max(axis=0)) / 2
    return msgspec.structs.replace(joint, origin=_vector(centre))


def _drag(shape: Shape, grip: Vector, joint: Joint, opening: float) -> NDArray[np.float64]:
    """From the surface point nearest to the grip to where that point is when opened."""
    triangles = shape.vertices[shape.faces]
    nearest = trimesh.triangles.closest_point(triangles, np.tile(grip, (len(triangles), 1)))
    start = nearest[np.linalg.norm(nearest - grip, axis=1).argmin()]
    end = (motion(joint, opening) @ np.append(start, 1.0))[:3]
    return np.stack([start, end])


def _vector(values: ArrayLike) -> Vector:
    x, y, z = np.asarray(values, dtype=np.float64).tolist()
    return (x, y, z)
