"""What learned models were asked about a part, and imagined of it."""

from __future__ import annotations

from typing import TypeVar

import bpy

from . import runtime
from .core.jobs import BakeJob, DraggedJob, MovingJob
from .scene.parts import active_part

J = TypeVar("J", DraggedJob, MovingJob, BakeJob)


def active_moving_job(context: bpy.types.Context) -> MovingJob | None:
    """Return the newest question for what moves by the drags of the active part."""
    found = _of_active_part(context, MovingJob)
    return found[-1] if found else None


def active_dragged_job(context: bpy.types.Context) -> DraggedJob | None:
    """Return the newest dragged views of the active part that are there."""
    return next((job for job in reversed(dragged_jobs(context)) if job.seen), None)


def dragged_jobs(context: bpy.types.Context) -> list[DraggedJob]:
    """Return the questions for dragged views of the active part, oldest first."""
    return _of_active_part(context, DraggedJob)


def newest_dragged(object_uid: str, part_uid: str) -> DraggedJob | None:
    """Return the newest dragged views of a part that are there."""
    found = [job for job in _of_part(object_uid, part_uid, DraggedJob) if job.seen]
    return found[-1] if found else None


def active_bake_job(context: bpy.types.Context) -> BakeJob | None:
    """Return the newest question for textures of the active part."""
    found = _of_active_part(context, BakeJob)
    return found[-1] if found else None


def _of_active_part(context: bpy.types.Context, kind: type[J]) -> list[J]:
    part = active_part(context.active_object) if runtime.has_jobs() else None
    return _of_part(context.active_object.tug.uid, part.uid, kind) if part else []


def _of_part(object_uid: str, part_uid: str, kind: type[J]) -> list[J]:
    about = object_uid, part_uid
    return [job for job in runtime.book if isinstance(job, kind) and _about(job) == about]


def _about(job: DraggedJob | MovingJob | BakeJob) -> tuple[str, str]:
    owner = job.owner if isinstance(job, MovingJob) else job.object
    return owner, job.part
