"""Operators that a key over the viewport calls, as buttons and scripts do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from ..tools.deciding import shown_here

if TYPE_CHECKING:
    from ..core.jobs import JointJob, ObjectJob


class ByKey:
    """Does nothing, and leaves the key to Blender, unless what it decides on is shown there."""

    decides_on = ("articulate",)  # kinds of jobs

    by_key: bpy.props.BoolProperty(
        description="Only where the proposal is shown", options={"HIDDEN", "SKIP_SAVE"}
    )

    def invoke(self, context, event):
        """Do it, if it is for us."""
        if self.by_key:
            job = shown_here(context)
            if job is None or job.kind not in self.decides_on:
                return {"PASS_THROUGH"}
            if not self.takes(context, event, job):
                return {"PASS_THROUGH"}
        return self.begin(context, event)

    def takes(self, _context, _event, _job: JointJob | ObjectJob) -> bool:
        """Return whether a key that was pressed over the viewport is for us."""
        return True

    def begin(self, context, _event):
        """Do it; an operator that waits for the mouse begins here."""
        operator: Any = self
        return operator.execute(context)
