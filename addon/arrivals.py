"""What becomes of each kind of job: when its result comes, and when it is to be asked again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from . import (
    animations,
    asking,
    assembly,
    baking,
    exporting,
    imagining,
    importing,
    placements,
    proposals,
    runtime,
    segmenting,
    views,
)
from .core.jobs import (
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
from .protocol.errors import TugError, failure

log = logging.getLogger(__name__)


class Course(NamedTuple):
    """`arrived` makes use of a result as soon as it is here, `again` asks the question anew."""

    again: Callable[[Any], object]
    arrived: Callable[[Any], None] = lambda job: None


courses: dict[type, Course] = {
    JointJob: Course(asking.again, asking.arrived),
    ObjectJob: Course(assembly.again),
    PartsJob: Course(proposals.again, proposals.take_meant),
    PlaceJob: Course(placements.again, placements.arrived),
    ViewsJob: Course(views.again, views.arrived),
    ExportJob: Course(exporting.again, exporting.write),
    ImportJob: Course(importing.again, importing.land),
    AnimateJob: Course(animations.again, animations.land),
    DraggedJob: Course(imagining.again, imagining.arrived),
    MovingJob: Course(segmenting.again, segmenting.arrived),
    BakeJob: Course(baking.again, baking.land),
}


def lands(job: AnyJob) -> bool:
    """Return whether a result changes the scene as soon as it is here."""
    match job:
        case PartsJob():
            return bool(job.following)
        case ViewsJob():
            return job.builds
        case AnimateJob() | BakeJob() | ImportJob():
            return job.lands
        case _:
            return False


def arrived(job: AnyJob) -> None:
    """Do what is to be done at once with a result; the job fails when that does not work."""
    try:
        courses[type(job)].arrived(job)
    except TugError as problem:
        job.fail(problem)
    except Exception:
        log.exception("the result of %s could not be used", job.id)
        job.fail(failure("internal", f"The result for '{job.name}' could not be used."))
    runtime.book.changed()


def again(job: AnyJob) -> None:
    """Ask a question again, about the scene as it is now. Raises TugError."""
    courses[type(job)].again(job)
