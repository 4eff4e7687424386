"""From install to the first part that opens, one step at a time."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from .. import runtime
from ..core.first_steps import Facts, Step, order, present, texts
from ..operators import ids
from ..scene.parts import active_part
from .connection import draw_connection
from .jobs import draw_progress
from .parts import draw_control
from .result import draw_choices, draw_sliders
from .words import paragraph


class StartPanel(bpy.types.Panel):
    """The first steps with Tug"""

    bl_idname = "TUG_PT_start"
    bl_label = "First Steps"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_order = 0

    @classmethod
    def poll(cls, _context):
        preferences = runtime.preferences()
        return preferences is not None and preferences.first_steps

    def draw_header_preset(self, _context: bpy.types.Context) -> None:
        self.layout.operator(ids.hide_first_steps, text="", icon="X", emboss=False)

    def draw(self, context: bpy.types.Context) -> None:
        now = present(_facts(context))
        for step in order:
            done = order.index(step) < order.index(now)
            icon = "CHECKMARK" if done else "RIGHTARROW" if step == now else "DOT"
            row = self.layout.row()
            row.active = step == now or done
            row.label(text=texts[step], icon=icon)
            if step == now:
                draw_step[step](self.layout.box(), context)


def shows_connection(context: bpy.types.Context) -> bool:
    """Return whether the first steps show the connection, so that nothing else need."""
    return StartPanel.poll(context) and present(_facts(context)) == "start"


def _facts(context: bpy.types.Context) -> Facts:
    from ..scene import joints

    objects = context.scene.objects
    meshes = [obj for obj in objects if obj.type == "MESH"]
    part = active_part(context.active_object)
    job = runtime.active_job(context)
    return Facts(
        connected=runtime.session().connected,
        has_object=len(meshes) > 1 or any(len(obj.tug.parts) for obj in meshes),
        has_drag=part is not None and len(part.drags) > 0,
        has_question=job is not None and job.error is None,
        has_joint=part is not None and joints.find(context.active_object, part) is not None,
    )


def _draw_start(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    draw_connection(layout, context)


def _draw_object(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    paragraph(layout, context, "Open or import a model with a door or a drawer, or take this:")
    _large(layout).operator(ids.add_sample, icon="MESH_CUBE")


def _draw_pull(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    text = "Press on a drawer or a door, pull it the way it should open, and let go."
    paragraph(layout, context, text)
    button = _large(layout).operator(ids.use_tool, text="Pull With the Drag Tool", icon="FORWARD")
    button.tool = "tug.drag"


def _draw_ask(layout: bpy.types.UILayout, _context: bpy.types.Context) -> None:
    _large(layout).operator(ids.articulate_part, icon="CON_ROTLIMIT")


def _draw_accept(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    job = runtime.active_job(context)
    if job is None or not job.joint:
        draw_progress(layout, job)
        return
    if job.choices > 1:
        draw_choices(layout, context, job)
        return
    draw_sliders(layout, context, [job.joint])
    row = _large(layout)
    row.operator(ids.accept_result, icon="CHECKMARK").job = job.id
    row.operator(ids.reject_result, icon="X").job = job.id


def _draw_open(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    obj = context.active_object
    part = active_part(obj)
    if obj and part:
        draw_control(layout, obj, part)
    paragraph(layout, context, "It is keyed, too: press Space to play.")
    _large(layout).operator(ids.hide_first_steps, text="Done", icon="CHECKMARK")


def _large(layout: bpy.types.UILayout) -> bpy.types.UILayout:
    row = layout.row(align=True)
    row.scale_y = 1.5
    return row


draw_step: dict[Step, Callable[[bpy.types.UILayout, bpy.types.Context], None]] = {
    "start": _draw_start,
    "object": _draw_object,
    "pull": _draw_pull,
    "ask": _draw_ask,
    "accept": _draw_accept,
    "open": _draw_open,
}
