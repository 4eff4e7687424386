"""Handles at the ends of the active part's drags, while the Drag tool is used."""

from __future__ import annotations

import bpy
from mathutils import Matrix

from .. import runtime
from ..operators import ids
from ..scene.parts import active_part, drags_world
from . import arrows

points = ("start", "end")
sizes = (0.1, 0.13)  # of what Blender takes for a gizmo


class DragHandles(bpy.types.GizmoGroup):
    """Two handles a drag; more are made as needed and those left over are hidden."""

    bl_idname = "TUG_GGT_drags"
    bl_label = "Tug Drag Handles"
    bl_space_type = "VIEW_3D"
    bl_region_type = "WINDOW"
    bl_options = {"3D", "SHOW_MODAL_ALL"}

    @classmethod
    def poll(cls, context):
        return active_part(context.active_object) is not None and context.mode == "OBJECT"

    def setup(self, context):
        self.handles: list[bpy.types.Gizmo] = []
        self.draw_prepare(context)

    def refresh(self, context):
        self.draw_prepare(context)

    def draw_prepare(self, context):
        """Blender's call before each redraw: put the handles where the ends are."""
        obj, colors = context.active_object, runtime.preferences()
        part = active_part(obj)
        if part is None or colors is None:
            return
        ends = [point for drag in drags_world(obj, part) for point in drag]
        while len(self.handles) < len(ends):
            self._add()
        for number, handle in enumerate(self.handles):
            handle.hide = number >= len(ends) or arrows.shown is not None
            if not handle.hide:
                handle.matrix_basis = Matrix.Translation(ends[number])
                active = number // 2 == part.drag_index
                handle.color = colors.drag_color[:3]
                handle.alpha = colors.drag_color[3] * (1.0 if active else 0.6)

    def _add(self):
        index, end = divmod(len(self.handles), 2)
        handle = self.gizmos.new("GIZMO_GT_move_3d")
        handle.draw_style = "RING_2D"
        # A ring at the end, so that the arrow's tip can be seen.
        handle.draw_options = {"ALIGN_VIEW"} if end else {"FILL", "ALIGN_VIEW"}
        handle.scale_basis = sizes[end]
        handle.line_width = 2.0
        handle.color_highlight, handle.alpha_highlight = (1.0, 1.0, 1.0), 1.0
        target = handle.target_set_operator(ids.move_drag_point)
        target.index, target.point = index, points[end]
        self.handles.append(handle)


def register() -> None:
    bpy.utils.register_class(DragHandles)


def unregister() -> None:
    bpy.utils.unregister_class(DragHandles)
