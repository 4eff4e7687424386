"""Motions along trajectories: asking for them, putting them into the scene, keeping them right."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import bpy
import msgspec
import numpy as np
from numpy.typing import NDArray

from . import runtime, updating
from .asking import send
from .core.jobs import AnimateJob, new_job
from .core.opening import limits
from .core.timing import Preset, smooth
from .core.timing import inner as presets
from .protocol.animation import AnimateRequest, Collision, Collisions, Mover
from .protocol.errors import failure
from .scene import animating, animation, following, timing, trajectories
from .scene.headings import direction
from .scene.identity import find, identify
from .scene.movers import gather_movers, source_of, subjects_of
from .scene.parts import JointSettings, PartSettings
from .scene.selection import whole_objects

Curves = bpy.types.Object | Iterable[bpy.types.Object]
request_options = ("engine", "seed", "up")


class Motion(NamedTuple):
    """How something moves: `poses` (T, 4, 4) from where it was, world, and `joints` (T, L).

    `first` is the first frame. `strays`, `slip` and `gap` are shares: how far the keys are off
    the exact motion, how far wheels slid, how far it was off the ground; `late` are frames that
    it waited.
    """

    name: str
    first: int
    poses: NDArray[np.float64]
    joints: NDArray[np.float64]
    strays: float
    slip: float
    gap: float
    late: float
    collisions: tuple[Collision, ...]


def ask(chosen: Curves, *, lands: bool = False, **options: Any) -> AnimateJob:
    """Send the question that `api.animate` describes; its answer is put in when it `lands`."""
    curves = trajectories_of(chosen)
    known = {name: options.pop(name) for name in request_options if name in options}
    for curve in curves:
        choose(curve, options)
    scene = bpy.context.scene
    targets = [target for curve in curves if (target := trajectories.target_of(curve))]
    with updating.unheard(), following.without_live(targets):
        subjects = subjects_of(curves)
        found = gather_movers(subjects, scene)
    bpy.context.view_layer.update()
    settings = curves[0].tug_animation
    request = AnimateRequest(
        geometry=found.geometry,
        movers=found.movers,
        scene=found.scene,
        fps=trajectories.fps(scene),
        collisions=cast(Collisions, settings.collisions.lower()),
        tolerance=settings.tolerance / 100.0,
        **known,
    )
    job = new_job(
        AnimateJob,
        request,
        name=" and ".join(subject.target.name for subject in subjects),
        object=identify(curves[0]),
        curves=tuple(identify(curve) for curve in curves),
        targets=tuple(identify(subject.target) for subject in subjects),
        controls=found.controls,
        digests=tuple(source_of(curve, scene) for curve in curves),
        lands=lands,
    )
    send(job, found.arrays)
    _drop_earlier(job)
    return job


def again(job: AnimateJob) -> None:
    """Ask about the same trajectories as they are now."""
    ask(curves_of(job), lands=job.lands, engine=job.request.engine, seed=job.request.seed)


def update(curve: bpy.types.Object) -> AnimateJob | None:
    """Bring what was accepted up to date with its curve: at once where it is live.

    What was asked together is asked together again. Raises TugError.
    """
    if animation.state_of(curve) == "LIVE":
        _update_live(curve)
        return None
    return ask(animation.partners(curve), lands=True)


def _update_live(curve: bpy.types.Object) -> None:
    """Set up again what does not follow by itself: other settings, and wheels on another way."""
    settings, source = curve.tug_animation, source_of(curve, bpy.context.scene)
    same = source.split("-")[1:] == settings.source.split("-")[1:]
    if same and not json.loads(settings.former)["wheels"]:
        settings.source = source
        updating.doubt()
    else:
        follow_live([curve])


def follow_live(chosen: Curves, **options: Any) -> tuple[str, ...]:
    """Have objects follow their trajectories live; return what that cannot do, in words.

    Asks no backend. Raises TugError `bad_input`.
    """
    curves = trajectories_of(chosen)
    for curve in curves:
        choose(curve, options)
    scene, notes = bpy.context.scene, []
    targets = [target for curve in curves if (target := trajectories.target_of(curve))]
    with updating.unheard(), following.without_live(targets):
        subjects = subjects_of(curves)
        found = gather_movers(subjects, scene, alone=True)
    for subject in subjects:
        _make_room(subject.curve, subject.target, live=True)
    for index, subject in enumerate(subjects):
        said = following.put(subject, found, index)
        notes += said
        settings = subject.curve.tug_animation
        settings.told = json.dumps({"notes": said})
        settings.source = source_of(subject.curve, scene)
        settings.resolved = resolved(found.movers[index], subject.rest)
        settings.partners = json.dumps([identify(subject.curve)])
    updating.doubt()
    return tuple(notes)


def land(job: AnimateJob) -> None:
    """Put in a result that was consented to before; drop it where that was taken back since."""
    if not job.lands or runtime.book.get(job.id) is not job:
        return
    curves = [curve for uid in job.curves if (curve := find(uid))]
    sources = tuple(source_of(curve, bpy.context.scene) for curve in curves)
    if sources == job.digests and all(map(animation.state_of, curves)):
        put_into_scene(job)
    _drop_earlier(job)
    runtime.forget([job])


def put_into_scene(job: AnimateJob) -> tuple[str, ...]:
    """Write the keys of a result; return in words what else had to change.

    Everything is checked before anything is written. Raises TugError `bad_input`.
    """
    curves, targets = curves_of(job), targets_of(job)
    if len(job.tracks) != len(curves):
        raise failure("bad_input", f"The backend found no motion for '{job.name}'; ask again.")
    written = [_channels(job, index, target) for index, target in enumerate(targets)]
    for target, channels in zip(targets, written, strict=True):
        animating.check(target, *(channel.holder for channel in channels))
    notes: list[str] = []
    rests = [np.array(mover.frame) for mover in job.request.movers]
    for index, (curve, target) in enumerate(zip(curves, targets, strict=True)):
        notes += _make_room(curve, target)
        channels = written[index]
        if animating.put(curve, target, channels) and not job.lands:
            first, last = trajectories.span_of(curve)
            notes.append(
                f"Keys that '{target.name}' had from frame {first:g} to {last:g} were replaced."
            )
        settings = curve.tug_animation
        settings.accepted, settings.source = job.id, job.digests[index]
        settings.resolved = resolved(job.request.movers[index], rests[index])
        settings.partners = json.dumps(list(job.curves))
        settings.told = json.dumps(figures(job, index))
    updating.doubt()
    return tuple(notes)


def take_out(curve: bpy.types.Object) -> None:
    """Take what was accepted out of the scene; what was there before is back. Raises TugError."""
    state = animation.state_of(curve)
    if not state:
        raise failure("bad_input", f"'{curve.name}' moves nothing yet; press Animate first.")
    (following if state == "LIVE" else animating).take_out(curve)
    updating.doubt()


def motions(job: AnimateJob) -> tuple[Motion, ...]:
    """Return how everything moves, as arrays. Raises TugError when they are gone."""
    session = runtime.session()
    return tuple(
        Motion(
            track.name,
            track.first,
            session.array(job, track.poses),
            session.array(job, track.joints),
            track.strays,
            track.slip,
            track.gap,
            track.late,
            track.collisions,
        )
        for track in job.tracks
    )


def trajectories_of(chosen: Curves) -> list[bpy.types.Object]:
    """Return trajectories as a list. Raises TugError `bad_input` where one is none."""
    curves: list[Any] = [chosen] if isinstance(chosen, bpy.types.Object) else list(chosen)
    if not curves:
        raise failure("bad_input", "There is no trajectory; draw one, or use a curve as one.")
    for curve in curves:
        if not isinstance(curve, bpy.types.Object) or not trajectories.is_trajectory(curve):
            name = getattr(curve, "name", curve)
            raise failure(
                "bad_input",
                f"'{name}' is no trajectory; use Use Curve, or api.trajectory, to make it one.",
            )
        if curve.library:
            raise failure("bad_input", f"'{curve.name}' is linked; make a local copy of it.")
    return curves


def choose(curve: bpy.types.Object, options: dict[str, Any]) -> None:
    """Keep what a script chose in the settings of the trajectory. Raises TugError."""
    for name, value in options.items():
        if name in apart:
            apart[name](curve, value)
            continue
        if name not in settable:
            known = ", ".join((*settable, *apart))
            raise failure("bad_input", f"There is no option {name!r}; there are {known}.")
        try:
            setattr(curve.tug_animation, name, _as_kept(name, value))
        except (TypeError, AttributeError):
            raise failure("bad_input", f"{value!r} is no {name}; see api.animate.") from None


def _as_kept(name: str, value: Any) -> Any:
    if isinstance(value, bpy.types.Object):
        return identify(value)
    if name == "tolerance":
        return 100.0 * value
    return value.upper() if name in spelled else value


spelled = ("orientation", "forward", "collisions")
settable = (*spelled, "look_at", "on_ground", "roll", "tolerance", "keep_updated")


def curves_of(job: AnimateJob) -> list[bpy.types.Object]:
    """Return the trajectories of a job. Raises TugError `bad_input` when one was deleted."""
    found = [find(uid) for uid in job.curves]
    if not all(trajectories.is_trajectory(curve) for curve in found):
        raise failure(
            "bad_input", f"A trajectory of '{job.name}' was removed; undo that, or ask again."
        )
    return [curve for curve in found if curve]


def targets_of(job: AnimateJob) -> list[bpy.types.Object]:
    """Return what the job moves. Raises TugError `bad_input` when one was deleted."""
    found = [find(uid) for uid in job.targets]
    if None in found:
        raise failure(
            "bad_input", f"What moves of '{job.name}' was deleted; undo that, or ask again."
        )
    return [target for target in found if target]


def resolved(mover: Mover, rest: NDArray[np.float64]) -> str:
    """Return which axis of an object looked ahead, so that it stays that one."""
    return max(animation.axes, key=lambda axis: float(direction(axis, rest) @ mover.forward))


def _channels(job: AnimateJob, index: int, target: bpy.types.Object) -> list[animating.Channel]:
    mover, track, session = job.request.movers[index], job.tracks[index], runtime.session()
    found = []
    for channel in track.channels:
        keys = session.array(job, channel.keys)
        if not len(keys):
            continue
        if channel.path != "joint":
            found.append(
                animating.channel(target, channel.path, channel.index, keys, mover.rotation)
            )
            continue
        joint = mover.links[channel.link].joint
        uid, bone = job.controls[index][channel.link - 1]
        if joint is not None:
            found.append(animating.joint_channel(uid, bone, keys, *limits(joint)))
    return found


def _make_room(curve: bpy.types.Object, target: bpy.types.Object, live: bool = False) -> list[str]:
    """Take out what this trajectory has in the scene, and others' that would overlap it."""
    if animation.state_of(curve):
        take_out(curve)
    start, end = trajectories.span_of(curve)
    notes = []
    for other in trajectories.of_target(target):
        if other == curve or not animation.state_of(other):
            continue
        first, last = trajectories.span_of(other)
        if live or animation.state_of(other) == "LIVE" or (first <= end and start <= last):
            take_out(other)
            notes.append(f"The animation along '{other.name}' was taken out; it would overlap.")
    return notes


def figures(job: AnimateJob, index: int) -> dict[str, Any]:
    """Return how good the motion of that index is, as plain data."""
    track = job.tracks[index]
    named = ("strays", "slip", "gap", "late")
    found: dict[str, Any] = {name: getattr(track, name) for name in named}
    found["keys"] = sum(channel.keys.shape[0] for channel in track.channels)
    found["collisions"] = [msgspec.structs.astuple(c) for c in track.collisions]
    found["notes"] = list(job.result.notes) if job.result else []
    return found


def _drop_earlier(job: AnimateJob) -> None:
    """Forget earlier questions about the same trajectories, of which this one takes the place.

    What is in the scene already stays on the list until it is replaced.
    """
    earlier = [other for other in runtime.book if isinstance(other, AnimateJob) and other != job]
    earlier = [other for other in earlier if set(other.curves) & set(job.curves)]
    for other in earlier:
        if not other.finished:
            runtime.session().cancel(other)
    replaced = job.result is not None or not job.lands
    runtime.forget([other for other in earlier if replaced or other.lands])


def _set_ease(curve: bpy.types.Object, ease: str) -> None:
    if ease not in eases:
        raise failure("bad_input", f"There is no ease {ease!r}; there are {', '.join(eases)}.")
    set_timing(curve, eases[ease])


def _set_steps(curve: bpy.types.Object, steps: Iterable[Mapping[str, Any]]) -> None:
    """Replace the joint steps by what the mappings say: see `api.animate`."""
    curve.tug_animation.steps.clear()
    second = trajectories.fps(bpy.context.scene)
    for step in steps:
        unknown = set(step) - step_fields
        at = step.get("marker") or step.get("frame")
        if unknown or at is None or "part" not in step:
            raise failure(
                "bad_input",
                "A step names its part, a marker or a frame, and may say open and seconds or "
                f"frames; this is one: {dict(step)}.",
            )
        seconds = step["frames"] / second if "frames" in step else step.get("seconds", 1.0)
        add_step(curve, step["part"], at, step.get("open", 1.0), seconds)


eases = {"constant": "CONSTANT", "both": "EASE", "in": "EASE_IN", "out": "EASE_OUT"}
step_fields = {"part", "marker", "frame", "open", "seconds", "frames"}
apart = {"ease": _set_ease, "steps": _set_steps}


def whole(target: bpy.types.Object | PartSettings | None) -> bpy.types.Object | None:
    """Return the object that a part is. Raises TugError for one that lies within a mesh."""
    if not isinstance(target, PartSettings):
        return target
    owner = target.id_data
    objects = whole_objects(owner, target)
    if not objects:
        raise failure(
            "bad_input",
            f"'{target.name}' lies within the mesh of '{owner.name}', which moves as one; make "
            "it an object of its own (Mesh > Separate), or open its joint at a marker.",
        )
    if len(objects) > 1:
        raise failure(
            "bad_input",
            f"'{target.name}' is several objects; parent them to one, and move that.",
        )
    return objects[0]


def set_timing(curve: bpy.types.Object, chosen: str | Sequence[Sequence[float]]) -> None:
    """Do what `api.set_timing` describes."""
    trajectories_of(curve)
    if isinstance(chosen, str):
        if chosen.upper() not in presets:
            raise failure(
                "bad_input", f"There is no timing {chosen!r}; there are {', '.join(presets)}."
            )
        timing.set_preset(curve, cast(Preset, chosen.upper()), *trajectories.span_of(curve))
        return
    pairs = np.array([tuple(pair) for pair in chosen], np.float64).reshape(-1, 2)
    if len(pairs) < 2 or not np.isfinite(pairs).all() or (np.diff(pairs[:, 0]) <= 0.0).any():
        raise failure("bad_input", "A timing is (frame, share) pairs, at least two, in order.")
    timing.write(curve, smooth(pairs))


def add_step(
    curve: bpy.types.Object, joint: Any, at: str | int, opened: float, seconds: float
) -> animation.JointStep:
    """Do what `api.add_joint_step` describes, and return the step."""
    trajectories_of(curve)
    target = trajectories.target_of(curve)
    labels = animation.labels_of(target) if target else {}
    chosen = [record for name, record in labels.items() if _is_of(record, name, joint)]
    if not chosen:
        name = getattr(joint, "name", joint)
        raise failure(
            "bad_input",
            f"What moves along '{curve.name}' has no joint of '{name}'; accept a joint first.",
        )
    if isinstance(at, str) and at not in bpy.context.scene.timeline_markers:
        raise failure("bad_input", f"The timeline has no marker '{at}'; add it first.")
    step = curve.tug_animation.steps.add()
    step.control, step.bone = identify(chosen[0].id_data), chosen[0].bone
    step.marker, step.frame = (at, 0) if isinstance(at, str) else ("", int(at))
    step.open, step.seconds = opened, seconds
    curve.tug_animation.step_index = len(curve.tug_animation.steps) - 1
    return step


def _is_of(record: JointSettings, name: str, joint: Any) -> bool:
    if isinstance(joint, bpy.types.Object):
        return joint in (find(record.owner), record.id_data)
    return joint in (name, record.id_data.name, record.bone)


def selected(context: bpy.types.Context) -> Sequence[bpy.types.Object]:
    """Return the trajectories that are meant: all that are selected, else the one on show."""
    found: list[bpy.types.Object] = []
    for obj in context.selected_objects:
        of_it = [obj] if trajectories.is_trajectory(obj) else trajectories.of_target(obj)[-1:]
        found += [curve for curve in of_it if curve not in found]
    shown = trajectories.required(context)
    return found if shown in found and len(found) > 1 else [shown]
