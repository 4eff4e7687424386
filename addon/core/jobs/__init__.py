"""The questions of a .blend file, a subclass of `Job` for each kind."""

from __future__ import annotations

import uuid
from typing import Any, TypeVar

from ...protocol.messages import JobStatus
from ...protocol.tasks import Request
from .animate import AnimateJob
from .dragging import BakeJob, DraggedJob, MovingJob, Skin
from .job import Job
from .joint import JointJob, ObjectJob
from .models import ExportJob, ImportJob
from .parts import PartsJob
from .place import Heat, PlaceJob
from .views import ViewsJob

__all__ = [
    "AnimateJob",
    "AnyJob",
    "BakeJob",
    "DraggedJob",
    "ExportJob",
    "Heat",
    "ImportJob",
    "Job",
    "JointJob",
    "MovingJob",
    "ObjectJob",
    "PartsJob",
    "PlaceJob",
    "Skin",
    "ViewsJob",
    "kinds",
    "new_job",
]

J = TypeVar("J", bound="Job[Any, Any]")

AnyJob = (
    JointJob
    | ObjectJob
    | PartsJob
    | PlaceJob
    | AnimateJob
    | ViewsJob
    | ExportJob
    | ImportJob
    | DraggedJob
    | MovingJob
    | BakeJob
)
kinds: dict[str, type[AnyJob]] = {
    "articulate": JointJob,
    "articulate_object": ObjectJob,
    "propose_parts": PartsJob,
    "export_model": ExportJob,
    "import_model": ImportJob,
    "place": PlaceJob,
    "animate": AnimateJob,
    "render_controls": ViewsJob,
    "drag_views": DraggedJob,
    "segment_moving": MovingJob,
    "bake_texture": BakeJob,
}


def new_job(kind: type[J], request: Request, job_id: str = "", **about: Any) -> J:
    """Return a job that has not been sent, under `job_id` or a fresh id.

    `about` are the further fields of its kind.
    """
    identifier = job_id or uuid.uuid4().hex
    task = str(request.__struct_config__.tag)
    status = JobStatus(job=identifier, state="queued", task=task)
    return kind(id=identifier, request=request, status=status, **about)
