"""Questions for where objects should stand."""

from __future__ import annotations

import msgspec

from ...protocol.meshes import Matrix
from ...protocol.placement import Placement, PlaceRequest, PlaceResult
from .job import Job


class Heat(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn of a placement, kept with the job: little-endian float32 as bytes.

    `points` (N, 3) on the placed surface, `distances` (N,) from them to the scene, `contacts`
    (C, 3) the support polygon.
    """

    points: bytes = b""
    distances: bytes = b""
    contacts: bytes = b""


class PlaceJob(Job[PlaceRequest, PlaceResult]):
    """Where do objects stand? `objects` are the uids of the items' topmost objects.

    `homes` are those objects' places (to world) when asked, `scenery` the uids of the objects
    that a script named as the scene, `heats` what is drawn of the answer, `remarks` what there
    was to say when they were moved.
    """

    objects: tuple[str, ...]
    homes: tuple[Matrix, ...]
    scenery: tuple[str, ...] = ()
    heats: tuple[Heat, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether the answer is here with what is drawn of it, or why not."""
        return self.error is not None or bool(self.heats)

    @property
    def settled(self) -> bool:
        return self.finished

    @property
    def placements(self) -> tuple[Placement, ...]:
        """How each item stands, in the order asked; nothing before the job is done."""
        return self.result.placements if self.result and self.finished else ()
