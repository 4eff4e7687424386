"""Pictures of an opened part as textures: the question, and what its answer does to the scene."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import bpy
import msgspec
import numpy as np
from numpy.typing import NDArray

from . import imagined, runtime
from .asking import send
from .core import opening
from .core.following import follow, moved_by, seen_from
from .core.geometry import transformed
from .core.jobs import BakeJob, DraggedJob, Skin, new_job
from .core.names import kinds
from .core.pictures import resized
from .protocol.blobs import Blob, describe
from .protocol.dragging import BakeTextureRequest, Photograph
from .protocol.errors import TugError, failure
from .protocol.joint import Joint
from .protocol.meshes import Geometry
from .scene import images, painting, unwrapping
from .scene.controls import of as joint_record
from .scene.corners import shown_layer, triangle_uvs
from .scene.geometry import gather
from .scene.identity import find, identify
from .scene.instances import Placed
from .scene.joints import part_at_rest
from .scene.meshes import Surface
from .scene.model import joint_now
from .scene.modes import push_undo, where_shown
from .scene.parts import PartSettings

usual_resolution = 1024
least_resolution, most_resolution = 16, 8192
beyond = 1e-3  # of the texture: coordinates farther out are laid out for one that repeats
least_opened = 1e-3  # of the range: less than that reveals nothing


class Canvas(NamedTuple):
    """What a request says of surfaces: geometry, whose each is, its UVs and present texture."""

    geometry: tuple[Geometry, ...]
    skins: tuple[Skin, ...]
    uvs: tuple[NDArray[np.float32] | None, ...]
    bases: tuple[painting.Base | None, ...]
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
    body = dragged.owners or dragged.body
    canvas = look(obj, part, _found(body))
    if not any(skin.object for skin in canvas.skins):
        raise failure("bad_input", canvas.notes[0] if canvas.notes else "Nothing can be painted.")
    by = moved_by(dragged.request.geometry, canvas.geometry)
    joint, said = joint_of(obj, part, canvas.geometry)
    pictures = [seen.after.pixels for seen in dragged.seen]
    size, bases = sized(canvas.bases, canvas.skins, resolution)
    request = BakeTextureRequest(
        geometry=canvas.geometry,
        uvs=_described(canvas.uvs),
        photographs=tuple(
            Photograph(camera=seen_from(view.camera, by), image=describe(picture))
            for view, picture in zip(dragged.result.views, pictures, strict=True)
        ),
        joint=joint,
        value=_value(joint, dragged, by) if value is None else value,
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
        body=body,
        pictures=dragged.id,
        skins=canvas.skins if resolution else _in_their_sizes(canvas),
        lands=lands,
        remarks=tuple(filter(None, (*canvas.notes, said, dragged.disguise))),
        value=value,
        resolution=resolution,
    )
    given = (*canvas.uvs, *bases)
    send(job, [*canvas.arrays, *pictures, *(array for array in given if array is not None)])
    return job


def again(job: BakeJob) -> None:
    """Ask the same of the part as it is now, with the pictures that it has now."""
    dragged = runtime.book.get(job.pictures)
    if not isinstance(dragged, DraggedJob):
        dragged = imagined.newest_dragged(job.object, job.part)
    if dragged is None:
        raise failure("bad_input", "The dragged view was dismissed; show one, then bake it.")
    kept = {name: getattr(job.request, name) for name in ("whole", "engine", "seed")}
    ask(dragged, job.value, job.resolution, lands=job.lands or bool(job.held), **kept)


def sized(
    bases: Sequence[painting.Base | None], skins: Sequence[Skin], resolution: int
) -> tuple[int, list[NDArray[np.uint8] | None]]:
    """Return the size in which to bake, and what is painted on, in that size.

    Without a `resolution` it is the largest that an object asks for: that of the texture it has,
    or the usual one. What was baked before is brought to it; an object's own texture is not, for
    that would blur it: what is baked then goes over it.
    """
    wished = [
        max(base.pixels.shape[:2]) if base else usual_resolution
        for base, skin in zip(bases, skins, strict=True)
        if skin.object
    ]
    size = resolution or min(max(least_resolution, *wished), most_resolution)
    return size, [
        resized(base.pixels, size)
        if base and base.ours
        else base.pixels
        if base and len(base.pixels) == size
        else None
        for base in bases
    ]


def _in_their_sizes(canvas: Canvas) -> tuple[Skin, ...]:
    """Have textures of earlier bakes keep their size, whatever is baked beside them."""
    return tuple(
        msgspec.structs.replace(skin, size=max(base.pixels.shape[:2]))
        if base and base.ours
        else skin
        for skin, base in zip(canvas.skins, canvas.bases, strict=True)
    )


def land(job: BakeJob) -> None:
    """Make textures of an answer that has come, as one undo step, if that was wished for.

    Where they cannot be put on the objects just now, the answer waits for the button.
    """
    if not job.lands:
        return
    try:
        _scene_of(job)
    except TugError as problem:
        job.lands, job.held = False, problem.error.message
        return
    put_into_scene(job)
    push_undo("Bake to Texture")


def put_into_scene(job: BakeJob) -> list[bpy.types.Image]:
    """Show the textures of an answer on their objects; return their images.

    Raises TugError `bad_input` before anything is changed.
    """
    found = job.result.textures if job.result else ()
    painted = [texture for texture in found if texture.painted > 0.0 or job.request.whole]
    if not painted:
        raise failure("bad_input", "The pictures show nothing of what opens; look from elsewhere.")
    session = runtime.session()
    pixels = [session.array(job, texture.image) for texture in painted]
    notes: list[str] = []
    with _at_hand(job):
        _check_same(job, look(*runtime.target(job), _found(job.body), asks=False))
        made = [
            _put(job.skins[texture.geometry], image, notes)
            for texture, image in zip(painted, pixels, strict=True)
        ]
    job.remarks, job.held = (*job.remarks, *notes), ""
    job.made = tuple(map(images.identify, made))
    job.skins = ()
    runtime.book.changed()
    return made


def images_of(job: BakeJob) -> list[bpy.types.Image]:
    """Return the images of an answer that are in the file, whatever they are called now."""
    return [image for uid in job.made if (image := images.find(uid))]


def _scene_of(job: BakeJob) -> tuple[bpy.types.Scene, bpy.types.ViewLayer]:
    """Return where the objects of an answer are. Raises TugError while it cannot be used."""
    obj, _ = runtime.target(job)
    if bpy.context.mode != "OBJECT":
        raise failure("bad_input", "Go to Object Mode, then press Add to Object.")
    objects = [obj, *(_found(job.body) or ())]
    where = where_shown(objects)
    if where is None:
        hidden = next((o for o in objects if not o.visible_get()), obj)
        raise failure("bad_input", f"'{hidden.name}' is hidden; show it, then press Add to Object.")
    return where


@contextmanager
def _at_hand(job: BakeJob) -> Iterator[None]:
    """Be where the objects of an answer are. Raises TugError as `_scene_of`."""
    scene, layer = _scene_of(job)
    if layer == bpy.context.view_layer:
        yield
        return
    with bpy.context.temp_override(scene=scene, view_layer=layer):
        yield


def _found(uids: Sequence[str]) -> list[bpy.types.Object] | None:
    return [obj for uid in uids if (obj := find(uid))] or None


def _put(skin: Skin, pixels: NDArray[np.uint8], notes: list[str]) -> bpy.types.Image:
    obj = find(skin.object)
    assert obj is not None  # `_check_same` has seen it
    layer = skin.layer
    pixels = resized(pixels, skin.size) if skin.size else pixels
    if not layer:
        painting.own_mesh(obj, notes)
        values = np.frombuffer(zlib.decompress(skin.unwrapped), np.float32).reshape(-1, 2)
        layer = unwrapping.give(obj.data, values)
        notes.append(f"'{obj.name}' had no UV map; Smart UV Project made one.")
    return painting.put(obj, pixels, layer, notes, onto=skin.onto or not skin.layer)


def look(
    obj: bpy.types.Object,
    part: PartSettings,
    body: list[bpy.types.Object] | None,
    asks: bool = True,
) -> Canvas:
    """Read the part and its body at rest with all that a texture needs to know of them.

    What has no UV map is unwrapped on a copy and textures are read, unless it is only compared.
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
            skin, uvs = _unwrapped(owner, notes) if asks else (Skin(), None)
        base = painting.base(owner, layer) if asks and skin.layer else None
        bases.append(base)
        skins.append(msgspec.structs.replace(skin, onto=True) if base and base.ours else skin)
        found.append(uvs)
    return Canvas(
        gathered.geometry, tuple(skins), tuple(found), tuple(bases), gathered.arrays, notes
    )


def _unwrapped(obj: bpy.types.Object, notes: list[str]) -> tuple[Skin, NDArray | None]:
    made = unwrapping.unwrap(obj) if not obj.data.uv_layers else None
    if made is None:
        notes.append(f"The UV map of '{obj.name}' cannot be used, so it keeps its look.")
        return Skin(), None
    return Skin(object=identify(obj), unwrapped=zlib.compress(made.own.tobytes())), made.shown


def has_joint(obj: bpy.types.Object, part: PartSettings) -> bool:
    """Return whether a part has a joint, accepted or proposed."""
    proposal = runtime.proposal_of(obj.tug.uid, part.uid)
    return joint_record(obj, part) is not None or bool(proposal and proposal.joint)


def joint_of(
    obj: bpy.types.Object, part: PartSettings, now: Sequence[Geometry]
) -> tuple[Joint, str]:
    """Return the joint of a part at rest, the accepted one or else the proposed, and a remark.

    Raises TugError `bad_input` where there is neither, or it does not move.
    """
    record, proposal = joint_record(obj, part), runtime.proposal_of(obj.tug.uid, part.uid)
    said = ""
    if record:
        joint = joint_now(record)
    elif proposal and proposal.joint:
        joint = follow(proposal.joint, proposal.request.geometry, now)
        if proposal.choices > 1:
            said = f"Of {proposal.choices} likely joints the first was taken: {kinds[joint.type]}."
    else:
        raise failure(
            "bad_input", f"'{part.name}' has no joint yet; press Articulate Part, then bake."
        )
    if joint.type == "fixed":
        raise failure("bad_input", f"'{part.name}' does not move, so nothing is revealed.")
    return joint, said


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
            same &= not skin.onto or _same_base(owner, skin, asked, index)
        elif owner is not None:
            count = len(zlib.decompress(skin.unwrapped)) // 8
            same &= not owner.data.uv_layers and len(owner.data.loops) == count
    if not same:
        raise failure(
            "bad_input", "The meshes, UV maps or textures were changed since; bake once more."
        )


def _same_base(
    obj: bpy.types.Object | None, skin: Skin, asked: BakeTextureRequest, index: int
) -> bool:
    """Return whether nobody painted meanwhile on what was painted on."""
    base = painting.base(obj, skin.layer) if obj else None
    if base is None or not asked.base:
        return False
    return describe(resized(base.pixels, asked.resolution)) == asked.base[index]


def _described(arrays: Sequence[NDArray | None]) -> tuple[Blob | None, ...]:
    return tuple(None if array is None else describe(array) for array in arrays)
