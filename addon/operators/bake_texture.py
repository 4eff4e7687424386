from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import allowed, can_ask, reported


class BakeTexture(bpy.types.Operator):
    """Paint what the dragged views show inside onto the opened object, as ordinary textures"""

    bl_idname = ids.bake_texture
    bl_label = "Bake to Texture"
    bl_options = {"REGISTER"}  # the undo step is made when the textures are there

    job: bpy.props.StringProperty(
        description="Id of the job with the dragged views; empty means the active part's",
        options={"HIDDEN"},
    )
    wait: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context):
        if not allowed(cls, context.mode == "OBJECT", "Go to Object Mode to bake textures"):
            return False
        from .. import imagined

        job = imagined.active_dragged_job(context)
        if not allowed(cls, job and job.seen, "Show a dragged view of the active part first"):
            return False
        if not allowed(cls, _has_joint(context), "Articulate the part first: it has no joint"):
            return False
        return can_ask(cls, "bake_texture")

    def invoke(self, context, _event):
        """Ask, and return at once; the textures come when the backend has painted them."""
        self.wait = bpy.app.background
        return self.execute(context)

    @reported
    def execute(self, context):
        """Ask, and wait for the textures if wished for (for scripts)."""
        from .. import baking, imagined
        from ..core.jobs import DraggedJob
        from ..handles import BakeHandle
        from ..protocol.errors import failure

        settings = context.scene.tug_imagining
        dragged = runtime.known_job(self.job) if self.job else imagined.active_dragged_job(context)
        if not isinstance(dragged, DraggedJob):
            raise failure("bad_input", "The active part has no dragged view; show one first.")
        job = BakeHandle(
            baking.ask(
                dragged, resolution=int(settings.resolution), lands=True, whole=settings.whole
            )
        )
        if self.wait:
            job.result()
            for remark in job.remarks:
                self.report({"INFO"}, remark)
        return {"FINISHED"}


def _has_joint(context: bpy.types.Context) -> bool:
    from .. import baking
    from ..scene.parts import active_part

    obj = context.active_object
    part = active_part(obj)
    return part is not None and baking.has_joint(obj, part)
