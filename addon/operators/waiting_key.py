"""Operators that a key over the viewport calls while something shown there waits for a decision."""

from __future__ import annotations

from typing import Any

import bpy

from ..tools.deciding import takes_keys


class WaitingKey:
    """Leaves a key to Blender unless what it decides on is shown in that viewport."""

    by_key: bpy.props.BoolProperty(
        description="Only where it is shown", options={"HIDDEN", "SKIP_SAVE"}
    )

    def invoke(self, context, _event):
        """Do it, if it is for us."""
        operator: Any = self
        if self.by_key and not (takes_keys(context) and self.is_waiting(context)):
            return {"PASS_THROUGH"}
        return operator.execute(context)

    def is_waiting(self, _context: bpy.types.Context) -> bool:
        """Return whether there is something to decide on."""
        raise NotImplementedError
