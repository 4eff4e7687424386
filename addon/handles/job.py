"""What a script holds of any question: wait for it, cancel it, look at its result."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from .. import runtime
from ..asking import no_backend
from ..core.jobs import AnyJob
from ..protocol.errors import Error, TugError, failure

R = TypeVar("R")


class Job(Generic[R]):
    """A question to the backend, from sending to answer. Made by the functions of `api`.

    `kind` says what is asked, such as `articulate`, `propose_parts` or `drag_views`.
    """

    def __init__(self, record: AnyJob) -> None:
        self._last = record

    def __repr__(self) -> str:
        return f"<Job {self.id} {self.name!r} {self.state} {self.progress:.0%}>"

    @property
    def _record(self) -> Any:
        """The job as the open file has it; the last known when it was cleared."""
        self._last = runtime.book.get(self.id) or runtime.book.get(self._last.id) or self._last
        return self._last

    @property
    def id(self) -> str:
        """The id, the same here, in the .blend and in the backend."""
        return self._last.id

    @property
    def kind(self) -> str:
        """What is asked."""
        return self._record.kind

    @property
    def name(self) -> str:
        """What it is about was called."""
        return self._record.name

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
        runtime.land_waiting()
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

    def result(self, timeout: float | None = None) -> R:
        """Wait for the result and return it, the typed one of its kind.

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
