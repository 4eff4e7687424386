"""How the connection stands: a word, a reason, and the button that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..operators import ids
from .fixes import draw_fix
from .words import paragraph

if TYPE_CHECKING:
    from ..core.session import Session

icons = {
    "off": "UNLINKED",
    "starting": "SORTTIME",
    "connecting": "SORTTIME",
    "connected": "LINKED",
    "lost": "ERROR",
    "refused": "CANCEL",
    "failed": "CANCEL",
}


def draw_connection(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Show how the connection stands, why, and the button that helps."""
    session = runtime.session()
    row = layout.row(align=True)
    row.label(text=session.state.capitalize(), icon=icons[session.state])
    if session.connected:
        row.operator(ids.show_log, text="", icon="TEXT")
        row.operator(ids.disconnect, text="", icon="UNLINKED")
    elif session.fix != "Connect":
        row.operator(ids.connect, text=_connect_label(session))
    if session.process:
        row.operator(ids.stop_backend, text="", icon="QUIT")
    if session.state not in ("off", "connected"):
        paragraph(layout, context, session.reason)
        draw_fix(layout, context, session.fix)
    if session.connected and session.capabilities and session.capabilities.null:
        paragraph(layout, context, "This is the null backend: its answers are made up.")


def _connect_label(session: Session) -> str:
    if session.state == "off":
        return "Start" if session.settings.mode == "managed" else "Connect"
    return "Try Again"
