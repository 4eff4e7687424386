"""Proposed parts: asking for them, marking one, and finding the one that words mean."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from . import asking, runtime, segmenting
from .core.choosing import meant
from .core.jobs import JointJob, MovingJob, PartsJob, new_job
from .protocol.blobs import Blob
from .protocol.errors import TugError, failure
from .protocol.meshes import Geometry
from .protocol.tasks import ArticulateRequest, PartProposal, ProposePartsRequest
from .scene.body import topmost
from .scene.geometry import reading
from .scene.identity import find, identify
from .scene.modes import push_undo
from .scene.parts import PartSettings, remove_part
from .scene.proposing import can_be_marked, gather_own, marked
from .scene.shapes import Shape, shape_of

Point = Sequence[float]


def ask(
    obj: bpy.types.Object,
    prompt: str = "",
    seed_point: Point | None = None,
    *,
    about: dict[str, Any] | None = None,
    **options: Any,
) -> PartsJob:
    """Send the question that `api.propose_parts` describes; `about` are fields of the job."""
    if not isinstance(obj, bpy.types.Object):
        raise failure("bad_input", f"{obj!r} is no object of this file; pass a bpy Object.")
    own = gather_own(obj)
    there = None if seed_point is None else asking.point(seed_point)
    request = ProposePartsRequest(geometry=own.geometry, prompt=prompt, seed_point=there, **options)
    job = new_job(
        PartsJob,
        request,
        name=prompt or obj.name,
        object=identify(topmost(obj)),
        owners=tuple(identify(owner) for owner in own.owners),
        **(about or {}),
    )
    asking.send(job, own.arrays)
    return job


def ask_by_words(
    obj: bpy.types.Object,
    prompt: str,
    body: asking.Bodies = None,
    *,
    job_id: str = "",
    **options: Any,
) -> PartsJob:
    """Ask for the part that a prompt means; when it is found, ask for its joint as `job_id`."""
    ArticulateRequest(geometry=(), **options)  # what is no option is said now
    about = {
        "following": job_id or uuid.uuid4().hex,
        "options": options,
        "body": tuple(identify(other) for other in asking.bodies(body)),
    }
    shared = {name: options[name] for name in ("up", "engine", "seed") if name in options}
    return ask(obj, prompt, about=about, **shared)


def are_words_enough(obj: Any, part: object, drags: object, prompt: str) -> bool:
    """Return whether a part is to be looked for: words alone, for an object that is no part and
    has none but those that other words have found."""
    if not isinstance(obj, bpy.types.Object) or part is not None or drags is not None:
        return False
    return bool(prompt) and obj.parent is None and all(p.by_words for p in obj.tug.parts)


def again(job: PartsJob) -> None:
    """Ask the same of the object as it is now."""
    obj, request = runtime.object_of(job), job.request
    if job.following:
        body = [found for uid in job.body if (found := find(uid))]
        ask_by_words(obj, request.prompt, body, **job.options)
    else:
        kept = {name: getattr(request, name) for name in ("up", "most", "engine", "seed")}
        ask(obj, request.prompt, request.seed_point, **kept)


def mark(job: PartsJob | MovingJob, index: int) -> tuple[bpy.types.Object, PartSettings]:
    """Mark a proposal as a part, make it the active one and return it with its object.

    Raises TugError `bad_input`.
    """
    if not 0 <= index < len(job.proposals):
        raise failure("bad_input", f"There is no proposal {index}; there are {len(job.proposals)}.")
    session, owners = runtime.session(), _owners(job)
    proposal, geometry = job.proposals[index], job.request.geometry
    obj, part = marked(proposal, geometry, owners, lambda blob: session.array(job, blob))
    obj.tug.part_index = list(obj.tug.parts).index(part)
    if not part.prompt:
        part.prompt = job.prompt
    if isinstance(job, MovingJob):
        segmenting.carry_drags(job, obj, part)
    return obj, part


def shapes(job: PartsJob | MovingJob) -> list[Shape]:
    """Return the shape of each proposal. Raises TugError when the meshes were changed since."""
    own = gather_own(runtime.object_of(job))
    if own.geometry != job.request.geometry:
        raise failure("bad_input", "The meshes were changed since the parts were suggested.")
    own_array = reading(own.arrays)

    def read(blob: Blob) -> NDArray:
        try:
            return own_array(blob)
        except KeyError:
            return runtime.session().array(job, blob)

    return [shape_of(own.geometry, proposal.pieces, read) for proposal in job.proposals]


def take_meant(job: PartsJob) -> None:
    """Mark the part that a prompt means and ask for its joint. Raises TugError `bad_input`.

    Does nothing for a job that only suggests.
    """
    if not job.following or job.result is None:
        return
    owners = _owners(job)
    possible = [i for i, p in enumerate(job.proposals) if can_be_marked(p, owners)]
    proposals = [job.proposals[i] for i in possible]
    faces = [_numbers(job, proposal) for proposal in proposals]
    chosen = meant(job.request.prompt, proposals, faces, job.result.notes)
    known = {part.uid for owner in owners if owner for part in owner.tug.parts}
    obj, part = mark(job, possible[chosen])
    try:
        following = _ask_about(job, obj, part)
    except TugError:
        if part.uid not in known:
            remove_part(obj, part)
        raise
    part.by_words, part.prompt = True, job.request.prompt
    _bring_up(obj)
    push_undo(f"Mark {part.name}")
    following.notes = (f"'{job.request.prompt}' was taken to mean '{part.name}' of '{obj.name}'.",)
    runtime.forget([job])


def _ask_about(job: PartsJob, obj: bpy.types.Object, part: PartSettings) -> JointJob:
    body = [found for uid in job.body if (found := find(uid))]
    prompt = job.request.prompt
    return asking.ask(obj, part, None, prompt, body, job_id=job.following, **job.options)


def _bring_up(obj: bpy.types.Object) -> None:
    """Make an object the active one where another of the same whole is, for the sidebar."""
    objects = bpy.context.view_layer.objects
    if objects.active and topmost(objects.active) == topmost(obj) and obj.name in objects:
        objects.active = obj


def _owners(job: PartsJob | MovingJob) -> list[bpy.types.Object | None]:
    return [find(uid) for uid in job.owners]


def _numbers(job: PartsJob, proposal: PartProposal) -> NDArray[np.int64]:
    """Return the triangles of a proposal, counted through all geometries."""
    geometry: Sequence[Geometry] = job.request.geometry
    starts = np.cumsum([0, *(g.faces.shape[0] for g in geometry)])
    found = [np.zeros(0, np.int64)]
    for piece in proposal.pieces:
        every = np.arange(geometry[piece.geometry].faces.shape[0])
        chosen = every if piece.selection is None else runtime.session().array(job, piece.selection)
        found.append(starts[piece.geometry] + chosen)
    return np.unique(np.concatenate(found))
