"""What the operators that ask the backend have in common."""

from __future__ import annotations

from typing import Any

import bpy

from .reports import reported


class Asking:
    """Where a script waits for the answer, in `execute`, a person goes on; the sidebar tells."""

    def invoke(self, context, _event):
        """Ask, and return at once; the sidebar shows how it goes."""
        operator: Any = self
        return operator.execute(context) if bpy.app.background else operator.ask(context)

    @reported
    def ask(self, context):
        self.asked(context)
        return {"FINISHED"}

    def asked(self, _context: bpy.types.Context) -> Any:
        """Send the question; return what waits for the answer."""
        raise NotImplementedError
