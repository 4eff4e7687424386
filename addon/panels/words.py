"""Text in the sidebar."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

import bpy

from ..core.names import kinds
from ..scene.units import length

if TYPE_CHECKING:
    from ..core.jobs import AnyJob
    from ..protocol.joint import Joint

questions = {
    "articulate": "{}",
    "articulate_object": "All parts of {}",
    "propose_parts": "Parts: {}",
    "place": "Place {}",
    "render_controls": "Views of {}",
    "export_model": "Export {}",
    "import_model": "Import {}",
    "animate": "Animate {}",
    "drag_views": "Dragged view of {}",
    "segment_moving": "What moves with {}",
    "bake_texture": "Texture of {}",
}


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


def title(joint: Joint, between: str = " ") -> str:
    """Say what a joint is and where its axis points, if it has one worth saying."""
    return kind(joint) if joint.type == "fixed" else f"{kind(joint)}{between}{direction(joint)}"


def job_title(job: AnyJob) -> str:
    """Say what a job is and what it is about."""
    return questions[job.kind].format(job.name)


def joint_range(joint: Joint) -> str:
    """Say from where to where a joint goes: degrees, or the scene's units."""
    match joint.type:
        case "continuous":
            return "all around"
        case "prismatic":
            return f"{length(joint.lower)} to {length(joint.upper)}"
        case "screw":
            return f"{_angles(joint)}, {length(abs(joint.pitch))} a turn"
        case "cylindrical":
            low, high = joint.slide
            return f"{_angles(joint)}, slides {length(low)} to {length(high)}"
        case "fixed":
            return "stays where it is"
        case _:
            return _angles(joint)


def _angles(joint: Joint) -> str:
    low, high = (round(math.degrees(value), 1) + 0.0 for value in (joint.lower, joint.upper))
    return f"{low:.1f}° to {high:.1f}°"


def direction(joint: Joint) -> str:
    """Say where the axis points; whole axes by their letter."""
    for letter, value in zip("XYZ", joint.axis, strict=True):
        if abs(value) > 0.9999:
            return f"{'-' if value < 0.0 else ''}{letter}"
    return ", ".join(f"{round(value, 2) + 0.0:.2f}" for value in joint.axis)
