"""Requests and results of each job kind. A request holds everything that determines its result."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec

from .animation import AnimateRequest, AnimateResult
from .dragging import (
    BakeTextureRequest,
    BakeTextureResult,
    Drag,
    DraggedView,
    DragViewsRequest,
    DragViewsResult,
    SegmentMovingRequest,
    SegmentMovingResult,
)
from .joint import Joint, JointType, Vector
from .meshes import Geometry, ModelFile, ModelLink, Piece
from .placement import PlaceRequest, PlaceResult
from .views import RenderControlsRequest, RenderControlsResult

every_type: tuple[JointType, ...] = get_args(JointType)
Alternatives = Annotated[int, msgspec.Meta(ge=1, le=32)]
Prompt = Annotated[str, msgspec.Meta(max_length=2000)]


LockField = Literal["type", "axis", "origin", "range"]


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """What the user has fixed of a joint: it holds in every joint that comes back.

    `fields` says which of the parameters of `joint` count, at least one. An `axis` keeps its
    sign, and so the way in which values grow; the `origin` is a point that the axis goes
    through. A `range` is all that says how far it goes: `lower`, `upper`, `pitch` and `slide`;
    it fixes the type as well, because the limits of a slide mean nothing to a hinge.
    """

    joint: Joint
    fields: tuple[LockField, ...]


class ArticulateRequest(
    msgspec.Struct, frozen=True, kw_only=True, tag="articulate", tag_field="task"
):
    """Which joint carries the part along the drags? At least one geometry moves and one does not.

    Drags may be empty: then geometry, prompt and convention decide. What is `locked` is not
    sought; a locked type counts more than `joint_types`. `evidence` names the learned models
    that are asked too (`dragapart`, `dragapart:full`); None leaves it to the engine, which asks
    those that are present and known to help with such a question.
    """

    geometry: tuple[Geometry, ...]
    drags: tuple[Drag, ...] = ()
    prompt: Prompt = ""
    up: Vector = (0.0, 0.0, 1.0)
    joint_types: tuple[JointType, ...] = every_type
    alternatives: Alternatives = 5
    engine: str = "geometry"
    seed: int = 0
    locked: Lock | None = None
    evidence: tuple[str, ...] | None = None


class ArticulateResult(
    msgspec.Struct, frozen=True, kw_only=True, tag="articulate", tag_field="task"
):
    """Joints from the likeliest down, the seconds each stage took, and remarks for the user.

    `choices` is how many of the first joints to show side by side: 1 when the best is clearly
    ahead, more when the user had better choose. `views` are what a learned model imagined, if
    one was asked, beside the best joint.
    """

    joints: tuple[Joint, ...]
    choices: int = 1
    views: tuple[DraggedView, ...] = ()
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    engine: str = "geometry"
    revision: str = ""
    seed: int = 0


class PartQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an object among others: what belongs to it, and how it is pulled, if at all.

    `pieces` are the part's own, without what hangs on it.
    """

    name: str
    pieces: tuple[Piece, ...]
    drags: tuple[Drag, ...] = ()
    prompt: Prompt = ""


class PartAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A part's place in the tree and its joints, best first.

    `parent` is the index of the part it hangs on, -1 for the body. All joints are in world
    with every part at rest, each relative to its parent. `like` are the indices of the parts
    that were answered together with it, as twins or mirror images.
    """

    name: str
    parent: int
    joints: tuple[Joint, ...]
    choices: int = 1
    like: tuple[int, ...] = ()


class ArticulateObjectRequest(
    msgspec.Struct, frozen=True, kw_only=True, tag="articulate_object", tag_field="task"
):
    """How do all parts of one object move? What no part claims is the body.

    The `moving` and `selection` of the geometries say nothing here.
    """

    geometry: tuple[Geometry, ...]
    parts: tuple[PartQuestion, ...]
    up: Vector = (0.0, 0.0, 1.0)
    joint_types: tuple[JointType, ...] = every_type
    alternatives: Alternatives = 5
    engine: str = "geometry"
    seed: int = 0


class ArticulateObjectResult(
    msgspec.Struct, frozen=True, kw_only=True, tag="articulate_object", tag_field="task"
):
    """An answer for each part in the order asked, and remarks for the user."""

    parts: tuple[PartAnswer, ...]
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    engine: str = "geometry"
    revision: str = ""
    seed: int = 0


class ProposePartsRequest(
    msgspec.Struct, frozen=True, kw_only=True, tag="propose_parts", tag_field="task"
):
    """Which regions of these meshes may be parts that move?

    A prompt ("open the upper left door") ranks the proposals by how well they fit it. With
    `seed_point` (world, on a surface) only those that hold the point come back, the smallest
    region first. The `moving` and `selection` of the geometries say nothing here.
    """

    geometry: tuple[Geometry, ...]
    prompt: Prompt = ""
    seed_point: Vector | None = None
    up: Vector = (0.0, 0.0, 1.0)
    most: Annotated[int, msgspec.Meta(ge=1, le=512)] = 64
    engine: str = "geometry"
    seed: int = 0


least_fit = 0.3  # of a proposal to a prompt: below this nothing is meant
close_fit = 0.85  # of the best: fits as well


class PartProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A region that may be a part. `score` in [0, 1] orders them; `name` says what it looks like.

    `fits` in [0, 1] says how well it fits the prompt; 0.5 where there is none.
    """

    pieces: tuple[Piece, ...]
    score: float
    name: str = ""
    fits: float = 0.5


class ProposePartsResult(
    msgspec.Struct, frozen=True, kw_only=True, tag="propose_parts", tag_field="task"
):
    """Proposals, best first, and remarks for the user (such as that no part fits the prompt)."""

    proposals: tuple[PartProposal, ...]
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    engine: str = "geometry"
    revision: str = ""
    seed: int = 0


ExportFormat = Literal["urdf", "mjcf", "usd", "glb"]
ImportFormat = Literal["urdf", "mjcf"]


class ExportModelRequest(
    msgspec.Struct, frozen=True, kw_only=True, tag="export_model", tag_field="task"
):
    """Write meshes with their joints as files of a format that simulators and tools read."""

    name: str
    geometry: tuple[Geometry, ...]
    links: tuple[ModelLink, ...]
    format: ExportFormat
    up: Vector = (0.0, 0.0, 1.0)
    engine: str = "geometry"
    seed: int = 0


class ExportModelResult(
    msgspec.Struct, frozen=True, kw_only=True, tag="export_model", tag_field="task"
):
    """The files, the main one first, and remarks on what the format cannot say."""

    files: tuple[ModelFile, ...]
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    engine: str = "geometry"
    revision: str = ""
    seed: int = 0


class ImportModelRequest(
    msgspec.Struct, frozen=True, kw_only=True, tag="import_model", tag_field="task"
):
    """Read a model that is described by `files`, the main one first."""

    files: tuple[ModelFile, ...]
    format: ImportFormat
    engine: str = "geometry"
    seed: int = 0


class ImportModelResult(
    msgspec.Struct, frozen=True, kw_only=True, tag="import_model", tag_field="task"
):
    """The model in a z-up world at its zero pose, and remarks on what was left out."""

    name: str
    geometry: tuple[Geometry, ...]
    links: tuple[ModelLink, ...]
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    engine: str = "geometry"
    revision: str = ""
    seed: int = 0


Request = (
    ArticulateRequest
    | ArticulateObjectRequest
    | ProposePartsRequest
    | ExportModelRequest
    | ImportModelRequest
    | PlaceRequest
    | AnimateRequest
    | RenderControlsRequest
    | DragViewsRequest
    | SegmentMovingRequest
    | BakeTextureRequest
)
Result = (
    ArticulateResult
    | ArticulateObjectResult
    | ProposePartsResult
    | ExportModelResult
    | ImportModelResult
    | PlaceResult
    | AnimateResult
    | RenderControlsResult
    | DragViewsResult
    | SegmentMovingResult
    | BakeTextureResult
)
