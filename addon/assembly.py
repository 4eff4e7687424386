"""All parts of an object at once: the question, and its joints in the scene."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy

from . import runtime
from .asking import PartLike, keys_of, send
from .core.following import follow
from .core.jobs import ObjectJob, new_job
from .core.tree import parents_first
from .protocol.errors import failure
from .protocol.tasks import ArticulateObjectRequest, Drag, PartQuestion
from .scene import joints, targets
from .scene.body import topmost
from .scene.identity import identify
from .scene.parts import drags_world
from .scene.whole import Part, anchor, gather_whole, hangs_on, marked_parts


def ask(
    obj: bpy.types.Object, parts: Iterable[PartLike] | None = None, **options: Any
) -> ObjectJob:
    """Send the question that `api.articulate_object` describes."""
    asked = _distinct(obj, parts) if parts is not None else marked_parts(obj)
    whole = gather_whole(asked)
    questions = tuple(
        PartQuestion(
            name=part.name,
            pieces=pieces,
            drags=tuple(Drag(*ends) for ends in drags_world(owner, part)),
            prompt=part.prompt,
        )
        for (owner, part), pieces in zip(asked, whole.pieces, strict=True)
    )
    request = ArticulateObjectRequest(geometry=whole.geometry, parts=questions, **options)
    root = topmost(obj)
    uids = tuple((identify(owner), part.uid) for owner, part in asked)
    job = new_job(ObjectJob, request, name=root.name, object=identify(root), parts=uids)
    send(job, whole.arrays)
    return job


def again(job: ObjectJob) -> None:
    """Ask about the same parts as they are now."""
    ask(runtime.object_of(job), [part for _, part in runtime.parts_of(job)])


def put_into_scene(job: ObjectJob, keyed: bool) -> list[joints.Applied]:
    """Give every part of a job its joint, hung on each other as was found; return them in order.

    A part for which no joint was found is left as it is. Raises TugError `bad_input`.
    """
    parts = runtime.parts_of(job)
    for owner, part in parts:
        joints.close(owner, part)
    now = gather_whole(parts).geometry
    parents = [answer.parent for answer in job.answers]
    applied: dict[int, joints.Applied] = {}
    for index in parents_first(parents):
        joint = job.joint(index)
        if joint is None:
            continue
        found = follow(joint, job.request.geometry, now)
        applied[index] = _apply(index, parents[index], parts, found, keyed)
        parts = runtime.parts_of(job)  # cutting meshes and adding modes moves settings about
        parts[index][1].accepted = job.id
    if not applied:
        raise failure("bad_input", f"No joint was found for '{job.name}'; pull its parts.")
    return [applied[index] for index in sorted(applied)]


def _apply(index: int, parent: int, parts: list[Part], joint: Any, keyed: bool) -> joints.Applied:
    owner, part = parts[index]
    root = topmost(owner)
    onto = None
    if hangs_on(index, parts) != parent:
        onto = anchor(parts[parent]) if parent >= 0 else (root, "")
    keys = keys_of(joint) if keyed else ()
    return joints.apply(owner, part, joint, keys=keys, onto=onto)


def _distinct(obj: bpy.types.Object, parts: Iterable[PartLike]) -> list[Part]:
    found: dict[str, Part] = {}
    for given in parts:
        owner, part = targets.resolve(obj, given)
        found[part.uid] = owner, part
    if not found:
        raise failure("bad_input", "No part is named; name the parts that move.")
    return list(found.values())
