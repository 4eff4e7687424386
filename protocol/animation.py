"""Moving along a path: what moves, when, how it is turned, and the keys that come of it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from .blobs import Blob
from .joint import Vector
from .meshes import Geometry, Matrix, ModelLink, Piece, identity

Ease = Literal["constant", "both", "in", "out"]
Orientation = Literal["keep", "follow", "bank", "look_at", "upright"]
Collisions = Literal["ignore", "report", "avoid"]
RotationMode = Literal["quaternion", "xyz", "xzy", "yxz", "yzx", "zxy", "zyx"]
ChannelPath = Literal["location", "rotation", "joint"]


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """The shape of a path: `points` (N, 3) float64 along it, densely sampled, in world.

    A `closed` one comes back to its first point, which is not repeated. `tilt` (N,) float64 is
    the roll about the path in radians that is added to the orientation.
    """

    points: Blob
    closed: bool = False
    tilt: Blob | None = None


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """When: from frame `start` to frame `end`.

    `shares` (K,) float64 is how much of the way is behind, 0 to 1, at K evenly spaced times
    from start to end; it may stand still and go back. Without it, `ease` says how the motion
    begins and ends.
    """

    start: float
    end: float
    ease: Ease = "constant"
    shares: Blob | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A joint of the mover that moves at a time of its own: a door that opens on the way.

    From frame `start` to frame `end` the joint of that `link` goes smoothly from where it was
    to `value` (its own unit, relative to the pose sent).
    """

    link: Annotated[int, msgspec.Meta(ge=0)]
    start: float
    end: float
    value: float


class Mover(msgspec.Struct, frozen=True, kw_only=True):
    """Something that moves along a way; `links` come parents first, the first one carries all.

    `pivot` is the point (world, as sent) that goes along the way, `forward` the direction as
    sent that looks ahead. `orientation`: `keep` leaves it as it is, `follow` looks along the
    way, `bank` also leans into its curves, `look_at` looks at the point `target`, `upright`
    follows but stays upright. One that is `on_ground` stays on what is below it; with `roll`,
    links on it that turn without end about a level axis roll as wheels do.

    The keys are those of an object whose frame at rest is `frame`, under a parent at `parent`
    (both to world), and whose rotation is kept as `rotation`.
    """

    name: str
    links: tuple[ModelLink, ...]
    way: Way
    timing: Timing
    pivot: Vector
    forward: Vector = (0.0, -1.0, 0.0)
    orientation: Orientation = "follow"
    target: Vector | None = None
    on_ground: bool = False
    roll: bool = True
    steps: tuple[Step, ...] = ()
    frame: Matrix = identity
    parent: Matrix = identity
    rotation: RotationMode = "xyz"


class AnimateRequest(msgspec.Struct, frozen=True, kw_only=True, tag="animate", tag_field="task"):
    """How do these objects move along their ways? The `scene` is ground and obstacle.

    With collisions `avoid`, a mover goes round what is in its way, and where two would meet the
    one that comes later waits; with `report`, meetings are only told. `tolerance` is how far the
    keys may stray from the exact motion, as a share of the mover's size. The `moving` and
    `selection` of the geometries say nothing here.
    """

    geometry: tuple[Geometry, ...]
    movers: tuple[Mover, ...]
    scene: tuple[Piece, ...] = ()
    fps: Annotated[float, msgspec.Meta(gt=0.0)] = 24.0
    up: Vector = (0.0, 0.0, 1.0)
    collisions: Collisions = "report"
    tolerance: Annotated[float, msgspec.Meta(gt=0.0, le=0.1)] = 0.001
    engine: str = "geometry"
    seed: int = 0


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of one number: `path` and `index` say which.

    Of `location` and `rotation` (x, y, z; w, x, y, z for quaternions) `link` is 0; a `joint` is
    that of the link, in its own unit. `keys` (K, 6) float64 are cubic Bezier keys: frame,
    value, frame and value of the left handle, frame and value of the right handle.
    """

    path: ChannelPath
    keys: Blob
    index: int = 0
    link: int = 0


class Collision(msgspec.Struct, frozen=True, kw_only=True):
    """From frame `first` to `last` a mover is in `other`, `depth` Blender units deep at most."""

    other: str
    first: int
    last: int
    depth: float


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """How one mover moves. `first` is the first whole frame.

    `poses` (T, 4, 4) float64 move it from where it was sent, exactly, at T whole frames;
    `joints` (T, L) float64 are the joint values of its links. `channels` are the few keys that
    come within the tolerance of that: `strays` is how far they do, as a share of the size.
    `slip` is the way that wheels slid, as a share of the way gone; `gap` how far the mover was
    off the ground or in it at most, as a share of its size; `late` how many frames it waited.
    """

    name: str
    first: int
    poses: Blob
    joints: Blob
    channels: tuple[Channel, ...]
    strays: float = 0.0
    slip: float = 0.0
    gap: float = 0.0
    late: float = 0.0
    collisions: tuple[Collision, ...] = ()


class AnimateResult(msgspec.Struct, frozen=True, kw_only=True, tag="animate", tag_field="task"):
    """A track for each mover in the order asked, and remarks for the user."""

    tracks: tuple[Track, ...]
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    engine: str = "geometry"
    revision: str = ""
    seed: int = 0
