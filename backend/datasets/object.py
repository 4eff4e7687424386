"""Articulated objects: links in a tree with true joints, and the recipes they are built from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

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
    """The recipe of a link. `grip` (3,) is where one pulls, `opening` a typical joint value.

    All is modelled at joint values 0; the object is kept with the part at `rest`. Where that
    is the far half of the range and there is a `closing` prompt, the part is shut, not opened.
    A part rests half open only where it may (`ajar`): nothing else must be in its way.
    """

    name: str
    pieces: list[Piece]
    parent: str = ""
    joint: Joint | None = None
    prompt: str = ""
    grip: Vector = (0.0, 0.0, 0.0)
    opening: float = 0.0
    rest: float = 0.0
    closing: str = ""
    ajar: bool = True


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
                    pitch=link.joint.pitch,
                    slide=np.array(link.joint.slide),
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


def screw(axis: ArrayLike, origin: ArrayLike, turns: float, pitch: float) -> Joint:
    """Return a screw that comes out along `axis` by `pitch` metres a turn, for so many turns.

    With a negative `pitch` it goes against the axis: a positive turn is counter-clockwise
    seen from the axis' tip, so a right-handed thread has a positive one.
    """
    joint = _joint("screw", axis, origin, 0.0, 2 * math.pi * turns)
    return msgspec.structs.replace(joint, pitch=float(pitch))


def turn_and_slide(
    axis: ArrayLike, origin: ArrayLike, upper: float, slide: tuple[float, float], lower: float = 0.0
) -> Joint:
    """Return a cylindrical joint: angles in degrees, the way along the axis in metres."""
    joint = _joint("cylindrical", axis, origin, math.radians(lower), math.radians(upper))
    return msgspec.structs.replace(joint, slide=(float(slide[0]), float(slide[1])))


def build(
    category: str,
    seed: int,
    parts: Iterable[Part],
    *,
    solid: bool,
    rest: Mapping[str, float] | None = None,
) -> ArticulatedObject:
    """Return the object made of `parts`, parents first; see `Piece` for what `solid` keeps.

    Parts named in `rest` are kept at that joint value instead of their own.
    """
    parts = list(parts) if solid else opened(parts)
    links: list[Link] = []
    index = {"": -1}
    for part in parts:
        index[part.name] = len(links)
        links.append(_link(part, index[part.parent]))
    item = ArticulatedObject(category, seed, tuple(links))
    values = {part.name: part.rest for part in parts} | dict(rest or {})
    return _kept(item, parts, values) if any(values.values()) else item


def opened(parts: Iterable[Part]) -> list[Part]:
    """Return the parts as open shells: without what is hidden and bare."""
    return [
        replace(part, pieces=[_bared(piece) for piece in part.pieces if not piece.hidden])
        for part in parts
    ]


def _link(part: Part, parent: int) -> Link:
    pieces = part.pieces
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


def _kept(
    item: ArticulatedObject, parts: list[Part], values: Mapping[str, float]
) -> ArticulatedObject:
    """The object with its parts at those joint values, as the pose that joints count from."""
    poses = item.pose(values)
    links = [
        _at_rest(link, part, poses[i], poses[link.parent], values[part.name])
        for i, (link, part) in enumerate(zip(item.links, parts, strict=True))
    ]
    return replace(item, links=tuple(links))


def _at_rest(
    link: Link, part: Part, pose: NDArray[np.float64], parent: NDArray[np.float64], value: float
) -> Link:
    moved = replace(link, vertices=_carried(pose, link.vertices))
    if link.joint is None or link.drag is None:
        return moved
    slides = link.joint.type == "prismatic"
    joint = msgspec.structs.replace(
        link.joint,
        axis=_vector(parent[:3, :3] @ link.joint.axis),
        origin=_vector(_carried(pose if slides else parent, np.array(link.joint.origin))),
    )
    joint, prompt = _counted_from(joint, part, value)
    opening = _opening(joint, part.opening - value)
    start = _carried(pose, link.drag[0])
    drag = np.stack([start, _carried(motion(joint, opening), start)])
    return replace(moved, joint=joint, prompt=prompt, drag=drag)


def _counted_from(joint: Joint, part: Part, value: float) -> tuple[Joint, str]:
    """The joint with its range relative to `value`, turned round where the part is to be shut."""
    if joint.type == "continuous":
        return joint, part.prompt
    lower, upper = joint.lower - value, joint.upper - value
    if not part.closing or value <= (joint.lower + joint.upper) / 2:
        return msgspec.structs.replace(joint, lower=lower, upper=upper), part.prompt
    axis = _vector(-np.array(joint.axis))
    slide = (-joint.slide[1], -joint.slide[0])
    shut = msgspec.structs.replace(joint, axis=axis, lower=-upper, upper=-lower, slide=slide)
    return shut, part.closing


def _opening(joint: Joint, wanted: float) -> float:
    """How far one pulls: as wanted, or a good part of what is left of the range."""
    return min(joint.upper, max(wanted, 0.4 * joint.upper))


def _carried(pose: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    return points @ pose[:3, :3].T + pose[:3, 3]


def _bared(piece: Piece) -> Piece:
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
