"""Pictures of an opened part as textures: the question, and what its answer does to the scene."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from . import runtime
from .asking import send
from .core import opening
from .core.following import follow, moved_by
from .core.geometry import transformed
from .core.jobs import BakeJob, DraggedJob, Skin, new_job
from .imagining import moved
from .protocol.blobs import Blob, describe
from .protocol.dragging import BakeTextureRequest, Photograph
from .protocol.errors import failure
from .protocol.joint import Joint
from .protocol.meshes import Geometry
from .scene import painting, unwrapping
from .scene.controls import of as joint_record
from .scene.corners import shown_layer, triangle_uvs
from .scene.geometry import gather
from .scene.identity import find, identify
from .scene.instances import Placed
from .scene.joints import part_at_rest
from .scene.meshes import Surface
from .scene.model import joint_now
from .scene.modes import push_undo
from .scene.parts import PartSettings

usual_resolution = 1024
beyond = 1e-3  # of the texture: coordinates farther out are laid out for one that repeats
least_opened = 1e-3  # of the range: less than that reveals nothing


class Canvas(NamedTuple):
    """What a request says of surfaces: geometry, whose each is, its UVs and present texture."""

    geometry: tuple[Geometry, ...]
    skins: tuple[Skin, ...]
    uvs: tuple[NDArray[np.float32] | None, ...]
    bases: tuple[NDArray[np.uint8] | None, ...]
    arrays: list[NDArray]
    notes: list[str]


def ask(
    dragged: DraggedJob,
    value: float | None = None,
    resolution: int = 0,
    *,
    lands: bool = False,
    **options: Any,
) -> BakeJob:
    """Send the question that `api.bake_texture` describes; have the answer land by itself or not.

    Raises TugError `bad_input` where nothing opens, or no object can get a texture.
    """
    obj, part = runtime.target(dragged)
    if not dragged.seen or dragged.result is None:
        raise failure("bad_input", "There is no dragged view to bake yet; wait for it.")
    if obj.mode != "OBJECT":
        raise failure("bad_input", "Go to Object Mode to bake textures.")
    canvas = look(obj, part, runtime.body(dragged))
    if not any(skin.object for skin in canvas.skins):
        raise failure("bad_input", canvas.notes[0] if canvas.notes else "Nothing can be painted.")
    joint = joint_of(obj, part, canvas.geometry)
    by = moved_by(dragged.request.geometry, canvas.geometry)
    value = _value(joint, dragged, by) if value is None else value
    pictures = [seen.after.pixels for seen in dragged.seen]
    size = resolution or max((len(b) for b in canvas.bases if b is not None), default=0)
    size = size or usual_resolution
    bases = [base if base is not None and len(base) == size else None for base in canvas.bases]
    request = BakeTextureRequest(
        geometry=canvas.geometry,
        uvs=_described(canvas.uvs),
        photographs=tuple(
            Photograph(camera=moved(view.camera, by), image=describe(picture))
            for view, picture in zip(dragged.result.views, pictures, strict=True)
        ),
        joint=joint,
        value=value,
        base=_described(bases) if any(base is not None for base in bases) else (),
        resolution=size,
        **options,
    )
    job = new_job(
        BakeJob,
        request,
        name=part.name,
        object=dragged.object,
        part=part.uid,
        body=dragged.body,
        pictures=dragged.id,
        skins=canvas.skins,
        lands=lands,
        remarks=tuple(canvas.notes),
    )
    given = (*canvas.uvs, *bases)
    send(job, [*canvas.arrays, *pictures, *(array for array in given if array is not None)])
    return job


def again(job: BakeJob) -> None:
    """Ask the same of the part as it is now, with the pictures that it has now."""
    dragged = runtime.book.get(job.pictures) or _newest(job)
    if not isinstance(dragged, DraggedJob):
        raise failure("bad_input", "The dragged view was dismissed; show one, then bake it.")
    ask(dragged, None, job.request.resolution, lands=job.lands, whole=job.request.whole)


def land(job: BakeJob) -> None:
    """Make textures of an answer that has come, as one undo step, if that was wished for."""
    if job.lands:
        put_into_scene(job)
        push_undo("Bake to Texture")


def put_into_scene(job: BakeJob) -> list[bpy.types.Image]:
    """Show the textures of an answer on their objects; return their images.

    Raises TugError `bad_input` before anything is changed.
    """
    obj, part = runtime.target(job)
    found = job.result.textures if job.result else ()
    painted = [texture for texture in found if texture.painted > 0.0 or job.request.whole]
    if not painted:
        raise failure("bad_input", "The pictures show nothing of what opens; look from elsewhere.")
    if bpy.context.mode != "OBJECT":
        raise failure("bad_input", "Go to Object Mode, then bake again.")
    _check_same(job, look(obj, part, runtime.body(job), unwraps=False))
    session = runtime.session()
    pixels = [session.array(job, texture.image) for texture in painted]
    notes: list[str] = []
    made = [
        _put(job.skins[texture.geometry], image, notes)
        for texture, image in zip(painted, pixels, strict=True)
    ]
    job.remarks = (*job.remarks, *notes)
    job.made = tuple(image.name for image in made)
    job.skins = ()
    runtime.book.changed()
    return made


def _put(skin: Skin, pixels: NDArray[np.uint8], notes: list[str]) -> bpy.types.Image:
    obj = find(skin.object)
    assert obj is not None  # `_check_same` has seen it
    layer = skin.layer
    if not layer:
        painting.own_mesh(obj, notes)
        values = np.frombuffer(zlib.decompress(skin.unwrapped), np.float32).reshape(-1, 2)
        layer = unwrapping.give(obj.data, values)
        notes.append(f"'{obj.name}' had no UV map; Smart UV Project made one.")
    return painting.put(obj, pixels, layer, notes)


def look(
    obj: bpy.types.Object,
    part: PartSettings,
    body: list[bpy.types.Object] | None,
    unwraps: bool = True,
) -> Canvas:
    """Read the part and its body at rest with all that a texture needs to know of them.

    What has no UV map is unwrapped on a copy, unless it is only compared.
    """
    seen: list[tuple[bpy.types.Object, bool, NDArray[np.float32] | None, str]] = []

    def note(item: Placed, mesh: bpy.types.Mesh, surface: Surface) -> None:
        layer = shown_layer(mesh)
        ours = not item.is_instance and item.owner.type == "MESH"
        uvs = triangle_uvs(mesh, surface) if ours else None
        seen.append((item.owner, ours, uvs, layer.name if layer else ""))

    with part_at_rest(obj, part):
        gathered = gather(obj, part, body, note)
    notes: list[str] = []
    skins, found, bases = [], [], []
    for owner, ours, uvs, layer in seen:
        reason = painting.refusal(owner) if ours else f"'{owner.name}' is no mesh of its own."
        if reason:
            notes += [reason] if reason not in notes else []
            skin, uvs = Skin(), None
        elif uvs is not None and np.abs(uvs - 0.5).max(initial=0.0) > 0.5 + beyond:
            skin, uvs = Skin(), None
            notes.append(f"The UV map of '{owner.name}' leaves its texture, so it keeps its look.")
        elif uvs is not None:
            skin = Skin(object=identify(owner), layer=layer)
        else:
            skin, uvs = _unwrapped(owner, notes) if unwraps else (Skin(), None)
        skins.append(skin)
        found.append(uvs)
        bases.append(painting.base(owner, layer) if skin.layer else None)
    return Canvas(
        gathered.geometry, tuple(skins), tuple(found), tuple(bases), gathered.arrays, notes
    )


def _unwrapped(obj: bpy.types.Object, notes: list[str]) -> tuple[Skin, NDArray | None]:
    made = unwrapping.unwrap(obj) if not obj.data.uv_layers else None
    if made is None:
        notes.append(f"The UV map of '{obj.name}' cannot be used, so it keeps its look.")
        return Skin(), None
    return Skin(object=identify(obj), unwrapped=zlib.compress(made.own.tobytes())), made.shown


def joint_of(obj: bpy.types.Object, part: PartSettings, now: Sequence[Geometry]) -> Joint:
    """Return the joint of a part at rest: the accepted one, else the one proposed.

    Raises TugError `bad_input` where there is neither, or it does not move.
    """
    record, job = joint_record(obj, part), runtime.book.latest(obj.tug.uid, part.uid)
    if record:
        joint = joint_now(record)
    elif job and job.joint:
        joint = follow(job.joint, job.request.geometry, now)
    else:
        raise failure(
            "bad_input", f"'{part.name}' has no joint yet; press Articulate Part, then bake."
        )
    if joint.type == "fixed":
        raise failure("bad_input", f"'{part.name}' does not move, so nothing is revealed.")
    return joint


def _value(joint: Joint, dragged: DraggedJob, by: NDArray[np.float64] | None) -> float:
    """Return how far the drags of the pictures open the joint."""
    pulls = [(drag.start, drag.end) for drag in dragged.request.drags]
    if by is not None:
        pulls = [tuple(transformed(by, np.array(pair))) for pair in pulls]
    value = opening.pulled_to(joint, pulls)
    low, high = opening.limits(joint)
    if abs(value) < least_opened * (high - low):
        raise failure(
            "bad_input",
            f"The drags of the picture do not open '{dragged.name}' by its joint; pull it the way "
            "it opens, and show the dragged view again.",
        )
    return value


def _newest(job: BakeJob) -> DraggedJob | None:
    about = job.object, job.part
    found = [o for o in runtime.book if isinstance(o, DraggedJob) and (o.object, o.part) == about]
    return found[-1] if found else None


def _check_same(job: BakeJob, now: Canvas) -> None:
    """Raise TugError where a texture would not fit what there is now."""
    asked = job.request
    same = len(asked.geometry) == len(now.geometry) and all(
        (a.vertices, a.faces) == (b.vertices, b.faces)
        for a, b in zip(asked.geometry, now.geometry, strict=True)
    )
    for index, skin in enumerate(job.skins if same else ()):
        owner = find(skin.object) if skin.object else None
        if skin.object and (owner is None or painting.refusal(owner)):
            same = False
        elif skin.layer:
            uvs = now.uvs[index]
            same &= uvs is not None and describe(uvs) == asked.uvs[index]
        elif owner is not None:
            count = len(zlib.decompress(skin.unwrapped)) // 8
            same &= not owner.data.uv_layers and len(owner.data.loops) == count
    if not same:
        raise failure(
            "bad_input", "The meshes or their UV maps were changed since; bake once more."
        )


def _described(arrays: Sequence[NDArray | None]) -> tuple[Blob | None, ...]:
    return tuple(None if array is None else describe(array) for array in arrays)
