"""From the scene to a question, and from an answer into the scene."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import bpy
import msgspec
from numpy.typing import NDArray

from . import runtime
from .core.drags import Point
from .core.following import follow
from .core.jobs import AnyJob, JointJob, new_job
from .core.pictures import seen, thumbnail
from .protocol.errors import TugError, failure
from .protocol.joint import Joint
from .protocol.meshes import Geometry
from .protocol.tasks import ArticulateRequest, Drag, Lock
from .scene import joints, keyframes, targets
from .scene.geometry import gather
from .scene.identity import identify
from .scene.parts import PartSettings, add_drag, drags_world, find_part

PartLike = PartSettings | bpy.types.Object | str | Iterable[int] | None
Drags = Sequence[tuple[Sequence[float], Sequence[float]]]
Bodies = bpy.types.Object | Iterable[bpy.types.Object] | None
keyed_seconds = 4.0
carried_over = (
    "up",
    "joint_types",
    "alternatives",
    "engine",
    "seed",
    "evidence",
)  # when asked again


def ask(
    obj: bpy.types.Object,
    part: PartLike = None,
    drags: Drags | None = None,
    prompt: str = "",
    body: Bodies = None,
    *,
    job_id: str = "",
    replacing: JointJob | None = None,
    **options: Any,
) -> JointJob:
    """Send the question that `api.articulate` describes, under `job_id` if given.

    What is locked of a job that it is `replacing` is carried over to where things are now.
    """
    owner, settings = targets.resolve(obj, part)
    stay = bodies(body) or ([obj] if owner != obj else [])
    if drags is not None:
        replace_drags(owner, settings, drags)
    settings.prompt = prompt or settings.prompt
    gathered = gather(owner, settings, stay or None)
    if replacing and replacing.lock:
        options["locked"] = _followed(replacing.lock, replacing.request, gathered.geometry)
    if options.get("evidence") is not None:
        options["evidence"] = _names(options["evidence"])
    request = ArticulateRequest(
        geometry=gathered.geometry,
        drags=tuple(Drag(*ends) for ends in drags_world(owner, settings)),
        prompt=settings.prompt,
        **options,
    )
    job = new_job(
        JointJob,
        request,
        job_id,
        name=settings.name,
        object=identify(owner),
        part=settings.uid,
        body=tuple(identify(other) for other in stay),
        locked=request.locked.fields if request.locked else (),
        replaces=replacing.id if replacing else "",
    )
    send(job, gathered.arrays)
    return job


def ask_again(job: JointJob) -> JointJob:
    """Ask about the scene as it is now; what is locked stays, the rest is sought anew.

    The question takes the place of `job` when its result comes. Raises TugError.
    """
    obj, part = runtime.target(job)
    kept = {name: getattr(job.request, name) for name in carried_over}
    return ask(obj, part, body=runtime.body(job), replacing=job, **kept)


def again(job: JointJob) -> JointJob:
    """Ask a question that failed once more, about the scene as it is now. Raises TugError."""
    obj, part = runtime.target(job)
    earlier = runtime.joint_job(job.replaces)
    kept = {name: getattr(job.request, name) for name in carried_over}
    if earlier is None:
        kept["locked"] = job.request.locked
    return ask(obj, part, body=runtime.body(job), replacing=earlier, **kept)


def arrived(job: JointJob) -> None:
    """Keep what a learned model imagined, and drop the proposal that this one replaces."""
    if job.result and job.result.views:
        session = runtime.session()
        job.seen = seen(job.result.views, lambda blob: session.array(job, blob), thumbnail)
    earlier = runtime.joint_job(job.replaces)
    if earlier:
        runtime.forget([earlier])


def _followed(lock: Lock, asked: ArticulateRequest, now: Sequence[Geometry]) -> Lock:
    joint = follow(lock.joint, asked.geometry, now)
    return Lock(joint=msgspec.structs.replace(joint, evidence=()), fields=lock.fields)


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def send(job: AnyJob, arrays: Iterable[NDArray]) -> None:
    """Send a question with the arrays of its request. Raises TugError when nobody is there."""
    session = runtime.connect()
    if session.hopeless:
        raise no_backend()
    session.submit(job, arrays)
    runtime.refresh()


def put_into_scene(
    obj: bpy.types.Object,
    part: PartSettings,
    joint: Joint,
    *,
    job_id: str,
    keyed: bool,
    body: list[bpy.types.Object] | None = None,
    asked: Sequence[Geometry] = (),
) -> joints.Applied:
    """Give the part its joint and note which job it comes from.

    `asked` says where things were when the joint was computed: it goes with them. An
    alternative to a joint that was accepted before starts from the same pose.
    """
    if part.accepted == job_id:
        joints.close(obj, part)
    if asked:
        joint = follow(joint, asked, gather(obj, part, body).geometry)
    uid, keys = part.uid, keys_of(joint) if keyed else ()
    applied = joints.apply(obj, part, joint, keys=keys, body=body)
    kept = find_part(obj, uid)
    if kept:
        kept.accepted = job_id
    return applied


def bodies(body: Bodies) -> list[bpy.types.Object]:
    """Return one or several objects as a list."""
    return [body] if isinstance(body, bpy.types.Object) else list(body or ())


def no_backend() -> TugError:
    """Return why there is no connection."""
    session = runtime.session()
    return TugError(session.error or failure("unreachable", session.reason, fix="Connect").error)


def replace_drags(obj: bpy.types.Object, part: PartSettings, drags: Drags) -> None:
    """Have a part be pulled so and not otherwise; drags are (start, end) pairs in world.

    Raises ValueError or TugError before the former ones are gone.
    """
    pulls, former = [(point(start), point(end)) for start, end in drags], len(part.drags)
    for start, end in pulls:
        add_drag(obj, part, start, end)
    for _ in range(former):
        part.drags.remove(0)
    part.drag_index = max(len(pulls) - 1, 0)


def point(values: Sequence[float]) -> Point:
    """Return three numbers as a point. Raises ValueError where they are not three."""
    x, y, z = values
    return float(x), float(y), float(z)


def keys_of(joint: Joint) -> keyframes.Keys:
    """Return (frame, open) keys that show the joint, from the present frame on."""
    scene = bpy.context.scene
    length = round(keyed_seconds * scene.render.fps / scene.render.fps_base)
    return keyframes.there_and_back(joint, scene.frame_current, length)
