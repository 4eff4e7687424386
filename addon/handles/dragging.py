"""What a script holds of questions to learned models: pictures, what moves, textures."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from .. import baking, imagining, proposals, runtime
from ..core.jobs import DraggedJob
from ..protocol.dragging import BakeTextureResult, DragViewsResult, SegmentMovingResult
from ..protocol.errors import failure
from ..scene.parts import PartSettings
from .job import Job


class DraggedHandle(Job[DragViewsResult]):
    """A question for views of a pulled part. Its result has `.views`, each with its camera."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """How the pictures came about, and what the backend remarked."""
        record = self._record
        return (*record.remarks, *(record.result.notes if record.result else ()))

    def picture(self, view: int = 0, name: str = "after") -> NDArray[np.uint8]:
        """Return (S, S, 3) uint8 sRGB: what is imagined, or `before` the pull.

        Waits for the result if need be. Raises TugError `bad_input` where there is none.
        """
        self.result()
        seen = self._record.seen
        if not 0 <= view < len(seen) or name not in ("before", "after"):
            raise failure("bad_input", f"There is no picture {name!r} of view {view}.")
        return getattr(seen[view], name).pixels

    def apply(self, view: int = 0) -> bpy.types.Image:
        """Make what is imagined an ordinary, packed image of the file. Waits if need be.

        Pushes no undo step.
        """
        self.result()
        return imagining.as_image(self._record, view)

    @property
    def dragged(self) -> DraggedJob:
        """The job itself, once its pictures are here; waits if need be."""
        self.result()
        return self._record


class MovingHandle(Job[SegmentMovingResult]):
    """A question for what moves by a part's drags. Its result has `.pieces` and `.likely`."""

    @property
    def score(self) -> float:
        """How likely what was found moves, on average, 0 to 1."""
        return self._record.score

    def apply(self) -> PartSettings:
        """Mark what moves as a part with the same drags; `.id_data` is its object.

        It is the active part then. Waits if need be; pushes no undo step. Raises TugError
        `bad_input` when nothing moves or the meshes were changed, or why the job failed.
        """
        self.result()
        return proposals.mark(self._record, 0)[1]


class BakeHandle(Job[BakeTextureResult]):
    """A question for textures. Its result has `.textures`, with what share was revealed."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What had to be done for it, and what the backend remarked."""
        return self._record.notes

    @property
    def images(self) -> tuple[bpy.types.Image, ...]:
        """The images that are in the file; none before `apply`."""
        return tuple(baking.images_of(self._record))

    def apply(self) -> tuple[bpy.types.Image, ...]:
        """Show the textures on their objects, once; return their images. Waits if need be.

        Pushes no undo step; the operator `tug.bake_texture` does. Raises TugError `bad_input`
        before anything is changed, or why the job failed.
        """
        self.result()
        if not self._record.made:
            baking.put_into_scene(self._record)
            runtime.refresh()
        return self.images
