"""Show a motion to cameras: tracks, masks, depth and flow that video models are steered by."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backend.tasks import geometry
from backend.views.asking import check_camera, check_rig
from protocol import version
from protocol.blobs import Blob
from protocol.errors import failure
from protocol.messages import Device, Limits
from protocol.views import (
    ControlledView,
    Layer,
    RenderControlsRequest,
    RenderControlsResult,
    ViewedBody,
    ViewedPart,
)

if TYPE_CHECKING:
    from backend.geometry.mesh import Mesh
    from backend.views.engine import Images, Prepared, View, Wish
    from backend.views.scene import Part, Scene
    from backend.workers.context import Context

pixel_bytes: dict[Layer, int] = {
    "depth": 4,
    "normals": 3,
    "instances": 2,
    "parts": 2,
    "flow": 4,
    "entities": 4,
    "heat": 2,
}
most_bytes = 16 << 30  # of all layers of all views
most_view_bytes = 4 << 30  # of the layers of one view, which are in memory at once
most_views = 256
most_owners = 65_535  # bodies, parts: as many as 16 bits can tell apart
most_track_points = 100_000_000  # tracks times frames
store_share = 0.5  # what storing a view takes, in batches of frames that it has


def check(request: RenderControlsRequest, limits: Limits) -> None:
    """Refuse what makes no sense, and what would be too much. Raises TugError: bad_input,
    too_large.
    """
    geometry.check(request.geometry, limits)
    if not any(body.tracked and body.parts for body in request.bodies):
        raise failure(
            "bad_input",
            "Nothing is tracked: choose at least one object whose motion is to be seen.",
        )
    for body in request.bodies:
        for part in body.parts:
            _check_part(part, body, request)
    _check_numbers(request)
    _check_amount(request, limits)


def run(request: RenderControlsRequest, context: Context) -> RenderControlsResult:
    """Look at the motion. Raises TugError: bad_input, too_large, storage_full; Cancelled."""
    from backend.views import engine

    began = time.perf_counter()
    context.stage("prepare")
    prepared = engine.prepare(_scene(request, context), _wish(request), context)
    ready = time.perf_counter()
    telling = _Telling(context, prepared.steps(), len(prepared.views))
    manifest_of: list[View] = []
    views = []
    for view in engine.render(prepared, telling, telling.show(prepared), keep=False):
        views.append(_stored(request, prepared, view, context))
        manifest_of.append(view)
        view.images.clear()
        telling.stored()
    manifest = None
    if request.bundle:
        from backend.views import bundle
        from backend.views.manifest import manifest as described

        tree = described(prepared, manifest_of, prepared.notes, folders=True)
        manifest = context.store(np.frombuffer(bundle.as_json(tree), np.uint8))
    return RenderControlsResult(
        views=tuple(views),
        tracked=prepared.tracks.names,
        manifest=manifest,
        seconds={"prepare": ready - began, "render": time.perf_counter() - ready},
        notes=(*prepared.notes, *_notes(prepared, manifest_of)),
        engine=request.engine,
        revision=version.software,
        seed=request.seed,
    )


def warm_up() -> None:
    """Compile the kernels, which takes a few seconds the first time."""
    from backend.views import kernels
    from backend.views.raster import wp

    wp.load_module(kernels, device="cpu")


def devices() -> list[Device]:
    """Those of all engines that query meshes."""
    return []


def layer_bytes(request: RenderControlsRequest, camera: tuple[int, int]) -> dict[Layer, int]:
    """How many bytes each layer of a view of that width and height has."""
    pixels = request.frames * camera[0] * camera[1]
    return {layer: pixels * pixel_bytes[layer] for layer in dict.fromkeys(request.layers)}


def _check_part(part: ViewedPart, body: ViewedBody, request: RenderControlsRequest) -> None:
    name = f"'{part.name[:80]}' of '{body.name[:80]}'"
    geometry.check_pieces(part.pieces, request.geometry, name)
    if not part.pieces:
        raise failure("bad_input", f"{name} has no mesh: leave it out, or give it one.")
    if part.motion is not None and part.shapes is not None:
        raise failure("bad_input", f"{name} has a motion and shapes: send one of the two.")
    if part.motion is not None:
        _check_frames(part.motion, request.frames, f"motion of {name}")
        geometry.check_blob(part.motion, f"motion of {name}", "<f8", (request.frames, 4, 4))
    if part.shapes is not None:
        _check_shapes(part.shapes, part, name, request)


def _check_frames(blob: Blob, frames: int, what: str) -> None:
    if blob.shape and blob.shape[0] != frames:
        raise failure(
            "bad_input",
            f"The {what} has {blob.shape[0]} frames and the request has {frames}: send as many.",
        )


def _check_shapes(
    shapes: Blob, part: ViewedPart, name: str, request: RenderControlsRequest
) -> None:
    if len(part.pieces) != 1 or part.pieces[0].selection is not None:
        raise failure("bad_input", f"{name} bends, so it must be one whole mesh: send it as one.")
    vertices = request.geometry[part.pieces[0].geometry].vertices.shape[0]
    _check_frames(shapes, request.frames, f"shapes of {name}")
    geometry.check_blob(shapes, f"shapes of {name}", "<f4", (request.frames, vertices, 3))


def _check_numbers(request: RenderControlsRequest) -> None:
    if not view_sizes(request):
        raise failure("bad_input", "There is no camera: add one, or ask for a rig.")
    if not 0.0 <= request.clear < 0.5 * math.pi:
        raise failure("bad_input", "A clear view is between 0 and 90 degrees off the motion.")
    if not (math.isfinite(request.fastest) and request.fastest > 0.0):
        raise failure("bad_input", "The fastest motion must be more than 0 pixels a frame.")
    if not math.isfinite(request.fps):
        raise failure("bad_input", "The frames a second must be a number.")
    for camera in request.cameras:
        check_camera(camera)
    if request.rig is not None:
        check_rig(request.rig)


def _check_amount(request: RenderControlsRequest, limits: Limits) -> None:
    """Refuse more than results may hold, saying what to lower."""
    parts = sum(len(body.parts) for body in request.bodies)
    if max(len(request.bodies), parts) > most_owners:
        raise failure("too_large", f"There are {parts:,} parts and the limit is {most_owners:,}.")
    tracked = sum(len(body.parts) for body in request.bodies if body.tracked)
    if tracked * request.tracks * request.frames > most_track_points:
        raise failure("too_large", "There are too many tracks: lower the points a part, or frames.")
    sizes = view_sizes(request)
    if len(sizes) > most_views:
        raise failure(
            "too_large", f"There are {len(sizes):,} views and the limit is {most_views}: ask less."
        )
    advice = "lower the picture's size, the frames or the layers"
    for size in set(sizes):
        wanted = layer_bytes(request, size)
        largest = max(wanted, key=lambda layer: wanted[layer], default=None)
        if largest and wanted[largest] > limits.blob_bytes:
            raise failure(
                "too_large",
                f"The layer {largest} of one view would have {_size(wanted[largest])} and the "
                f"limit is {_size(limits.blob_bytes)}: {advice}.",
                limit=limits.blob_bytes,
            )
        if sum(wanted.values()) > most_view_bytes:
            raise failure(
                "too_large",
                f"The layers of one view would have {_size(sum(wanted.values()))} and the limit "
                f"is {_size(most_view_bytes)}: {advice}.",
                limit=most_view_bytes,
            )
    total = sum(sum(layer_bytes(request, size).values()) for size in sizes)
    if total > most_bytes:
        raise failure(
            "too_large",
            f"All views would have {_size(total)} and the limit is {_size(most_bytes)}: {advice}, "
            "or ask for fewer views.",
            limit=most_bytes,
        )


def view_sizes(request: RenderControlsRequest) -> list[tuple[int, int]]:
    """Width and height of each view that is asked for."""
    rig = request.rig
    sizes = [(camera.width, camera.height) for camera in request.cameras]
    if rig is not None:
        sizes += [(rig.width, rig.height)] * (len(rig.azimuths) * len(rig.elevations))
    return sizes


def _size(count: float) -> str:
    return f"{count / (1 << 30):.1f} GiB" if count >= 1 << 29 else f"{count / (1 << 20):.0f} MiB"


def _scene(request: RenderControlsRequest, context: Context) -> Scene:
    """The bodies in world, with what moves them."""
    from backend.views.scene import Body, Scene

    meshes = []
    for mesh in request.geometry:
        context.check()
        meshes.append(geometry.read(mesh, context.array))
    bodies = tuple(
        Body(
            body.name,
            tuple(_part(part, request, meshes, context) for part in body.parts),
            body.tracked,
        )
        for body in request.bodies
    )
    return Scene(bodies, request.frames, request.first, request.fps)


def _part(
    part: ViewedPart, request: RenderControlsRequest, meshes: list[Mesh], context: Context
) -> Part:
    from backend.geometry.mesh import subset
    from backend.views.scene import Part

    context.check()
    if part.shapes is not None:
        shapes = np.asarray(context.array(part.shapes))
        return Part(part.name, meshes[part.pieces[0].geometry], shapes=shapes)
    pieces = []
    for piece in part.pieces:
        whole = meshes[piece.geometry]
        name = geometry.called(request.geometry[piece.geometry])
        if piece.selection is None:
            pieces.append(whole)
            continue
        mask = geometry.chosen(piece.selection, len(whole.faces), context.array, name=name)
        pieces.append(subset(whole, mask))
    motion = None if part.motion is None else np.asarray(context.array(part.motion))
    return Part(part.name, geometry.merged(pieces), motion)


def _wish(request: RenderControlsRequest) -> Wish:
    from backend.views.cameras import read
    from backend.views.engine import Wish

    return Wish(
        cameras=tuple(read(camera) for camera in request.cameras),
        rig=request.rig,
        layers=tuple(dict.fromkeys(request.layers)),
        unclear=request.unclear,
        clear=request.clear,
        fastest=request.fastest,
        tracks=request.tracks,
        seed=request.seed,
    )


class _Telling:
    """Progress over views and their batches, storing included, and a picture a view."""

    def __init__(self, context: Context, batches: int, views: int) -> None:
        self._context = context
        self._each = max(1, round(store_share * batches / max(1, views)))
        self._total = batches + views * self._each
        self._stored = 0
        self._done = 0

    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        self._done = step
        self._context.stage(name, step + self._stored * self._each, self._total)

    def check(self) -> None:
        self._context.check()

    def stored(self) -> None:
        self._stored += 1
        self.stage("render", self._done)

    def show(self, prepared: Prepared) -> Any:
        """What shows some frame of a view that has begun."""
        from backend.views.sheet import shaded

        moving = np.array([prepared.scene.bodies[k].tracked for k, _ in prepared.scene.parts])

        def show(camera: object, images: Images) -> None:
            if "parts" in images or "depth" in images:
                self._context.preview(shaded(images, 0, moving))

        return show


def _stored(
    request: RenderControlsRequest, prepared: Prepared, view: View, context: Context
) -> ControlledView:
    from backend.views.cameras import written

    layers, archive = {}, None
    if request.bundle:
        archive = context.store(_archive(prepared, view, context))
    else:
        for name, image in view.images.items():
            context.check()
            layers[name] = context.store(image)
    return ControlledView(
        camera=written(view.camera),
        tracks=context.store(view.tracks),
        depths=context.store(view.depths),
        visible=context.store(view.visible),
        clips=view.clips,
        along=view.along,
        fastest=view.fastest,
        replaces=view.replaces,
        layers=layers,
        archive=archive,
    )


def _archive(prepared: Prepared, view: View, context: Context) -> NDArray[np.uint8]:
    from backend.views import bundle
    from backend.views.manifest import manifest

    archive = bundle.zipped(
        prepared, view, manifest(prepared, [view], prepared.notes, folders=False), context
    )
    if archive.nbytes > Limits().blob_bytes:
        raise failure(
            "too_large",
            f"The files of view {view.camera.name} have {_size(archive.nbytes)} and the limit is "
            f"{_size(Limits().blob_bytes)}: lower the picture's size, the frames or the layers.",
        )
    return archive


def _notes(prepared: Prepared, views: list[View]) -> list[str]:
    """What to tell of motion that is too fast."""
    fast = [view for view in views if view.fastest > prepared.wish.fastest]
    if not fast:
        return []
    worst = max(fast, key=lambda view: view.fastest)
    return [
        f"In {len(fast)} of {len(views)} views something moves faster than "
        f"{prepared.wish.fastest:g} pixels a frame (up to {worst.fastest:.0f} in "
        f"{worst.camera.name}): they are cut into clips to be shown more slowly."
    ]
