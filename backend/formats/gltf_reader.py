"""Binary glTF in: nodes in a tree with their meshes, the joints that Tug wrote, and animation.

What only concerns looks (materials, textures, cameras, lights, skins, morph targets) is left out.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.formats.gltf_tracks import Tracks, read_tracks
from backend.formats.gltf_writer import y_up
from backend.formats.meshes import checked
from backend.formats.model import Link, Model, Shape, moved
from backend.geometry.mesh import Mesh
from protocol.errors import TugError, failure
from protocol.joint import Joint

Matrix = NDArray[np.float64]
magic, json_chunk, binary_chunk = 0x46546C67, 0x4E4F534A, 0x004E4942
dtypes = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
widths = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
triangles, strip, fan = 4, 5, 6
to_z_up: Matrix = np.block([[y_up.T, np.zeros((3, 1))], [np.zeros((1, 3)), np.ones((1, 1))]])


@dataclass(frozen=True, eq=False)
class GlbNode:
    """A node: `mesh` are its own triangles (maybe none) in the z-up world at rest.

    `parent` is the index of the node it hangs on, -1 for the world. `joint` is what Tug's export
    wrote of the joint it moves by against its parent, in the z-up world at rest.
    """

    name: str
    parent: int
    mesh: Mesh
    joint: Joint | None = None


@dataclass(frozen=True, eq=False)
class GlbScene:
    """The nodes of a file, parents first, and how they move; `seconds` is how long that takes."""

    nodes: tuple[GlbNode, ...]
    seconds: float = 0.0
    _local: tuple[Tracks, ...] = field(default=(), repr=False)

    def poses(self, times: ArrayLike) -> NDArray[np.float64]:
        """Return (T, N, 4, 4) motions of the N nodes from rest, z-up world, at T seconds."""
        rest = self._worlds(np.array([math.nan]))[0]
        there = self._worlds(np.atleast_1d(np.asarray(times, np.float64)))
        return to_z_up @ there @ np.linalg.inv(rest) @ to_z_up.T

    def moving(self) -> NDArray[np.bool_]:
        """Return which nodes the animation moves, with what they hang on, (N,)."""
        found = np.array([tracks.animated for tracks in self._local], bool)
        for i, node in enumerate(self.nodes):
            found[i] |= node.parent >= 0 and found[node.parent]
        return found

    def index(self, name: str) -> int:
        """Return the index of a node. Raises TugError bad_input."""
        for i, node in enumerate(self.nodes):
            if node.name == name:
                return i
        known = ", ".join(node.name for node in self.nodes[:40])
        raise failure("bad_input", f"There is no node {name!r} in the file; it has {known}.")

    def below(self, name: str) -> list[int]:
        """Return the indices of a node and of all that hang on it. Raises TugError bad_input."""
        found = {self.index(name)}
        for i, node in enumerate(self.nodes):
            if node.parent in found:
                found.add(i)
        return sorted(found)

    def model(self, name: str) -> Model:
        """Return a node and what hangs on it as links; nodes without a joint belong to a link.

        Raises TugError bad_input.
        """
        links: list[Link] = []
        owner: dict[int, int] = {}
        for i in self.below(name):
            node = self.nodes[i]
            parent = owner.get(node.parent, -1)
            if parent < 0 or node.joint is not None:
                owner[i] = len(links)
                joint = node.joint if parent >= 0 else None
                links.append(Link(node.name, _shapes(node), parent, joint))
            else:
                owner[i] = parent
                link = links[parent]
                shapes = (*link.shapes, *_shapes(node))
                links[parent] = Link(link.name, shapes, link.parent, link.joint)
        return Model(name, tuple(links))

    def _worlds(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (T, N, 4, 4) places of the nodes in the file's frame; NaN is rest."""
        found = np.empty((len(times), len(self.nodes), 4, 4))
        for i, node in enumerate(self.nodes):
            found[:, i] = self._local[i].at(times)
            if node.parent >= 0:
                found[:, i] = found[:, node.parent] @ found[:, i]
        return found


def read(path: Path) -> GlbScene:
    """Read a .glb file. Raises TugError: bad_input, too_large."""
    if path.suffix.lower() != ".glb":
        raise failure("bad_input", f"{path} is no .glb file: export the scene as binary glTF.")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise failure("bad_input", f"{path} cannot be read ({error.strerror}).") from error
    return parse(content, str(path))


def parse(content: bytes, name: str) -> GlbScene:
    """Read the bytes of a .glb file that sentences call `name`. Raises as `read` does."""
    try:
        tree, data = _chunks(content)
        return _scene(tree, data, name)
    except TugError:
        raise
    except Exception as error:  # whatever a broken file does
        reason = f"{type(error).__name__}: {error}"
        raise failure("bad_input", f"{name} cannot be read as binary glTF ({reason}).") from error


def _shapes(node: GlbNode) -> tuple[Shape, ...]:
    return (Shape(node.name, node.mesh),) if len(node.mesh.faces) else ()


def _chunks(content: bytes) -> tuple[dict[str, Any], bytes]:
    found, _version, length = struct.unpack_from("<III", content)
    if found != magic:
        raise ValueError("it does not begin as one")
    tree: dict[str, Any] = {}
    data, at = b"", 12
    while at + 8 <= min(length, len(content)):
        size, kind = struct.unpack_from("<II", content, at)
        chunk = content[at + 8 : at + 8 + size]
        if kind == json_chunk:
            tree = json.loads(chunk)
        elif kind == binary_chunk:
            data = chunk
        at += 8 + size
    return tree, data


def _scene(tree: dict[str, Any], data: bytes, name: str) -> GlbScene:
    raw = tree.get("nodes", [])
    parents = _parents(tree)
    order = _order(tree, parents)
    place = {node: i for i, node in enumerate(order)}
    names = _names(raw, order)
    local, seconds = read_tracks(tree, order, lambda index: _accessor(tree, data, index))
    parent = [place.get(parents.get(node, -1), -1) for node in order]
    blank = tuple(
        GlbNode(names[i], parent[i], Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32)))
        for i in range(len(order))
    )
    rest = GlbScene(blank, seconds, local)._worlds(np.array([math.nan]))[0]
    nodes = [
        GlbNode(
            names[i],
            parent[i],
            moved(_mesh(tree, data, raw[node].get("mesh"), name), to_z_up @ rest[i]),
            _joint(raw[node]),
        )
        for i, node in enumerate(order)
    ]
    return GlbScene(tuple(nodes), seconds, local)


def _parents(tree: dict[str, Any]) -> dict[int, int]:
    return {
        child: parent
        for parent, node in enumerate(tree.get("nodes", []))
        for child in node.get("children", ())
    }


def _order(tree: dict[str, Any], parents: dict[int, int]) -> list[int]:
    """The nodes of the file's scene, parents first."""
    nodes = tree.get("nodes", [])
    scenes = tree.get("scenes", [])
    roots = scenes[tree.get("scene", 0)].get("nodes", []) if scenes else None
    waiting = list(
        roots if roots is not None else (i for i in range(len(nodes)) if i not in parents)
    )
    found: list[int] = []
    while waiting:
        node = waiting.pop(0)
        if node in found:
            raise ValueError("its nodes hang on each other in a ring")
        found.append(node)
        waiting = [*nodes[node].get("children", ()), *waiting]
    return found


def _names(raw: list[dict[str, Any]], order: list[int]) -> list[str]:
    """A name for each node; those without one, and repeated ones, get their number."""
    found: list[str] = []
    for node in order:
        name = str(raw[node].get("name") or f"node {node}")
        found.append(name if name not in found else f"{name} {node}")
    return found


def _joint(node: dict[str, Any]) -> Joint | None:
    extras = node.get("extras")
    said = extras.get("joint") if isinstance(extras, dict) else None
    return msgspec.convert(said, Joint) if said else None


def _mesh(tree: dict[str, Any], data: bytes, index: int | None, name: str) -> Mesh:
    """All triangles of a mesh, in its own frame."""
    points, faces, count = [np.zeros((0, 3))], [np.zeros((0, 3), np.int32)], 0
    for primitive in tree["meshes"][index]["primitives"] if index is not None else ():
        if primitive.get("mode", triangles) not in (triangles, strip, fan):
            continue
        corners = _accessor(tree, data, primitive["attributes"]["POSITION"]).astype(np.float64)
        indices = (
            _accessor(tree, data, primitive["indices"]).reshape(-1)
            if "indices" in primitive
            else np.arange(len(corners))
        )
        found = _triangles(indices.astype(np.int32), primitive.get("mode", triangles))
        if len(found) and found.max() >= len(corners):
            raise failure("bad_input", f"{name} has triangles that name vertices it does not have.")
        points.append(corners)
        faces.append(found + np.int32(count))
        count += len(corners)
    return checked(Mesh(np.concatenate(points), np.concatenate(faces)), name)


def _triangles(indices: NDArray[np.int32], mode: int) -> NDArray[np.int32]:
    if mode == triangles:
        return indices[: len(indices) // 3 * 3].reshape(-1, 3)
    if mode == fan:
        first = np.broadcast_to(indices[:1], (max(len(indices) - 2, 0),))
        return np.stack([first, indices[1:-1], indices[2:]], axis=1)
    found = np.stack([indices[:-2], indices[1:-1], indices[2:]], axis=1)
    found[1::2] = found[1::2, ::-1]
    return found


def _accessor(tree: dict[str, Any], data: bytes, index: int) -> NDArray:
    """The (K, width) numbers of an accessor; those that are normalised become floats."""
    accessor = tree["accessors"][index]
    if "sparse" in accessor or "bufferView" not in accessor:
        raise ValueError("it has sparse or compressed data, which is not read")
    view = tree["bufferViews"][accessor["bufferView"]]
    if view.get("buffer", 0) != 0 or "uri" in tree["buffers"][0]:
        raise ValueError("its data lies in another file")
    dtype = np.dtype(dtypes[accessor["componentType"]])
    width, count = widths[accessor["type"]], int(accessor["count"])
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    stride = view.get("byteStride", width * dtype.itemsize)
    needed = start + (count - 1) * stride + width * dtype.itemsize if count else start
    if needed > len(data):
        raise ValueError("its data ends too early")
    values = np.ndarray((count, width), dtype, data, start, (stride, dtype.itemsize))
    if accessor.get("normalized") and dtype.kind in "iu":
        return np.maximum(values / np.iinfo(dtype).max, -1.0)
    return values
