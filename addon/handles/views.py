"""What a script holds of a question for controls of views."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from numpy.typing import NDArray

from .. import runtime, views
from ..protocol.blobs import Blob
from ..protocol.errors import failure
from ..protocol.views import Camera, RenderControlsResult
from ..scene.identity import find
from .job import Job


class ControlsHandle(Job[RenderControlsResult]):
    """A question for what cameras see of a motion. Its result has `.views` and `.tracked`."""

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """The cameras of the views, in pixels; none before the job is done."""
        return self._record.cameras

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that were written, the manifest first; none without a folder."""
        return tuple(map(Path, self._record.written))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was remarked, such as which views were replaced."""
        record = self._record
        return (*record.remarks, *(record.result.notes if record.result else ()))

    @property
    def objects(self) -> tuple[bpy.types.Object, ...]:
        """The camera objects in the scene; none before `build`."""
        return tuple(obj for uid in self._record.made if (obj := find(uid)))

    def array(self, view: int, name: str) -> NDArray[Any]:
        """Return an array of a view: `tracks`, `depths`, `visible` or the name of a layer.

        Waits for the result if need be. Raises TugError `bad_input` where there is none of that
        name, `unknown_job` where the arrays are gone from the backend.
        """
        seen = self.result().views[view]
        blob = getattr(seen, name) if name in ("tracks", "depths", "visible") else None
        blob = blob or seen.layers.get(name)
        if not isinstance(blob, Blob):
            known = ", ".join(("tracks", "depths", "visible", *seen.layers))
            raise failure("bad_input", f"The view has no {name!r}; it has {known}.")
        return runtime.session().array(self._record, blob)

    def build(self) -> tuple[bpy.types.Object, ...]:
        """Have the collection Tug Views hold the cameras of these views; return their objects.

        Waits for the result if need be. Pushes no undo step. Cameras that the collection has
        already are changed, those of other views go.
        """
        self.result()
        views.build(self._record)
        runtime.refresh()
        return self.objects
