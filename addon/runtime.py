"""What lives as long as Blender: the session, the jobs of the open file, the timer."""

from __future__ import annotations

import atexit
import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from .scene import jobs as stored_jobs
from .scene.identity import find
from .scene.parts import PartSettings, active_part, find_part

if TYPE_CHECKING:
    from .core.book import JobBook
    from .core.jobs import (
        AnimateJob,
        AnyJob,
        BakeJob,
        DraggedJob,
        JointJob,
        MovingJob,
        ObjectJob,
        PartsJob,
        PlaceJob,
        ViewsJob,
    )
    from .core.session import Session, Settings
    from .protocol.keys import Keys

    PartJob = JointJob | DraggedJob | BakeJob

package = __package__
moving_interval = 0.01  # seconds to the next tick while arrays travel
busy_interval = 0.05
idle_interval = 0.5

_book: JobBook | None = None
_session: Session | None = None
_stored: object = None
_drawn = -1
_in_timer = False
_waiting: list[AnyJob] = []  # whose results are to change the scene in a quiet moment

if TYPE_CHECKING:
    book: JobBook


def __getattr__(name: str) -> JobBook:
    """`book`, the jobs of the open file: there once somebody asks, so that Blender starts fast."""
    if name != "book":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _jobs()


def _jobs() -> JobBook:
    from .core.book import JobBook

    global _book
    if _book is None:
        _book = JobBook()
    return _book


def has_jobs() -> bool:
    """Return whether the open file has jobs."""
    return _book is not None and len(_book) > 0


def session() -> Session:
    """Return the session, made from the preferences at first; makes no connection."""
    return _session or use(settings_from_preferences())


def use(settings: Settings) -> Session:
    """Replace the session by one with other settings; it is not connected yet."""
    from .core.session import Session

    global _session
    if _session is None or _session.settings != settings:
        close()
        _session = Session(settings, client_id(), _jobs(), on_result=_result_came)
    return _session


def _result_came(job: AnyJob) -> None:
    from . import arrivals, updating  # which need this module

    if _in_timer and arrivals.lands(job) and updating.is_busy():
        _waiting.append(job)
    else:
        arrivals.arrived(job)


def land_waiting() -> None:
    """Have results change the scene that could not while something was moved or played."""
    from . import arrivals

    landing = [job for job in _waiting if _jobs().get(job.id) is job]
    _waiting.clear()
    for job in landing:
        arrivals.arrived(job)


def settings_from_preferences() -> Settings:
    """Return the preferences as the session wants them, defaults where the add-on has none."""
    from .core.session import Settings

    chosen = preferences()
    return chosen.settings() if chosen else Settings(online=bpy.app.online_access)


def preferences() -> bpy.types.AddonPreferences | None:
    """Return the add-on's preferences; None when it was enabled without an entry for them."""
    addon = bpy.context.preferences.addons.get(package)
    return addon.preferences if addon else None


def own_folder() -> Path:
    """Return the folder where the add-on keeps what is the user's and no file's."""
    return Path(bpy.utils.extension_path_user(package, path="", create=True))


def key_file() -> Path:
    """Return where this user's key pair for remote backends is kept."""
    return own_folder() / "client_keys.json"


def client_keys() -> Keys:
    """Return this user's key pair, empty while there is none."""
    from .protocol.keys import Keys

    try:
        return Keys(**json.loads(key_file().read_text(encoding="ascii")))
    except (OSError, ValueError, TypeError):
        return Keys("", "")


def client_id() -> str:
    """Return this user's id towards backends, the same in every Blender session."""
    file = own_folder() / "client_id"
    if not file.is_file():
        file.write_text(uuid.uuid4().hex, encoding="ascii")
    return file.read_text(encoding="ascii").strip()


def connect() -> Session:
    """Begin connecting unless that is under way; the timer carries on."""
    current = session()
    if current.hopeless:
        current.connect()
    start_timer()
    return current


def disconnect() -> None:
    """Close the connection, after what came by it was put to use."""
    land_waiting()
    session().disconnect()


def tick() -> float | None:
    """Let the session work for a moment, then store and draw what changed. The timer's call."""
    global _in_timer
    if _session is None or _session.state == "off":
        return None
    _in_timer = True
    try:
        moving = _session.pump()
    finally:
        _in_timer = False
    _do_what_waited()
    refresh()
    if moving:
        return moving_interval
    return busy_interval if _session.busy else idle_interval


def _do_what_waited() -> None:
    from . import updating  # which needs this module

    if _waiting and not updating.is_busy():
        land_waiting()
    updating.tick()


def refresh() -> None:
    """Store the jobs in the file and redraw, if anything changed."""
    global _drawn
    if _jobs().revision != _drawn:
        _drawn = _jobs().revision
        store()
        redraw()


def store() -> None:
    """Write the jobs into the open file; progress alone does not count as a change."""
    global _stored
    milestones = _jobs().milestones()
    if milestones != _stored:
        _stored = milestones
        stored_jobs.write(_jobs())


def start_timer() -> None:
    """Have Blender call `tick`; background Blenders have no timers and pump by `wait`."""
    if not bpy.app.background and not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=0.0, persistent=True)


def stop_timer() -> None:
    """Take `tick` away from Blender."""
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)


def redraw() -> None:
    """Have the viewports and their sidebars drawn again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "PREFERENCES"):
                area.tag_redraw()


def known_job(job_id: str) -> AnyJob:
    """Return the job of that id. Raises TugError `unknown_job`."""
    from .protocol.errors import failure

    job = _jobs().get(job_id)
    if job is None:
        raise failure("unknown_job", f"This file has no job {job_id!r}; it may have been cleared.")
    return job


def joint_job(job_id: str) -> JointJob | None:
    """Return the job about a part's joint of that id."""
    from .core.jobs import JointJob

    job = _jobs().get(job_id)
    return job if isinstance(job, JointJob) else None


def object_of(job: AnyJob) -> bpy.types.Object:
    """Return the object that a job is about, whatever it is called now.

    Raises TugError `bad_input` when it was deleted; the job keeps its result.
    """
    from .protocol.errors import failure

    obj = find(job.object)
    if obj is None:
        raise failure(
            "bad_input",
            f"The object of '{job.name}' was deleted; undo that to use the result, which is kept.",
        )
    return obj


def target(job: PartJob) -> tuple[bpy.types.Object, PartSettings]:
    """Return the object and the part that a job is about. Raises TugError as `object_of`."""
    from .protocol.errors import failure

    obj = object_of(job)
    part = find_part(obj, job.part)
    if part is None:
        raise failure(
            "bad_input",
            f"The part '{job.name}' was removed from '{obj.name}'; undo that to use the result, "
            "which is kept.",
        )
    return obj, part


def parts_of(job: ObjectJob) -> list[tuple[bpy.types.Object, PartSettings]]:
    """Return the objects and parts that a job is about, in its order.

    Raises TugError `bad_input` when one was deleted; the job keeps its result.
    """
    from .protocol.errors import failure

    found = []
    for uid, part_uid in job.parts:
        obj = find(uid)
        part = find_part(obj, part_uid) if obj else None
        if obj is None or part is None:
            raise failure(
                "bad_input",
                f"A part of '{job.name}' was removed; undo that to use the result, or ask again.",
            )
        found.append((obj, part))
    return found


def body(job: JointJob | DraggedJob | BakeJob) -> list[bpy.types.Object] | None:
    """Return the objects that a script named as the body; None if it named none."""
    return [obj for uid in job.body if (obj := find(uid))] or None


def active_job(context: bpy.types.Context) -> JointJob | None:
    """Return the newest job of the active part; one that replaces another once it is done."""
    part = active_part(context.active_object) if has_jobs() else None
    return proposal_of(context.active_object.tug.uid, part.uid) if part else None


def proposal_of(object_uid: str, part_uid: str) -> JointJob | None:
    """Return the newest job of a part; one that replaces another once it is done."""
    job = _jobs().latest(object_uid, part_uid)
    while job and not job.result and (earlier := joint_job(job.replaces)):
        job = earlier
    return job


def successor(job: JointJob) -> JointJob | None:
    """Return the question that is to replace a proposal, while it is under way."""
    from .core.jobs import JointJob

    waiting = (other for other in _jobs() if isinstance(other, JointJob) and not other.finished)
    return next((other for other in waiting if other.replaces == job.id), None)


def active_object_job(context: bpy.types.Context) -> ObjectJob | None:
    """Return the newest job about all parts of what the active object belongs to."""
    from .core.jobs import ObjectJob

    found = [job for job in _of_active_whole(context) if isinstance(job, ObjectJob)]
    return found[-1] if found else None


def active_parts_job(context: bpy.types.Context) -> PartsJob | MovingJob | None:
    """Return the newest job that suggests parts of what the active object belongs to."""
    from .core.jobs import MovingJob, PartsJob

    found = [job for job in _of_active_whole(context) if isinstance(job, PartsJob | MovingJob)]
    suggesting = [j for j in found if isinstance(j, MovingJob) or not j.following]
    return next((job for job in reversed(suggesting) if job.result), None)


def newest_place_job() -> PlaceJob | None:
    """Return the newest question for places that was answered."""
    if not has_jobs():
        return None
    from .core.jobs import PlaceJob

    found = [job for job in _jobs() if isinstance(job, PlaceJob) and job.placements]
    return found[-1] if found else None


def newest_views_job() -> ViewsJob | None:
    """Return the newest question for controls of views."""
    if not has_jobs():
        return None
    from .core.jobs import ViewsJob

    found = [job for job in _jobs() if isinstance(job, ViewsJob)]
    return found[-1] if found else None


def _of_active_whole(context: bpy.types.Context) -> list[AnyJob]:
    from .scene.body import topmost

    obj = context.active_object
    if not has_jobs() or obj is None:
        return []
    uid = topmost(obj).tug.uid
    return [job for job in _jobs() if uid and job.object == uid]


def active_animation(context: bpy.types.Context) -> AnimateJob | None:
    """Return the newest proposed motion of the trajectory on show that waits for a decision."""
    from .core.jobs import AnimateJob
    from .scene import trajectories

    curve = trajectories.shown(context) if has_jobs() else None
    if curve is None or not curve.tug.uid:
        return None
    found = [job for job in _jobs() if isinstance(job, AnimateJob) and curve.tug.uid in job.curves]
    return next((job for job in reversed(found) if not job.lands and not animated(job)), None)


def animated(job: AnimateJob) -> bool:
    """Return whether what is in the scene came from this job."""
    curves = [curve for uid in job.curves if (curve := find(uid))]
    return any(curve.tug_animation.accepted == job.id for curve in curves)


def shown_job(context: bpy.types.Context) -> JointJob | ObjectJob | None:
    """Return the newest proposal about the active part or object that waits for a decision."""
    if not has_jobs():
        return None
    order = list(_jobs())
    found = [job for job in (active_job(context), active_object_job(context)) if job]
    waiting = [job for job in found if job.result and not accepted(job)]
    return max(waiting, key=order.index, default=None)


def accepted(job: JointJob | ObjectJob) -> bool:
    """Return whether the joints that the parts have come from this job."""
    from .core.jobs import ObjectJob

    if isinstance(job, ObjectJob):
        return any(_accepted(job.id, uid, part) for uid, part in job.parts)
    return _accepted(job.id, job.object, job.part)


def _accepted(job_id: str, object_uid: str, part_uid: str) -> bool:
    part = find_part(obj, part_uid) if (obj := find(object_uid)) else None
    return part is not None and part.accepted == job_id


def forget(jobs: list[AnyJob]) -> None:
    """Drop finished jobs here and in the backend."""
    if _session:
        _session.acknowledge(jobs)
    for job in jobs:
        _jobs().remove(job.id)
    if any(job.kind == "segment_moving" for job in jobs):
        from .tools import looks  # which needs this module

        looks.forget()
    refresh()


def acknowledge() -> None:
    """Let the backend forget the results that are in hand."""
    if _session:
        _session.acknowledge(job for job in _jobs() if job.settled)


def adopt(jobs: JobBook) -> None:
    """Take over the jobs of a file that was just opened."""
    global _book, _stored
    _book, _stored = jobs, None
    _waiting.clear()
    if _session:
        _session.adopt(jobs)


def close() -> None:
    """End timer, connection and a backend of ours that has nothing to do."""
    global _session
    stop_timer()
    if _session:
        _session.close()
        _session = None


def register() -> None:
    atexit.register(close)


def unregister() -> None:
    atexit.unregister(close)
    global _book
    close()
    _book = None
