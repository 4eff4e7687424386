"""The scripting door: ask for joints, wait, look, apply, one by one or many.

Everything here works in Blender's console, in `blender -b` and in the `bpy` module. Angles
are in radians, lengths in Blender units, points and axes in world space (z up).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import bpy

from . import runtime
from .asking import Bodies, Drags, PartLike, ask, no_backend, put_into_scene
from .batch import Work
from .core.batch import BatchItem, BatchReport, Journal, run
from .core.jobs import Job as JobRecord
from .core.session import Mode, Settings
from .protocol.errors import Error, TugError, failure
from .protocol.joint import Joint
from .protocol.tasks import ArticulateResult
from .scene.joints import Applied

__all__ = [
    "BatchItem",
    "BatchReport",
    "Job",
    "Status",
    "TugError",
    "articulate",
    "batch",
    "connect",
    "disconnect",
    "jobs",
    "status",
]


class Job:
    """A question to the backend, from sending to answer. Made by `articulate` and `jobs`."""

    def __init__(self, record: JobRecord) -> None:
        self._last = record

    def __repr__(self) -> str:
        return f"<Job {self.id} {self.name!r} {self.state} {self.progress:.0%}>"

    @property
    def _record(self) -> JobRecord:
        """The job as the open file has it; the last known when it was cleared."""
        self._last = runtime.book.get(self._last.id) or self._last
        return self._last

    @property
    def id(self) -> str:
        """The id, the same here, in the .blend and in the backend."""
        return self._last.id

    @property
    def name(self) -> str:
        """What the part was called."""
        return self._last.name

    @property
    def state(self) -> str:
        """`sending`, `queued`, `running`, `done`, `failed` or `cancelled`."""
        return self._record.state

    @property
    def progress(self) -> float:
        """Share done, 0 to 1; 1 only when the result is here."""
        return self._record.progress

    @property
    def error(self) -> Error | None:
        """Why it failed: `.message` is one sentence, `.code` one of a closed list."""
        return self._record.error

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job has ended, at most `timeout` seconds; return whether it has.

        A connection that is lost is waited for as well. Blender's window does not react
        meanwhile; Ctrl-C in the terminal interrupts the waiting, and the job goes on.

        Raises
        ------
        TugError
            `unreachable` (or what else stands in the way) when no backend can be reached.
        """
        session = runtime.connect()
        session.wait(lambda: self._record.finished or session.hopeless, timeout)
        runtime.refresh()
        if not self._record.finished and session.hopeless:
            raise no_backend()
        return self._record.finished

    def cancel(self) -> None:
        """Stop the job; one that has ended stays as it is.

        Raises
        ------
        TugError
            `unreachable` when not connected.
        """
        runtime.session().cancel(self._record)

    def result(self, timeout: float | None = None) -> ArticulateResult:
        """Wait for the result and return it: `.joints`, best first, `.notes`, `.seconds`.

        Raises
        ------
        TugError
            Why the job failed, or `timeout`.
        """
        if not self.wait(timeout):
            raise failure(
                "timeout", f"'{self.name}' has no result after {timeout:g} seconds.", retry=True
            )
        record = self._record
        if record.result is None:
            raise TugError(record.error or failure("internal", "The job has no result.").error)
        return record.result

    def alternatives(self) -> tuple[Joint, ...]:
        """Return the proposed joints, best first; none before the job is done."""
        record = self._record
        return record.result.joints if record.result else ()

    def apply(self, index: int = 0, keyframes: bool = True) -> Applied:
        """Put a proposed joint into the scene. Waits for the result if need be.

        Pushes no undo step; the operator `tug.accept_result` does.

        Parameters
        ----------
        index
            Which alternative; 0 is the best.
        keyframes
            Whether to add keys from the present frame on: rest, open, rest.

        Returns
        -------
        Applied
            The control object, its bone if any, and the path of its `tug_open` property.

        Raises
        ------
        TugError
            `bad_input` when object or part were deleted (the result is kept) or there is no
            such alternative; why the job failed.
        """
        found = self.result().joints
        if not 0 <= index < len(found):
            raise failure("bad_input", f"There is no alternative {index}; there are {len(found)}.")
        record = self._record
        obj, part = runtime.target(record)
        applied = put_into_scene(
            obj,
            part,
            found[index],
            job_id=record.id,
            keyed=keyframes,
            body=runtime.body(record),
            asked=record.request.geometry,
        )
        record.select(index)
        runtime.book.changed()
        runtime.refresh()
        return applied


def articulate(
    obj: bpy.types.Object,
    part: PartLike = None,
    drags: Drags | None = None,
    prompt: str = "",
    body: Bodies = None,
    **options: Any,
) -> Job:
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
        What the part is and how it moves, in words; empty takes the part's own.
    body
        Objects that stay. None takes what the part is parented to, or its neighbours.
    options
        Further fields of `ArticulateRequest`: `up`, `joint_types`, `alternatives`, `seed`.

    Returns
    -------
    Job
        Also listed in the sidebar and stored in the .blend.

    Raises
    ------
    TugError
        `bad_input` when the scene gives nothing to ask, `unreachable` when there is no backend.
    """
    return Job(ask(obj, part, drags, prompt, body, **options))


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


def jobs() -> list[Job]:
    """Return the jobs of the open file, oldest first."""
    return [Job(record) for record in runtime.book]


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
