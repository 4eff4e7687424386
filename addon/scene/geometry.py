"""Gathers what a request says about shapes: the part, what it moves against, where they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, cast

import bpy
import numpy as np
from numpy.typing import NDArray

from ..protocol.blobs import Blob, describe
from ..protocol.errors import failure
from ..protocol.meshes import Geometry, Matrix, Piece
from .body import find_body
from .instances import Placed, placed
from .meshes import Surface, read
from .parts import PartSettings
from .selection import marked_faces, require_marking, whole_objects, with_children

Moving = Literal["none", "all", "selection"]
Mask = NDArray[np.bool_] | None
Sort = Callable[[Placed, bpy.types.Mesh], Iterable[tuple[Any, Mask]]]


Look = Callable[[Placed, bpy.types.Mesh, Surface], None]


class Gathered(NamedTuple):
    """`geometry` of a request and the distinct arrays that its blobs name."""

    geometry: tuple[Geometry, ...]
    arrays: list[NDArray]


def reading(arrays: Iterable[NDArray]) -> Callable[[Blob], NDArray]:
    """Return what gives the array of a blob; it raises KeyError for one of none of them."""
    known = {describe(array).digest: array for array in arrays}
    return lambda blob: known[blob.digest]


def gather(
    obj: bpy.types.Object,
    part: PartSettings,
    body: Iterable[bpy.types.Object] | None = None,
    look: Look | None = None,
) -> Gathered:
    """Read the part and its body as they are seen now: modifiers applied, hidden ones left out.

    `body` names the objects that stay, in place of the ones `find_body` picks; a part within a
    mesh moves against the rest of that mesh (and `body`). Vertices are local with their world
    matrix, so a moved object sends nothing again. `look` is called with each mesh that becomes a
    geometry, in their order. Raises TugError `bad_input`.
    """
    bpy.context.view_layer.update()
    movers = whole_objects(obj, part)
    if not movers:
        require_marking(obj, part)
    moving = with_children(movers) if movers else {obj}
    still = set(body) if body is not None else set(find_body(movers) if movers else ())
    reader = _Reader()
    for item in placed(moving | still):
        with _mesh_of(item) as mesh:
            within = item.owner in moving and not movers
            marked = marked_faces(item.object, mesh, part) if within else None
            reader.add(item, mesh, item.owner in moving, marked)
            if look and len(mesh.polygons):
                look(item, mesh, reader.surface(mesh))
    _check(reader.geometry, obj, part)
    return Gathered(tuple(reader.geometry), list(reader.arrays.values()))


class Sorted(NamedTuple):
    """Geometry with the objects it is of, and which pieces of it belong to what."""

    geometry: tuple[Geometry, ...]
    owners: tuple[bpy.types.Object, ...]
    pieces: dict[Any, tuple[Piece, ...]]
    arrays: list[NDArray]


def gather_sorted(objects: Iterable[bpy.types.Object], sort: Sort, *, own: bool = False) -> Sorted:
    """Read all visible faces of `objects`, sorted into pieces. Raises TugError `bad_input`.

    `sort` is called with each mesh, and where it is, for (key, mask) pairs: what a piece
    belongs to, and its polygons, (polygons,) bool or None for all. With `own` the faces are
    those that the objects have themselves: no instances, and meshes to which modifiers add
    faces are read as they are edited.
    """
    bpy.context.view_layer.update()
    reader, owners = _Reader(), []
    pieces: defaultdict[Any, tuple[Piece, ...]] = defaultdict(tuple)
    items = placed(set(objects))
    for item in map(_as_edited, _not_instances(items)) if own else items:
        with _mesh_of(item) as mesh:
            if not len(mesh.polygons):
                continue
            reader.add(item, mesh, False)
            owners.append(item.owner)
            for key, mask in sort(item, mesh):
                pieces[key] += reader.pieces(mask)
    return Sorted(tuple(reader.geometry), tuple(owners), pieces, list(reader.arrays.values()))


def _not_instances(items: Iterable[Placed]) -> Iterator[Placed]:
    return (item for item in items if not item.is_instance and item.owner.type == "MESH")


def _as_edited(item: Placed) -> Placed:
    if item.owner.mode == "EDIT":
        item.owner.update_from_editmode()
    with _mesh_of(item) as mesh:
        same = len(mesh.polygons) == len(item.owner.data.polygons)
    return item if same else item._replace(object=item.owner)


@contextmanager
def _mesh_of(item: Placed) -> Iterator[bpy.types.Mesh]:
    evaluated = item.object
    if not evaluated.data.is_editmode:
        yield evaluated.data
        return
    yield evaluated.to_mesh()
    evaluated.to_mesh_clear()


class _Reader:
    """Collects geometries; meshes and arrays that occur again are read and kept once."""

    def __init__(self) -> None:
        self.geometry: list[Geometry] = []
        self.arrays: dict[str, NDArray] = {}
        self._surfaces: dict[int, tuple[Surface, Blob, Blob]] = {}
        self._last = np.empty(0, np.int32)

    def add(
        self,
        item: Placed,
        mesh: bpy.types.Mesh,
        moving: bool,
        marked: NDArray[np.bool_] | None = None,
    ) -> None:
        """Add a mesh unless it is empty; of one that moves, the `marked` polygons (or all)."""
        if not len(mesh.polygons):
            return
        surface, vertices, faces = self._surface(item, mesh)
        self._last = surface.polygons
        kind: Moving = "all" if moving else "none"
        selection = None
        if moving and marked is not None:
            kind, selection = self._selection(marked[surface.polygons])
        self.geometry.append(
            Geometry(
                vertices=vertices,
                faces=faces,
                matrix=_rows(item),
                moving=kind,
                selection=selection,
                name=item.owner.name,
            )
        )

    def surface(self, mesh: bpy.types.Mesh) -> Surface:
        """Return what was read of a mesh that was added."""
        return self._surfaces[mesh.as_pointer()][0]

    def pieces(self, mask: NDArray[np.bool_] | None) -> tuple[Piece, ...]:
        """Return the polygons in `mask` (None for all) of the mesh added last; none if empty."""
        index = len(self.geometry) - 1
        if mask is None:
            return (Piece(geometry=index),)
        kind, selection = self._selection(mask[self._last])
        return () if kind == "none" else (Piece(geometry=index, selection=selection),)

    def _selection(self, marked: NDArray[np.bool_]) -> tuple[Moving, Blob | None]:
        if marked.all() or not marked.any():
            return ("all" if marked.all() else "none"), None
        return "selection", self._keep(np.flatnonzero(marked).astype(np.int32))

    def _surface(self, item: Placed, mesh: bpy.types.Mesh) -> tuple[Surface, Blob, Blob]:
        key = mesh.as_pointer()
        if key not in self._surfaces or item.object.data.is_editmode:
            surface = read(mesh)
            if not np.isfinite(surface.vertices).all():
                raise failure(
                    "bad_input",
                    f"'{item.owner.name}' has vertices that are not finite (NaN or infinite); "
                    "delete or repair them.",
                )
            kept = self._keep(surface.vertices), self._keep(surface.triangles)
            self._surfaces[key] = surface, *kept
        return self._surfaces[key]

    def _keep(self, array: NDArray) -> Blob:
        blob = describe(_frozen(array))
        self.arrays.setdefault(blob.digest, array)
        return blob


def _frozen(array: NDArray) -> NDArray:
    """Make the array read-only, so that it is hashed only once."""
    owner = array
    while isinstance(owner, np.ndarray):
        owner.flags.writeable = False
        owner = owner.base
    return array


def _rows(item: Placed) -> Matrix:
    if not np.isfinite(item.matrix).all():
        raise failure("bad_input", f"The transform of '{item.owner.name}' is not finite; reset it.")
    return cast(Matrix, tuple(tuple(row) for row in item.matrix.tolist()))


def _check(geometry: list[Geometry], obj: bpy.types.Object, part: PartSettings) -> None:
    if all(g.moving == "none" for g in geometry):
        raise failure(
            "bad_input",
            f"'{part.name}' of '{obj.name}' has no visible faces; show it or mark its faces.",
        )
    if all(g.moving == "all" for g in geometry):
        raise failure(
            "bad_input",
            f"All of '{obj.name}' belongs to '{part.name}', so nothing stays behind; mark fewer "
            "faces, or name the body.",
        )
