"""Gathers what a request says about shapes: the part, what it moves against, where they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, cast

import bpy
import numpy as np
from numpy.typing import NDArray

from ..protocol.blobs import Blob, describe
from ..protocol.errors import failure
from ..protocol.tasks import Geometry, Matrix
from .body import find_body
from .instances import Placed, placed
from .meshes import Surface, read
from .parts import PartSettings
from .selection import marked_faces, require_marking, whole_objects, with_children

Moving = Literal["none", "all", "selection"]


class Gathered(NamedTuple):
    """`geometry` of a request and the distinct arrays that its blobs name."""

    geometry: tuple[Geometry, ...]
    arrays: list[NDArray]


def gather(
    obj: bpy.types.Object,
    part: PartSettings,
    body: Iterable[bpy.types.Object] | None = None,
) -> Gathered:
    """Read the part and its body as they are seen now: modifiers applied, hidden ones left out.

    `body` names the objects that stay, in place of the ones `find_body` picks; a part within a
    mesh moves against the rest of that mesh (and `body`). Vertices are local with their world
    matrix, so a moved object sends nothing again. Raises TugError `bad_input`.
    """
    bpy.context.view_layer.update()
    movers = whole_objects(obj, part)
    if not movers:
        require_marking(obj, part)
    moving = with_children(movers) if movers else {obj}
    still = set(body) if body is not None else set(find_body(movers) if movers else ())
    reader = _Reader(part if not movers else None)
    for item in placed(moving | still):
        reader.add(item, item.owner in moving)
    _check(reader.geometry, obj, part)
    return Gathered(tuple(reader.geometry), list(reader.arrays.values()))


class _Reader:
    """Collects geometries; meshes and arrays that occur again are read and kept once."""

    def __init__(self, part: PartSettings | None) -> None:
        self.part = part
        self.geometry: list[Geometry] = []
        self.arrays: dict[str, NDArray] = {}
        self._surfaces: dict[int, tuple[Surface, Blob, Blob]] = {}

    def add(self, item: Placed, moving: bool) -> None:
        evaluated = item.object
        if evaluated.data.is_editmode:
            mesh = evaluated.to_mesh()
            self._add_mesh(item, mesh, moving)
            evaluated.to_mesh_clear()
        else:
            self._add_mesh(item, evaluated.data, moving)

    def _add_mesh(self, item: Placed, mesh: bpy.types.Mesh, moving: bool) -> None:
        if not len(mesh.polygons):
            return
        surface, vertices, faces = self._surface(item, mesh)
        kind: Moving = "all" if moving else "none"
        selection = None
        if moving and self.part is not None:
            marked = marked_faces(item.object, mesh, self.part)[surface.polygons]
            kind, selection = self._selection(marked)
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
