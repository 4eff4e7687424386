"""A motion seen from several cameras: what trajectory-conditioned video models take."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec

from .blobs import Blob
from .meshes import Geometry, Matrix, Piece

Layer = Literal["depth", "normals", "instances", "parts", "flow", "entities", "heat"]
Unclear = Literal["keep", "replace", "split"]
Pixels = Annotated[int, msgspec.Meta(ge=8, le=8192)]


class Camera(msgspec.Struct, frozen=True, kw_only=True):
    """A pinhole camera. `pose` is its frame to world, Blender's axes: -z ahead, +y up.

    `focal` (fx, fy) and `centre` (cx, cy) are in pixels, x to the right and y down from the
    outer corner of the top left pixel, whose middle is (0.5, 0.5).
    """

    name: str
    pose: Matrix
    focal: tuple[float, float]
    centre: tuple[float, float]
    width: Pixels
    height: Pixels
    near: float = 0.01
    far: float = 1000.0


class Rig(msgspec.Struct, frozen=True, kw_only=True):
    """Cameras around a motion, framing all of it: one for each azimuth at each elevation.

    Angles are in radians: azimuth 0 looks from the front (-y), growing counter-clockwise as seen
    from above; elevation 0 is level. `field` is the angle of view across the wider side,
    `margin` the share of the picture that stays free at each edge. With `cutaway`, what is
    nearer to the camera than all of the motion is cut away by the camera's near plane, as a
    room's front wall must be. By default Drag4D's 8 views.
    """

    azimuths: tuple[float, ...] = (0.0, 0.5 * math.pi, math.pi, 1.5 * math.pi)
    elevations: tuple[float, ...] = (0.0, math.pi / 6.0)
    width: Pixels = 256
    height: Pixels = 256
    field: float = math.radians(40.0)
    margin: float = 0.1
    cutaway: bool = True


class ViewedPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a body, and how it moves over the T frames of the request.

    `motion` (T, 4, 4) float64 moves it from where it was sent; without it, it stands still. What
    bends has `shapes` instead: (T, V, 3) float32, where the V vertices of its one whole
    geometry are in world at each frame.
    """

    name: str
    pieces: tuple[Piece, ...]
    motion: Blob | None = None
    shapes: Blob | None = None


class ViewedBody(msgspec.Struct, frozen=True, kw_only=True):
    """An object among others. What is not `tracked` is scenery: seen, but without trajectories."""

    name: str
    parts: tuple[ViewedPart, ...]
    tracked: bool = True


class RenderControlsRequest(
    msgspec.Struct, frozen=True, kw_only=True, tag="render_controls", tag_field="task"
):
    """What do these cameras see of this motion? Given `cameras` come first, then the rig's.

    `frames` is T, the first one at frame `first`. A view along which the motion runs, less than
    `clear` radians from its axis, is kept, replaced by a clear one, or split into a pair of
    views from both sides. Where something moves by more than `fastest` pixels a frame, the view
    is cut into clips that are shown so slowly that it does not. `tracks` is how many points a
    part are followed: its middle, then points spread over its surface. With `bundle`, each view
    comes as a zip of files instead of layers.
    """

    geometry: tuple[Geometry, ...]
    bodies: tuple[ViewedBody, ...]
    frames: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    first: int = 1
    fps: Annotated[float, msgspec.Meta(gt=0.0)] = 24.0
    cameras: tuple[Camera, ...] = ()
    rig: Rig | None = Rig()
    layers: tuple[Layer, ...] = ("depth", "instances", "parts", "flow")
    unclear: Unclear = "replace"
    clear: float = math.radians(20.0)
    fastest: float = 32.0
    tracks: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 1
    bundle: bool = False
    engine: str = "geometry"
    seed: int = 0


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """Frames `first` to `last` of a view, to be shown `slower` times as slow.

    Each clip begins at the frame that the one before it ended at. With every step between two
    frames spread over `slower` shown ones (a power of two, at most 256), no track goes more than
    `fastest` pixels a shown frame.
    """

    first: int
    last: int
    slower: float = 1.0


class ControlledView(msgspec.Struct, frozen=True, kw_only=True):
    """What one camera sees. `replaces` names the view that it stands for, if another one.

    `along` is the angle in radians between the motion and the camera's axis, pi/2 the clearest,
    and `fastest` the largest step of a track in pixels a frame. `tracks` (T, N, 2) float32 are
    pixel positions (NaN behind the camera), `depths` (T, N) float32 distances along the
    camera's axis, `visible` (T, N) uint8 whether it is in the picture with nothing in front; a
    middle, which may be inside, also where its own body or part is what is seen. `layers` are
    images by name:

    - `depth` (T, H, W) float32 along the axis, infinity where nothing is; `normals`
      (T, H, W, 3) int8, 127 times the unit normal of the face seen, towards the camera, in the
      camera's axes;
    - `instances` and `parts` (T, H, W) uint16, 0 where nothing is, else 1 + the index of the
      body, and of the part counted through all bodies;
    - `flow` (T, H, W, 2) float16, how many pixels what is seen there moves until the next
      frame; 0 in the last one;
    - `entities` (T, H, W, 2) uint16 and `heat` (T, H, W, 2) uint8, discs of 1 + index and
      Gaussians about the middles, first of bodies, then of parts: the inputs of DragAnything
      (its section 3), whole and local as in Drag4D.
    """

    camera: Camera
    tracks: Blob
    depths: Blob
    visible: Blob
    clips: tuple[Clip, ...]
    along: float
    fastest: float
    replaces: str = ""
    layers: dict[str, Blob] = {}
    archive: Blob | None = None


class RenderControlsResult(
    msgspec.Struct, frozen=True, kw_only=True, tag="render_controls", tag_field="task"
):
    """The views, and remarks for the user.

    `tracked` names what each of the N tracks follows: body, part, and which point of it, 0 its
    middle. Each tracked body begins with its own middle, whose part is empty.
    `manifest` is the bundle's manifest.json, (B,) uint8.
    """

    views: tuple[ControlledView, ...]
    tracked: tuple[tuple[str, str, int], ...]
    manifest: Blob | None = None
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    engine: str = "geometry"
    revision: str = ""
    seed: int = 0
