"""The connection to the backend, and the jobs of the open file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import bpy

from .. import (
    runtime,
)
from ..asking import no_backend
from ..core.session import Mode, Settings
from ..handles import (
    Job,
    handle,
)
from ..protocol.errors import failure


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
    models: list[str]


def status() -> Status:
    """Say how the connection stands. Connects to nothing."""
    session = runtime.session()
    session.pump()
    able = session.capabilities
    tasks, models = (able.tasks, able.models) if able else ({}, [])
    waiting = len(runtime.book.unfinished())
    return Status(session.state, session.reason, session.fix, tasks, waiting, models)


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
    runtime.disconnect()
    runtime.refresh()
