"""A job as the gateway knows it."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.blobs import Blob
from protocol.errors import Error
from protocol.messages import JobState, JobStatus

from .progress import Progress

sequences_a_run = 1_000_000


@dataclass(eq=False)
class Job:
    """One job. Times are seconds since the epoch, `ended` is 0 before the end.

    `sequence` is stored when the state changes only; a run therefore starts at the next
    million, above all that was sent before the gateway was killed.
    """

    id: str
    client: str
    task: str
    created: float
    state: JobState = "queued"
    attempts: int = 0
    sequence: int = 0
    error: Error | None = None
    ended: float = 0.0
    progress: Progress | None = None
    preview: Blob | None = None

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    def skip_sequences(self) -> None:
        """Go above every sequence number that this job may have told."""
        self.sequence = (self.sequence // sequences_a_run + 1) * sequences_a_run

    def status(self, position: int = 0) -> JobStatus:
        progress = self.progress
        return JobStatus(
            job=self.id,
            state=self.state,
            task=self.task,
            stage=progress.stage if progress else "",
            step=progress.step if progress else 0,
            total=progress.total if progress else 0,
            fraction=self._fraction(),
            seconds_left=progress.seconds_left if progress and not self.is_over else -1.0,
            position=position,
            sequence=self.sequence,
            preview=self.preview,
            error=self.error,
        )

    def _fraction(self) -> float:
        if self.state == "done":
            return 1.0
        return self.progress.fraction if self.progress else 0.0
