"""What helps against an error: as a button where there is one, else in words."""

from __future__ import annotations

from typing import NamedTuple

import bpy

from ..operators import ids
from .words import paragraph


class Fix(NamedTuple):
    """The button for what an error's `fix` names."""

    operator: str
    text: str
    icon: str
    settings: dict[str, str] = {}


buttons = {
    "Show log": Fix(ids.show_log, "Show Log", "TEXT"),
    "Connect": Fix(ids.connect, "Connect", "LINKED"),
    "Allow Online Access": Fix(
        "screen.userpref_show", "Allow Online Access", "PREFERENCES", {"section": "SYSTEM"}
    ),
}
commands = ("tug ", "python ", "chmod ")


def draw_fix(layout: bpy.types.UILayout, context: bpy.types.Context, fix: str) -> None:
    """Show what helps; a command can be copied. Nothing for an empty `fix`."""
    if not fix:
        return
    if fix in buttons:
        known = buttons[fix]
        button = layout.operator(known.operator, text=known.text, icon=known.icon)
        for name, value in known.settings.items():
            setattr(button, name, value)
        return
    text = fix.removeprefix("Start it with `").removesuffix("`.")
    if not text.startswith(commands):
        paragraph(layout, context, fix)
        return
    row = layout.row(align=True)
    box = row.box()
    box.scale_y = 0.6
    box.label(text=text)
    row.operator(ids.copy_text, text="", icon="COPYDOWN").text = text
