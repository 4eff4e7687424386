"""Requests and results of each job kind. A request holds everything that determines its result."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from .blobs import Blob
from .joint import Joint, JointType, Vector

Row = tuple[float, float, float, float]
Matrix = tuple[Row, Row, Row, Row]
identity: Matrix = (
    (1.0, 0.0, 0.0, 0.0),
    (0.0, 1.0, 0.0, 0.0),
    (0.0, 0.0, 1.0, 0.0),
    (0.0, 0.0, 0.0, 1.0),
)


class Drag(msgspec.Struct, frozen=True):
    """A pull: `start` on the part's surface at rest, `end` where that point should go (world)."""

    start: Vector
    end: Vector


class Geometry(msgspec.Struct, frozen=True, kw_only=True):
    """One mesh placed in the world.

    `vertices` (V, 3) float32 in the mesh's own frame, `faces` (F, 3) int32 triangles,
    `matrix` row-major 4x4 from that frame to world (any affine map: mirrored, sheared).
    `moving` says which faces belong to the part: none (part of the body), all, or the
    triangle indices in `selection` (K,) int32.
    """

    vertices: Blob
    faces: Blob
    matrix: Matrix = identity
    moving: Literal["none", "all", "selection"] = "none"
    selection: Blob | None = None
    name: str = ""


class ArticulateRequest(
    msgspec.Struct, frozen=True, kw_only=True, tag="articulate", tag_field="task"
):
    """Which joint carries the part along the drags? At least one geometry moves and one does not.

    Drags may be empty: then geometry, prompt and convention decide.
    """

    geometry: tuple[Geometry, ...]
    drags: tuple[Drag, ...] = ()
    prompt: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    up: Vector = (0.0, 0.0, 1.0)
    joint_types: tuple[JointType, ...] = ("revolute", "prismatic", "continuous")
    alternatives: Annotated[int, msgspec.Meta(ge=1, le=32)] = 5
    engine: str = "geometry"
    seed: int = 0


class ArticulateResult(
    msgspec.Struct, frozen=True, kw_only=True, tag="articulate", tag_field="task"
):
    """Joints from the likeliest down, the seconds each stage took, and remarks for the user."""

    joints: tuple[Joint, ...]
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    engine: str = "geometry"
    revision: str = ""
    seed: int = 0


Request = ArticulateRequest
Result = ArticulateResult
