"""The trajectory that is looked at: what moves along it, when, and a preview."""

from __future__ import annotations

import bpy

from ..operators import ids
from ..scene import trajectories
from ..tools.trajectory_preview import is_beside, preview_of
from ..tools.viewport import in_use
from .words import length, paragraph

tool = "tug.trajectory"


class TrajectoryPanel(bpy.types.Panel):
    """The way that an object takes, and when"""

    bl_idname = "TUG_PT_trajectory"
    bl_label = "Trajectory"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_order = 5

    @classmethod
    def poll(cls, context):
        obj = context.active_object
        usable = obj is not None and obj.type in ("CURVE", "GREASEPENCIL")
        return usable or in_use(context, tool) or trajectories.any_in_file()

    def draw(self, context: bpy.types.Context) -> None:
        layout, obj = self.layout, trajectories.shown(context)
        if obj is None:
            paragraph(
                layout,
                context,
                "Select what should move and draw its way with the Trajectory tool, or use a curve "
                "or stroke that is there.",
            )
        else:
            _draw_settings(layout, context, obj)
        row = layout.row(align=True)
        row.operator(ids.use_curve, icon="OUTLINER_OB_CURVE")
        row.operator(ids.use_stroke, icon="OUTLINER_OB_GREASEPENCIL")


def _draw_settings(
    layout: bpy.types.UILayout, context: bpy.types.Context, obj: bpy.types.Object
) -> None:
    settings = obj.tug_trajectory
    row = layout.row(align=True)
    row.label(text=obj.name, icon="OUTLINER_OB_CURVE")
    row.operator(ids.reverse_trajectory, text="", icon="ARROW_LEFTRIGHT")
    row.operator(ids.remove_trajectory, text="", icon="X")
    layout.prop_search(settings, "target_name", context.scene, "objects")
    if settings.target and not settings.target_name:
        paragraph(layout, context, "What moved along it was deleted; choose another object.")
    target = trajectories.target_of(obj)
    if target and is_beside(target):
        text = f"The origin of '{target.name}' follows the curve, and is far from its shape."
        paragraph(layout, context, text)
    row = layout.row(align=True)
    row.prop(settings, "frame_start", text="Start")
    row.prop(settings, "frame_end", text="End")
    row = layout.row(align=True)
    row.operator_menu_enum(ids.set_timing, "preset", text="Timing", icon="IPO_EASE_IN_OUT")
    row.operator(ids.add_time_handle, text="", icon="KEY_HLT")
    layout.prop(context.window_manager, "tug_along", slider=True)
    preview = preview_of(obj)
    if preview is None:
        return
    seconds = (settings.frame_end - settings.frame_start) / trajectories.fps(context.scene)
    way = f"{length(preview.path.length)} in {seconds:.2f} s"
    paragraph(layout, context, preview.problem or way)
