"""What a script holds of a question, by its kind."""

from __future__ import annotations

from typing import Any

from ..core.jobs import (
    AnimateJob,
    AnyJob,
    BakeJob,
    DraggedJob,
    ExportJob,
    ImportJob,
    JointJob,
    MovingJob,
    ObjectJob,
    PartsJob,
    PlaceJob,
    ViewsJob,
)
from .animate import AnimateHandle
from .dragging import BakeHandle, DraggedHandle, MovingHandle
from .job import Job
from .joint import JointHandle, ObjectHandle
from .models import ExportHandle, ImportHandle
from .parts import PartsHandle
from .place import PlaceHandle
from .views import ControlsHandle

__all__ = [
    "AnimateHandle",
    "BakeHandle",
    "ControlsHandle",
    "DraggedHandle",
    "ExportHandle",
    "ImportHandle",
    "Job",
    "JointHandle",
    "MovingHandle",
    "ObjectHandle",
    "PartsHandle",
    "PlaceHandle",
    "handle",
]


def handle(record: AnyJob) -> Job[Any]:
    """Return the handle of a job's kind."""
    if isinstance(record, PartsJob) and record.following:
        return JointHandle(record)
    return kinds[type(record)](record)


kinds: dict[type, type[Job[Any]]] = {
    JointJob: JointHandle,
    ObjectJob: ObjectHandle,
    PartsJob: PartsHandle,
    PlaceJob: PlaceHandle,
    ViewsJob: ControlsHandle,
    ExportJob: ExportHandle,
    ImportJob: ImportHandle,
    AnimateJob: AnimateHandle,
    DraggedJob: DraggedHandle,
    MovingJob: MovingHandle,
    BakeJob: BakeHandle,
}
