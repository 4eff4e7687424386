"""The queue: accepts jobs, gives them to workers, and writes down how they end."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable
from typing import Any

from backend import logs, tasks
from backend.storage import BlobFolder, storage_failure, wrong_size
from backend.workers import messages
from protocol.blobs import Blob, blobs_in
from protocol.errors import Error, TugError, failure
from protocol.messages import JobState, JobStatus, Limits

from .jobs import Job
from .progress import Progress
from .store import JobStore
from .supervisor import End, Supervisor, Worker

log = logging.getLogger(__name__)
most_attempts = 3
failed_starts_forgiven = 3


class Dispatcher:
    """All jobs, and what happens to them.

    `changed(job, urgent)` is called for each job that has news.
    """

    def __init__(
        self,
        store: JobStore,
        blobs: BlobFolder,
        supervisor: Supervisor,
        limits: Limits,
        *,
        null: bool,
        changed: Callable[[str, bool], None],
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._supervisor = supervisor
        self._limits = limits
        self._null = null
        self._changed = changed
        self.jobs = {job.id: job for job in store.jobs()}
        self._queue = [job for job in self.jobs.values() if not job.is_over]
        self._moved = False
        for job in list(self._queue):
            self._recover(job)

    # What clients ask

    def submit(self, id: str, client: str, request: dict[str, Any]) -> JobStatus:
        """Accept a job, or answer the status of the one that has this id and request.

        Raises TugError: job_exists, unknown_task, malformed, bad_input, too_large,
        missing_blob, corrupt_blob; and sqlite3.Error when the disk is full.
        """
        if id in self.jobs:
            return self._submit_again(id, request)
        digests = self._check(request)
        job = Job(id, client, str(request["task"]), time.time())
        self._store.add(job, request, digests)
        self.jobs[id] = job
        self._queue.append(job)
        with logs.about(id):
            log.info("accepted from %s", client)
        return self.status(id)

    def cancel(self, id: str) -> JobStatus:
        """Stop a job; how it ended is answered for one that has. Raises TugError unknown_job."""
        job = self._find(id)
        worker = self._supervisor.worker_of(id)
        if worker:
            self._supervisor.stop(worker)
        elif not job.is_over:
            self._end(job, "cancelled", _cancelled())
        return self.status(id)

    def status(self, id: str) -> JobStatus:
        """Raises TugError unknown_job."""
        job = self._find(id)
        return job.status(self._queue.index(job) if job in self._queue else 0)

    def result(self, id: str) -> dict[str, Any]:
        """What a job found.

        Raises TugError: unknown_job, the error that ended it, or bad_input before the end.
        """
        job = self._find(id)
        if job.error:
            raise TugError(job.error)
        if job.state != "done":
            raise failure(
                "bad_input", f"The job is {job.state}: its result is not there yet.", retry=True
            )
        return self._store.result(id)

    def acknowledge(self, ids: list[str]) -> list[str]:
        """Forget jobs that have ended; return those forgotten."""
        over = [id for id in ids if id in self.jobs and self.jobs[id].is_over]
        self._store.forget(over)
        for id in over:
            del self.jobs[id]
        return over

    @property
    def queued(self) -> int:
        return len(self._queue)

    # What workers say

    def hear(self, worker: Worker, message: messages.FromWorker) -> None:
        """Take what a worker said of itself or of its job."""
        if isinstance(message, messages.Ready):
            worker.devices, worker.failures = message.devices, 0
            self._supervisor.release(worker)
        elif message.job == worker.job:
            with logs.about(message.job):
                self._hear_of_job(worker, self.jobs[message.job], message)

    def bury(self, end: End) -> None:
        """A worker process has ended: so has its job."""
        if end.job:
            job = self.jobs[end.job]
            with logs.about(job.id):
                self._end(job, *_how_killed(end))
        elif end.worker.failures >= failed_starts_forgiven:
            self._give_up_queue(end.error.error)

    def hand_out(self) -> None:
        """Give the next jobs to idle workers."""
        for worker in list(self._supervisor.idle):
            if self._queue:
                self._moved = True
                self._start(self._queue.pop(0), worker)

    def tell_time(self) -> None:
        """Tell the time left of running jobs and the places of waiting ones again."""
        for worker in self._supervisor.workers:
            if worker.job:
                self._touch(self.jobs[worker.job])
        for job in self._queue if self._moved else ():
            self._touch(job)
        self._moved = False

    def stop(self) -> None:
        """Put running jobs back: a clean stop is no failed attempt."""
        for job in self.jobs.values():
            if job.state == "running":
                job.state, job.attempts = "queued", job.attempts - 1
                self._store.save(job)  # unwritten, it would count as an attempt, nothing worse

    # Inside

    def _recover(self, job: Job) -> None:
        """A job that ran when the gateway was killed runs again, unless that is its habit."""
        job.skip_sequences()
        if job.state == "queued" or job.attempts < most_attempts:
            job.state = "queued"
            return
        message = (
            f"The backend stopped {job.attempts} times while this job ran, so it is not tried "
            "again: send a smaller mesh, or report it with the job's log."
        )
        self._end(job, "failed", failure("worker_crashed", message, fix="Show log").error)

    def _submit_again(self, id: str, request: dict[str, Any]) -> JobStatus:
        if self._store.request(id) != request:
            raise failure(
                "job_exists",
                f"The job id {id} belongs to another request: choose a new id.",
                job=id,
            )
        return self.status(id)

    def _check(self, request: dict[str, Any]) -> set[str]:
        """Refuse what cannot be done; return the digests that the request names."""
        if len(self._queue) >= self._limits.jobs_queued:
            raise failure(
                "too_large",
                f"{len(self._queue)} jobs are waiting already: let some finish or cancel them.",
                retry=True,
                limit=self._limits.jobs_queued,
            )
        typed = tasks.read(request)
        tasks.check(typed, self._limits, null=self._null)
        blobs = set(blobs_in(typed))
        self._check_blobs(blobs)
        return {blob.digest for blob in blobs}

    def _check_blobs(self, blobs: set[Blob]) -> None:
        sizes = {blob: self._blobs.size(blob.digest) for blob in blobs}
        missing = sorted({blob.digest for blob, size in sizes.items() if size is None})
        if missing:
            raise failure(
                "missing_blob",
                f"{len(missing)} arrays of the request have not been sent: send them, then submit.",
                retry=True,
                digests=missing,
            )
        for blob, size in sizes.items():
            if size is not None and size != blob.size:
                raise wrong_size(blob, size)
            self._blobs.touch(blob.digest)

    def _find(self, id: str) -> Job:
        if id not in self.jobs:
            raise failure(
                "unknown_job",
                f"There is no job {id} here: it was never submitted, is acknowledged, or too old.",
                job=id,
            )
        return self.jobs[id]

    def _start(self, job: Job, worker: Worker) -> None:
        job.skip_sequences()
        job.state, job.attempts = "running", job.attempts + 1
        try:
            self._store.save(job)
            request = self._store.request(job.id)
            usual = self._store.stage_seconds(job.task)
        except sqlite3.Error as error:
            self._end(job, "failed", storage_failure(error).error)
            return
        job.progress = Progress(
            usual or tasks.tasks[job.task].stages,
            measured=bool(usual),
            without=tasks.left_out(request),
        )
        self._supervisor.give(worker, messages.Run(job.id, request))
        self._touch(job, urgent=True)

    def _hear_of_job(
        self,
        worker: Worker,
        job: Job,
        message: messages.Progress | messages.Finished | messages.Failed,
    ) -> None:
        if isinstance(message, messages.Progress):
            self._advance(job, message)
            return
        was_stopped = worker.is_stopping
        self._supervisor.release(worker)
        if was_stopped:
            self._end(job, "cancelled", _cancelled())
        elif isinstance(message, messages.Finished):
            self._finish(job, message)
        else:
            self._end(job, "failed", message.error)

    def _advance(self, job: Job, message: messages.Progress) -> None:
        assert job.progress
        job.progress.enter(message.stage, message.step, message.total)
        job.preview = message.preview or job.preview
        self._touch(job)

    def _finish(self, job: Job, message: messages.Finished) -> None:
        assert job.progress
        seconds = job.progress.finish()
        self._end(job, "done", None, message.result, message.digests)
        try:
            self._store.learn(job.task, seconds)
        except sqlite3.Error as error:
            log.warning("times not kept: %s", error)

    def _end(
        self,
        job: Job,
        state: JobState,
        error: Error | None,
        result: dict[str, Any] | None = None,
        digests: Iterable[str] = (),
    ) -> None:
        """Write the end down first, tell it then."""
        if job in self._queue:
            self._queue.remove(job)
            self._moved = True
        job.state, job.error, job.ended = state, error, time.time()
        job.sequence += 1
        with logs.about(job.id):
            self._write_end(job, result, digests)
            log.info("%s%s", job.state, f": {job.error.message}" if job.error else "")
        self._changed(job.id, True)

    def _write_end(self, job: Job, result: dict[str, Any] | None, digests: Iterable[str]) -> None:
        """A result that cannot be written is none."""
        try:
            self._store.save(job, result, digests)
        except sqlite3.Error as problem:
            log.error("the end of the job could not be written: %s", problem)
            if job.state == "done":
                job.state, job.error = "failed", storage_failure(problem).error

    def _give_up_queue(self, error: Error) -> None:
        """No worker can be started: say so to those who wait, instead of letting them."""
        message = f"No worker can be started. {error.message}"
        fix = "tug doctor"
        for job in list(self._queue):
            self._end(job, "failed", failure("worker_crashed", message, retry=True, fix=fix).error)

    def _touch(self, job: Job, *, urgent: bool = False) -> None:
        job.sequence += 1
        self._changed(job.id, urgent)


def _how_killed(end: End) -> tuple[JobState, Error]:
    return ("cancelled", _cancelled()) if end.was_stopped else ("failed", end.error.error)


def _cancelled() -> Error:
    return Error(code="cancelled", message="The job was cancelled.")
