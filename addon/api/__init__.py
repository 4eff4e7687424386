"""The scripting door: ask for joints, wait, look, apply, one by one or many.

Everything here works in Blender's console, in `blender -b` and in the `bpy` module. Angles
are in radians, lengths in Blender units, points and axes in world space (z up).
"""

from __future__ import annotations

from ..animations import Motion
from ..core.batch import BatchItem, BatchReport
from ..handles import (
    AnimateHandle,
    BakeHandle,
    ControlsHandle,
    DraggedHandle,
    ExportHandle,
    ImportHandle,
    Job,
    JointHandle,
    MovingHandle,
    ObjectHandle,
    PartsHandle,
    PlaceHandle,
)
from ..protocol.errors import TugError
from ..protocol.joint import Joint
from ..protocol.tasks import Lock
from ..protocol.views import Rig
from .composition import place, render_controls
from .connection import Status, connect, disconnect, jobs, status
from .imagining import bake_texture, drag_views, segment_moving
from .joints import articulate, articulate_object, batch, propose_parts
from .models import export, import_model
from .motion import (
    add_joint_step,
    animate,
    animate_live,
    remove_animation,
    set_timing,
    trajectory,
)

__all__ = [
    "AnimateHandle",
    "BakeHandle",
    "BatchItem",
    "BatchReport",
    "ControlsHandle",
    "DraggedHandle",
    "ExportHandle",
    "ImportHandle",
    "Job",
    "Joint",
    "JointHandle",
    "Lock",
    "Motion",
    "MovingHandle",
    "ObjectHandle",
    "PartsHandle",
    "PlaceHandle",
    "Rig",
    "Status",
    "TugError",
    "add_joint_step",
    "animate",
    "animate_live",
    "articulate",
    "articulate_object",
    "bake_texture",
    "batch",
    "connect",
    "disconnect",
    "drag_views",
    "export",
    "import_model",
    "jobs",
    "place",
    "propose_parts",
    "remove_animation",
    "render_controls",
    "segment_moving",
    "set_timing",
    "status",
    "trajectory",
]
