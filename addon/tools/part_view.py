"""Shows in the viewport which faces or objects the active part is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import bpy

from .. import runtime
from ..scene import watching
from ..scene.identity import by_number
from ..scene.parts import PartSettings, active_part, mesh_sources
from . import drawing, looks
from .viewport import is_ours_in_use

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

most_members = 64  # objects of a part that are outlined

Key = tuple[int, str, str, str]


class Drawn(NamedTuple):
    """What there is to draw in the frame of an object; `mesh`: session_uid of its mesh."""

    number: int
    name: str
    mesh: int
    fill: drawing.Batch | None
    lines: drawing.Batch | None


_key: Key | None = None
_drawn: list[Drawn] = []
_heard: set[int] = set()  # session_uids of objects and meshes that it depends on
_stale = False
_preparing = False
_stroke: Drawn | None = None


def draw() -> None:
    """Blender's call for each redraw of a viewport."""
    context, colors = bpy.context, runtime.preferences()
    if colors is None or not context.space_data.overlay.show_overlays or context.mode != "OBJECT":
        return
    if _stroke:
        _draw_one(_stroke, colors.part_color, 0.3)
        return
    part = active_part(context.active_object)
    if part is None or not (is_ours_in_use(context) or _is_new(context, part)):
        return
    key = _key_of(context.active_object, part)
    if key != _key or _stale:
        _prepare_soon()
    if key == _key:
        for drawn in _drawn:
            _draw_one(drawn, colors.part_color, 0.2 if is_ours_in_use(context) else 0.0)


def show_stroke(obj: bpy.types.Object, faces: NDArray[np.bool_]) -> None:
    """Show polygons of the mesh that is seen in place of the active part, until `end_stroke`."""
    global _stroke
    look = looks.at(obj)
    chosen = look.shown.triangles[faces[look.shown.polygons]]
    _stroke = Drawn(*_names(obj), drawing.Batch(look.places, chosen), None)
    runtime.redraw()


def end_stroke() -> None:
    """Show the active part again."""
    global _stroke
    _stroke = None
    runtime.redraw()


def doubt() -> None:
    """Read the part again at the next redraw."""
    global _stale
    _stale = True


def forget() -> None:
    """Drop what is drawn."""
    global _key, _stroke
    _key, _stroke = None, None
    _drawn.clear()
    _heard.clear()
    watching.ignore(_shapes_changed)


def prepare() -> None:
    """Read the active part of the active object."""
    from ..scene.selection import whole_objects

    global _key, _stale, _preparing
    _preparing = False
    obj = bpy.context.view_layer.objects.active
    part = active_part(obj)
    if part is None or obj.mode != "OBJECT":
        return
    _key, _stale = _key_of(obj, part), False
    within = part.source in mesh_sources
    _drawn[:] = [_of_faces(obj, part)] if within else _of_objects(whole_objects(obj, part))
    _heard.clear()
    for drawn in _drawn:
        _heard.update((drawn.number, drawn.mesh))
    watching.listen(_shapes_changed)
    runtime.redraw()


def _key_of(obj: bpy.types.Object, part: PartSettings) -> Key:
    return obj.session_uid, part.uid, part.source, part.source_name


def _is_new(context: bpy.types.Context, part: PartSettings) -> bool:
    """Return whether a part has neither a joint nor a job about one, which show where it is."""
    return not part.accepted and runtime.active_job(context) is None


def _prepare_soon() -> None:
    global _preparing
    if not _preparing and not bpy.context.screen.is_animation_playing:
        _preparing = True
        bpy.app.timers.register(prepare, first_interval=0.0)


def _of_faces(obj: bpy.types.Object, part: PartSettings) -> Drawn:
    from ..core.patches import marked
    from ..scene.faces import shown_mesh
    from ..scene.selection import marked_faces

    look = looks.at(obj)
    with shown_mesh(obj) as mesh:
        mask = marked_faces(obj, mesh, part)
    found = marked(look.shown.faces, look.shown.triangles, look.shown.polygons, mask)
    return Drawn(
        *_names(obj),
        drawing.Batch(look.places, found.triangles),
        drawing.Batch(look.places, found.outline),
    )


def _of_objects(objects: list[bpy.types.Object]) -> list[Drawn]:
    """Outline whole objects, with all that is parented to them."""
    import numpy as np

    from ..core.patches import Outlines
    from ..scene.faces import read_shown, shown_mesh
    from ..scene.selection import with_children

    members = sorted(with_children(objects), key=lambda member: member.session_uid)
    drawn = []
    for member in [m for m in members if m.type == "MESH" and m.mode == "OBJECT"][:most_members]:
        with shown_mesh(member) as mesh:
            faces = read_shown(mesh).faces
        lines = Outlines(faces, np.zeros(faces.size, np.int32)).of(0)
        places = drawing.Places(faces.positions)
        drawn.append(Drawn(*_names(member), None, drawing.Batch(places, lines)))
    return drawn


def _names(obj: bpy.types.Object) -> tuple[int, str, int]:
    return obj.session_uid, obj.name, obj.data.session_uid


def _draw_one(drawn: Drawn, color: drawing.Color, fill: float) -> None:
    obj = by_number(drawn.number, drawn.name)
    if obj is None or not obj.visible_get(viewport=bpy.context.space_data):
        return
    with drawing.on_surface(obj.matrix_world):
        if drawn.fill and fill:
            drawn.fill.draw_fill((*color[:3], fill * color[3]))
        if drawn.lines:
            drawn.lines.draw_lines(color, 2.0)


def _shapes_changed(numbers: set[int]) -> None:
    if _heard & numbers:
        doubt()


_layer = drawing.Layer(draw)


def register() -> None:
    _layer.show()


def unregister() -> None:
    _layer.hide()
    forget()
