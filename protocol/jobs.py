"""A job as its client sees it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from numpy.typing import NDArray

from .blobs import Blob
from .errors import Error, failure
from .messages import JobState, JobStatus
from .tasks import Request, Result
from .transfers import Download

if TYPE_CHECKING:
    from .ledger import Ledger

log = logging.getLogger(__name__)


class RemoteJob:
    """Handle of a job on the backend; made by `Client.submit` and `Client.attach`.

    Attributes
    ----------
    id
        Chosen by the client; with it the job is found again after a restart.
    request
        What was asked; None for a job of an earlier session that was attached to by id.
    status
        The last that is known of it, kept while the connection is away.
    on_change
        Called with the job, inside `Client.pump`, whenever something about it changed.
    """

    def __init__(self, ledger: Ledger, id: str, request: Request | None) -> None:
        self.id = id
        self.request = request
        self.status = JobStatus(job=id, state="queued")
        self.on_change: list[Callable[[RemoteJob], None]] = []
        # The rest is between the job and its ledger.
        self.data: dict[str, memoryview] = {}
        self.missing: set[str] = set()
        self.sent = True  # may the server know it?
        self.cancelling = False
        self.fetching = False
        self.attempts = 0
        self.found: Result | None = None
        self.downloads: dict[str, Download] = {}
        self._ledger = ledger

    @property
    def error(self) -> Error | None:
        """Why the job failed."""
        return self.status.error

    @property
    def result(self) -> Result | None:
        """The typed result, once it and all its arrays are here."""
        return self.found if self.found is not None and self._complete else None

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen: failed, cancelled, or done with its result here."""
        return self.status.state in ("failed", "cancelled") or self.result is not None

    @property
    def upload(self) -> float:
        """How much of its arrays the server has, 0..1."""
        total = sum(map(len, self.data.values()))
        left = sum(self._ledger.transfers.left(name, len(self.data[name])) for name in self.missing)
        return 1.0 - left / total if total else 1.0

    def array(self, blob: Blob) -> NDArray[Any]:
        """Return an array of the result, read-only.

        Raises KeyError for a blob that is not in the result, TugError `bad_input` while
        the result is not complete.
        """
        array = self.downloads[blob.digest].array
        if array is None:
            raise failure("bad_input", "The arrays of this job have not arrived yet.", retry=True)
        return array

    def cancel(self) -> None:
        """Stop the job. A job that has finished stays as it is."""
        if not self.finished:
            self._ledger.cancel(self)

    def acknowledge(self) -> None:
        """Tell the backend that it may forget the job, and forget it here.

        Raises TugError `bad_input` while the job has not finished.
        """
        if not self.finished:
            raise failure("bad_input", "The job has not finished; cancel it first.", retry=True)
        self._ledger.acknowledge(self)

    def become(self, state: JobState, error: Error | None = None) -> None:
        """Enter a state that the client found out by itself."""
        self.status = msgspec.structs.replace(self.status, state=state, error=error)
        self.changed()

    def changed(self) -> None:
        for callback in tuple(self.on_change):
            try:
                callback(self)
            except Exception:
                log.exception("a callback of job %s failed", self.id)  # other jobs go on

    @property
    def _complete(self) -> bool:
        return all(download.array is not None for download in self.downloads.values())
