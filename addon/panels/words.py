"""Text in the sidebar."""

from __future__ import annotations

import math
import textwrap

import bpy

from ..protocol.joint import Joint

kinds = {"revolute": "Hinge", "prismatic": "Slider", "continuous": "Wheel (turns freely)"}


def paragraph(layout: bpy.types.UILayout, context: bpy.types.Context, text: str) -> None:
    """Write `text` wrapped to the width of the region."""
    scale = context.preferences.system.ui_scale
    columns = max(20, int(context.region.width / (7.0 * scale)) - 4)
    column = layout.column(align=True)
    column.scale_y = 0.75
    for line in textwrap.wrap(text, columns):
        column.label(text=line)


def kind(joint: Joint) -> str:
    """Say what a joint is in an artist's word."""
    return kinds[joint.type]


def joint_range(joint: Joint) -> str:
    """Say from where to where a joint goes: degrees, or the scene's units."""
    if joint.type == "continuous":
        return "all around"
    if joint.type == "revolute":
        low, high = (round(math.degrees(value), 1) + 0.0 for value in (joint.lower, joint.upper))
        return f"{low:.1f}° to {high:.1f}°"
    return f"{round(joint.lower, 4) + 0.0:.3g} to {joint.upper:.3g}"


def direction(joint: Joint) -> str:
    """Say where the axis points; whole axes by their letter."""
    for letter, value in zip("XYZ", joint.axis, strict=True):
        if abs(value) > 0.9999:
            return f"{'-' if value < 0.0 else ''}{letter}"
    return ", ".join(f"{value:.2f}" for value in joint.axis)
