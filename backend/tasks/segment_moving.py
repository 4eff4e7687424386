"""Find the faces that move when they are pulled."""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backend.models.dragapart.card import presets
from backend.tasks import drag_views, geometry
from backend.tasks.geometry import devices
from protocol.blobs import Blob
from protocol.dragging import DraggedView, SegmentMovingRequest, SegmentMovingResult
from protocol.errors import failure
from protocol.meshes import Piece
from protocol.messages import Limits

if TYPE_CHECKING:
    from backend.segmentation.moving import View
    from backend.workers.context import Context

__all__ = ["check", "devices", "run", "warm_up"]

tinted = 0.55  # how much of a picture's colour its cluster's replaces


def check(request: SegmentMovingRequest, limits: Limits) -> None:
    """Refuse what cannot be done. Raises TugError: bad_input, too_large."""
    geometry.check(request.geometry, limits)
    drag_views.check_engine(request.engine)
    drag_views.check_drags(request.drags)


def run(request: SegmentMovingRequest, context: Context) -> SegmentMovingResult:
    """Find them. Raises TugError: bad_input, missing_model, storage_full; Cancelled."""
    from backend.geometry.mesh import checked
    from backend.models import dragapart
    from backend.segmentation.moving import find_moving

    context.stage("load")
    model = dragapart.load(presets[request.engine])
    meshes = []
    for mesh in request.geometry:
        context.check()
        meshes.append(geometry.read(mesh, context.array))
    counts = [len(mesh.faces) for mesh in meshes]
    whole = geometry.merged(meshes)
    if not len(whole.faces):
        raise failure("bad_input", "The mesh is empty: there is nothing to pull.")
    answer = find_moving(
        checked(whole.vertices, whole.faces, name="mesh"),
        drag_views.check_drags(request.drags),
        model,
        views=request.views,
        clusters=request.clusters,
        owner=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        seed=request.seed,
        progress=context,
    )
    likely = np.split(answer.likely, np.cumsum(counts)[:-1])
    return SegmentMovingResult(
        pieces=tuple(_pieces(likely, context)),
        likely=tuple(context.store(own) for own in likely),
        views=tuple(_told(view, request.clusters, context) for view in answer.views),
        seconds=answer.seconds,
        notes=answer.notes,
        engine=request.engine,
        revision=model.revision,
        seed=request.seed,
    )


def warm_up() -> None:
    """Nothing more than what dragged views need."""


def _pieces(likely: list[NDArray[np.float32]], context: Context) -> list[Piece]:
    """The faces that move rather than not, of each mesh that has some."""
    pieces = []
    for index, own in enumerate(likely):
        context.check()
        moving = own > 0.5
        if len(own) and moving.all():
            pieces.append(Piece(geometry=index))
        elif moving.any():
            selection = context.store(np.flatnonzero(moving).astype("<i4"))
            pieces.append(Piece(geometry=index, selection=selection))
    return pieces


def _told(view: View, clusters: int, context: Context) -> DraggedView:
    from backend.views.cameras import written

    present = view.drags[(view.drags != 0.0).any(axis=1)].astype(float)
    return DraggedView(
        camera=written(view.camera),
        before=context.store(view.picture),
        after=_painted(view, clusters, context),
        drags=tuple((x0, y0, x1, y1) for x0, y0, x1, y1 in present.tolist()),
    )


def _painted(view: View, clusters: int, context: Context) -> Blob:
    """The picture with its clusters in colours, those that move in full."""
    hues = [colorsys.hsv_to_rgb(k / clusters, 0.75, 1.0) for k in range(clusters)]
    colours = 255.0 * np.array(hues)[view.labels]
    share = np.where(view.labels < 0, 0.0, np.where(view.moving, tinted, 0.5 * tinted))[..., None]
    mixed = (1.0 - share) * view.picture + share * colours
    return context.store(np.rint(mixed).astype(np.uint8))
