"""One action a file: gather, ask or write, report."""

from __future__ import annotations

import bpy

from .accept_result import AcceptResult
from .add_drag import AddDrag
from .add_part import AddPart
from .articulate_part import ArticulatePart
from .cancel_job import CancelJob
from .clear_jobs import ClearJobs
from .connect import Connect
from .copy_text import CopyText
from .disconnect import Disconnect
from .make_key import MakeKey
from .reject_result import RejectResult
from .remove_drag import RemoveDrag
from .remove_joint import RemoveJoint
from .remove_part import RemovePart
from .retry_job import RetryJob
from .select_part import SelectPart
from .set_drag_point import SetDragPoint
from .show_alternative import ShowAlternative
from .show_log import ShowLog
from .stop_backend import StopBackend

classes = (
    AcceptResult,
    AddDrag,
    AddPart,
    ArticulatePart,
    CancelJob,
    ClearJobs,
    Connect,
    CopyText,
    Disconnect,
    MakeKey,
    RejectResult,
    RemoveDrag,
    RemoveJoint,
    RemovePart,
    RetryJob,
    SelectPart,
    SetDragPoint,
    ShowAlternative,
    ShowLog,
    StopBackend,
)


def register() -> None:
    for cls in classes:
        bpy.utils.register_class(cls)


def unregister() -> None:
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)
