"""The scripting door: ask for joints, wait, look, apply, one by one or many.

Everything here works in Blender's console, in `blender -b` and in the `bpy` module. Angles
are in radians, lengths in Blender units, points and axes in world space (z up).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import bpy

from . import (
    animations,
    assembly,
    exporting,
    importing,
    placements,
    proposals,
    runtime,
    views,
)
from .animations import Curves, Motion
from .asking import Bodies, Drags, PartLike, ask, no_backend
from .batch import Work
from .core.batch import BatchItem, BatchReport, Journal, run
from .core.names import default_tolerance
from .core.session import Mode, Settings
from .handles import (
    AnimateHandle,
    ControlsHandle,
    ExportHandle,
    ImportHandle,
    Job,
    JointHandle,
    ObjectHandle,
    PartsHandle,
    PlaceHandle,
    handle,
)
from .proposals import are_words_enough
from .protocol.errors import TugError, failure
from .protocol.joint import Joint
from .protocol.tasks import ExportFormat, Lock
from .protocol.views import Rig
from .scene import strokes, trajectories
from .scene.parts import PartSettings

__all__ = [
    "AnimateHandle",
    "BatchItem",
    "BatchReport",
    "ControlsHandle",
    "ExportHandle",
    "ImportHandle",
    "Job",
    "Joint",
    "JointHandle",
    "Lock",
    "Motion",
    "ObjectHandle",
    "PartsHandle",
    "PlaceHandle",
    "Rig",
    "Status",
    "TugError",
    "add_joint_step",
    "animate",
    "animate_live",
    "articulate",
    "articulate_object",
    "batch",
    "connect",
    "disconnect",
    "export",
    "import_model",
    "jobs",
    "place",
    "propose_parts",
    "remove_animation",
    "render_controls",
    "set_timing",
    "status",
    "trajectory",
]


def articulate(
    obj: bpy.types.Object,
    part: PartLike = None,
    drags: Drags | None = None,
    prompt: str = "",
    body: Bodies = None,
    **options: Any,
) -> JointHandle:
    """Ask which joint carries a part along its drags; return at once.

    Parameters
    ----------
    obj
        The object, or the one the part belongs to.
    part
        What moves: a part of `obj.tug.parts` or its name; the name of a vertex group, a
        material or a child object; another object; polygon indices (or a boolean per
        polygon). None takes the active part, or all of `obj` when it has no parts.
    drags
        (start, end) pairs in world space, start on the part's surface. None takes the part's
        own; an empty list lets geometry and prompt decide.
    prompt
        What the part is and how it moves, in words; empty takes the part's own. For an object
        without parts and parent, a prompt without drags also finds the part: the regions that
        may be parts are held against it, and the one that it means is marked.
    body
        Objects that stay. None takes what the part is parented to, or its neighbours.
    options
        Further fields of `ArticulateRequest`: `up`, `joint_types`, `alternatives`, `seed`,
        and `locked`, a `Lock(joint=Joint(...), fields=("axis", ...))` of what is not sought.

    Returns
    -------
    JointHandle
        A `Job`. Also listed in the sidebar and stored in the .blend.

    Raises
    ------
    TugError
        `bad_input` when the scene gives nothing to ask, `unreachable` when there is no backend.
    """
    if are_words_enough(obj, part, drags, prompt):
        return JointHandle(proposals.ask_by_words(obj, prompt, body, **options))
    return JointHandle(ask(obj, part, drags, prompt, body, **options))


def articulate_object(
    obj: bpy.types.Object, parts: Iterable[PartLike] | None = None, **options: Any
) -> ObjectHandle:
    """Ask for the joints of all parts of an object at once; return at once.

    Parts that are twins or mirror images get joints that agree, and parts may hang on each
    other: a handle on a door.

    Parameters
    ----------
    obj
        Any object of the whole; what is parented to its topmost parent belongs to it.
    parts
        What moves, each as `articulate` takes it. None takes all that are marked; where none
        is, the objects that are parented to the topmost one.
    options
        Further fields of `ArticulateObjectRequest`: `up`, `joint_types`, `alternatives`, `seed`.

    Returns
    -------
    ObjectHandle
        A `Job`. `.result().parts` in the order asked, `.select(part, alternative)`, `.apply()`.

    Raises
    ------
    TugError
        `bad_input` when the scene gives nothing to ask, `unreachable` when there is no backend.
    """
    return ObjectHandle(assembly.ask(obj, parts, **options))


def propose_parts(
    obj: bpy.types.Object,
    prompt: str = "",
    seed_point: Sequence[float] | None = None,
    **options: Any,
) -> PartsHandle:
    """Ask which regions of an object, and of what belongs to it, may be parts that move.

    Parameters
    ----------
    obj
        Any object of the whole; what is parented to its topmost parent belongs to it.
    prompt
        Words that rank the proposals by how well they fit.
    seed_point
        A point on a surface, in world space: only regions that hold it, the smallest first.
    options
        Further fields of `ProposePartsRequest`: `up`, `most`, `seed`.

    Returns
    -------
    PartsHandle
        A `Job`. `.result().proposals`, each with `name`, `score` and `fits`; `.mark(index)`.

    Raises
    ------
    TugError
        `bad_input` when nothing is visible, `unreachable` when there is no backend.
    """
    return PartsHandle(proposals.ask(obj, prompt, seed_point, **options))


def batch(
    items: Iterable[Mapping[str, Any]],
    *,
    journal: str | Path | None = None,
    on_progress: Callable[[BatchReport, BatchItem], None] | None = None,
    apply: bool = False,
    keyframes: bool = True,
    at_once: int = 4,
) -> BatchReport:
    """Articulate many parts; one that fails does not stop the rest.

    Pushes no undo step. Without `apply`, new proposals wait for a decision in `jobs`.

    Parameters
    ----------
    items
        The arguments of `articulate` for each, as mappings: `{"obj": ..., "part": ...}`.
        `obj` may be an object's name. `key` names an item in the journal; by default it
        follows from object name, part, drags, prompt and options.
    journal
        A file for how far it got. Run the same batch again with the same file, after a crash
        or for the failed ones: finished items are taken from it, the rest is asked.
    on_progress
        Called with the report and an item whenever that item has got another state.
    apply
        Whether to put the best joint of each into the scene (and off the list of jobs).
    keyframes
        Whether to add keys when applying.
    at_once
        How many jobs to have in the backend at a time.

    Returns
    -------
    BatchReport
        `.items` in the order given, `.done`, `.failed`; as text, a summary.

    Raises
    ------
    TugError
        `unreachable` when there is no backend; the journal then holds what was done.
    """
    work = Work(list(items), apply, keyframes, on_progress)
    return run(work.report.items, work, Journal(Path(journal) if journal else None), at_once)


def export(obj: bpy.types.Object, path: str | Path, format: ExportFormat = "urdf") -> ExportHandle:
    """Write the model that `obj` belongs to, with all its joints, for other programs.

    Everything under the topmost parent of `obj` is one model: what a joint of Tug carries is
    a link, the rest is the root. The joints are exported at rest, whatever pose they are in.

    Parameters
    ----------
    obj
        Any object of the model.
    path
        The main file; meshes may come beside it. Without a suffix it gets the format's.
    format
        `urdf`, `mjcf`, `usd` or `glb` (animated glTF).

    Returns
    -------
    ExportHandle
        A `Job`. `.wait()` until the files are written; then `.files` and `.notes`.

    Raises
    ------
    TugError
        `bad_input` when there is no joint or no such folder, `unreachable` without a backend.
    """
    return ExportHandle(exporting.ask(obj, path, format))


def import_model(path: str | Path) -> ImportHandle:
    """Read a URDF or MJCF file and the meshes it names as objects with joints.

    Returns
    -------
    ImportHandle
        A `Job`. `.apply()` builds the objects: links hang on each other by empties that move
        by `tug_open`, as after `articulate`. `.notes` say what was left out.

    Raises
    ------
    TugError
        `bad_input` when the file is neither, `unreachable` when there is no backend.
    """
    return ImportHandle(importing.ask(path))


def trajectory(
    path: bpy.types.Object | Sequence[Sequence[float]],
    target: bpy.types.Object | PartSettings | None = None,
    frames: Sequence[int] | None = None,
    *,
    tolerance: float | None = None,
    closed: bool = False,
) -> bpy.types.Object:
    """Make the way that an object takes: an ordinary curve object that knows what moves, and when.

    Parameters
    ----------
    path
        A curve object, which is used as it is; a grease pencil object, of which the last stroke
        is; or points in world space.
    target
        What moves along it, with its origin on the curve: an object (with what is parented to
        it), an armature, or a part of `obj.tug.parts` that is an object of its own.
    frames
        When it starts and ends; None takes two seconds from the current frame on.
    tolerance
        None goes smoothly through every point; a number fits a curve with few control points
        that strays from them by at most that share of their size. Strokes are always fitted.
    closed
        Whether to come back to the first point.

    Returns
    -------
    Object
        The curve object. `.tug_trajectory` has `target_name`, `frame_start` and `frame_end`.

    Raises
    ------
    TugError
        `bad_input` when that is no way, or the end is not after the start.
    """
    target = animations.whole(target)
    kind = getattr(path, "type", "POINTS")
    if kind not in ("POINTS", "GREASEPENCIL"):
        return trajectories.mark(path, target, frames)
    points: Any = path
    if kind == "GREASEPENCIL":
        points, cyclic = strokes.grease_pencil_stroke(path)
        tolerance, closed = tolerance or default_tolerance, closed or cyclic
    return trajectories.draw(points, target, frames, tolerance=tolerance, closed=closed)


def place(
    objs: placements.Objects,
    scene: placements.Objects | None = None,
    at: Sequence[float] | None = None,
    box: placements.Box | None = None,
    upright: bool | None = None,
    against_wall: bool | None = None,
    locked: placements.Objects | None = None,
    **options: Any,
) -> PlaceHandle:
    """Ask where objects stand on what is around them; return at once. Nothing moves by that.

    Parameters
    ----------
    objs
        One or several objects, each with all that is parented to it; a part that a joint carries
        stands for the object it is a part of.
    scene
        What stays: objects, with all that is parented to them. None takes everything else that
        is visible and displays its faces.
    at
        A point on the scene, in world space: they are to stand there.
    box
        They are to be within: an object (a cube empty, or a mesh), or (centre, size, rotation)
        with a rotation of any kind or None. They are turned by the rotation from the pose they
        have, and scaled evenly to fit into the size. Without `at` and `box` they are to stand
        where they are.
    upright
        Whether they stay upright, or lie as the surface does. None takes each object's
        `tug_placing.upright`, which at first is true.
    against_wall
        Whether their backs come to the nearest wall; None takes `tug_placing.against_wall`.
    locked
        Objects that stay where they are, and are heeded; None takes `tug_placing.locked`.
    options
        `turn`, a rotation that goes with `at`; further fields of `PlaceRequest`: `up`, `seed`.

    Returns
    -------
    PlaceHandle
        A `Job`. `.report` says how well each stands, `.apply()` moves them there.

    Raises
    ------
    TugError
        `bad_input` when nothing can be placed or there is nothing to stand on, `unreachable`
        when there is no backend.
    """
    return PlaceHandle(
        placements.ask(objs, scene, at, box, upright, against_wall, locked, **options)
    )


def set_timing(
    curve: bpy.types.Object, timing: str | Sequence[Sequence[float]] = "CONSTANT"
) -> None:
    """Say when something is where on its trajectory, apart from the trajectory's shape.

    Parameters
    ----------
    curve
        A trajectory.
    timing
        `CONSTANT`, `EASE`, `EASE_IN` or `EASE_OUT` between its start and end; or (frame, share
        of the way) pairs, of which the first and last frames become start and end. They are the
        keys of the curve's property `tug_way`, to be edited on the timeline.

    Raises
    ------
    TugError
        `bad_input` when that is no timing.
    """
    animations.set_timing(curve, timing)


def add_joint_step(
    curve: bpy.types.Object,
    joint: bpy.types.Object | str,
    at: str | int,
    open: float = 1.0,
    seconds: float = 1.0,
) -> None:
    """Have a joint of what moves open on the way.

    Parameters
    ----------
    curve
        A trajectory.
    joint
        The part that the joint belongs to: its object, or its name.
    at
        A marker of the timeline by its name, or a frame.
    open
        How far, as `tug_open`: 0 to 1, turns of a wheel.
    seconds
        How long that takes.

    Raises
    ------
    TugError
        `bad_input` when there is no such joint or marker.
    """
    animations.add_step(curve, joint, at, open, seconds)


def animate(curves: Curves, **options: Any) -> AnimateHandle:
    """Ask how objects move along their trajectories; return at once.

    Parameters
    ----------
    curves
        A trajectory (see `trajectory`), or several: then who comes later gives way.
    options
        What is given is kept in the settings of the trajectories: `orientation` (`follow`,
        `bank`, `upright`, `look_at` or `keep`), `look_at` (an object), `forward` (the side that
        looks ahead: `auto`, `track` for Blender's tracking axis, `pos_x` ... `neg_z`),
        `on_ground`, `roll` (wheels), `collisions` (`report`, `avoid` or `ignore`), `tolerance`
        (of the keys, as a share of the object's size), `keep_updated` (follow later edits of
        the curve). `ease` (`constant`, `both`, `in` or `out`) replaces the timing as
        `set_timing` does, `steps` the joint steps: mappings of `part` (its object or name),
        `marker` or `frame`, `open`, and `seconds` or `frames` that it takes. Further fields of
        `AnimateRequest`: `up`, `seed`.

    Returns
    -------
    AnimateHandle
        A `Job`. `.tracks` are the exact motions, `.collisions` what is run into, `.apply()`
        writes few keys. Afterwards the keys follow edits of the curve, its timing and markers.

    Raises
    ------
    TugError
        `bad_input` when something cannot move along a curve, `unreachable` without a backend.
    """
    return AnimateHandle(animations.ask(curves, **options))


def animate_live(curves: Curves, **options: Any) -> tuple[str, ...]:
    """Have objects follow their trajectories by Follow Path constraints, timed by `tug_way`.

    Needs no backend, and follows every edit at once. `options` are those of `animate`.

    Returns
    -------
    tuple of str
        What such a set-up cannot do of what was chosen, in sentences.

    Raises
    ------
    TugError
        `bad_input` when something cannot follow a curve.
    """
    return animations.follow_live(curves, **options)


def remove_animation(curve: bpy.types.Object) -> None:
    """Take out the keys or the constraint that came from a trajectory; what was there is back.

    Raises TugError `bad_input` when it moves nothing.
    """
    animations.take_out(curve)


def render_controls(
    objs: views.Objects | None = None,
    frames: Sequence[int] | None = None,
    cameras: views.Objects | str | None = None,
    layers: Iterable[str] = views.default_layers,
    folder: str | Path | None = None,
    size: Sequence[int] | None = None,
    **options: Any,
) -> ControlsHandle:
    """Ask what cameras see of a motion, as trajectory-conditioned video models take it.

    Steps through the frames to see where everything is, and goes back; returns then.

    Parameters
    ----------
    objs
        What is followed: one or several objects, as `place` takes them. None follows all that
        moves. Everything else that is visible is scenery.
    frames
        First and last frame; None takes the scene's.
    cameras
        Camera objects, as they are at the first frame; None or "rig" takes cameras around the
        motion as the scene's `tug_views` say, by default Drag4D's 8 views.
    layers
        Images of each frame: `depth`, `normals`, `instances`, `parts`, `flow`, `entities`,
        `heat`. None are made of an empty list.
    folder
        Where to write all as files, with a `manifest.json`; it must be there. None leaves the
        arrays to `.array(view, name)`.
    size
        Width and height in pixels; None takes the rig's, or the scene's resolution.
    options
        `rig`, a `Rig(azimuths=..., elevations=...)`; further fields of `RenderControlsRequest`:
        `unclear`, `clear`, `fastest`, `tracks`, `seed`.

    Returns
    -------
    ControlsHandle
        A `Job`. `.cameras`, `.files`, `.array(view, name)`; `.build()` adds the cameras to the
        scene.

    Raises
    ------
    TugError
        `bad_input` when nothing moves, a camera is none of perspective, a mesh gets other
        vertices on the way or there is no such folder; `unreachable` without a backend.
    """
    return ControlsHandle(views.ask(objs, frames, cameras, layers, folder, size, **options))


def jobs() -> list[Job[Any]]:
    """Return the jobs of the open file, oldest first."""
    return [handle(record) for record in runtime.book]


@dataclass(frozen=True)
class Status:
    """How the connection stands: a word, a sentence, what helps, what the backend can do."""

    state: str
    reason: str
    fix: str
    tasks: dict[str, list[str]]
    unfinished: int


def status() -> Status:
    """Say how the connection stands. Connects to nothing."""
    session = runtime.session()
    session.pump()
    tasks = session.capabilities.tasks if session.capabilities else {}
    waiting = len(runtime.book.unfinished())
    return Status(session.state, session.reason, session.fix, tasks, waiting)


def connect(
    mode: Mode | Literal[""] = "",
    *,
    timeout: float = 60.0,
    connection_file: str | Path = "",
    **settings: Any,
) -> Status:
    """Connect to a backend and wait until that is done.

    Parameters
    ----------
    mode
        `managed` (start the installed one if none runs), `local` (a running one, by its
        connection file) or `remote`; empty and no other argument takes the preferences,
        a connection file alone means `local`.
    timeout
        Seconds to wait.
    connection_file
        What `tug serve` wrote; empty means the usual place.
    settings
        Further fields of `core.session.Settings`: `control`, `bulk`, `server_key`, ...

    Raises
    ------
    TugError
        Why there is no connection, and what to do; `bad_input` for an unknown mode.
    """
    if mode and mode not in get_args(Mode):
        raise failure("bad_input", f"There is no mode {mode!r}: use managed, local or remote.")
    chosen = runtime.settings_from_preferences()
    if mode or connection_file or settings:
        settings.setdefault("online", bpy.app.online_access)
        chosen = Settings(mode or "local", connection_file=str(connection_file), **settings)
    runtime.use(chosen)
    session = runtime.connect()
    session.wait(lambda: session.capabilities is not None or session.hopeless, timeout)
    if not session.connected:
        raise no_backend()
    return status()


def disconnect() -> None:
    """Close the connection; jobs go on in the backend and are found again by their ids."""
    runtime.session().disconnect()
    runtime.refresh()
