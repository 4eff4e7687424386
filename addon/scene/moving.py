"""What a question for views says of the scene: bodies, their parts, and how these move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import bpy
import msgspec
import numpy as np
from numpy.typing import NDArray

from ..core import rigid
from ..protocol.blobs import Blob, describe
from ..protocol.errors import failure
from ..protocol.meshes import Geometry, Piece
from ..protocol.views import ViewedBody, ViewedPart
from . import model
from .filming import Atom, Film, atom, film, first_frame
from .geometry import Mask, Sorted, gather_sorted
from .instances import Placed
from .modes import object_mode
from .parts import mesh_sources
from .places import wholes
from .placing import visible_scenery
from .selection import marked_faces, with_children

Floats = NDArray[np.float64]
Key = tuple[Atom, str, bool]  # a mesh, the name of its part, whether that is a joint's or marked


class Moving(NamedTuple):
    """What is seen of the scene over the frames, and the arrays that the blobs name."""

    geometry: tuple[Geometry, ...]
    bodies: tuple[ViewedBody, ...]
    arrays: list[NDArray]
    notes: tuple[str, ...]


def gather_moving(
    frames: Sequence[int], tracked: Iterable[bpy.types.Object] | None = None
) -> Moving:
    """Read everything that is visible, where it is at each of the frames.

    `tracked` objects are followed, by default those that move; the others are scenery. Leaves
    frame, mode and selection as they are. Raises TugError `bad_input`.
    """
    roots = None if tracked is None else wholes(tracked)
    owners = visible_scenery() | (with_children(roots) if roots else set())
    with object_mode(), first_frame(frames):
        found = gather_sorted(owners, _sort)
        seen = film(frames, owners)
    return _Builder(found, seen, roots, len(frames)).build()


def _sort(item: Placed, mesh: bpy.types.Mesh) -> Iterator[tuple[Key, Mask]]:
    """Sort a mesh into the parts that joints carry, those that are marked, and the rest."""
    for key, mask in model.sort(item, mesh):
        if key != ("", ""):
            yield (atom(item), model.called(key), True), mask
            continue
        left = np.ones(len(mesh.polygons), bool) if mask is None else mask.copy()
        whole = item.owner.tug.parts if not item.is_instance else ()
        for part in whole:
            if part.source in mesh_sources:
                marked = marked_faces(item.object, mesh, part) & left
                left &= ~marked
                yield (atom(item), part.name, True), marked
        name = next((part.name for part in whole if part.source == "object"), "")
        yield (atom(item), name, bool(name)), None if left.all() else left


class _Piece(NamedTuple):
    """Some faces that move as one: `motion` (T, 4, 4), or `shapes` (T, V, 3) of what bends."""

    name: str
    owner: str
    piece: Piece
    motion: Floats | None
    shapes: NDArray[np.float32] | None


class _Builder:
    """Makes bodies of what was gathered and filmed."""

    def __init__(
        self, found: Sorted, seen: Film, roots: list[bpy.types.Object] | None, count: int
    ) -> None:
        self._found, self._film, self._roots, self._count = found, seen, roots, count
        self._geometry = list(found.geometry)
        self._arrays = {describe(array).digest: array for array in found.arrays}
        self._moves = {name: _moves(places) for name, places in seen.parents.items()}

    def build(self) -> Moving:
        bodies: dict[str, list[_Piece]] = {}
        for key, pieces in self._found.pieces.items():
            body = self._body_of(bpy.data.objects[key[0][0]])
            bodies.setdefault(body.name, []).extend(self._pieces(key, pieces))
        tracked = self._tracked(bodies)
        order = sorted(bodies, key=lambda name: name not in tracked)
        found = tuple(
            ViewedBody(name=name, parts=self._parts(name, bodies[name]), tracked=name in tracked)
            for name in order
        )
        return Moving(tuple(self._geometry), found, list(self._arrays.values()), self._film.notes)

    def _tracked(self, bodies: dict[str, list[_Piece]]) -> set[str]:
        if self._roots is not None:
            named = {obj.name for obj in self._roots}
            for name in named - bodies.keys():
                raise failure("bad_input", f"'{name}' has no visible faces to follow; show it.")
            return named
        moving = {
            name
            for name, pieces in bodies.items()
            if any(p.motion is not None or p.shapes is not None for p in pieces)
        }
        if not moving:
            raise failure(
                "bad_input",
                "Nothing moves in these frames; animate something, or select what to follow.",
            )
        return moving

    def _body_of(self, obj: bpy.types.Object) -> bpy.types.Object:
        """Return what an object is part of: a named one, or what it moves or is built with."""
        chain = [obj]
        while chain[-1].parent:
            chain.append(chain[-1].parent)
        for above in chain if self._roots else ():
            if above in (self._roots or ()):
                return above
        for below, above in pairwise(chain):
            jointed = below.tug.joints or above.tug.joints
            if not (jointed or self._moves.get(above.name) or above.type in ("MESH", "ARMATURE")):
                return below
        return chain[-1]

    def _pieces(self, key: Key, pieces: tuple[Piece, ...]) -> Iterator[_Piece]:
        (owner, *_), name, named = key
        bent = self._film.bends.get(key[0])
        if bent is not None:
            for piece in pieces:
                yield self._bent(piece, bent, name if named else "", owner)
            return
        try:
            motion = rigid.relative(self._film.places[key[0]])
        except np.linalg.LinAlgError:
            raise failure(
                "bad_input", f"'{owner}' has a scale of zero at the first frame; give it a size."
            ) from None
        for piece in pieces:
            yield _Piece(name if named else "", owner, piece, motion, None)

    def _bent(self, piece: Piece, bent: NDArray[np.float32], name: str, owner: str) -> _Piece:
        """Return a piece of a mesh that bends, by its rigid motion if it has one."""
        source = self._geometry[piece.geometry]
        faces = self._read(source.faces)
        chosen = faces if piece.selection is None else faces[self._read(piece.selection)]
        used, compact = np.unique(chosen, return_inverse=True)
        motion = rigid.rigid_motion(bent[:, used])
        if motion is not None:
            still = rigid.same(motion, np.tile(np.eye(4), (len(motion), 1, 1)))
            return _Piece(name, owner, piece, None if still else motion, None)
        if piece.selection is None:
            return _Piece(name, owner, piece, None, bent)
        own = msgspec.structs.replace(
            source,
            vertices=self._keep(self._read(source.vertices)[used]),
            faces=self._keep(compact.reshape(-1, 3).astype(np.int32)),
        )
        self._geometry.append(own)
        fresh = Piece(geometry=len(self._geometry) - 1)
        return _Piece(name, owner, fresh, None, np.ascontiguousarray(bent[:, used]))

    def _parts(self, body: str, pieces: list[_Piece]) -> tuple[ViewedPart, ...]:
        """Return the parts of a body: what has the same name and moves as one."""
        groups: list[list[_Piece]] = []
        for piece in pieces:
            group = next((g for g in groups if _belongs(piece, g[0])), None)
            if group:
                group.append(piece)
            else:
                groups.append([piece])
        groups.sort(key=lambda group: (group[0].name != "", group[0].owner != body))
        names = [_part_name(body, group[0], groups) for group in groups]
        return tuple(map(self._part, model.unique(names), groups))

    def _part(self, name: str, group: list[_Piece]) -> ViewedPart:
        motion, shapes = group[0].motion, group[0].shapes
        return ViewedPart(
            name=name,
            pieces=tuple(piece.piece for piece in group),
            motion=None if motion is None else self._keep(motion),
            shapes=None if shapes is None else self._keep(shapes),
        )

    def _read(self, blob: Blob) -> Any:
        return self._arrays[blob.digest]

    def _keep(self, array: NDArray) -> Blob:
        array = np.ascontiguousarray(array)
        array.flags.writeable = False
        blob = describe(array)
        self._arrays.setdefault(blob.digest, array)
        return blob


def _belongs(piece: _Piece, other: _Piece) -> bool:
    if piece.shapes is not None or other.shapes is not None:
        return False
    return piece.name == other.name and rigid.same(piece.motion, other.motion)


def _part_name(body: str, piece: _Piece, groups: list[list[_Piece]]) -> str:
    """Return what a part is called: as joint or mark have it, else by its object."""
    if piece.name:
        return piece.name
    alone = sum(not group[0].name for group in groups) == 1
    return body if alone else piece.owner


def _moves(places: Floats) -> bool:
    size = max(1.0, float(np.abs(places[0]).max()))
    return bool(np.abs(places - places[0]).max() > rigid.still * size)
