"""What learned models imagine when a part is pulled, and what is made of it."""

from __future__ import annotations

from typing import Any

import bpy

from .. import baking, imagining, segmenting
from ..asking import Bodies, Drags, PartLike
from ..handles import BakeHandle, DraggedHandle, MovingHandle


def drag_views(
    obj: bpy.types.Object,
    part: PartLike = None,
    drags: Drags | None = None,
    camera: bpy.types.Object | None = None,
    views: int = 1,
    look: str = "clay",
    body: Bodies = None,
    **options: Any,
) -> DraggedHandle:
    """Ask what views of a part look like when it is pulled; return at once.

    Parameters
    ----------
    obj, part, drags, body
        As `articulate` takes them. There must be a drag.
    camera
        A camera object that looks at it: what it sees of the object is enlarged to a square that
        the object fills. None looks from `views` sides.
    views
        From how many sides, without a camera.
    look
        What the model gets to see: `clay`, `colours` (a colour for each loose piece) or
        `materials` (as Blender's Workbench renders them; clay where it cannot).
    options
        Further fields of `DragViewsRequest`: `engine` (`dragapart`, `dragapart:full`), `steps`,
        `guidance`, `seed`.

    Returns
    -------
    DraggedHandle
        A `Job`. `.picture(view)`, `.result().views`; `.apply(view)` makes an image.

    Raises
    ------
    TugError
        `bad_input` when nothing is pulled or the object is not in front of the camera,
        `unreachable` when there is no backend. The job fails with `missing_model` where the
        backend lacks the model; `.error.fix` says how to get it.
    """
    return DraggedHandle(imagining.ask(obj, part, drags, camera, views, look, body, **options))


def segment_moving(
    obj: bpy.types.Object, part: PartLike = None, drags: Drags | None = None, **options: Any
) -> MovingHandle:
    """Ask which faces of an object move by the drags of a part; return at once.

    Parameters
    ----------
    obj, part, drags
        As `articulate` takes them; what the part is so far says nothing, only its drags do.
    options
        Further fields of `SegmentMovingRequest`: `views`, `clusters`, `engine`, `seed`.

    Returns
    -------
    MovingHandle
        A `Job`. `.apply()` marks what moves as a part.

    Raises
    ------
    TugError
        As `drag_views`.
    """
    return MovingHandle(segmenting.ask(obj, part, drags, **options))


def bake_texture(
    views: DraggedHandle,
    value: float | None = None,
    resolution: int = 0,
    **options: Any,
) -> BakeHandle:
    """Ask for the dragged views of a part as textures of it and its body; return at once.

    The part needs a joint, accepted or proposed. What a UV map is missing for is unwrapped by
    Smart UV Project; nothing changes in the scene before `.apply()`.

    Parameters
    ----------
    views
        What `drag_views` returned; its result is waited for.
    value
        How far the pictures show the joint opened, radians or Blender units; None takes what
        brings the drags' starts nearest their ends.
    resolution
        Pixels of the textures' side. 0 keeps that of an earlier bake, and otherwise takes the
        largest texture of the objects, 1024 where one has none.
    options
        Further fields of `BakeTextureRequest`: `whole` (paint over what was in sight at rest,
        too), `seed`.

    Returns
    -------
    BakeHandle
        A `Job`. `.apply()` shows the textures; `.remarks` say what had to be done.

    Raises
    ------
    TugError
        `bad_input` when there is no joint, it does not open, no object can get a texture, or
        the meshes are not those that the views show, moved as one;
        why the views failed; `unreachable` when there is no backend.
    """
    return BakeHandle(baking.ask(views.dragged, value, resolution, **options))
