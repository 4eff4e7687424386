"""Turns what went wrong into a sentence in Blender's status bar."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..scene.modes import have_all_undone
from ..scene.parts import PartSettings, active_part

if TYPE_CHECKING:
    from ..core.jobs import JointJob, MovingJob, ObjectJob, PartsJob

Execute = Callable[[bpy.types.Operator, bpy.types.Context], set[str]]


def reported(execute: Execute) -> Execute:
    """Have an operator's method report a TugError as its one sentence, and be undone whole."""

    @wraps(execute)
    def wrapped(self: bpy.types.Operator, context: bpy.types.Context) -> set[str]:
        from ..protocol.errors import TugError

        try:
            outcome = execute(self, context)
            if "UNDO" in self.bl_options:
                have_all_undone()
            return outcome
        except TugError as problem:
            self.report({"ERROR"}, problem.error.message)
            return {"CANCELLED"}

    return wrapped


def allowed(cls: type, condition: object, reason: str) -> bool:
    """Return whether `condition` holds, and let the greyed-out button say why not."""
    if not condition:
        cls.poll_message_set(reason)
    return bool(condition)


def chosen_part(context: bpy.types.Context) -> tuple[bpy.types.Object, PartSettings]:
    """Return the active object and its active part. Raises TugError when there is none."""
    from ..protocol.errors import failure

    part = active_part(context.active_object)
    if part is None:
        raise failure("bad_input", "No part is selected; add one or choose one in the list.")
    return context.active_object, part


def has_proposal(cls: type, context: bpy.types.Context) -> bool:
    """Return whether the active part, or any job at all, has a joint to decide on."""
    from ..core.jobs import JointJob

    if any(isinstance(job, JointJob) and job.joint for job in runtime.book):
        return True
    return allowed(cls, False, "No joint has been proposed; press Articulate Part first")


def proposal(context: bpy.types.Context, job_id: str) -> JointJob:
    """Return the job named, or the active part's newest. Raises TugError when it has no joint."""
    from ..core.jobs import JointJob
    from ..protocol.errors import failure

    job = runtime.known_job(job_id) if job_id else runtime.active_job(context)
    if not isinstance(job, JointJob) or job.joint is None:
        raise failure(
            "unknown_job", "The active part has no proposed joint; press Articulate Part first."
        )
    return job


def has_whole_proposal(cls: type, _context: bpy.types.Context) -> bool:
    """Return whether any job about all parts of an object has joints to decide on."""
    from ..core.jobs import ObjectJob

    if any(isinstance(job, ObjectJob) and job.answers for job in runtime.book):
        return True
    return allowed(cls, False, "No joints have been proposed; press Articulate All Parts first")


def whole_proposal(context: bpy.types.Context, job_id: str) -> ObjectJob:
    """Return the job named, or the active object's newest. Raises TugError without joints."""
    from ..core.jobs import ObjectJob
    from ..protocol.errors import failure

    job = runtime.known_job(job_id) if job_id else runtime.active_object_job(context)
    if not isinstance(job, ObjectJob) or not job.answers:
        raise failure(
            "unknown_job",
            "The active object has no proposed joints; press Articulate All Parts first.",
        )
    return job


def has_suggestions(cls: type, _context: bpy.types.Context) -> bool:
    """Return whether any job has parts to suggest."""
    from ..core.jobs import MovingJob, PartsJob

    if any(isinstance(job, PartsJob | MovingJob) and job.proposals for job in runtime.book):
        return True
    return allowed(cls, False, "No parts have been suggested; press Suggest Parts first")


def suggestions(context: bpy.types.Context, job_id: str) -> PartsJob | MovingJob:
    """Return the job named, or the active object's newest. Raises TugError without proposals."""
    from ..core.jobs import MovingJob, PartsJob
    from ..protocol.errors import failure

    job = runtime.known_job(job_id) if job_id else runtime.active_parts_job(context)
    if not isinstance(job, PartsJob | MovingJob) or not job.proposals:
        raise failure(
            "unknown_job", "The active object has no suggested parts; press Suggest Parts first."
        )
    return job


def can_ask(cls: type, task: str, model: str = "") -> bool:
    """Return whether the backend, as far as it is known, has what a task needs."""
    from ..core.learned import lack

    found = lack(runtime.session().capabilities, task, model)
    return allowed(cls, found is None, found.reason if found else "")


def can_articulate(cls: type, context: bpy.types.Context) -> bool:
    """Return whether the backend has the model whose evidence is to count, if one is named."""
    settings = context.scene.tug_imagining
    if settings.evidence != "DRAGAPART":
        return True
    return can_ask(cls, "articulate", settings.model)


def has_drags(cls: type, context: bpy.types.Context) -> bool:
    """Return whether the active part is pulled."""
    part = active_part(context.active_object)
    if not allowed(cls, part, "Pull a part with the Drag tool first"):
        return False
    return allowed(cls, part and len(part.drags), "Pull the part first: it has no drags")
