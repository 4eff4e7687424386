"""Dragged views: what a learned model imagines when parts are pulled, and what is made of it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from .blobs import Blob
from .joint import Joint, Vector
from .meshes import Geometry, Piece
from .views import Camera

Look = Literal["clay", "colours"]
Count = Annotated[int, msgspec.Meta(ge=1, le=64)]
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


class Drag(msgspec.Struct, frozen=True):
    """A pull: `start` on the part's surface at rest, `end` where that point should go (world)."""

    start: Vector
    end: Vector


class DraggedView(msgspec.Struct, frozen=True, kw_only=True):
    """What a model makes of a camera's picture when parts are pulled.

    `before` and `after` are (S, S, 3) uint8 sRGB pictures of the model's own size, square and
    filling the camera's frame. `drags` are (x0, y0, x1, y1) as shares of the picture's width and
    height, x right, y down. `found`, where there is a joint, is the rest pose moved by it, as
    rendered for comparison, and `error` how far off it is, 0 to 1.
    """

    camera: Camera
    before: Blob
    after: Blob
    drags: tuple[tuple[float, float, float, float], ...]
    found: Blob | None = None
    error: float = 0.0


class DragViewsRequest(
    msgspec.Struct, frozen=True, kw_only=True, tag="drag_views", tag_field="task"
):
    """What do views of these meshes look like when they are pulled so?

    The `cameras`, which must be square, or without them `views` cameras around the meshes,
    placed by `seed`. The meshes are rendered in `look`; instead, `pictures` (S, S, 3) uint8 are
    what the cameras see, one for each on a white background. `steps` and `guidance` are the
    sampler's, the model's own where they are None. The engine is `dragapart` or
    `dragapart:full`.
    """

    geometry: tuple[Geometry, ...]
    drags: tuple[Drag, ...]
    cameras: tuple[Camera, ...] = ()
    pictures: tuple[Blob, ...] = ()
    views: Count = 1
    look: Look = "clay"
    steps: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    guidance: Annotated[float, msgspec.Meta(ge=0.0, le=30.0)] | None = None
    engine: str = "dragapart"
    seed: int = 0


class DragViewsResult(
    msgspec.Struct, frozen=True, kw_only=True, tag="drag_views", tag_field="task"
):
    """The dragged views in the order of the cameras, and remarks for the user."""

    views: tuple[DraggedView, ...]
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    engine: str = "dragapart"
    revision: str = ""
    seed: int = 0


class SegmentMovingRequest(
    msgspec.Struct, frozen=True, kw_only=True, tag="segment_moving", tag_field="task"
):
    """Which faces move when these meshes are pulled so? Nothing is marked yet.

    DragAPart's second application: what moves in `views` views is lifted to faces. The small
    model says so of each pixel; of the published one, features with and without the drags are
    put into `clusters`, and those that hold a drag's start move. The `moving` and `selection`
    of the geometries say nothing here.
    """

    geometry: tuple[Geometry, ...]
    drags: tuple[Drag, ...]
    views: Count = 8
    clusters: Annotated[int, msgspec.Meta(ge=2, le=32)] = 4
    engine: str = "dragapart"
    seed: int = 0


class SegmentMovingResult(
    msgspec.Struct, frozen=True, kw_only=True, tag="segment_moving", tag_field="task"
):
    """The faces that move.

    `likely` holds for each geometry how likely each of its faces moves, (F,) float32; `pieces`
    are the faces above one half, evened out over the surface. The `after` of `views` shows in
    colours over the picture what moves and what stays, or the clusters.
    """

    pieces: tuple[Piece, ...]
    likely: tuple[Blob, ...]
    views: tuple[DraggedView, ...] = ()
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    engine: str = "dragapart"
    revision: str = ""
    seed: int = 0


class Photograph(msgspec.Struct, frozen=True, kw_only=True):
    """A picture (H, W, 3) uint8 sRGB that fills a camera's frame."""

    camera: Camera
    image: Blob


class BakeTextureRequest(
    msgspec.Struct, frozen=True, kw_only=True, tag="bake_texture", tag_field="task"
):
    """Put pictures of opened meshes onto their surfaces.

    The moving faces of the geometries are moved by `joint` to `value`, as the pictures show
    them. `uvs` (F, 3, 2) float32 hold a texture coordinate for each corner of each triangle,
    one array a geometry, None for one that only stands in the way. Texels that the rest pose
    hid come first; with `whole`, those it showed are painted as well. `base` are the present
    textures (R, R, 3 or 4) uint8 that are painted over, one a geometry, or nothing.
    """

    geometry: tuple[Geometry, ...]
    uvs: tuple[Blob | None, ...]
    photographs: tuple[Photograph, ...]
    joint: Joint
    value: float
    base: tuple[Blob | None, ...] = ()
    resolution: Annotated[int, msgspec.Meta(ge=16, le=8192)] = 1024
    whole: bool = False
    engine: str = "geometry"
    seed: int = 0


class BakedTexture(msgspec.Struct, frozen=True, kw_only=True):
    """The texture of a geometry, `image` (R, R, 4) uint8 sRGB, row 0 at v = 1.

    Alpha is 255 where something was painted or the base shows, 0 where nothing is known.
    `revealed` is the share of the surface that the rest pose hid, `painted` what share of that
    was seen and painted.
    """

    geometry: int
    image: Blob
    revealed: Share
    painted: Share


class BakeTextureResult(
    msgspec.Struct, frozen=True, kw_only=True, tag="bake_texture", tag_field="task"
):
    """A texture for each geometry with `uvs`, in their order, and remarks for the user."""

    textures: tuple[BakedTexture, ...]
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    engine: str = "geometry"
    revision: str = ""
    seed: int = 0
