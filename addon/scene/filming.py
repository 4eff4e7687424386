"""Steps through frames and notes where everything that is seen is at each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.geometry import transformed
from ..protocol.errors import failure
from .instances import Placed, placed
from .parenting import world

Atom = tuple[str, str, tuple[int, ...]]  # names of owner and mesh object, number of the instance
most_bytes = 4_000_000_000  # of shapes that are kept for what bends


class Film(NamedTuple):
    """What was seen: `places` (T, 4, 4) of each mesh, `bends` (T, V, 3) in world of those that
    change their shape, `frames` (T, 4, 4) of objects that others hang on, by name."""

    places: dict[Atom, NDArray[np.float64]]
    bends: dict[Atom, NDArray[np.float32]]
    parents: dict[str, NDArray[np.float64]]
    notes: tuple[str, ...]


def atom(item: Placed) -> Atom:
    """Return what tells a mesh in the scene from all others, at every frame."""
    return item.owner.name, item.object.name, item.number


@contextmanager
def first_frame(frames: Sequence[int]) -> Iterator[None]:
    """Be at the first of the frames, and afterwards where the user was."""
    scene = bpy.context.scene
    before = scene.frame_current, scene.frame_subframe
    scene.frame_set(frames[0])
    try:
        yield
    finally:
        scene.frame_set(before[0], subframe=before[1])


def film(frames: Sequence[int], owners: set[bpy.types.Object]) -> Film:
    """Step through the frames. Raises TugError where a mesh gets other vertices meanwhile.

    Call it within `first_frame`.
    """
    manager, scene = bpy.context.window_manager, bpy.context.scene
    notes = _Notes(len(frames))
    parents = {above for obj in owners for above in _above(obj)}
    manager.progress_begin(0, len(frames))
    try:
        for index, frame in enumerate(frames):
            if index:
                scene.frame_set(frame)
            notes.take(owners)
            for obj in parents:
                notes.parents.setdefault(obj.name, []).append(world(obj))
            manager.progress_update(index)
    finally:
        manager.progress_end()
    return notes.film()


class _Notes:
    """What is noted frame by frame; vertices only once a mesh has changed its shape."""

    def __init__(self, count: int) -> None:
        self.parents: dict[str, list[NDArray[np.float64]]] = {}
        self._count, self._frame = count, -1
        self._places: dict[Atom, NDArray[np.float64]] = {}
        self._rest: dict[Atom, NDArray[np.float32]] = {}
        self._local: dict[Atom, list[NDArray[np.float32]]] = {}
        self._kept = 0
        self._missed: set[str] = set()

    def take(self, owners: set[bpy.types.Object]) -> None:
        """Note what there is at the next frame."""
        self._frame += 1
        seen = set()
        for item in placed(owners):
            key = atom(item)
            if self._frame == 0:
                self._places[key] = np.empty((self._count, 4, 4))
            if key not in self._places:
                self._missed.add(item.owner.name)
                continue
            seen.add(key)
            self._places[key][self._frame] = item.matrix
            if _may_bend(item):
                self._note_shape(key, item)
        for key in self._places.keys() - seen:
            self._missed.add(key[0])
            self._places[key][self._frame] = self._places[key][self._frame - 1]
        for shapes in self._local.values():
            shapes += [shapes[-1]] * (self._frame + 1 - len(shapes))

    def film(self) -> Film:
        """Return what was noted."""
        bends = {}
        for key, shapes in self._local.items():
            places = self._places[key]
            bent = np.empty((self._count, *shapes[0].shape), np.float32)
            for index, (shape, place) in enumerate(zip(shapes, places, strict=True)):
                bent[index] = transformed(place, shape)
            bends[key] = bent
        parents = {name: np.array(matrices) for name, matrices in self.parents.items()}
        missed = ", ".join(f"'{name}'" for name in sorted(self._missed)[:5])
        notes = (f"Not there at every frame: {missed}; it is shown all the time or never.",)
        return Film(self._places, bends, parents, notes if missed else ())

    def _note_shape(self, key: Atom, item: Placed) -> None:
        shape = _positions(item.object.data)
        rest = self._rest.setdefault(key, shape)
        if shape.shape != rest.shape:
            raise failure(
                "bad_input",
                f"'{item.owner.name}' gets another number of vertices on the way, at frame "
                f"{bpy.context.scene.frame_current}; turn off the modifier that does it, or hide "
                "the object.",
            )
        if key in self._local:
            self._local[key].append(shape)
        elif not np.array_equal(shape, rest):
            self._local[key] = [*[rest] * self._frame, shape]
            self._kept += self._count * shape.nbytes
            self._check_size(item)

    def _check_size(self, item: Placed) -> None:
        if self._kept > most_bytes:
            raise failure(
                "too_large",
                f"'{item.owner.name}' and others bend over {self._count} frames, more than can be "
                "sent at once; choose fewer frames, or thin out their meshes.",
            )


def _may_bend(item: Placed) -> bool:
    data, obj = item.object.data, item.object
    if data.is_editmode or not len(data.polygons):
        return False
    return bool(len(obj.modifiers) or data.shape_keys or item.owner.type != "MESH")


def _positions(mesh: bpy.types.Mesh) -> NDArray[np.float32]:
    found = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.attributes["position"].data.foreach_get("vector", found.reshape(-1))
    return found


def _above(obj: bpy.types.Object) -> list[bpy.types.Object]:
    return [obj.parent, *_above(obj.parent)] if obj.parent else []
