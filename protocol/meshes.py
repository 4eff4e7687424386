"""Meshes and objects as requests and results carry them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from .blobs import Blob
from .joint import Joint

Row = tuple[float, float, float, float]
Matrix = tuple[Row, Row, Row, Row]
identity: Matrix = (
    (1.0, 0.0, 0.0, 0.0),
    (0.0, 1.0, 0.0, 0.0),
    (0.0, 0.0, 1.0, 0.0),
    (0.0, 0.0, 0.0, 1.0),
)


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


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """All of a geometry of the same message, or the triangles in `selection` (K,) int32.

    `geometry` is an index into the message's `geometry`.
    """

    geometry: Annotated[int, msgspec.Meta(ge=0)]
    selection: Blob | None = None


class ModelLink(msgspec.Struct, frozen=True, kw_only=True):
    """A rigid part of a model. `parent` is an index into the links, which come parents first.

    A link without a joint and with parent -1 is a root. The joint is in world with every link
    at rest, and moves the link with all that hangs on it against its parent.
    """

    name: str
    pieces: tuple[Piece, ...]
    parent: int = -1
    joint: Joint | None = None


class ModelFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as bytes: `content` (N,) uint8, `path` relative to the model's folder, with `/`."""

    path: str
    content: Blob
