"""Models out of the scene and into it, as files."""

from __future__ import annotations

from ...protocol.tasks import (
    ExportModelRequest,
    ExportModelResult,
    ImportModelRequest,
    ImportModelResult,
)
from .job import Job


class ExportJob(Job[ExportModelRequest, ExportModelResult]):
    """Write a model: `path` of the main file, and all `written` once they are there."""

    path: str
    written: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether the files are written, or why not."""
        return self.error is not None or bool(self.written)

    @property
    def settled(self) -> bool:
        return self.finished


class ImportJob(Job[ImportModelRequest, ImportModelResult]):
    """Read a model from the file at `path`; `made` are the uids of its objects in the scene.

    One that `lands` is built as soon as its result is here; `remarks` say what was left out.
    """

    path: str
    lands: bool = False
    made: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether the model is there, to be built or built already, or why not."""
        return self.settled or (self.result is not None and not self.lands)

    @property
    def settled(self) -> bool:
        return self.error is not None or bool(self.made)

    @property
    def decided(self) -> tuple[object, ...]:
        return self.made
