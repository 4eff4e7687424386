"""Does a thing stay put? Two seconds of MuJoCo with the thing free and the scene fixed.

MuJoCo takes a mesh for its convex hull. So every closed convex shell is one geom; of shells that
are concave or open every triangle is a flat wedge or prism on its inner side, which keeps their
surface as it is. What is farther from the other side than a tenth of the thing's size is left
out: it cannot be met by a thing that moves less. Masses are those of solids of even density.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import trimesh
from scipy.spatial import ConvexHull, QhullError

from backend.formats.meshes import merged
from backend.formats.model import Model, moved
from backend.formats.writing import inertia
from backend.geometry.components import face_components
from backend.geometry.mesh import Mesh, subset
from backend.placement.body import Body, Points
from backend.placement.item import Part

seconds = 2.0
step = 0.001
near = 0.1  # of the size: what is farther apart is left out
thick = 0.05  # of the size: how deep what stands for a triangle of a concave shell is at most
density = 400.0
mujoco: Any = importlib.import_module("mujoco")  # has no types that a checker could read

most_geoms = 3000
memory = 512 << 20  # bytes


@dataclass(frozen=True)
class Motion:
    """How far a thing went: of the point that moved most, in its size, and degrees turned."""

    moved: float
    turned: float


def settle(model: Model, pose: Points, scene: tuple[Part, ...]) -> Motion:
    """Return how far a placed model moves within two seconds; its joints are locked."""
    mesh = moved(merged([s.mesh for link in model.links for s in link.shapes]), pose)
    points = mesh.vertices[np.unique(mesh.faces)]
    low, high = points.min(axis=0), points.max(axis=0)
    size = float(np.linalg.norm(high - low))
    centre = 0.5 * (low + high)
    unit = 1.0 / size  # sizes of 1 keep the simulation well scaled; gravity is scaled with it
    thing = Mesh((mesh.vertices - centre) * unit, mesh.faces)
    around = [Mesh((part.mesh.vertices - centre) * unit, part.mesh.faces) for part in scene]
    return _run(thing, around, 9.81 * unit)


def _run(thing: Mesh, around: list[Mesh], gravity: float) -> Motion:
    spec = mujoco.MjSpec()
    spec.memory = memory
    spec.option.timestep = step
    spec.option.gravity = [0.0, 0.0, -gravity]
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 20.0
    spec.option.noslip_iterations = 4
    body = spec.worldbody.add_body(name="thing", pos=[0.0, 0.0, 0.0])
    body.add_freejoint()
    own = _within(_convex(thing), _bounds(around), near)
    others = [hull for mesh in around for hull in _within(_convex(mesh), [_box(thing)], near)]
    if len(own) + len(others) > most_geoms:
        own, others = own[:most_geoms], others[:most_geoms]
    for k, hull in enumerate(own):
        _add(spec, body, f"own{k}", hull)
    for k, hull in enumerate(others):
        _add(spec, spec.worldbody, f"other{k}", hull)
    mass, middle, tensor = _mass(thing)
    body.mass, body.ipos = mass, middle
    body.explicitinertial = True
    body.fullinertia = [tensor[i, j] for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))]
    model = spec.compile()
    data = mujoco.MjData(model)
    for _ in range(round(seconds / step)):
        mujoco.mj_step(model, data)
    index = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY, "thing")
    turn = np.array(data.xmat[index]).reshape(3, 3)
    there = thing.vertices @ turn.T + np.array(data.xpos[index])
    angle = np.degrees(np.arccos(np.clip((np.trace(turn) - 1.0) / 2.0, -1.0, 1.0)))
    return Motion(float(np.linalg.norm(there - thing.vertices, axis=1).max()), float(angle))


def _add(spec: Any, body: Any, name: str, points: Points) -> None:
    spec.add_mesh(name=name, uservert=points.ravel().tolist())
    geom = body.add_geom(name=name, type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name)
    geom.friction = [1.0, 0.005, 1e-4]
    geom.solref = [0.004, 1.0]
    geom.solimp = [0.95, 0.99, 0.001, 0.5, 2.0]
    geom.mass = 0.0


def _convex(mesh: Mesh) -> list[Points]:
    """The mesh as point sets whose hulls are together what it is."""
    found: list[Points] = []
    piece = face_components(mesh)
    for one in range(int(piece.max()) + 1):
        shell = subset(mesh, piece == one)
        if _is_convex(shell):
            found.append(shell.vertices)
        else:
            found += _wedges(shell)
    return found


def _is_convex(shell: Mesh) -> bool:
    try:
        hull = ConvexHull(shell.vertices)
    except (QhullError, ValueError):
        return False
    return bool(Body(shell).weight[1] > 0.999 * hull.volume)


def _wedges(shell: Mesh) -> list[Points]:
    """Of a concave or open shell each triangle with a point behind it, inside what is solid."""
    body = Body(shell)
    closed = bool(body.shells[1].all())
    corners, inward = body.mesh.corners, -body.outward
    middle = corners.mean(axis=1)
    depth = np.full(len(middle), thick)
    if closed:
        for share in (0.0, 0.6, 0.9):
            for corner in range(3) if share else (0,):
                start = middle + share * (corners[:, corner] - middle)
                depth = np.minimum(depth, 0.3 * _wall(body, start, inward))
    if not closed:  # as ground is: thick enough to be stood on
        return [
            np.concatenate([c, c + thick * way]) for c, way in zip(corners, inward, strict=True)
        ]
    behind = middle + depth[:, None] * inward
    return [np.vstack([c, point]) for c, point in zip(corners, behind, strict=True)]


def _wall(body: Body, starts: Points, ways: Points) -> Points:
    """How thick a shell is (N,) behind points just inside it, along unit ways (N, 3)."""
    poses = np.tile(np.eye(4), (len(starts), 1, 1))
    poses[:, :3, 3] = starts + 1e-5 * ways
    return body.reach(np.zeros((1, 3)), poses, ways, np.zeros(len(starts)))[0][:, 0]


def _within(hulls: list[Points], boxes: list[tuple[Points, Points]], reach: float) -> list[Points]:
    return [
        hull
        for hull in hulls
        if any(
            (hull.min(axis=0) - reach <= high).all() and (hull.max(axis=0) + reach >= low).all()
            for low, high in boxes
        )
    ]


def _bounds(around: list[Mesh]) -> list[tuple[Points, Points]]:
    """Boxes of what may be met: of shells, or of triangles where those are many."""
    found = []
    for mesh in around:
        piece = face_components(mesh)
        if piece.max() == 0 and len(mesh.faces) > 500:
            corners = mesh.corners
            close = (np.abs(corners).min(axis=(1, 2)) < 1.5) if len(corners) else []
            found += [(c.min(axis=0), c.max(axis=0)) for c in corners[close]]
        else:
            for one in range(int(piece.max()) + 1):
                own = mesh.corners[piece == one]
                found.append((own.min(axis=(0, 1)), own.max(axis=(0, 1))))
    return [(low, high) for low, high in found if (low <= 1.0).all() and (high >= -1.0).all()]


def _box(mesh: Mesh) -> tuple[Points, Points]:
    points = mesh.vertices[np.unique(mesh.faces)]
    return points.min(axis=0), points.max(axis=0)


def _mass(mesh: Mesh) -> tuple[float, list[float], Points]:
    """Mass, centre and tensor of the closed shells as solids; of a skin where none is closed."""
    body = Body(mesh)
    piece, closed, volume, _ = body.shells
    total, centre, parts = 0.0, np.zeros(3), []
    for one in np.flatnonzero(closed):
        shell = subset(body.mesh, piece == one)
        solid = trimesh.Trimesh(shell.vertices, shell.faces, process=False)
        if volume[one] < 0.0:
            solid.invert()
        own = solid.mass_properties
        parts.append((float(own["mass"]), np.array(own["center_mass"]), np.array(own["inertia"])))
        total += parts[-1][0]
        centre += parts[-1][0] * parts[-1][1]
    if not total > 1e-9:
        skin = inertia([mesh])
        return skin.mass, skin.centre.tolist(), skin.tensor
    centre /= total
    tensor = np.zeros((3, 3))
    for mass, middle, own in parts:
        arm = middle - centre
        tensor += own + mass * (arm @ arm * np.eye(3) - np.outer(arm, arm))
    tensor += (1e-4 * np.trace(tensor) + 1e-9) * np.eye(3)
    return density * total, centre.tolist(), density * tensor
