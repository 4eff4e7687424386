"""Questions to learned models: views of what is pulled, what moves by it, and textures of it."""

from __future__ import annotations

import msgspec

from ...protocol.dragging import (
    BakeTextureRequest,
    BakeTextureResult,
    DragViewsRequest,
    DragViewsResult,
    SegmentMovingRequest,
    SegmentMovingResult,
)
from ...protocol.tasks import PartProposal
from ..pictures import Seen
from .job import Job, LandingJob


class DraggedJob(Job[DragViewsRequest, DragViewsResult]):
    """What do views look like when a part is pulled?

    `part` and `body` are uids as in `JointJob`, `source` and `look` what was wished for, `camera`
    the uid of the camera if one was named, `owners` the uids of all objects that were shown,
    `seen` the pictures of the answer, `selected` the one on show, `remarks` what there was to say
    when it was asked.
    """

    part: str
    body: tuple[str, ...] = ()
    source: str = "AROUND"
    look: str = "clay"
    camera: str = ""
    owners: tuple[str, ...] = ()
    seen: tuple[Seen, ...] = ()
    selected: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether the pictures are here, or why not."""
        return self.error is not None or bool(self.seen)

    @property
    def settled(self) -> bool:
        return self.finished

    @property
    def decided(self) -> tuple[object, ...]:
        return (self.selected,)

    @property
    def disguise(self) -> str:
        """What is to be said where the pictures show other colours than the object has."""
        if self.request.pictures:
            return ""
        shown = "clay" if self.request.look == "clay" else "made-up colours"
        return (
            f"These pictures show {shown}; ask with the look Materials to bake what it looks like."
        )

    def select(self, index: int) -> None:
        """Show another view; indices wrap around."""
        self.selected = index % max(len(self.seen), 1)


class MovingJob(Job[SegmentMovingRequest, SegmentMovingResult]):
    """Which faces move by a part's drags? Proposed as one part, as a `PartsJob` proposes several.

    `part` is the uid of the part that was pulled and `owner` its object's, `owners` are the uids
    of the objects of the request's geometries, `score` is how sure it is.
    """

    part: str
    owner: str
    owners: tuple[str, ...] = ()
    selected: int = 0
    score: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether there is an answer or an error."""
        return self.error is not None or self.result is not None

    @property
    def settled(self) -> bool:
        return self.error is not None

    @property
    def prompt(self) -> str:
        """Nothing was said in words."""
        return ""

    @property
    def proposals(self) -> tuple[PartProposal, ...]:
        """What moves, as a part; nothing before the job is done, or where nothing does."""
        pieces = self.result.pieces if self.result else ()
        return (PartProposal(pieces=pieces, score=self.score, name=self.name),) if pieces else ()

    def select(self, index: int) -> None:
        """There is only one."""


class Skin(msgspec.Struct, frozen=True, kw_only=True):
    """Whose surface a geometry is: `object` its uid, nothing where it gets no texture.

    `layer` names its UV map; where it has none, `unwrapped` (corners, 2) float32 as bytes,
    compressed, is to become one. One that has a texture of an earlier bake is painted `onto` it;
    `size` is that one's, in pixels, where it is to be kept.
    """

    object: str = ""
    layer: str = ""
    unwrapped: bytes = b""
    onto: bool = False
    size: int = 0


class BakeJob(LandingJob[BakeTextureRequest, BakeTextureResult]):
    """Put pictures of an opened part onto its surfaces.

    `part` and `body` are uids as in `JointJob`, `pictures` the id of the job that made them,
    `skins` what the request's geometries are, `value` and `resolution` what was wished for, if
    anything. The textures' uids are what is `made`; `held` says why they could not be by itself.
    """

    part: str
    body: tuple[str, ...] = ()
    pictures: str = ""
    skins: tuple[Skin, ...] = ()
    value: float | None = None
    resolution: int = 0
    held: str = ""

    @property
    def decided(self) -> tuple[object, ...]:
        return (*self.made, self.lands, self.held)

    @property
    def notes(self) -> tuple[str, ...]:
        """What there was to say, without what is said of surfaces that got no texture."""
        remarks = (*self.remarks, self.held) if self.held else self.remarks
        if self.result is None:
            return remarks
        geometry = self.request.geometry
        bare = [geometry[t.geometry].name for t in self.result.textures if t.painted == 0.0]
        left = () if self.request.whole else tuple(f"'{name}'" for name in bare)
        said = (note for note in self.result.notes if not any(name in note for name in left))
        return (*remarks, *said)
