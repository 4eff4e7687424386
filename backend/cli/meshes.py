"""Mesh files and what of them is the part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import trimesh
from numpy.typing import NDArray

from backend.datasets import Case, load_case
from backend.geometry.mesh import Mesh, subset
from backend.tasks.geometry import merged, placed
from protocol.errors import TugError, failure

formats = (".glb", ".gltf", ".obj", ".ply", ".stl", ".npz")
Split = Literal["not", "names", "materials"]
obj_options: dict[Split, dict[str, bool]] = {
    "not": {"maintain_order": True, "group_material": False},
    "names": {"split_objects": True, "split_groups": True, "group_material": False},
    "materials": {"group_material": True},
}


@dataclass(frozen=True, eq=False)
class Piece:
    """Triangles that share their names: of node, parent nodes, geometry, group, material.

    `own` is the name of the node or object that they are the mesh of.
    """

    names: frozenset[str]
    mesh: Mesh
    own: str = ""


def whole(path: Path) -> tuple[Mesh, NDArray[np.int32]]:
    """Read a mesh file whole, and the number of the node that each triangle is of, (F,).

    Raises TugError bad_input.
    """
    pieces = _pieces(path, "not")
    sizes = [len(piece.mesh.faces) for piece in pieces]
    owner = np.repeat(np.arange(len(pieces), dtype=np.int32), sizes)
    return merged([piece.mesh for piece in pieces]), owner


def split(mesh: Mesh, faces: NDArray[np.int64]) -> tuple[Mesh, Mesh]:
    """Return the triangles of these indices as one mesh, and the others as another."""
    mask = np.zeros(len(mesh.faces), bool)
    mask[faces] = True
    return subset(mesh, mask), subset(mesh, ~mask)


def part_and_body(path: Path, part: str) -> tuple[Mesh, Mesh]:
    """Read a mesh file and take it apart, in the file's own frame.

    `part` is the name of a node, object, group or material, `faces:0-11,40`, or `@FILE` with
    triangle indices (.npy, or text). Indices count the triangles in the order of the file.
    Raises TugError bad_input.
    """
    return _by_indices(path, _indices(part)) if _is_indices(part) else _by_name(path, part)


def parts_and_body(path: Path, parts: Sequence[str]) -> tuple[Mesh, NDArray[np.int32]]:
    """Read a mesh file whole, and which of `parts` each triangle belongs to, (F,), else -1.

    The parts are all named, or all given by triangles; see `part_and_body`. Of parts that
    contain each other a triangle belongs to the smallest. Raises TugError bad_input.
    """
    by_index = [_is_indices(part) for part in parts]
    if all(by_index):
        whole = merged([piece.mesh for piece in _pieces(path, "not")])
        chosen = [_mask(path, _indices(part), len(whole.faces)) for part in parts]
    elif any(by_index):
        raise failure("bad_input", "Name all parts, or give all of them by their triangles.")
    else:
        pieces = _pieces_with(path, parts)
        whole = merged([piece.mesh for piece in pieces])
        sizes = [len(piece.mesh.faces) for piece in pieces]
        chosen = [np.repeat([part in piece.names for piece in pieces], sizes) for part in parts]
    owner = np.full(len(whole.faces), -1, np.int32)
    for index in sorted(range(len(parts)), key=lambda k: -int(chosen[k].sum())):
        owner[chosen[index]] = index
    return whole, owner


def every_part(path: Path, body: str | None) -> tuple[Mesh, NDArray[np.int32], list[str]]:
    """Read a mesh file whole, who owns each triangle, (F,), and the names of the parts.

    Each node or object is a part, but for `body`: by default the one of that name, or else the
    one with the largest bounds. It owns the triangles of -1. Parts and their triangles come by
    name. Raises TugError bad_input.
    """
    pieces = sorted(_pieces(path, "names"), key=lambda piece: piece.own)
    names = list(dict.fromkeys(piece.own for piece in pieces))
    body = body or ("body" if "body" in names else max(names, key=lambda n: _bounds(pieces, n)))
    if body not in names:
        raise _unknown(path, body, names)
    parts = [name for name in names if name != body]
    index = {body: -1} | {name: k for k, name in enumerate(parts)}
    owners = [np.full(len(piece.mesh.faces), index[piece.own], np.int32) for piece in pieces]
    return merged([piece.mesh for piece in pieces]), np.concatenate(owners), parts


def parse_ranges(text: str) -> NDArray[np.int64]:
    """`0-2,7` as [0, 1, 2, 7]. Raises TugError bad_input."""
    try:
        spans = [[int(end) for end in span.split("-")] for span in text.split(",")]
        return np.concatenate([np.arange(span[0], span[-1] + 1) for span in spans if len(span) < 3])
    except ValueError as error:
        raise failure(
            "bad_input", f"{text[:80]!r} is no list of triangles: write it like faces:0-11,40."
        ) from error


def _is_indices(part: str) -> bool:
    return part.startswith(("@", "faces:"))


def _indices(part: str) -> NDArray[np.int64]:
    if part.startswith("@"):
        return _indices_in(Path(part[1:]))
    return parse_ranges(part.removeprefix("faces:"))


def _indices_in(path: Path) -> NDArray[np.int64]:
    try:
        if path.suffix == ".npy":
            values = np.load(path, allow_pickle=False)
        else:
            values = np.loadtxt(path, dtype=np.int64, ndmin=1)
    except (OSError, ValueError) as error:
        raise failure(
            "bad_input", f"No triangle indices could be read from {path}: {error}."
        ) from error
    if values.dtype.kind == "b":
        return np.flatnonzero(values)
    if values.dtype.kind not in "iu":
        raise failure("bad_input", f"{path} holds {values.dtype} values, not triangle indices.")
    return values.reshape(-1).astype(np.int64)


def _by_indices(path: Path, indices: NDArray[np.int64]) -> tuple[Mesh, Mesh]:
    whole = merged([piece.mesh for piece in _pieces(path, "not")])
    mask = _mask(path, indices, len(whole.faces))
    return subset(whole, mask), subset(whole, ~mask)


def _mask(path: Path, indices: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    if len(indices) and (indices.min() < 0 or indices.max() >= count):
        raise failure(
            "bad_input", f"{path} has {count} triangles, so the part can name 0 to {count - 1}."
        )
    mask = np.zeros(count, bool)
    mask[indices] = True
    return mask


def _by_name(path: Path, name: str) -> tuple[Mesh, Mesh]:
    pieces = _pieces_with(path, [name])
    part = [piece.mesh for piece in pieces if name in piece.names]
    return merged(part), merged([piece.mesh for piece in pieces if name not in piece.names])


def _pieces_with(path: Path, names: Sequence[str]) -> list[Piece]:
    """The file taken apart so that all the names are there."""
    known: set[str] = set()
    for split in ("names", "materials"):
        pieces = _pieces(path, split)
        here = set[str]().union(*(piece.names for piece in pieces))
        if here.issuperset(names):
            return pieces
        known |= here
    raise _unknown(path, next((n for n in names if n not in known), names[0]), known)


def _unknown(path: Path, name: str, known: Iterable[str]) -> TugError:
    shown = ", ".join(sorted(known)[:40]) or "no names; use faces:0-11"
    return failure("bad_input", f"{path} has nothing called {name!r}; it has {shown}.")


def _bounds(pieces: list[Piece], name: str) -> float:
    corners = [piece.mesh.corners.reshape(-1, 3) for piece in pieces if piece.own == name]
    return float(np.linalg.norm(np.ptp(np.concatenate(corners), axis=0)))


def _pieces(path: Path, split: Split) -> list[Piece]:
    if path.suffix.lower() not in formats:
        raise failure("bad_input", f"{path} is none of {', '.join(formats)}: convert it first.")
    if not path.is_file():
        raise failure("bad_input", f"There is no file {path}.")
    if path.suffix.lower() == ".npz":
        return _case_pieces(load_case(path), split)
    try:
        # An OBJ object of several materials is one mesh here that bears the name of one.
        with_materials = path.suffix.lower() != ".obj" or split == "materials"
        return _scene_pieces(_load(path, split), with_materials=with_materials)
    except TugError:
        raise
    except Exception as error:  # whatever a parser throws at a broken file
        reason = f"{type(error).__name__}: {error}"
        raise failure("bad_input", f"{path} cannot be read as a mesh ({reason}).") from error


def _load(path: Path, split: Split) -> trimesh.Scene:
    options: dict[str, Any] = obj_options[split] if path.suffix.lower() == ".obj" else {}
    scene = trimesh.load_scene(path, process=False, **options)
    if path.suffix.lower() == ".stl":  # which stores each triangle by itself
        for mesh in scene.geometry.values():
            mesh.merge_vertices()
    return scene


def _scene_pieces(scene: trimesh.Scene, *, with_materials: bool) -> list[Piece]:
    parents = {child: parent for parent, child in scene.graph.transforms.edge_data}
    pieces = []
    for node in scene.graph.nodes_geometry:
        matrix, geometry = scene.graph[node]
        mesh = scene.geometry[geometry]
        if not isinstance(mesh, trimesh.Trimesh):
            continue
        # Of a glTF mesh in several materials trimesh makes several nodes with names of its own.
        invented = mesh.metadata.get("from_gltf_primitive", False)
        names = {*_ancestors(node, parents), *(() if invented else (node, geometry))}
        if with_materials:
            names.add(_material(mesh))
        world = placed(
            np.asarray(mesh.vertices), np.asarray(mesh.faces, np.int32), matrix, name=f"{node!r}"
        )
        own = parents.get(node, node) if invented else node
        pieces.append(Piece(frozenset(names) - {"", "world"}, world, own))
    return pieces


def _ancestors(node: str, parents: dict[str, str]) -> list[str]:
    found = []
    while node in parents:
        node = parents[node]
        found.append(node)
    return found


def _material(mesh: trimesh.Trimesh) -> str:
    return str(getattr(getattr(mesh.visual, "material", None), "name", None) or "")


def _case_pieces(case: Case, split: Split) -> list[Piece]:
    """One piece a part, and `moving` on all of those that move; or all in one."""
    whole = Mesh(case.vertices.astype(np.float64), case.faces)
    if split == "not":
        return [Piece(frozenset(), whole)]
    pieces = []
    for index, name in enumerate(case.part_names):
        for moving in (True, False):
            mask = (case.face_part == index) & (case.moving_faces == moving)
            names = {name, "moving"} if moving else {name}
            if mask.any():
                pieces.append(Piece(frozenset(names), subset(whole, mask), name))
    return pieces
