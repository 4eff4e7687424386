"""The closed list of error codes and the envelope they travel in."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

ErrorCode = Literal[
    "malformed",
    "too_large",
    "version_unsupported",
    "wrong_product",
    "hello_required",
    "unknown_task",
    "unknown_job",
    "job_exists",
    "missing_blob",
    "corrupt_blob",
    "bad_input",
    "missing_model",
    "cancelled",
    "worker_crashed",
    "out_of_memory",
    "storage_full",
    "timeout",
    "unreachable",
    "wrong_key",
    "internal",
]
meanings: dict[ErrorCode, str] = {
    "malformed": "The bytes are no message, or a field is wrong; `details.path` names it.",
    "too_large": "A message, blob or mesh is over a declared limit.",
    "version_unsupported": "The other side speaks another major version of the protocol.",
    "wrong_product": "Something else than Tug is at the other end.",
    "hello_required": "A call came before `hello`.",
    "unknown_task": "There is no such kind of job here.",
    "unknown_job": "No job of that id: never submitted, acknowledged or expired.",
    "job_exists": "The id is taken by a different request.",
    "missing_blob": "A blob that the request names is not stored.",
    "corrupt_blob": "Bytes do not hash to their digest, come out of order or have the wrong size.",
    "bad_input": "The request is well formed and makes no sense; the message says what to change.",
    "missing_model": "The job needs a model that this backend lacks; `fix` says how to get it.",
    "cancelled": "Somebody asked for it.",
    "worker_crashed": "The process that ran the job ended; the next job runs.",
    "out_of_memory": "The job needed more memory than there is.",
    "storage_full": "The disk of the job store is full.",
    "timeout": "It took longer than it may.",
    "unreachable": "Made by the client: nobody answers at that address.",
    "wrong_key": "Made by the client: one of the two does not know the other's key.",
    "internal": "A defect of ours; the log has the stack.",
}


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """Why something did not happen, and what to do.

    `message` is one sentence a person can act on. `fix` names the action (a command, a
    button's label) or is empty. `retry` says whether the same call may succeed later.
    """

    code: ErrorCode
    message: str
    details: dict[str, Any] = {}
    retry: bool = False
    fix: str = ""


class TugError(Exception):
    """An `Error` on its way through Python code."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.message)
        self.error = error


def failure(
    code: ErrorCode, message: str, *, retry: bool = False, fix: str = "", **details: Any
) -> TugError:
    """Build a `TugError`; the keyword arguments left over become its details."""
    return TugError(Error(code=code, message=message, details=details, retry=retry, fix=fix))
