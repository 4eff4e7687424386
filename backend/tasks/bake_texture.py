"""Project pictures of opened meshes onto their textures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from backend.tasks import geometry
from backend.tasks.geometry import devices
from backend.views.asking import check_camera
from protocol import version
from protocol.blobs import Blob
from protocol.dragging import (
    BakedTexture,
    BakeTextureRequest,
    BakeTextureResult,
    Photograph,
)
from protocol.errors import failure
from protocol.joint import motion
from protocol.messages import Limits

if TYPE_CHECKING:
    from backend.textures.bake import Surface
    from backend.workers.context import Context

__all__ = ["check", "devices", "run", "warm_up"]

most_photographs = 64
most_held = 50_000_000  # triangles times pictures, of which each takes 96 bytes
odd_shape = 0.02  # by which a picture's width over height may differ from its camera's


def check(request: BakeTextureRequest, limits: Limits) -> None:
    """Refuse what cannot be done. Raises TugError: bad_input, too_large."""
    geometry.check(request.geometry, limits)
    _check_surfaces(request)
    if not request.photographs:
        raise failure("bad_input", "There is no picture to bake: make one, or load one.")
    if len(request.photographs) > most_photographs:
        raise failure(
            "too_large",
            f"There are {len(request.photographs)} pictures and the limit is {most_photographs}: "
            "choose the best ones.",
            limit=most_photographs,
        )
    triangles = sum(mesh.faces.shape[0] for mesh in request.geometry)
    if triangles * len(request.photographs) > most_held:
        most = most_held // triangles
        raise failure(
            "too_large",
            f"{len(request.photographs)} pictures of {triangles:,} triangles are more than is held "
            f"at once: choose the best {most}, or decimate the meshes.",
            limit=most,
        )
    for photograph in request.photographs:
        _check_photograph(photograph)
    numbers = (*request.joint.axis, *request.joint.origin, request.joint.pitch, request.value)
    if not all(map(math.isfinite, numbers)) or not any(request.joint.axis):
        raise failure("bad_input", "The joint or its value is no number: find the joint anew.")
    if 4 * request.resolution**2 > limits.blob_bytes:
        raise failure(
            "too_large",
            f"A texture of {request.resolution} x {request.resolution} texels is over the limit "
            f"of {limits.blob_bytes >> 20} MiB: lower the resolution.",
            limit=limits.blob_bytes,
        )


def run(request: BakeTextureRequest, context: Context) -> BakeTextureResult:
    """Paint the textures. Raises TugError: bad_input, storage_full; Cancelled."""
    from backend.textures.bake import Picture, bake
    from backend.views.cameras import read

    surfaces = []
    for index in range(len(request.geometry)):
        context.check()
        surfaces.append(_surface(request, index, context))
    pictures = [
        Picture(read(photograph.camera), context.array(photograph.image))
        for photograph in request.photographs
    ]
    answer = bake(
        surfaces, pictures, resolution=request.resolution, whole=request.whole, progress=context
    )
    targets = [index for index, uv in enumerate(request.uvs) if uv is not None]
    return BakeTextureResult(
        textures=tuple(
            BakedTexture(
                geometry=index,
                image=context.store(baked.image),
                revealed=baked.revealed,
                painted=baked.painted,
            )
            for index, baked in zip(targets, answer.textures, strict=True)
        ),
        seconds=answer.seconds,
        notes=answer.notes,
        engine=request.engine,
        revision=version.software,
        seed=request.seed,
    )


def warm_up() -> None:
    """Compile the kernels, which takes a few seconds the first time."""
    from backend.textures import kernels
    from backend.views import kernels as views
    from backend.views.raster import wp

    wp.load_module(views, device="cpu")
    wp.load_module(kernels, device="cpu")


def _check_surfaces(request: BakeTextureRequest) -> None:
    """Refuse coordinates and textures that do not fit the meshes."""
    size = request.resolution
    _check_count(request.uvs, request, "UV arrays")
    if request.base:
        _check_count(request.base, request, "base textures")
    if all(uv is None for uv in request.uvs):
        raise failure(
            "bad_input",
            "None of the meshes has UVs, so there is no texture to paint: unwrap it first.",
            fix="Unwrap it",
        )
    for mesh, uv in zip(request.geometry, request.uvs, strict=True):
        if uv is not None:
            shape = (mesh.faces.shape[0], 3, 2)
            geometry.check_blob(uv, f"UVs of {geometry.called(mesh)}", "<f4", shape)
    for mesh, base in zip(request.geometry, request.base, strict=False):
        if base is None:
            continue
        fits = base.dtype == "|u1" and base.shape[:2] == (size, size) and len(base.shape) == 3
        if not fits or base.shape[2] not in (3, 4):
            raise failure(
                "bad_input",
                f"The texture of {geometry.called(mesh)} is {base.dtype} {list(base.shape)} and "
                f"should be |u1 [{size}, {size}, 3 or 4]: bake at its resolution, or resize it.",
            )


def _check_count(arrays: tuple[Blob | None, ...], request: BakeTextureRequest, what: str) -> None:
    if len(arrays) != len(request.geometry):
        raise failure(
            "bad_input",
            f"There are {len(arrays)} {what} for {len(request.geometry)} meshes: send one for "
            "each, or None.",
        )


def _check_photograph(photograph: Photograph) -> None:
    camera, image = photograph.camera, photograph.image
    check_camera(camera)
    name = f"'{camera.name[:80]}'"
    geometry.check_blob(image, f"pixels of the picture of {name}", "|u1", (None, None, 3))
    height, width, _ = image.shape
    if min(height, width) < 8:
        raise failure("bad_input", f"The picture of {name} has less than 8 pixels a side.")
    shape = width / height / (camera.width / camera.height)
    if abs(shape - 1.0) > odd_shape:
        raise failure(
            "bad_input",
            f"The picture of {name} is {width} x {height} pixels and does not fill its camera's "
            f"frame of {camera.width} x {camera.height}: crop it to that shape.",
        )


def _surface(request: BakeTextureRequest, index: int, context: Context) -> Surface:
    """A mesh at rest and opened, with its coordinates and texture."""
    from backend.textures.bake import Surface, opened

    mesh = request.geometry[index]
    rest = geometry.read(mesh, context.array)
    name = geometry.called(mesh)
    geometry.check_finite(rest, name)
    moving = np.full(len(rest.faces), mesh.moving == "all")
    if mesh.moving == "selection":
        moving = geometry.chosen(mesh.selection, len(rest.faces), context.array, name=name)
    uv, base = request.uvs[index], request.base[index] if request.base else None
    values = None if uv is None else np.asarray(context.array(uv))
    if values is not None and np.linalg.det(np.array(mesh.matrix)[:3, :3]) < 0.0:
        values = values[:, ::-1]  # as the corners of a mirrored mesh's triangles are
    return Surface(
        name=name,
        rest=rest,
        opened=opened(rest, moving, motion(request.joint, request.value)),
        uv=values,
        base=None if base is None else np.asarray(context.array(base)),
    )
