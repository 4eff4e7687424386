"""Models out of the scene and into it, as files."""

from __future__ import annotations

from ...protocol.tasks import (
    ExportModelRequest,
    ExportModelResult,
    ImportModelRequest,
    ImportModelResult,
)
from .job import Job, LandingJob


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


class ImportJob(LandingJob[ImportModelRequest, ImportModelResult]):
    """Read a model from the file at `path`; the uids of its objects are what is `made`."""

    path: str
