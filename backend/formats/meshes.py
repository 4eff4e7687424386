"""Mesh files as bytes, and primitive shapes as meshes."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Sequence

import numpy as np
import trimesh
from numpy.typing import NDArray

from backend.formats.files import parsed
from backend.formats.model import moved
from backend.geometry.mesh import Mesh, max_faces
from protocol.errors import TugError, failure

kinds = ("obj", "stl", "ply", "glb", "dae", "off", "msh")


def read(path: str, content: bytes) -> Mesh:
    """One mesh of all that a file holds, in the file's own frame and units.

    Textures and materials are not looked for. Raises TugError: bad_input, too_large.
    """
    kind = posixpath.splitext(path)[1].lower().lstrip(".")
    if kind not in kinds:
        raise failure("bad_input", f"{path} is none of {', '.join(kinds)}: convert it first.")
    if kind == "dae":
        parsed(content, path)  # refuses what pycollada's parser would not
    try:
        if kind == "msh":
            return checked(_msh(content), path)
        scene = trimesh.load_scene(
            io.BytesIO(content), file_type=kind, process=False, skip_materials=True
        )
        meshes = [_welded(mesh, kind) for mesh in scene.dump() if isinstance(mesh, trimesh.Trimesh)]
    except TugError:
        raise
    except Exception as error:  # whatever a parser throws at a broken file
        reason = f"{type(error).__name__}: {error}"
        raise failure("bad_input", f"{path} cannot be read as a mesh ({reason}).") from error
    return checked(merged(meshes), path)


def checked(mesh: Mesh, name: str) -> Mesh:
    """The mesh itself. Raises TugError: bad_input for NaN or infinite coordinates, too_large."""
    if len(mesh.faces) > max_faces:
        raise failure("too_large", f"{name} has over {max_faces:,} triangles: decimate it.")
    if not np.isfinite(mesh.vertices).all():
        raise failure("bad_input", f"{name} has vertices whose coordinates are not numbers.")
    return mesh


def merged(meshes: Sequence[Mesh]) -> Mesh:
    """One mesh of several, faces in their order; an empty one of none."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    faces = [mesh.faces + np.int32(start) for mesh, start in zip(meshes, starts, strict=False)]
    return Mesh(
        np.concatenate([np.zeros((0, 3)), *(mesh.vertices for mesh in meshes)]),
        np.concatenate([np.zeros((0, 3), np.int32), *faces]),
    )


def box(size: Sequence[float]) -> Mesh:
    """A box about the origin; `size` are the lengths of its edges."""
    return _plain(trimesh.creation.box(extents=size))


def cylinder(radius: float, length: float) -> Mesh:
    """A cylinder about the origin along z."""
    return _plain(trimesh.creation.cylinder(radius=radius, height=length, sections=32))


def capsule(radius: float, length: float) -> Mesh:
    """A capsule about the origin along z; `length` is between the centres of its ends."""
    mesh = _plain(trimesh.creation.capsule(height=length, radius=radius, count=(16, 32)))
    if not len(mesh.vertices):  # of one without size
        return mesh
    middle = (mesh.vertices.max(axis=0) + mesh.vertices.min(axis=0)) / 2.0
    return Mesh(mesh.vertices - middle, mesh.faces)


def ellipsoid(radii: Sequence[float] | NDArray) -> Mesh:
    """An ellipsoid about the origin."""
    ball = _plain(trimesh.creation.uv_sphere(radius=1.0, count=(16, 32)))
    return moved(ball, np.diag([*radii, 1.0]))


def _msh(content: bytes) -> Mesh:
    """MuJoCo's binary format: four counts, then vertices, normals, coordinates and triangles."""
    vertices, normals, texcoords, faces = np.frombuffer(content, "<i4", 4).tolist()
    points = np.frombuffer(content, "<f4", 3 * vertices, 16).reshape(-1, 3)
    start = 16 + 4 * (3 * vertices + 3 * normals + 2 * texcoords)
    triangles = np.frombuffer(content, "<i4", 3 * faces, start).reshape(-1, 3)
    if len(triangles) and not 0 <= triangles.min() <= triangles.max() < vertices:
        raise ValueError("triangles name vertices that are not there")
    return Mesh(points.astype(np.float64), triangles.astype(np.int32))


def _plain(mesh: trimesh.Trimesh) -> Mesh:
    return Mesh(np.array(mesh.vertices, np.float64), np.array(mesh.faces, np.int32))


def _welded(mesh: trimesh.Trimesh, kind: str) -> Mesh:
    if kind == "stl":  # which stores each triangle by itself
        mesh.merge_vertices()
    return _plain(mesh)
