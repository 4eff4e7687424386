"""What moves when a part is pulled: the question, and its answer as a part to be marked."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from . import runtime
from .asking import Drags, PartLike, replace_drags, send
from .core.jobs import MovingJob, new_job
from .protocol.dragging import SegmentMovingRequest
from .protocol.errors import TugError, failure
from .protocol.tasks import Drag
from .scene import proposing, targets
from .scene.body import topmost
from .scene.identity import find, identify
from .scene.joints import part_at_rest
from .scene.parts import PartSettings, add_drag, drags_world, find_part

carried_over = ("views", "clusters", "engine", "seed")  # when asked again


def ask(
    obj: bpy.types.Object, part: PartLike = None, drags: Drags | None = None, **options: Any
) -> MovingJob:
    """Send the question that `api.segment_moving` describes."""
    owner, settings = targets.resolve(obj, part)
    if drags is not None:
        replace_drags(owner, settings, drags)
    if not len(settings.drags):
        raise failure("bad_input", f"Nothing pulls '{settings.name}'; pull it with the Drag tool.")
    with part_at_rest(owner, settings):
        own = proposing.gather_own(owner)
        pulls = tuple(Drag(start=a, end=b) for a, b in drags_world(owner, settings))
    request = SegmentMovingRequest(geometry=own.geometry, drags=pulls, **options)
    job = new_job(
        MovingJob,
        request,
        name=settings.name,
        object=identify(topmost(owner)),
        part=settings.uid,
        owner=identify(owner),
        owners=tuple(map(identify, own.owners)),
    )
    send(job, own.arrays)
    return job


def again(job: MovingJob) -> None:
    """Ask the same of the object as it is now."""
    obj, part = _pulled(job)
    if obj is None or part is None:
        raise failure("bad_input", f"The part '{job.name}' was removed; pull a part and ask anew.")
    ask(obj, part, **{name: getattr(job.request, name) for name in carried_over})


def arrived(job: MovingJob) -> None:
    """Say how sure the answer is; earlier ones about the same object go."""
    result = job.result
    if result is None:
        return
    job.score = _score(job)
    others = [o for o in runtime.book if isinstance(o, MovingJob) and o.object == job.object]
    runtime.forget([other for other in others if other is not job and other.finished])
    _look_again()


def carry_drags(job: MovingJob, obj: bpy.types.Object, part: PartSettings) -> None:
    """Have the part that moves be pulled as what was asked about is, unless it is pulled."""
    if len(part.drags):
        return
    owner, asked = _pulled(job)
    pulls = drags_world(owner, asked) if owner and asked else []
    for start, end in pulls or [(drag.start, drag.end) for drag in job.request.drags]:
        add_drag(obj, part, start, end)


def mask_of(obj: bpy.types.Object) -> NDArray[np.bool_] | None:
    """Return which polygons of an object were found to move; None where none were, or all."""
    jobs = [job for job in runtime.book if isinstance(job, MovingJob) and job.proposals]
    found = next((job for job in reversed(jobs) if obj.tug.uid in job.owners), None)
    if found is None:
        return None
    owners, geometry = [find(uid) for uid in found.owners], found.request.geometry
    session = runtime.session()
    try:
        masks = proposing.masks(
            found.proposals[0], geometry, owners, lambda blob: session.array(found, blob)
        )
    except TugError:
        return None
    mask = masks.get(obj)
    return None if mask is None or mask.all() else mask


def _score(job: MovingJob) -> float:
    """Return how likely the faces that were found are to move, on average."""
    assert job.result is not None
    found, session = [np.zeros(0)], runtime.session()
    for piece in job.result.pieces:
        likely = session.array(job, job.result.likely[piece.geometry])
        chosen = slice(None) if piece.selection is None else session.array(job, piece.selection)
        found.append(np.asarray(likely[chosen], np.float64))
    every = np.concatenate(found)
    return float(np.clip(every.mean(), 0.0, 1.0)) if len(every) else 0.0


def _pulled(job: MovingJob) -> tuple[bpy.types.Object | None, PartSettings | None]:
    owner = find(job.owner)
    return owner, find_part(owner, job.part) if owner else None


def _look_again() -> None:
    from .tools import looks  # which asks this module what moves

    looks.forget()
