from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import allowed, reported


class OpenDraggedView(bpy.types.Operator):
    """Make this picture an image of the file, and show it in an Image Editor"""

    bl_idname = ids.open_dragged_view
    bl_label = "Show in Image Editor"
    bl_options = {"REGISTER", "UNDO"}

    job: bpy.props.StringProperty(
        description="Id of the job; empty means the active part's", options={"HIDDEN"}
    )

    @classmethod
    def poll(cls, _context):
        from ..core.jobs import DraggedJob

        found = any(isinstance(job, DraggedJob) and job.seen for job in runtime.book)
        return allowed(cls, found, "There is no dragged view; press Show Dragged View first")

    @reported
    def execute(self, context):
        from .. import imagined, imagining
        from ..core.jobs import DraggedJob
        from ..protocol.errors import failure

        job = runtime.known_job(self.job) if self.job else imagined.active_dragged_job(context)
        if not isinstance(job, DraggedJob) or not job.seen:
            raise failure("bad_input", "The active part has no dragged view to open.")
        image = imagining.as_image(job, job.selected)
        space = _editor(context)
        if space is None:
            self.report({"INFO"}, f"It is in the list of images as '{image.name}'.")
            return {"FINISHED"}
        space.image = image
        return {"FINISHED"}


def _editor(context: bpy.types.Context) -> bpy.types.SpaceImageEditor | None:
    """Return an Image Editor that is open, else one in a new window; None without windows."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "IMAGE_EDITOR":
                return area.spaces.active
    if bpy.app.background:
        return None
    bpy.ops.wm.window_new()
    area = context.window_manager.windows[-1].screen.areas[0]
    area.ui_type = "IMAGE_EDITOR"
    return area.spaces.active
