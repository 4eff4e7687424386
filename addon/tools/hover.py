"""Shows what a click of the Pick Part tool would take, while the mouse travels."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import bpy
from mathutils import Vector

from .. import runtime
from ..scene.identity import by_number
from . import drawing, looks
from .aiming import Aim, aim
from .looks import Look
from .pointing import pointed

beside = 24.0  # units of the interface between the words and the viewport's edge


class Shown(NamedTuple):
    """What is highlighted: a label of a look, in the region of that address. Without a look it is
    only said: what cannot be taken, or that the object is being looked at."""

    region: int
    words: str
    number: int = 0
    name: str = ""
    look: Look | None = None
    level: str = ""
    label: int = -1

    def obj(self) -> bpy.types.Object | None:
        """Return the object; None when it was deleted."""
        return by_number(self.number, self.name)


_shown: Shown | None = None
_mouse: Vector | None = None
_preparing = False


def move(context: bpy.types.Context, mouse: tuple[float, float]) -> bool:
    """Highlight what is at region pixels `mouse`; return whether there is a surface."""
    global _mouse
    _mouse = Vector(mouse)
    found = None if context.screen.is_animation_playing else aim(context, mouse)
    show(context, found and _look_at(context, found))
    return found is not None


def is_over_surface() -> bool:
    """Return whether something is highlighted, or said of the surface there."""
    return _shown is not None


def shown() -> Shown | None:
    """Return what is highlighted."""
    return _shown


def again() -> None:
    """Look again where the mouse was: the level or the object is another."""
    place = _shown and _place(_shown.region)
    if place and _mouse:
        with bpy.context.temp_override(**place):
            move(bpy.context, tuple(_mouse))


def clear() -> None:
    """Highlight nothing."""
    global _shown
    if _shown:
        _shown = None
        runtime.redraw()


def show(context: bpy.types.Context, new: Shown | None) -> None:
    """Highlight something else, and redraw if it is."""
    global _shown
    if new != _shown:
        before, _shown = _shown, new
        context.region.tag_redraw()
        if before and before.region != context.region.as_pointer():
            runtime.redraw()


def _look_at(context: bpy.types.Context, found: Aim) -> Shown:
    from ..protocol.errors import TugError

    region, wanted = context.region.as_pointer(), context.window_manager.tug_pick_level
    look = looks.known(found.obj)
    ready = look and look.is_ready(wanted)
    if not (ready or found.is_instance or looks.is_quick(found.obj)):
        _prepare_soon(found.obj)
        return Shown(region, f"Looking at the faces of {found.obj.name} …")
    try:
        at = pointed(found, wanted)
    except TugError as problem:
        return Shown(region, problem.error.message)
    obj = at.obj
    return Shown(region, at.words, obj.session_uid, obj.name, at.look, at.level, at.label)


def _prepare_soon(obj: bpy.types.Object) -> None:
    """Have an object looked at after the next redraw, which says so."""
    global _preparing
    if not _preparing:
        _preparing = True
        bpy.app.timers.register(partial(_prepare, obj.session_uid), first_interval=0.05)


def _prepare(number: int) -> None:
    global _preparing
    _preparing = False
    obj = by_number(number)
    if obj and _shown:
        looks.at(obj).get_ready(bpy.context.window_manager.tug_pick_level)
        again()


def _place(address: int) -> dict[str, Any] | None:
    """Return where the region of an address is; None when it was closed."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            for region in area.regions:
                if region.as_pointer() == address:
                    return {"window": window, "area": area, "region": region}
    return None


def draw() -> None:
    """Draw the highlight while a viewport is drawn."""
    obj, colors = _shown and _shown.obj(), runtime.preferences()
    if not _shown or not _shown.look or obj is None or colors is None:
        return
    red, green, blue = (0.5 + 0.5 * part for part in colors.part_color[:3])
    with drawing.on_surface(obj.matrix_world):
        fill, line = (red, green, blue, 0.3), (red, green, blue, 1.0)
        _shown.look.draw(_shown.level, _shown.label, fill, line)


def _draw_words() -> None:
    """Say what is highlighted at the bottom of the viewport."""
    here, region = _shown, bpy.context.region
    if here and region.as_pointer() == here.region and (here.look is None or here.obj()):
        drawing.words_centred(here.words, region.width / 2, beside * drawing.ui_scale())


_layer = drawing.Layer(_draw_words, "POST_PIXEL")


def register() -> None:
    _layer.show()


def unregister() -> None:
    _layer.hide()
    clear()
    looks.forget()
