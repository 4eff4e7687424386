"""The jobs of a client, and what each still needs to be sent, followed and fetched."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal

from numpy.typing import NDArray

from . import codec
from .blobs import as_bytes, blobs_in, describe
from .errors import Error, TugError, failure
from .jobs import RemoteJob
from .link import Channel, Handler
from .messages import (
    Acknowledge,
    Attach,
    Cancel,
    Event,
    Failure,
    FindMissing,
    GetResult,
    JobReply,
    JobsReply,
    JobStatus,
    Limits,
    Missing,
    ResultReply,
    Submit,
)
from .tasks import Request, Result
from .transfers import Download, Transfers

batch = 1000  # ids or digests in one call
submit_attempts = 3


class Ledger:
    """All jobs by id. They outlive connections: each new one is asked what it knows of them.

    `on_trouble` is called when the connection, not a job, is at fault and must be made anew.
    """

    def __init__(self, on_trouble: Callable[[Error], None]) -> None:
        self.jobs: dict[str, RemoteJob] = {}
        self.transfers = Transfers(self._on_progress, self._on_stored, self._on_upload_failed)
        self._on_trouble = on_trouble
        self._control: Channel | None = None
        self._bulk: Channel | None = None
        self._forgotten: set[str] = set()

    def connect(self, control: Channel, bulk: Channel, limits: Limits) -> None:
        """Go on over a connection that has been welcomed."""
        self._control, self._bulk = control, bulk
        control.on_event = self._on_event
        self.transfers.connect(bulk, limits)
        self._acknowledge(list(self._forgotten))
        open_jobs = [job for job in self.jobs.values() if not job.finished]
        self._attach([job for job in open_jobs if job.sent])
        for job in open_jobs:
            if not job.sent:
                self._start(job)

    def disconnect(self) -> None:
        self._control = self._bulk = None
        self.transfers.disconnect()

    def submit(self, request: Request, arrays: Iterable[NDArray[Any]], name: str) -> RemoteJob:
        """Do what `Client.submit` says; an empty `name` asks for a fresh id."""
        codec.to_map(request)  # NaN is the caller's to hear of
        job = self._named(request, name)
        if job is None:
            job = RemoteJob(self, name or uuid.uuid4().hex, request)
            job.sent = False
            self.jobs[job.id] = job
        given = {describe(array).digest: as_bytes(array) for array in arrays}
        wanted = {blob.digest for blob in blobs_in(request)}
        job.request = request
        job.data = {digest: given[digest] for digest in wanted if digest in given}
        if self._control is not None and not job.sent:
            self._start(job)
        return job

    def attach(self, names: Iterable[str]) -> list[RemoteJob]:
        """Return the jobs of these ids, asking the server about those not known here."""
        jobs = [self.jobs.get(name) or RemoteJob(self, name, None) for name in names]
        fresh = [job for job in jobs if job.id not in self.jobs]
        self.jobs.update((job.id, job) for job in fresh)
        self._attach(fresh)
        return jobs

    def cancel(self, job: RemoteJob) -> None:
        job.cancelling = True
        if not job.sent:
            self._end(job, "cancelled")
        else:
            self._call(Cancel, partial(self._on_cancelled, job), job=job.id)

    def acknowledge(self, job: RemoteJob) -> None:
        self.jobs.pop(job.id, None)
        if job.sent:
            self._forgotten.add(job.id)
            self._acknowledge([job.id])

    def _named(self, request: Request, name: str) -> RemoteJob | None:
        """Return the job of that id, unless it is gone and may begin anew."""
        job = self.jobs.get(name)
        if job is None or (job.error is not None and job.error.code == "unknown_job"):
            return None
        if job.request not in (None, request):
            raise failure("job_exists", f"Another job has the id {name} already.")
        return job

    def _call(self, kind: Any, then: Handler, **fields: Any) -> None:
        if self._control is not None:
            self._control.call(kind, then, **fields)

    # Attach: what does the server know?

    def _attach(self, jobs: list[RemoteJob]) -> None:
        for first in range(0, len(jobs), batch):
            some = jobs[first : first + batch]
            for job in some:
                job.fetching = False
            self._call(Attach, partial(self._on_jobs, some), jobs=[job.id for job in some])

    def _on_jobs(self, asked: list[RemoteJob], reply: JobsReply | Failure, _: memoryview) -> None:
        if isinstance(reply, Failure):
            self._on_trouble(reply.error)
            return
        jobs = {job.id: job for job in asked}
        for status in reply.jobs:
            job = jobs.get(status.job)
            if job is not None:
                self._follow(job, status)
                if job.cancelling and not job.finished:
                    self.cancel(job)
        for name in reply.unknown:
            if name in jobs:
                self._on_unknown(jobs[name])

    def _on_unknown(self, job: RemoteJob) -> None:
        if job.finished:
            return
        if job.cancelling:
            self._end(job, "cancelled")
        elif job.request is None:
            self._fail(job, _unknown(job.id))
        else:
            job.status = JobStatus(job=job.id, state="queued")
            self._start(job)

    # Submit, when the server has all blobs

    def _start(self, job: RemoteJob) -> None:
        digests = sorted({blob.digest for blob in blobs_in(job.request)})
        job.missing = set(digests)
        for first in range(0, len(digests), batch):
            some = digests[first : first + batch]
            if self._bulk is not None:
                self._bulk.call(FindMissing, partial(self._on_missing, job, some), digests=some)
        self._submit_if_ready(job)

    def _on_missing(
        self, job: RemoteJob, asked: list[str], reply: Missing | Failure, _: memoryview
    ) -> None:
        if job.finished:
            return
        if isinstance(reply, Failure):
            self._fail(job, reply.error)
            return
        lacking = set(asked) & set(reply.digests)
        if lacking - job.data.keys():
            self._fail(job, _not_given(lacking - job.data.keys()))
            return
        job.missing -= set(asked) - lacking
        for digest in lacking:
            self.transfers.upload(digest, job.data[digest])
        self._submit_if_ready(job)

    def _on_progress(self, digest: str) -> None:
        for job in self._waiting_for(digest):
            job.changed()

    def _on_stored(self, digest: str) -> None:
        for job in self._waiting_for(digest):
            job.missing.discard(digest)
            self._submit_if_ready(job)
            job.changed()

    def _on_upload_failed(self, digest: str, error: Error) -> None:
        for job in self._waiting_for(digest):
            self._fail(job, error)

    def _waiting_for(self, digest: str) -> list[RemoteJob]:
        return [job for job in self.jobs.values() if digest in job.missing and not job.finished]

    def _submit_if_ready(self, job: RemoteJob) -> None:
        if job.missing or job.finished or job.request is None:
            return
        try:
            request = codec.to_map(job.request)
            self._call(Submit, partial(self._on_submitted, job), job=job.id, request=request)
            job.sent = True
        except TugError as error:
            self._fail(job, error.error)

    def _on_submitted(self, job: RemoteJob, reply: JobReply | Failure, _: memoryview) -> None:
        if isinstance(reply, JobReply):
            self._follow(job, reply.status)
        elif reply.error.code == "missing_blob" and job.attempts < submit_attempts:
            job.attempts += 1  # it expired between the question and the submit
            self._start(job)
        else:
            self._fail(job, reply.error)

    # Follow until the result is here

    def _on_event(self, event: Event) -> None:
        job = self.jobs.get(event.status.job)
        if job is not None and event.status.sequence >= job.status.sequence:
            self._follow(job, event.status)

    def _on_cancelled(self, job: RemoteJob, reply: JobReply | Failure, _: memoryview) -> None:
        if isinstance(reply, JobReply):
            self._follow(job, reply.status)
        elif reply.error.code == "unknown_job":
            self._on_unknown(job)

    def _follow(self, job: RemoteJob, status: JobStatus) -> None:
        if job.finished:
            return
        job.sent = True
        job.status = status
        if status.state == "done" and job.found is None and not job.fetching:
            job.fetching = True
            self._call(GetResult, partial(self._on_result, job), job=job.id)
        job.changed()

    def _on_result(self, job: RemoteJob, reply: ResultReply | Failure, _: memoryview) -> None:
        try:
            if isinstance(reply, Failure):
                raise TugError(reply.error)
            found = codec.from_map(reply.result, Result)
            then = partial(self._on_result_blob, job)
            blobs = {blob.digest: blob for blob in blobs_in(found)}
            job.downloads = {
                name: self.transfers.download(blob, then) for name, blob in blobs.items()
            }
            job.found = found
        except TugError as error:
            self._fail(job, error.error)
            return
        job.changed()

    def _on_result_blob(self, job: RemoteJob, download: Download) -> None:
        if download.error is not None:
            self._fail(job, download.error)
        else:
            job.changed()

    def _fail(self, job: RemoteJob, error: Error) -> None:
        if error.code == "hello_required":
            self._on_trouble(error)
        elif not job.finished:
            self._end(job, "failed", error)

    def _end(
        self, job: RemoteJob, state: Literal["failed", "cancelled"], error: Error | None = None
    ) -> None:
        job.missing = set()
        active = (other.missing for other in self.jobs.values() if not other.finished)
        self.transfers.keep(set().union(*active))
        job.become(state, error)

    def _acknowledge(self, names: list[str]) -> None:
        for first in range(0, len(names), batch):
            some = names[first : first + batch]
            self._call(Acknowledge, partial(self._on_acknowledged, some), jobs=some)

    def _on_acknowledged(self, names: list[str], reply: Any, _: memoryview) -> None:
        if not isinstance(reply, Failure):
            self._forgotten.difference_update(names)


def _unknown(job: str) -> Error:
    return Error(
        code="unknown_job",
        message=f"The backend does not know job {job}; it may have expired. Start it again.",
    )


def _not_given(digests: set[str]) -> Error:
    return Error(
        code="missing_blob",
        message="An array of the request was not given, or was changed after it was described.",
        details={"digests": sorted(digests)},
    )
