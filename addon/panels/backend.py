"""The connection: a word, a reason, and the button that helps."""

from __future__ import annotations

import bpy

from .. import runtime
from ..core.session import Session
from ..operators import ids
from .words import paragraph

icons = {
    "off": "UNLINKED",
    "starting": "SORTTIME",
    "connecting": "SORTTIME",
    "connected": "LINKED",
    "lost": "ERROR",
    "refused": "CANCEL",
    "failed": "CANCEL",
}


class BackendPanel(bpy.types.Panel):
    """The backend that computes"""

    bl_idname = "TUG_PT_backend"
    bl_label = "Backend"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Tug"
    bl_order = 0

    def draw(self, context: bpy.types.Context) -> None:
        session = runtime.session()
        row = self.layout.row(align=True)
        row.label(text=session.state.capitalize(), icon=icons[session.state])
        if session.connected:
            row.operator(ids.show_log, text="", icon="TEXT")
            row.operator(ids.disconnect, text="", icon="UNLINKED")
        else:
            row.operator(ids.connect, text=_connect_label(session))
        if session.process:
            row.operator(ids.stop_backend, text="", icon="QUIT")
        if session.state not in ("off", "connected"):
            paragraph(self.layout, context, session.reason)
            _draw_fix(self.layout, context, session.fix)
        if session.connected and session.capabilities and session.capabilities.null:
            paragraph(self.layout, context, "This is the null backend: its answers are made up.")


def _connect_label(session: Session) -> str:
    if session.state == "off":
        return "Start" if session.settings.mode == "managed" else "Connect"
    return "Try Again"


def _draw_fix(layout: bpy.types.UILayout, context: bpy.types.Context, fix: str) -> None:
    if not fix:
        return
    row = layout.row()
    paragraph(row, context, fix)
    row.operator(ids.copy_text, text="", icon="COPYDOWN").text = fix
