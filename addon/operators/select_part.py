from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..scene.parts import PartSettings, active_part
from . import ids
from .reports import allowed, reported

if TYPE_CHECKING:
    from ..core.jobs import AnyJob


class SelectPart(bpy.types.Operator):
    """Select what belongs to the active part, or what a job is about"""

    bl_idname = ids.select_part
    bl_label = "Select Part"
    bl_options = {"REGISTER", "UNDO"}

    job: bpy.props.StringProperty(description="Id of a job", options={"HIDDEN"})

    @classmethod
    def poll(cls, context):
        some = active_part(context.active_object) or len(runtime.book)
        return allowed(cls, some, "No part is selected")

    @reported
    def execute(self, context):
        from ..protocol.errors import failure
        from ..scene.marking import select

        obj = context.active_object
        part = active_part(obj)
        if self.job:
            obj, part = _target(runtime.known_job(self.job))
        elif part is None:
            raise failure("bad_input", "No part is selected; add one or choose one in the list.")
        select(context, obj, part)
        return {"FINISHED"}


def _target(job: AnyJob) -> tuple[bpy.types.Object, PartSettings | None]:
    from ..core.jobs import BakeJob, DraggedJob, JointJob

    if isinstance(job, JointJob | DraggedJob | BakeJob):
        return runtime.target(job)
    return runtime.object_of(job), None
