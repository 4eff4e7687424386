"""Corrections of a proposed joint, each noted in its job and shown at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import runtime
from .core import correcting
from .core.jobs import JointJob
from .protocol.errors import failure
from .protocol.joint import Joint, JointType
from .protocol.tasks import LockField
from .scene.geometry import gather
from .scene.shapes import part_shape


def flip(job: JointJob) -> None:
    """Turn the axis round; the limits follow, so that the part goes where it went."""
    _correct(job, correcting.flipped(shown(job)), "axis")


def open_other_way(job: JointJob) -> None:
    """Have the part open to the other side of the same axis."""
    _correct(job, correcting.mirrored(shown(job)), "range")


def retype(job: JointJob, kind: JointType) -> None:
    """Make it another type of joint, of which the limits are not locked yet."""
    joint = shown(job)
    if kind == joint.type:
        job.set_locks({*job.locked, "type"})
        _changed()
        return
    kept = set(job.locked) - {"range"}
    drags = job.request.drags
    pull = tuple(np.subtract(drags[0].end, drags[0].start).tolist()) if drags else None
    new = correcting.retyped(joint, kind, size(job), job.alternatives, kept, pull)
    job.set_locks(kept)
    _correct(job, new, "type")


def move_origin(job: JointJob, point: Sequence[float]) -> None:
    """Have the axis go through a point, world."""
    _correct(job, correcting.moved_origin(shown(job), point), "origin")


def set_axis(job: JointJob, direction: Sequence[float], *, any_sign: bool = False) -> None:
    """Have the axis point along a direction, world; see `core.correcting.with_axis`."""
    _correct(job, correcting.with_axis(shown(job), direction, any_sign=any_sign), "axis")


def snap(job: JointJob, point: Sequence[float], direction: Sequence[float] | None) -> None:
    """Move the origin to a point, and with a `direction` the axis along that as well."""
    joint = correcting.moved_origin(shown(job), point)
    if direction is None:
        _correct(job, joint, "origin")
    else:
        _correct(job, correcting.with_axis(joint, direction, any_sign=True), "origin", "axis")


def set_range(
    job: JointJob,
    lower: float | None = None,
    upper: float | None = None,
    slide: tuple[float, float] | None = None,
    pitch: float | None = None,
) -> None:
    """Set limits in the joint's own unit; what is None stays."""
    _correct(job, correcting.with_range(shown(job), lower, upper, slide, pitch), "range")


def set_locks(job: JointJob, fields: Sequence[LockField]) -> None:
    """Have these fields stay, and no others, when it is asked again."""
    shown(job)
    job.set_locks(fields)
    _changed()


def toggle_lock(job: JointJob, field: LockField) -> None:
    """Lock a field, or let go of it."""
    shown(job)
    job.toggle_lock(field)
    _changed()


def shown(job: JointJob) -> Joint:
    """Return the joint on show. Raises TugError `unknown_job` where none was found."""
    if job.joint is None:
        raise failure("unknown_job", f"'{job.name}' has no proposed joint to correct.")
    return job.joint


def size(job: JointJob) -> float:
    """Return the diagonal of the part's box in Blender units. Raises TugError as `gather`."""
    obj, part = runtime.target(job)
    vertices = part_shape(gather(obj, part, runtime.body(job))).vertices
    return float(np.linalg.norm(np.ptp(vertices, axis=0)))


def _correct(job: JointJob, joint: Joint, *fields: LockField) -> None:
    job.correct(joint, *fields)
    _changed()


def _changed() -> None:
    runtime.book.changed()
    runtime.refresh()
