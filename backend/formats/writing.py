"""What all writers share: names that formats allow, one root, frames and masses of links."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

import msgspec
import numpy as np
import trimesh
from numpy.typing import ArrayLike, NDArray
from trimesh.exchange.obj import export_obj

from backend.formats.meshes import merged
from backend.formats.model import Link, Model, Shape, moved, placed, turned
from backend.geometry.mesh import Mesh, areas_and_normals
from protocol.errors import failure
from protocol.joint import Joint
from protocol.tasks import ExportFormat

surface_density = 5.0  # kg/m²: wood, 1 cm thick
least_mass = 1e-3  # kg
reserved = ("world", "joints", "collisions")  # what formats and writers call things themselves


@dataclass(frozen=True, eq=False)
class Inertia:
    """Of a link in its own frame: `mass` kg, `centre` (3,), `tensor` (3, 3) about the centre."""

    mass: float
    centre: NDArray[np.float64]
    tensor: NDArray[np.float64]


def prepared(model: Model, up: ArrayLike = (0.0, 0.0, 1.0)) -> Model:
    """Return the model as formats want it: z up, one root, each name once and of letters.

    Raises TugError bad_input for an axis or limits that are no numbers.
    """
    for link in model.links:
        _check(link)
    links = list(_upright(model, np.asarray(up, np.float64)).links)
    if sum(link.parent < 0 for link in links) > 1 or links[0].joint is not None:
        links = [Link("base"), *(replace(link, parent=link.parent + 1) for link in links)]
    taken: set[str] = set(reserved)
    links = [replace(link, name=_unused(link.name, taken, between(link))) for link in links]
    links = [replace(link, shapes=_named_shapes(link, taken)) for link in links]
    return Model(_unused(model.name or "model", set()), tuple(links), model.notes)


def between(link: Link) -> tuple[str, ...]:
    """What is added to a link's name for the link before it that a slide with a turn takes."""
    pair = link.joint is not None and link.joint.type in ("screw", "cylindrical")
    return ("_slide",) if pair else ()


def _named_shapes(link: Link, taken: set[str]) -> tuple[Shape, ...]:
    wanted = [f"{link.name}_mesh" if s.name == link.name else s.name for s in link.shapes]
    return tuple(
        Shape(_unused(name, taken), shape.mesh)
        for name, shape in zip(wanted, link.shapes, strict=True)
    )


def _unused(name: str, taken: set[str], endings: Sequence[str] = ()) -> str:
    """The name in letters, digits and _, numbered until nothing has it; it then is taken."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:60] or "part"
    plain = f"_{plain}" if plain[0].isdigit() else plain
    for number in count(1):
        numbered = plain if number == 1 else f"{plain}_{number}"
        wanted = {f"{numbered}{ending}".lower() for ending in ("", *endings)}
        if not wanted & taken:
            taken |= wanted
            return numbered
    raise AssertionError("numbers do not end")


def origins(model: Model) -> NDArray[np.float64]:
    """Where the links' frames are at rest, (L, 3): on their joints, turned as the world is."""
    return np.array([link.joint.origin if link.joint else (0.0, 0.0, 0.0) for link in model.links])


def meshes_folder(model: Model, kind: ExportFormat) -> str:
    """Where a prepared model's meshes go beside its main file: no other file's are there."""
    return f"{model.name}_{kind}_meshes"


def local(link: Link, origin: ArrayLike) -> list[tuple[str, Mesh]]:
    """The names of a link's shapes, and their meshes in its own frame."""
    offset = -np.asarray(origin, np.float64)
    return [(s.name, Mesh(s.mesh.vertices + offset, s.mesh.faces)) for s in link.shapes]


def inertia(meshes: Sequence[Mesh]) -> Inertia:
    """Of shells of `surface_density`: it is as good for soup as for solids.

    The tensor is made a little rounder than it is, so that no roundoff makes it impossible.
    """
    mesh = merged(meshes)
    areas, _ = areas_and_normals(mesh)
    mass = surface_density * float(areas.sum())
    if not mass > 0.0:
        return Inertia(least_mass, np.zeros(3), 1e-6 * np.eye(3))
    corners = mesh.corners  # the middles of the edges are exact for polynomials of degree 2
    points = ((corners + np.roll(corners, 1, axis=1)) / 2.0).reshape(-1, 3)
    weights = np.repeat(surface_density * areas / 3.0, 3)
    centre = weights @ points / mass
    arms = points - centre
    second = (weights[:, None] * arms).T @ arms
    tensor = np.trace(second) * np.eye(3) - second
    tensor += (1e-4 * np.trace(tensor) + 1e-9) * np.eye(3)
    scale = max(1.0, least_mass / mass)
    return Inertia(mass * scale, centre, tensor * scale)


def obj(mesh: Mesh) -> bytes:
    """A Wavefront OBJ of the mesh."""
    whole = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    text = export_obj(
        whole,
        include_normals=False,
        include_color=False,
        include_texture=False,
        digits=9,
        header="",
    )
    return str(text).encode()


def numbers(values: ArrayLike) -> str:
    """Numbers as XML attributes have them."""
    return " ".join(f"{float(value) + 0.0:.12g}" for value in np.ravel(values))  # never "-0"


def travel(joint: Joint) -> tuple[float, float]:
    """How far a joint slides along its axis, (low, high)."""
    match joint.type:
        case "prismatic":
            return joint.lower, joint.upper
        case "cylindrical":
            return joint.slide
        case "screw":
            ends = sorted(joint.pitch / math.tau * end for end in (joint.lower, joint.upper))
            return ends[0], ends[1]
        case _:
            return 0.0, 0.0


def _check(link: Link) -> None:
    joint = link.joint
    if joint is None:
        return
    values = (*joint.axis, *joint.origin, joint.lower, joint.upper, joint.pitch, *joint.slide)
    if not np.isfinite(values).all():
        raise failure("bad_input", f"The joint of {link.name!r} has numbers that are not finite.")
    if abs(np.linalg.norm(joint.axis) - 1.0) > 1e-3:
        raise failure("bad_input", f"The axis of {link.name!r} is not of length 1.")
    if joint.lower > joint.upper or joint.slide[0] > joint.slide[1]:
        raise failure("bad_input", f"The joint of {link.name!r} has a lower limit above its upper.")


def _upright(model: Model, up: NDArray[np.float64]) -> Model:
    """The model turned so that `up` is z."""
    if not np.linalg.norm(up) > 0.0:
        raise failure("bad_input", "The direction that is up has no length.")
    turn = np.asarray(trimesh.geometry.align_vectors(up, (0.0, 0.0, 1.0)), np.float64)
    if np.allclose(turn, np.eye(4), atol=1e-12):
        return model
    return replace(model, links=tuple(_turned(link, turn) for link in model.links))


def _turned(link: Link, turn: NDArray[np.float64]) -> Link:
    shapes = tuple(Shape(shape.name, moved(shape.mesh, turn)) for shape in link.shapes)
    joint = link.joint
    if joint is not None:
        joint = msgspec.structs.replace(
            joint, axis=turned(turn, joint.axis), origin=placed(turn, joint.origin)
        )
    return replace(link, shapes=shapes, joint=joint)
