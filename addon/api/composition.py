"""Placing objects in the scene, and seeing it from everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .. import (
    placements,
    views,
)
from ..handles import (
    ControlsHandle,
    PlaceHandle,
)


def place(
    objs: placements.Objects,
    scene: placements.Objects | None = None,
    at: Sequence[float] | None = None,
    box: placements.Box | None = None,
    upright: bool | None = None,
    against_wall: bool | None = None,
    locked: placements.Objects | None = None,
    **options: Any,
) -> PlaceHandle:
    """Ask where objects stand on what is around them; return at once. Nothing moves by that.

    Parameters
    ----------
    objs
        One or several objects, each with all that is parented to it; a part that a joint carries
        stands for the object it is a part of.
    scene
        What stays: objects, with all that is parented to them. None takes everything else that
        is visible and displays its faces.
    at
        A point on the scene, in world space: they are to stand there.
    box
        They are to be within: an object (a cube empty, or a mesh), or (centre, size, rotation)
        with a rotation of any kind or None. They are turned by the rotation from the pose they
        have, and scaled evenly to fit into the size. Without `at` and `box` they are to stand
        where they are.
    upright
        Whether they stay upright, or lie as the surface does. None takes each object's
        `tug_placing.upright`, which at first is true.
    against_wall
        Whether their backs come to the nearest wall; None takes `tug_placing.against_wall`.
    locked
        Objects that stay where they are, and are heeded; None takes `tug_placing.locked`.
    options
        `turn`, a rotation that goes with `at`; further fields of `PlaceRequest`: `up`, `seed`.

    Returns
    -------
    PlaceHandle
        A `Job`. `.report` says how well each stands, `.apply()` moves them there.

    Raises
    ------
    TugError
        `bad_input` when nothing can be placed or there is nothing to stand on, `unreachable`
        when there is no backend.
    """
    return PlaceHandle(
        placements.ask(objs, scene, at, box, upright, against_wall, locked, **options)
    )


def render_controls(
    objs: views.Objects | None = None,
    frames: Sequence[int] | None = None,
    cameras: views.Objects | str | None = None,
    layers: Iterable[str] = views.default_layers,
    folder: str | Path | None = None,
    size: Sequence[int] | None = None,
    **options: Any,
) -> ControlsHandle:
    """Ask what cameras see of a motion, as trajectory-conditioned video models take it.

    Steps through the frames to see where everything is, and goes back; returns then.

    Parameters
    ----------
    objs
        What is followed: one or several objects, as `place` takes them. None follows all that
        moves. Everything else that is visible is scenery.
    frames
        First and last frame; None takes the scene's.
    cameras
        Camera objects, as they are at the first frame; None or "rig" takes cameras around the
        motion as the scene's `tug_views` say, by default Drag4D's 8 views.
    layers
        Images of each frame: `depth`, `normals`, `instances`, `parts`, `flow`, `entities`,
        `heat`. None are made of an empty list.
    folder
        Where to write all as files, with a `manifest.json`; it must be there. None leaves the
        arrays to `.array(view, name)`.
    size
        Width and height in pixels; None takes the rig's, or the scene's resolution.
    options
        `rig`, a `Rig(azimuths=..., elevations=...)`; further fields of `RenderControlsRequest`:
        `unclear`, `clear`, `fastest`, `tracks`, `seed`.

    Returns
    -------
    ControlsHandle
        A `Job`. `.cameras`, `.files`, `.array(view, name)`; `.build()` adds the cameras to the
        scene.

    Raises
    ------
    TugError
        `bad_input` when nothing moves, a camera is none of perspective, a mesh gets other
        vertices on the way or there is no such folder; `unreachable` without a backend.
    """
    return ControlsHandle(views.ask(objs, frames, cameras, layers, folder, size, **options))
