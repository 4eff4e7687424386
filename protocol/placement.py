"""Placing: where objects should stand in a scene, and where they came to stand."""

from __future__ import annotations

from typing import Annotated

import msgspec

from .blobs import Blob
from .joint import Vector
from .meshes import Geometry, Matrix, ModelLink, Piece

Quaternion = tuple[float, float, float, float]
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Where an object should be (world); what is left open is as it is, or does not matter.

    `spot` is a point on the scene that was clicked: the object is to stand there. `centre`,
    `size` and `turn` are those of a drawn box: its middle, its three extents along its own
    axes, and its rotation as a unit quaternion (w, x, y, z). The object is scaled evenly to
    fit into a `size`, and rotated by `turn` from the pose it was sent in.
    """

    spot: Vector | None = None
    centre: Vector | None = None
    size: Vector | None = None
    turn: Quaternion | None = None


class PlaceItem(msgspec.Struct, frozen=True, kw_only=True):
    """An object to place, with its joints if it has any; `links` come parents first.

    `upright` keeps its up the scene's up, else it lies as the surface does. `against_wall`
    brings its back (the side that looks along `front`, reversed) to the nearest wall. One that
    is `locked` stays where it was sent, and the others heed it.
    """

    name: str
    links: tuple[ModelLink, ...]
    wish: Wish = Wish()
    upright: bool = True
    against_wall: bool = False
    front: Vector = (0.0, -1.0, 0.0)
    locked: bool = False


class PlaceRequest(msgspec.Struct, frozen=True, kw_only=True, tag="place", tag_field="task"):
    """Where do these objects stand in this scene? The `scene` stays; the items come to stand.

    Locked items are heeded first, then the larger ones come before the smaller. Where one of
    them finds no place, the job fails with `bad_input` that says why, and none is placed. The
    `moving` and `selection` of the geometries say nothing here.
    """

    geometry: tuple[Geometry, ...]
    scene: tuple[Piece, ...]
    items: tuple[PlaceItem, ...]
    up: Vector = (0.0, 0.0, 1.0)
    engine: str = "geometry"
    seed: int = 0


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where an item came to stand, and how well.

    `pose` moves it from where it was sent, even scaling included. `support` says in words what
    it stands on. Lengths are in Blender units: `penetration` is how deep it and the scene are
    in each other at most, `gap` how far its lowest contact is above its support, `drift` how far
    its middle came from what was wished, across up. `stability` is how far inside the support
    polygon its centre of mass stands, as a share of its size (the diagonal of its box); it
    topples where that is negative. `free` is the share of its joints' ranges that nothing
    blocks.

    `points` (N, 3) float32 on its surface where it stands now, `distances` (N,) float32 from
    each to the scene, negative inside; `contacts` (C, 3) float32 is the support polygon.
    """

    name: str
    pose: Matrix
    support: str
    penetration: float
    gap: float
    stability: float
    free: Share
    drift: float
    size: float
    contact_area: float
    points: Blob
    distances: Blob
    contacts: Blob


class PlaceResult(msgspec.Struct, frozen=True, kw_only=True, tag="place", tag_field="task"):
    """A placement for each item in the order asked, and remarks for the user."""

    placements: tuple[Placement, ...]
    seconds: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    engine: str = "geometry"
    revision: str = ""
    seed: int = 0
