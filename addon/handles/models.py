"""What a script holds of models on their way out of the scene or into it."""

from __future__ import annotations

from pathlib import Path

import bpy

from .. import importing, runtime
from ..protocol.tasks import ExportModelResult, ImportModelResult
from ..scene.identity import find
from .job import Job


class ExportHandle(Job[ExportModelResult]):
    """A question for a model as files; waited for, they are written."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that were written, the main one first; none before the job is done."""
        return tuple(map(Path, self._record.written))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the format cannot say."""
        return self._record.result.notes if self._record.result else ()


class ImportHandle(Job[ImportModelResult]):
    """A question for a model from files."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out."""
        return self._record.remarks

    @property
    def objects(self) -> tuple[bpy.types.Object, ...]:
        """The topmost objects of the model that are in the scene; none before `apply`."""
        return tuple(obj for uid in self._record.made if (obj := find(uid)))

    def apply(self) -> tuple[bpy.types.Object, ...]:
        """Build the model in the scene, once; return its topmost objects. Waits if need be.

        Pushes no undo step. Raises TugError `bad_input`, or why the job failed.
        """
        self.result()
        if not self._record.made:
            importing.put_into_scene(self._record)
            runtime.refresh()
        return self.objects
