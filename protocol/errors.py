"""The closed list of error codes and the envelope they travel in."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

ErrorCode = Literal[
    "malformed",  # the bytes are no message, or a field is wrong; details.path names it
    "too_large",  # a message, blob or mesh is over a declared limit
    "version_unsupported",  # the other side speaks another protocol major
    "wrong_product",  # something else than Tug said hello
    "hello_required",  # a message came before hello
    "unknown_task",  # no such job kind here
    "unknown_job",  # no job of that id (never submitted, acknowledged or expired)
    "job_exists",  # the id is taken by a different request
    "missing_blob",  # a blob that the request names has not been sent
    "corrupt_blob",  # bytes do not hash to their digest, or have the wrong size
    "bad_input",  # the request is well formed and makes no sense; message says what to change
    "cancelled",
    "worker_crashed",
    "out_of_memory",
    "storage_full",
    "timeout",
    "unreachable",  # made by the client: nobody answers at that address
    "wrong_key",  # made by the client: one of the two does not know the other's key
    "internal",  # a defect of ours; the log has the stack
]


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
