"""What has been looked up of objects' faces: where a pick would end, and how that is drawn.

Looking takes a moment on large meshes, so it is done once per object and level, outside of
redraws and mouse moves, and kept until the shape changes.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..core.names import levels
from ..scene import watching
from . import drawing
from .drawing import Color

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..core.geometry import Ints
    from ..core.patches import Outlines, Runs
    from ..core.regions import Faces
    from ..scene.faces import Marks, Shown

most_looks = 4
most_outlines = 200
at_once = 20_000  # polygons


class Look:
    """An object's faces, own and seen, with labels for each level at which one can pick."""

    def __init__(self, obj: bpy.types.Object) -> None:
        from ..scene.faces import read_shown, shown_mesh

        self.numbers = {obj.session_uid, obj.data.session_uid}
        with shown_mesh(obj) as mesh:
            self.shown: Shown = read_shown(mesh)
        self.marks: Marks | None = None
        self.own: Faces = self.shown.faces
        self.origins: Ints | None = None
        self.materials: list[str] = []
        if obj.type == "MESH":
            self._read_own(obj)
        self._labels: dict[str, Ints] = {"pulled": _pulled(obj, self.own.size)}
        self._apart: dict[str, bool] = {}
        self._seen: dict[str, Ints] = {}
        self._ready: set[str] = set()
        self._patches: dict[str, tuple[Runs, Outlines]] = {}
        self._fills: dict[str, drawing.Batch] = {}
        self._lines: dict[tuple[str, int], drawing.Batch] = {}

    def _read_own(self, obj: bpy.types.Object) -> None:
        from ..scene.faces import material_names, origins, read_marks, read_shown

        self.marks = read_marks(obj.data)
        self.slots, self.materials = material_names(obj, self.marks.slots)
        if obj.modifiers or obj.data.shape_keys:
            self.own = read_shown(obj.data).faces
            self.origins = origins(obj, self.shown.faces.size)

    def same(self, other: Look) -> bool:
        """Return whether two looks found the same, so that what followed from it holds."""
        if self.materials != other.materials:
            return False
        return all(map(_equal, self._arrays(), other._arrays()))

    def _arrays(self) -> list[NDArray | None]:
        marks = self.marks or ()
        return [*self.shown.faces, *self.own, *marks, self.origins, self._labels["pulled"]]

    # Labels

    def labels(self, level: str) -> Ints:
        """Return the label of each own polygon at a level."""
        if level not in self._labels:
            self._labels[level] = self._found(level)
        return self._labels[level]

    def _found(self, level: str) -> Ints:
        import numpy as np

        from ..core.regions import by_value, pieces, regions

        one = np.zeros(self.own.size, np.int32)
        if self.marks is None or level == "object":
            return one
        match level:
            case "region":
                return regions(self._joined, self.marks.sharp)
            case "face_set":
                return by_value(self.marks.sets) if len(self.marks.sets) else one
            case "material":
                return self.slots if len(self.marks.slots) else one
            case _:
                return pieces(self._joined)

    @cached_property
    def _joined(self) -> Faces:
        from ..core.regions import joined

        return joined(self.own)

    def seen(self, level: str) -> Ints:
        """Return the label of each polygon that is seen; -1 for those of a modifier's making."""
        import numpy as np

        if level not in self._seen:
            labels = self.labels(level)
            if level == "object":
                labels = np.zeros(self.shown.faces.size, np.int32)
            elif self.origins is not None:
                labels = np.append(labels, np.int32(-1))[self.origins]
            self._seen[level] = labels
        return self._seen[level]

    def has(self, level: str) -> bool:
        """Return whether the object can be told apart at a level."""
        if level not in self._apart:
            found = self.labels(level)
            apart = (found == 0).any() if level == "pulled" else found.any()
            self._apart[level] = level == "object" or bool(apart)
        return self._apart[level]

    def level(self, wanted: str) -> str:
        """Return the level that is picked at: the wanted one, or the next that tells apart."""
        return next(level for level in levels[levels.index(wanted) :] if self.has(level))

    def next_level(self, wanted: str, step: int) -> str:
        """Return the level to go to from the wanted one, larger for a step of 1, smaller for -1."""
        here = levels.index(self.level(wanted))
        further = levels[here + 1 :] if step > 0 else levels[:here][::-1]
        return next((level for level in further if self.has(level)), levels[here])

    # Drawing

    def is_ready(self, wanted: str) -> bool:
        """Return whether a level can be pointed at and drawn without looking first."""
        return wanted in self._ready

    def get_ready(self, wanted: str) -> None:
        """Look up what a level needs."""
        from ..core.patches import Outlines, runs

        level = self.level(wanted)
        if level not in self._patches:
            labels = self.seen(level)
            triangles = runs(labels[self.shown.polygons])
            self._patches[level] = triangles, Outlines(self.shown.faces, labels)
        self._ready.update((wanted, level))

    def draw(self, level: str, label: int, fill: Color, line: Color, width: float = 2.0) -> None:
        """Draw one label's faces, in the object's own frame. Call while a viewport is drawn."""
        self.get_ready(level)
        triangles, outlines = self._patches[level]
        if level not in self._fills:
            corners = self.shown.triangles[triangles.order]
            self._fills[level] = drawing.Batch(self.places, corners)
        start, end = triangles.starts[label : label + 2]
        self._fills[level].draw_fill(fill, int(start), int(end))
        if (level, label) not in self._lines:
            if len(self._lines) >= most_outlines:
                self._lines.clear()
            self._lines[level, label] = drawing.Batch(self.places, outlines.of(label))
        self._lines[level, label].draw_lines(line, width)

    @cached_property
    def places(self) -> drawing.Places:
        """The vertices that are seen, for batches."""
        return drawing.Places(self.shown.faces.positions)


_looks: dict[int, Look] = {}  # by the object's session_uid, the last used one last
_stale: set[int] = set()


def known(obj: bpy.types.Object) -> Look | None:
    """Return the look at an object if it was looked at and has not changed since."""
    number = obj.session_uid
    return None if number in _stale else _looks.get(number)


def at(obj: bpy.types.Object) -> Look:
    """Return the look at an object that has faces, looking now where that is needed."""
    number = obj.session_uid
    look = known(obj)
    if look is None:
        new, old = Look(obj), _looks.pop(number, None)
        look = old if old and old.same(new) else new
        _stale.discard(number)
        watching.listen(_shapes_changed)
    _looks[number] = _looks.pop(number, look)
    while len(_looks) > most_looks:
        del _looks[next(iter(_looks))]
    return look


def is_quick(obj: bpy.types.Object) -> bool:
    """Return whether an object may be looked at within a mouse move: it takes no noticeable time,
    and nothing has to be copied, which Blender forbids there."""
    from ..scene.faces import shown_mesh

    with shown_mesh(obj) as mesh:
        count = len(mesh.polygons) if mesh else 0
    same = obj.type != "MESH" or count == len(obj.data.polygons)
    return same and count <= at_once


def doubt() -> None:
    """Compare all looks with the objects at the next use: they may have changed unheard."""
    _stale.update(_looks)


def forget() -> None:
    """Drop all looks."""
    _looks.clear()
    _stale.clear()
    watching.ignore(_shapes_changed)


def _shapes_changed(numbers: set[int]) -> None:
    _stale.update(number for number, look in _looks.items() if look.numbers & numbers)


def _pulled(obj: bpy.types.Object, count: int) -> Ints:
    """Return 0 for each own polygon that was found to move when the object is pulled, else -1."""
    import numpy as np

    labels = np.full(count, -1, np.int32)
    if not runtime.has_jobs() or obj.type != "MESH":
        return labels
    from .. import segmenting

    mask = segmenting.mask_of(obj)
    if mask is not None and len(mask) == count:
        labels[mask] = 0
    return labels


def _equal(one: NDArray | None, other: NDArray | None) -> bool:
    import numpy as np

    if one is None or other is None:
        return one is other
    return one is other or np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
