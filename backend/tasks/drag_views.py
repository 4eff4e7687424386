"""Show what a model imagines when parts are pulled."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backend.models.dragapart.card import presets
from backend.models.dragapart.config import preset
from backend.tasks import geometry
from backend.tasks.geometry import devices
from backend.views import cameras
from backend.views.cameras import Pinhole
from protocol.dragging import Drag, DraggedView, DragViewsRequest, DragViewsResult
from protocol.errors import TugError, failure
from protocol.messages import Limits

if TYPE_CHECKING:
    from backend.articulation.imagined import Seen
    from backend.pictures.dragged import Dragged
    from backend.workers.context import Context

__all__ = ["check", "check_drags", "check_engine", "devices", "run", "warm_up", "written"]

engines = tuple(presets)
most_drags = preset("small").drags  # that the models take
most_views = 64
white = 250  # what the border of a picture on white is at least


def check(request: DragViewsRequest, limits: Limits) -> None:
    """Refuse what cannot be done. Raises TugError: bad_input, too_large."""
    geometry.check(request.geometry, limits)
    check_engine(request.engine)
    drags = check_drags(request.drags)
    if len(request.cameras) > most_views:
        raise failure(
            "too_large", f"There are {len(request.cameras)} cameras: choose at most {most_views}."
        )
    for camera in request.cameras:
        _check_camera(cameras.read(camera), drags)
    _check_pictures(request)


def run(request: DragViewsRequest, context: Context) -> DragViewsResult:
    """Imagine the views. Raises TugError: bad_input, missing_model; Cancelled."""
    from backend.models import dragapart

    began = time.perf_counter()
    context.stage("load")
    model = dragapart.load(presets[request.engine])
    loaded = time.perf_counter()
    context.stage("render")
    shown = _views(request, model.finest, context)
    rendered = time.perf_counter()
    context.stage("imagine")
    after = model.drag(
        np.stack([view.picture for view in shown]),
        np.stack([view.drags for view in shown]),
        seed=request.seed,
        steps=request.steps,
        guidance=request.guidance,
        size=model.finest,
        progress=context,
    )
    done = time.perf_counter()
    return DragViewsResult(
        views=tuple(_result(view, a, context) for view, a in zip(shown, after, strict=True)),
        seconds={"load": loaded - began, "render": rendered - loaded, "imagine": done - rendered},
        notes=tuple(_notes(request, shown)),
        engine=request.engine,
        revision=model.revision,
        seed=request.seed,
    )


def warm_up() -> None:
    """Compile the kernels that colour pictures; no model is loaded before it is asked."""
    from backend.pictures import kernels
    from backend.views.raster import wp

    wp.load_module(kernels, device="cpu")


def check_engine(engine: str) -> None:
    """Refuse a preset that there is not. Raises TugError bad_input."""
    if engine not in engines:
        raise failure(
            "bad_input", f"There is no engine {engine[:80]!r}: choose {' or '.join(engines)}."
        )


def check_drags(drags: Sequence[Drag]) -> NDArray[np.float64]:
    """Return drags as (D, 2, 3). Raises TugError bad_input where no model could follow them."""
    points = np.array([[drag.start, drag.end] for drag in drags], float).reshape(-1, 2, 3)
    if not len(points):
        raise failure("bad_input", "Nothing is pulled: draw a drag that starts on the part.")
    if len(points) > most_drags:
        raise failure(
            "bad_input",
            f"There are {len(points)} drags and the model takes {most_drags}: leave some out.",
        )
    if not np.isfinite(points).all():
        raise failure(
            "bad_input", "A drag has coordinates that are NaN or infinite: draw it again."
        )
    if (points[:, 0] == points[:, 1]).all(axis=1).any():
        raise failure("bad_input", "A drag has no length: pull its end away from its start.")
    return points


def written(seen: Seen, context: Context) -> DraggedView:
    """Return a view that an engine compared with its answer as results carry it."""
    return DraggedView(
        camera=cameras.written(seen.camera),
        before=context.store(np.ascontiguousarray(seen.before)),
        after=context.store(np.ascontiguousarray(seen.after)),
        drags=_shares(seen.drags),
        found=context.store(np.ascontiguousarray(seen.found)),
        error=seen.error,
    )


def _check_camera(camera: Pinhole, drags: NDArray[np.float64]) -> None:
    called = f"The camera '{camera.name[:80]}'"
    if camera.width != camera.height:
        raise failure(
            "bad_input",
            f"{called} is {camera.width} x {camera.height} pixels and the model's pictures are "
            "square: give it as many rows as columns.",
        )
    _, depth = camera.project(drags)
    if not (depth > camera.near).all():
        raise failure(
            "bad_input", f"A drag lies behind {called.replace('The', 'the')}: move the camera back."
        )


def _check_pictures(request: DragViewsRequest) -> None:
    count = len(request.pictures)
    if count and count != len(request.cameras):
        raise failure(
            "bad_input",
            f"There are {count} pictures and {len(request.cameras)} cameras: send one for each.",
        )
    for picture in request.pictures:
        geometry.check_blob(picture, "pictures", "|u1", (None, None, 3))
        if not 0 < picture.shape[0] == picture.shape[1]:
            raise failure(
                "bad_input",
                f"A picture is {picture.shape[1]} x {picture.shape[0]} pixels and should be "
                "square, as its camera is.",
            )


def _views(request: DragViewsRequest, size: int, context: Context) -> list[Dragged]:
    """What each camera shows, in pictures of the model's size."""
    from backend.pictures import dragged, looks, studio
    from backend.pictures.dragged import Dragged

    drags = check_drags(request.drags)
    given = [dragged.camera_of(cameras.read(camera), size) for camera in request.cameras]
    if request.pictures:
        pictures = [dragged.picture_of(context.array(blob), size) for blob in request.pictures]
        seen = np.ones(len(drags), bool)
        return [
            Dragged(camera, picture, dragged.in_picture(camera, drags), seen)
            for camera, picture in zip(given, pictures, strict=True)
        ]
    actors = []
    for number, mesh in enumerate(request.geometry):
        context.check()
        placed = geometry.read(mesh, context.array)
        geometry.check_finite(placed, geometry.called(mesh))
        grey = request.look == "clay"
        colours = looks.clay(placed) if grey else looks.colours(placed, request.seed + number)
        actors.append(studio.Actor(placed, colours))
    if not sum(len(actor.mesh.faces) for actor in actors):
        raise failure("bad_input", "The meshes have no faces: there is nothing to see.")
    context.check()
    light = studio.light(request.seed)
    if given:
        return dragged.shot(actors, light, drags, given)
    found = dragged.best(actors, light, drags, request.views, size=size, seed=request.seed)
    if not found:
        raise _unseen()
    return found


def _unseen() -> TugError:
    return failure(
        "bad_input", "The drags end so far away that no camera has them in sight: shorten them."
    )


def _result(view: Dragged, after: NDArray[np.uint8], context: Context) -> DraggedView:
    return DraggedView(
        camera=cameras.written(view.camera),
        before=context.store(np.ascontiguousarray(view.picture)),
        after=context.store(np.ascontiguousarray(after)),
        drags=_shares(view.drags),
    )


def _shares(drags: NDArray[np.float64]) -> tuple[tuple[float, float, float, float], ...]:
    return tuple((a, b, c, d) for a, b, c, d in drags.tolist())


def _notes(request: DragViewsRequest, shown: Sequence[Dragged]) -> list[str]:
    """What the user should know about what the model was shown."""
    notes, every = [], len(shown)
    starts = [view for view in shown if not view.seen.all()]
    if starts:
        notes.append(
            f"In {len(starts)} of {every} views a drag starts where it cannot be seen, so the "
            "model may pull something else there."
        )
    outside = [view for view in shown if (view.drags < 0.0).any() or (view.drags > 1.0).any()]
    if outside:
        notes.append(f"In {len(outside)} of {every} views a drag leaves the picture.")
    if request.pictures and any(_border(view.picture).mean() < white for view in shown):
        notes.append("The model knows objects on white: cut the object out of its background.")
    return notes


def _border(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    edges = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
    return np.concatenate(edges)
