"""Dragged views: the question, the pictures of its answer, and one of them as an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import bpy
import numpy as np
from numpy.typing import NDArray

from . import runtime
from .asking import Bodies, Drags, PartLike, bodies, replace_drags, send
from .core import crops
from .core.geometry import transformed
from .core.jobs import DraggedJob, new_job
from .core.pictures import seen
from .protocol.blobs import describe
from .protocol.dragging import DragViewsRequest, Look
from .protocol.errors import TugError, failure
from .protocol.tasks import Drag
from .protocol.views import Camera
from .scene import images, photographs, targets, viewpoints
from .scene.geometry import Gathered, gather, reading
from .scene.identity import find, identify
from .scene.instances import Placed
from .scene.joints import part_at_rest
from .scene.meshes import Surface
from .scene.parts import drags_world
from .scene.photographs import Figure

looks = (*get_args(Look), "materials")
picture_size = 256  # pixels of what a camera of ours sees; the model takes its own size of it
carried_over = ("steps", "guidance", "engine", "seed")  # when asked again


def ask(
    obj: bpy.types.Object,
    part: PartLike = None,
    drags: Drags | None = None,
    camera: bpy.types.Object | None = None,
    views: int = 1,
    look: str = "clay",
    body: Bodies = None,
    *,
    source: str = "",
    **options: Any,
) -> DraggedJob:
    """Send the question that `api.drag_views` describes.

    `source` "VIEW" looks from the 3D view and "CAMERA" from the scene's camera; empty, from the
    `camera` if there is one, else from all around.
    """
    if look not in looks:
        raise failure("bad_input", f"There is no look {look!r}; use {', '.join(looks)}.")
    owner, settings = targets.resolve(obj, part)
    stay = bodies(body) or ([obj] if owner != obj else [])
    if drags is not None:
        replace_drags(owner, settings, drags)
    if not len(settings.drags):
        raise failure("bad_input", f"Nothing pulls '{settings.name}'; pull it with the Drag tool.")
    source = source or ("CAMERA" if camera else "AROUND")
    figures: list[Figure] = []
    owners: dict[bpy.types.Object, None] = {}

    def note(item: Placed, mesh: bpy.types.Mesh, surface: Surface) -> None:
        figures.append(photographs.figure(item, mesh, surface))
        owners[item.owner] = None

    with part_at_rest(owner, settings):
        gathered = gather(owner, settings, stay or None, note)
        pulls = tuple(Drag(start=a, end=b) for a, b in drags_world(owner, settings))
    cameras, remarks = _cameras(source, camera, views, gathered, look)
    pictures, said = _pictures(look, figures, cameras)
    request = DragViewsRequest(
        geometry=gathered.geometry,
        drags=pulls,
        cameras=cameras,
        pictures=tuple(map(describe, pictures)),
        views=views,
        look="colours" if look == "colours" else "clay",
        **options,
    )
    job = new_job(
        DraggedJob,
        request,
        name=settings.name,
        object=identify(owner),
        part=settings.uid,
        body=tuple(map(identify, stay)),
        source=source,
        look=look,
        camera=identify(camera) if camera else "",
        owners=tuple(map(identify, owners)),
        remarks=(*remarks, *said),
    )
    send(job, [*gathered.arrays, *pictures])
    return job


def again(job: DraggedJob) -> None:
    """Ask the same of the part as it is now, from where it is looked from now."""
    obj, part = runtime.target(job)
    kept = {name: getattr(job.request, name) for name in carried_over}
    camera = find(job.camera) if job.camera else None
    if job.camera and camera is None:
        raise failure(
            "bad_input", "The camera that it was seen from was deleted; show a new dragged view."
        )
    ask(
        obj,
        part,
        camera=camera,
        views=job.request.views,
        look=job.look,
        body=runtime.body(job),
        source=job.source,
        **kept,
    )


def arrived(job: DraggedJob) -> None:
    """Keep the pictures of an answer; they take the place of those made before of this part."""
    found = job.result.views if job.result else ()
    if not found:
        raise failure("bad_input", f"The backend imagined nothing of '{job.name}'; ask again.")
    session = runtime.session()
    job.seen = seen(found, lambda blob: session.array(job, blob))
    earlier = [other for other in runtime.book if _is_superseded(other, job)]
    runtime.forget(earlier)


def _is_superseded(other: object, by: DraggedJob) -> bool:
    if not isinstance(other, DraggedJob) or other is by or not other.seen:
        return False
    return (other.object, other.part) == (by.object, by.part)


def as_image(job: DraggedJob, index: int) -> bpy.types.Image:
    """Make a picture an ordinary, packed image of the file, once. Raises TugError `bad_input`."""
    if not 0 <= index < len(job.seen):
        raise failure("bad_input", f"There is no view {index}; there are {len(job.seen)}.")
    uid = f"{job.id} {index}"
    image = images.find(uid)
    if image is None:
        image = images.add(f"{job.name} dragged", job.seen[index].after.pixels)
        images.identify(image, uid)
    return image


def _cameras(
    source: str, camera: bpy.types.Object | None, views: int, gathered: Gathered, look: str
) -> tuple[tuple[Camera, ...], list[str]]:
    """Return the cameras of a question, none where the backend may choose, and remarks."""
    points = _points(gathered)
    if source == "AROUND":
        around = crops.around(points, views, picture_size) if look == "materials" else []
        return tuple(_camera(c, f"view {i + 1}") for i, c in enumerate(around)), []
    scene = bpy.context.scene
    if source == "VIEW":
        eye = viewpoints.of_view(bpy.context)
    else:
        eye = viewpoints.of_camera(camera, scene) if camera else viewpoints.of_scene(scene)
    pose = crops.from_afar(eye.pose, points) if eye.flat else eye.pose
    remarks = ["There is no perspective here; it is seen from afar instead."] if eye.flat else []
    return (_camera(crops.crop(pose, points, picture_size), "view"),), remarks


def _camera(crop: crops.Crop, name: str) -> Camera:
    rows: Any = tuple(tuple(row) for row in crop.pose.tolist())
    return Camera(
        name=name,
        pose=rows,
        focal=crop.focal,
        centre=crop.centre,
        width=crop.size,
        height=crop.size,
        near=crop.near,
        far=crop.far,
    )


def _points(gathered: Gathered) -> NDArray[np.float64]:
    """Return (N, 3): every vertex of a face, in world."""
    read = reading(gathered.arrays)
    return np.concatenate(
        [
            transformed(np.array(g.matrix), read(g.vertices)[np.unique(read(g.faces))])
            for g in gathered.geometry
        ]
    )


def _pictures(
    look: str, figures: Sequence[Figure], cameras: Sequence[Camera]
) -> tuple[list[NDArray[np.uint8]], list[str]]:
    """Return what the cameras see of the materials, where that is wished for, and remarks."""
    if look != "materials":
        return [], []
    try:
        return photographs.photograph(figures, cameras), []
    except TugError:
        return [], ["Blender cannot render here, so it is shown in clay."]
