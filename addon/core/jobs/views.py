"""Questions for what cameras see of a motion."""

from __future__ import annotations

from ...protocol.views import Camera, RenderControlsRequest, RenderControlsResult
from .job import Job


class ViewsJob(Job[RenderControlsRequest, RenderControlsResult]):
    """What is seen of a motion? With a `folder`, the files `written` there; with `builds`, the
    cameras `made` in the scene.

    `tracked` and `shot_by` are the uids of the objects and cameras that were named; where no
    object was, those that move are followed.
    """

    folder: str = ""
    builds: bool = False
    tracked: tuple[str, ...] = ()
    shot_by: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether what was wished for is there, or why not."""
        waits = (self.folder and not self.written) or (self.builds and not self.made)
        return self.error is not None or (self.result is not None and not waits)

    @property
    def settled(self) -> bool:
        """Whether the arrays are on the disk, or none are wanted."""
        return self.error is not None or bool(self.written or self.made)

    @property
    def decided(self) -> tuple[object, ...]:
        return self.made + self.written

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """The cameras of the views; none before the job is done."""
        return tuple(view.camera for view in self.result.views) if self.result else ()
