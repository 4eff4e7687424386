"""One question of a .blend file: where it stands, and what came of it."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

import msgspec

from ...protocol.errors import Error, TugError
from ...protocol.messages import JobStatus

State = Literal["sending", "queued", "running", "done", "failed", "cancelled"]
Q = TypeVar("Q", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)
sending_share = 0.1
most_before_result = 0.99


class Job(msgspec.Struct, Generic[Q, R], kw_only=True):
    """One question, from sending to answer. Stored in the .blend as JSON.

    `object` is the uid that identifies what it is about through undo, renaming and reload;
    `name` is what that was called. There is a subclass for each kind of question.
    """

    id: str
    name: str
    object: str = ""
    request: Q
    status: JobStatus
    uploaded: float = 0.0
    result: R | None = None
    error: Error | None = None

    @property
    def kind(self) -> str:
        """What is asked: the tag of the request."""
        return str(type(self.request).__struct_config__.tag)

    @property
    def finished(self) -> bool:
        """Whether there is a result or an error."""
        return self.result is not None or self.error is not None

    @property
    def settled(self) -> bool:
        """Whether nothing more is needed from the backend, the arrays of the result included."""
        return self.finished

    @property
    def state(self) -> State:
        """Where it stands; `done` only with the result in hand."""
        if self.error is not None:
            return "cancelled" if self.error.code == "cancelled" else "failed"
        if self.finished:
            return "done"
        if self.status.sequence == 0:
            return "sending"
        return "queued" if self.status.state == "queued" else "running"

    @property
    def progress(self) -> float:
        """Share done, in [0, 1]; 1 only with the result in hand."""
        if self.state == "done":
            return 1.0
        if self.state == "sending":
            return sending_share * self.uploaded
        share = sending_share + (1.0 - sending_share) * self.status.fraction
        return min(most_before_result, share)

    @property
    def decided(self) -> tuple[object, ...]:
        """What the user said, or what came of it in the scene or on the disk."""
        return ()

    def fail(self, problem: TugError) -> None:
        """Note that the result could not be used, and why; the job has failed by that."""
        self.error, self.result = problem.error, None

    def words(self) -> str:
        """Say where it stands."""
        status = self.status
        match self.state:
            case "sending":
                return f"Sending, {round(100 * self.uploaded)} %" if self.uploaded else "Sending"
            case "queued":
                return f"Waiting, {status.position} ahead" if status.position else "Waiting"
            case "running":
                return ", ".join(filter(None, (_stage_words(status), _time_words(status))))
            case "done":
                return "Done"
            case state:
                return self.error.message if self.error else state.capitalize()


class LandingJob(Job[Q, R], kw_only=True):
    """One whose answer becomes something in the scene, `made`: uids or names.

    One that `lands` does so as soon as its answer is here; `remarks` say what there was to say.
    """

    lands: bool = False
    made: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether the answer is there, to be used or used already, or why not."""
        return self.settled or (self.result is not None and not self.lands)

    @property
    def settled(self) -> bool:
        return self.error is not None or bool(self.made)

    @property
    def decided(self) -> tuple[object, ...]:
        return self.made


def _stage_words(status: JobStatus) -> str:
    stage = (status.stage or "running").replace("_", " ").capitalize()
    return f"{stage} {status.step} of {status.total}" if status.total else stage


def _time_words(status: JobStatus) -> str:
    seconds = status.seconds_left
    if seconds < 0.0:
        return ""
    if seconds < 90.0:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60.0)} min left"
