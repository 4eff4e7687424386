"""Cases for evaluation from a model: one for each joint that moves."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.datasets.case import Case
from backend.formats.meshes import merged
from backend.formats.model import Link, Model
from backend.geometry.mesh import Mesh, areas_and_normals, sample
from protocol.joint import Joint, motion

longest_pull = math.radians(60)
grips = re.compile(r"handle|knob|grip|pull|grasp", re.IGNORECASE)
opened = re.compile(r"door|drawer|lid|window|cover|cap|gate|hatch|tray", re.IGNORECASE)
empty_words = {
    *("link", "joint", "body", "base", "part", "model", "mesh", "geom", "object", "visual"),
    *("hinge", "slider", "slide", "rotation", "translation", "root", "main", "fixed", "rot"),
}
points_on_part = 4000


def cases(model: Model, category: str = "") -> Iterator[tuple[str, Case]]:
    """Yield the name of each link that moves, and its case.

    The part is the link with all that hangs on it, the body is the rest, both at rest. The
    joint is turned so that the longer side of its range is positive; the drag begins at the
    handle, or else where the part sticks out furthest along its way, and follows the true
    joint to `upper`, at most 60 degrees far. Joints that cannot move and parts without faces
    or body are passed over.
    """
    whole, face_part = _whole(model)
    names = tuple(link.name for link in model.links)
    for i, link in enumerate(model.links):
        moving = np.isin(face_part, model.carried(i))
        if link.joint is None or not moving.any() or moving.all():
            continue
        joint = forward(link.joint)
        value = _opening(joint)
        if value == 0.0:
            continue
        start = _grip(model, i, joint)
        yield (
            link.name,
            Case(
                vertices=whole.vertices.astype(np.float32),
                faces=whole.faces,
                face_part=face_part,
                moving_faces=moving,
                part_names=names,
                joint_type=joint.type,
                axis=np.array(joint.axis),
                origin=np.array(joint.origin),
                lower=joint.lower,
                upper=joint.upper,
                drag_start=start,
                drag_end=(motion(joint, value) @ np.append(start, 1.0))[:3],
                prompt=prompt(link),
                category=category or model.name,
                pitch=joint.pitch,
                slide=np.array(joint.slide),
            ),
        )


def forward(joint: Joint) -> Joint:
    """The same joint, its axis turned round if its range reaches further into the negative."""
    if -joint.lower <= joint.upper:
        return joint
    x, y, z = joint.axis
    low, high = joint.slide
    return msgspec.structs.replace(
        joint,
        axis=(-x, -y, -z),
        lower=-joint.upper,
        upper=-joint.lower,
        slide=(-high, -low),
    )


def prompt(link: Link) -> str:
    """What the part does in words, from the link's name; empty when that says nothing."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", link.name)
    words = [word.lower() for word in re.findall(r"[A-Za-z]{2,}", spaced)]
    words = [word for word in words if word not in empty_words]
    if not words:
        return ""
    verb = "open" if opened.search(link.name) else "move"
    return f"{verb} the {' '.join(words)}"


def renamed(model: Model, names: dict[str, str]) -> Model:
    """The model with other names for some links, each made different from the rest."""
    taken: dict[str, int] = {}
    links = []
    for link in model.links:
        name = names.get(link.name, link.name)
        taken[name] = taken.get(name, 0) + 1
        links.append(replace(link, name=f"{name}_{taken[name]}" if taken[name] > 1 else name))
    return replace(model, links=tuple(links))


def semantics(text: str) -> dict[str, str]:
    """Names of links from the `semantics.txt` of PartNet-Mobility: `link_0 hinge door`."""
    rows = [line.split() for line in text.splitlines()]
    return {row[0]: row[2] for row in rows if len(row) == 3}


def _whole(model: Model) -> tuple[Mesh, NDArray[np.int32]]:
    """All shapes in one mesh, and the link of each face."""
    pairs = [(i, shape.mesh) for i, link in enumerate(model.links) for shape in link.shapes]
    owners = [np.full(len(mesh.faces), i, np.int32) for i, mesh in pairs]
    return merged([mesh for _, mesh in pairs]), np.concatenate([np.zeros(0, np.int32), *owners])


def _opening(joint: Joint) -> float:
    """How far the drag goes; 0 where nothing moves."""
    if joint.type == "fixed" or joint.upper <= 0.0:
        return 0.0
    return joint.upper if joint.type == "prismatic" else min(joint.upper, longest_pull)


def _grip(model: Model, index: int, joint: Joint) -> NDArray[np.float64]:
    """A point on the part's surface where one would pull."""
    shapes = [shape for i in model.carried(index) for shape in model.links[i].shapes]
    handles = [shape for shape in shapes if grips.search(shape.name)]
    mesh = merged([shape.mesh for shape in handles or shapes])
    areas, normals = areas_and_normals(mesh)
    if not areas.sum() > 0.0:
        return mesh.vertices[mesh.faces[0, 0]]
    points = sample(mesh, areas, normals, points_on_part, np.random.default_rng(0)).points
    return _pulled(points, joint)


def _pulled(points: NDArray[np.float64], joint: Joint) -> NDArray[np.float64]:
    """Of points on a part, the middle of those furthest along its way, far from its axis."""
    way = np.asarray(joint.axis)
    if joint.type != "prismatic":
        arm = points - np.asarray(joint.origin)
        arm -= np.outer(arm @ way, way)
        reach = np.linalg.norm(arm, axis=1)
        points = points[reach >= 0.6 * reach.max()]
        way = np.cross(way, arm.mean(axis=0))
    ahead = points @ way
    spread = np.ptp(points, axis=0).max() * np.linalg.norm(way)
    front = points[ahead >= ahead.max() - 0.02 * spread]
    middle = front.mean(axis=0)
    return front[np.linalg.norm(front - middle, axis=1).argmin()]
