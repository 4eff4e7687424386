"""Controls of views: the question, and the cameras and files that its answer becomes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import bpy
import msgspec

from . import runtime
from .asking import bodies, send
from .core.bundles import bundle_files, manifest_name
from .core.disk import write_files
from .core.jobs import ViewsJob, new_job
from .protocol.blobs import as_bytes
from .protocol.errors import failure
from .protocol.views import Camera, RenderControlsRequest, Rig
from .scene import cameras, rigs
from .scene.identity import find, identify
from .scene.modes import push_undo
from .scene.moving import gather_moving
from .scene.trajectories import fps

Objects = bpy.types.Object | Iterable[bpy.types.Object]
most_frames = 100_000
default_layers = ("depth", "instances", "parts", "flow")


def ask(
    objs: Objects | None = None,
    frames: Sequence[int] | None = None,
    shot_by: Objects | str | None = None,
    layers: Iterable[str] = default_layers,
    folder: str | Path | None = None,
    size: Sequence[int] | None = None,
    *,
    builds: bool = False,
    rig: Rig | None = None,
    **options: Any,
) -> ViewsJob:
    """Send the question that `api.render_controls` describes; `builds` makes its cameras."""
    scene = bpy.context.scene
    target = _folder(folder)
    steps = _frames(frames, scene)
    picture = _size(size)
    shooting = _shooting(shot_by)
    found, remarks = _cameras(shooting, scene, picture, steps)
    around = None if shooting else _sized(rig or rigs.rig_of(scene.tug_views), picture)
    tracked = None if objs is None else bodies(objs)
    if tracked == []:
        raise failure("bad_input", "Nothing is selected; select what should be followed.")
    seen = gather_moving(steps, tracked)
    request = RenderControlsRequest(
        geometry=seen.geometry,
        bodies=seen.bodies,
        frames=len(steps),
        first=steps[0],
        fps=fps(scene),
        cameras=found,
        rig=around,
        layers=_layers(layers),
        bundle=target is not None,
        **options,
    )
    job = new_job(
        ViewsJob,
        request,
        name=_name(seen.bodies),
        object=identify(tracked[0]) if tracked else "",
        folder=str(target or ""),
        builds=builds,
        tracked=tuple(map(identify, tracked or ())),
        shot_by=tuple(map(identify, shooting)),
        remarks=(*seen.notes, *remarks),
    )
    send(job, seen.arrays)
    return job


def again(job: ViewsJob) -> None:
    """Ask the same of the scene as it is now."""
    request = job.request
    kept = ("unclear", "clear", "fastest", "tracks", "engine", "seed")
    tracked, shooting = _objects(job.tracked, job), _objects(job.shot_by, job)
    ask(
        tracked or None,
        (request.first, request.first + request.frames - 1),
        shooting or None,
        request.layers,
        job.folder or None,
        builds=job.builds,
        rig=request.rig,
        **{name: getattr(request, name) for name in kept},
    )


def arrived(job: ViewsJob) -> None:
    """Write the files of a result that has come, or build its cameras, as was wished."""
    if job.result is None:
        return
    if job.builds:
        build(job)
        push_undo("Add Multi-View Rig")
    if job.folder:
        _write(job)


def build(job: ViewsJob) -> list[bpy.types.Object]:
    """Have the collection of views hold the cameras of a result; return their objects."""
    if not job.cameras:
        raise failure("bad_input", f"The backend found no views of {job.name}; ask again.")
    made = cameras.build(job.cameras, bpy.context.scene)
    bpy.context.view_layer.update()
    job.made = tuple(map(identify, made))
    runtime.book.changed()
    return made


def _write(job: ViewsJob) -> None:
    result = job.result
    if result is None or result.manifest is None:
        raise failure("bad_input", f"The backend made no files for '{job.name}'; ask again.")
    session = runtime.session()
    archives = [
        (view.camera.name, as_bytes(session.array(job, view.archive)))
        for view in result.views
        if view.archive
    ]
    manifest = as_bytes(session.array(job, result.manifest))
    files = bundle_files(manifest, archives)
    job.written = tuple(map(str, write_files(Path(job.folder) / manifest_name, files)))


def _cameras(
    shooting: list[bpy.types.Object],
    scene: bpy.types.Scene,
    size: tuple[int, int] | None,
    frames: range,
) -> tuple[tuple[Camera, ...], list[str]]:
    """Return the named cameras as they are at the first frame, and remarks on those that move."""
    from .scene.filming import first_frame

    if not shooting:
        return (), []
    with first_frame(frames):
        found = tuple(cameras.read(obj, scene, size) for obj in shooting)
        remarks = []
        if len(frames) > 1:
            scene.frame_set(frames[-1])
            moved = [o.name for o, c in zip(shooting, found, strict=True) if _moved(o, c)]
            remarks = [f"'{n}' moves; it sees all from where it is at first." for n in moved]
    return found, remarks


def _moved(obj: bpy.types.Object, camera: Camera) -> bool:
    import numpy as np

    return not np.allclose(cameras.pose_of(obj), np.array(camera.pose), atol=1e-6)


def _shooting(given: Objects | str | None) -> list[bpy.types.Object]:
    """Return the cameras that were named; none for the rig."""
    if given is None or given == "rig":
        return []
    if isinstance(given, str):
        raise failure("bad_input", f"There are no cameras {given!r}; name objects, or 'rig'.")
    found = bodies(given)
    if not found:
        raise failure("bad_input", "No camera is named; add one, or take the rig.")
    names = [obj.name for obj in found if isinstance(obj, bpy.types.Object)]
    if len(names) < len(found):
        raise failure("bad_input", "Cameras are objects of this file; pass bpy Objects, or 'rig'.")
    return found


def _frames(frames: Sequence[int] | None, scene: bpy.types.Scene) -> range:
    """Return the whole frames from the first to the last one given, by default the scene's."""
    given = (scene.frame_start, scene.frame_end) if frames is None else frames
    try:
        first, *_, last = (int(frame) for frame in (*given, *given[-1:]))
    except (TypeError, ValueError):
        raise failure("bad_input", "Frames are two whole numbers: first and last.") from None
    if last < first:
        raise failure("bad_input", f"Frame {last} is before {first}; give the first one first.")
    if last - first >= most_frames:
        raise failure("bad_input", f"These are over {most_frames} frames; choose fewer.")
    return range(first, last + 1)


def _size(size: Sequence[int] | None) -> tuple[int, int] | None:
    if size is None:
        return None
    try:
        width, height = (int(value) for value in size)
    except (TypeError, ValueError):
        raise failure("bad_input", "A size is two whole numbers: width and height.") from None
    if not (8 <= width <= 8192 and 8 <= height <= 8192):
        raise failure("bad_input", "Pictures are 8 to 8192 pixels wide and high.")
    return width, height


def _sized(rig: Rig, size: tuple[int, int] | None) -> Rig:
    return msgspec.structs.replace(rig, width=size[0], height=size[1]) if size else rig


def _layers(layers: Iterable[str]) -> Any:
    known = {item[0] for item in rigs.layers}
    given = tuple(layers)
    for name in given:
        if name not in known:
            raise failure(
                "bad_input", f"There is no layer {name!r}; there are {', '.join(sorted(known))}."
            )
    return given


def _folder(folder: str | Path | None) -> Path | None:
    if folder is None:
        return None
    found = Path(bpy.path.abspath(str(folder)))
    if not found.is_dir():
        raise failure("bad_input", f"There is no folder {found}; make it or choose another.")
    return found


def _objects(uids: tuple[str, ...], job: ViewsJob) -> list[bpy.types.Object]:
    found = [find(uid) for uid in uids]
    if None in found:
        raise failure("bad_input", f"What '{job.name}' is about was deleted; ask anew.")
    return [obj for obj in found if obj]


def _name(found: Sequence[Any]) -> str:
    names = [body.name for body in found if body.tracked]
    return names[0] if len(names) == 1 else f"{len(names)} objects"
