"""Meshes of requests: checked before a job starts, read and placed in the world when it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocol.blobs import Blob
from protocol.errors import failure
from protocol.meshes import Geometry, Piece
from protocol.messages import Device, Limits

if TYPE_CHECKING:
    from backend.geometry.mesh import Mesh

Read = Callable[[Blob], NDArray]  # gives a blob's content

# The engines are imported where they are used: the gateway, which only checks requests, must
# start at once and stay small.


def check(geometry: Sequence[Geometry], limits: Limits) -> None:
    """Refuse arrays of the wrong kind, and too many. Raises TugError: bad_input, too_large."""
    if not geometry:
        raise failure("bad_input", "There is no mesh in the request: choose an object.")
    for mesh in geometry:
        name = called(mesh)
        check_blob(mesh.vertices, f"vertices of {name}", "<f4", (None, 3))
        check_blob(mesh.faces, f"faces of {name}", "<i4", (None, 3))
        if mesh.moving == "selection" and mesh.selection is None:
            raise failure("bad_input", f"{name} says which faces move, and names none.")
        if mesh.selection is not None:
            check_blob(mesh.selection, f"selection of {name}", "<i4", (None,))
    faces = sum(mesh.faces.shape[0] for mesh in geometry)
    if faces > limits.faces:
        raise failure(
            "too_large",
            f"The meshes have {faces:,} triangles and the limit is {limits.faces:,}: decimate "
            "them, or use a copy with less detail.",
            limit=limits.faces,
        )


def check_pieces(pieces: Sequence[Piece], geometry: Sequence[Geometry], owner: str) -> None:
    """Refuse pieces of meshes that are not there. Raises TugError bad_input.

    `owner` is how the sentence calls what the pieces belong to.
    """
    for piece in pieces:
        if piece.geometry >= len(geometry):
            raise failure(
                "bad_input", f"{owner} names mesh {piece.geometry} of {len(geometry)} meshes."
            )
        if piece.selection is not None:
            check_blob(piece.selection, f"selection of {owner}", "<i4", (None,))


def check_blob(blob: Blob, what: str, dtype: str, shape: tuple[int | None, ...]) -> None:
    """Refuse an array of another kind; None is any extent. Raises TugError bad_input."""
    fits = len(blob.shape) == len(shape) and all(
        want in (None, have) for want, have in zip(shape, blob.shape, strict=True)
    )
    if not fits or blob.dtype != dtype:
        wanted = ", ".join("any" if extent is None else str(extent) for extent in shape)
        raise failure(
            "bad_input",
            f"The {what} are {blob.dtype} {list(blob.shape)} and should be {dtype} [{wanted}].",
        )


def read(mesh: Geometry, array: Read) -> Mesh:
    """Return a mesh of a request in the world. Raises TugError bad_input."""
    return placed(array(mesh.vertices), array(mesh.faces), mesh.matrix, name=called(mesh))


def placed(vertices: NDArray, faces: NDArray, matrix: ArrayLike, *, name: str) -> Mesh:
    """A mesh in the world, float64; `matrix` is (4, 4), a mirroring one turns triangles round.

    Raises TugError bad_input for indices out of range.
    """
    from backend.geometry.mesh import Mesh

    if len(faces) and (faces.min() < 0 or faces.max() >= len(vertices)):
        raise failure("bad_input", f"{name} has triangles that name vertices it does not have.")
    transform = np.asarray(matrix, np.float64)
    points = vertices.astype(np.float64) @ transform[:3, :3].T + transform[:3, 3]
    mirrored = np.linalg.det(transform[:3, :3]) < 0.0
    return Mesh(points, np.ascontiguousarray(faces[:, ::-1] if mirrored else faces, np.int32))


def check_finite(mesh: Mesh, name: str) -> None:
    """Refuse vertices that are no numbers. Raises TugError bad_input."""
    if not np.isfinite(mesh.vertices).all():
        raise failure("bad_input", f"Vertices of {name} are NaN or infinite: repair them first.")


def merged(meshes: Sequence[Mesh]) -> Mesh:
    """One mesh of several, faces in their order; an empty one of none."""
    from backend.geometry.mesh import Mesh

    if len(meshes) == 1:
        return meshes[0]
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    faces = [mesh.faces + np.int32(start) for mesh, start in zip(meshes, starts, strict=False)]
    return Mesh(
        np.concatenate([np.zeros((0, 3)), *(mesh.vertices for mesh in meshes)]),
        np.concatenate([np.zeros((0, 3), np.int32), *faces]),
    )


def chosen(selection: Blob | None, count: int, array: Read, *, name: str) -> NDArray[np.bool_]:
    """Which of a mesh's `count` faces (count,) are selected; all where there is no selection.

    Raises TugError bad_input for faces that are not there; `name` is how the mesh is called.
    """
    if selection is None:
        return np.ones(count, bool)
    indices = array(selection)
    if len(indices) and (indices.min() < 0 or indices.max() >= count):
        raise failure("bad_input", f"The part of {name} names triangles that it does not have.")
    mask = np.zeros(count, bool)
    mask[indices] = True
    return mask


def called(mesh: Geometry) -> str:
    """Return how sentences call a mesh."""
    return f"'{mesh.name[:80]}'" if mesh.name else "the mesh"


def devices() -> list[Device]:
    """What engines that query meshes may compute on."""
    from backend.geometry.kernels import wp  # Warp, told to be quiet

    return [
        Device(
            name=device.name,
            kind="cuda" if device.is_cuda else "cpu",
            memory_bytes=int(device.total_memory),
        )
        for device in wp.get_devices()
    ]
