"""Articulate: from the pieces of a scene to the engine's problem, and its answer back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocol import version
from protocol.blobs import Blob
from protocol.errors import failure
from protocol.messages import Device, Limits
from protocol.tasks import ArticulateRequest, ArticulateResult, Geometry

if TYPE_CHECKING:
    from backend.articulation.problem import Problem
    from backend.geometry.mesh import Mesh
    from backend.workers.context import Context

# The engine is imported where it is used: the gateway, which only checks requests, must
# start at once and stay small.


def check(request: ArticulateRequest, limits: Limits) -> None:
    """Refuse arrays of the wrong kind. Raises TugError: bad_input, too_large."""
    if not request.geometry:
        raise failure("bad_input", "There is no mesh in the request: choose an object.")
    for piece in request.geometry:
        _check_blob(piece, "vertices", piece.vertices, "<f4", (None, 3))
        _check_blob(piece, "faces", piece.faces, "<i4", (None, 3))
        if piece.moving == "selection" and piece.selection is None:
            raise failure("bad_input", f"{_name(piece)} says which faces move, and names none.")
        if piece.selection is not None:
            _check_blob(piece, "selection", piece.selection, "<i4", (None,))
    faces = sum(piece.faces.shape[0] for piece in request.geometry)
    if faces > limits.faces:
        raise failure(
            "too_large",
            f"The meshes have {faces:,} triangles and the limit is {limits.faces:,}: decimate "
            "them, or articulate a copy with less detail.",
            limit=limits.faces,
        )


def run(request: ArticulateRequest, context: Context) -> ArticulateResult:
    """Find the joints. Raises TugError: bad_input, too_large; Cancelled."""
    from backend.articulation.engine import articulate

    problem = build(request, context.array, context.check)
    answer = articulate(problem, alternatives=request.alternatives, progress=context)
    return ArticulateResult(
        joints=answer.joints,
        seconds=answer.seconds,
        notes=answer.notes,
        engine=request.engine,
        revision=version.software,
        seed=request.seed,
    )


def build(
    request: ArticulateRequest,
    array: Callable[[Blob], NDArray],
    proceed: Callable[[], None] = lambda: None,
) -> Problem:
    """Return the engine's problem: part and body, each one mesh in the world.

    `array` gives a blob's content; `proceed` is called between pieces and may raise.
    """
    from backend.articulation.problem import Problem

    part: list[Mesh] = []
    body: list[Mesh] = []
    for piece in request.geometry:
        proceed()
        mesh = placed(array(piece.vertices), array(piece.faces), piece.matrix, name=_name(piece))
        moving, resting = _split(mesh, piece, array)
        part.extend(moving)
        body.extend(resting)
    return Problem(
        part=merged(part),
        body=merged(body),
        drags=np.array([[d.start, d.end] for d in request.drags], float).reshape(-1, 2, 3),
        prompt=request.prompt,
        up=request.up,
        joint_types=request.joint_types,
        seed=request.seed,
    )


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


def merged(meshes: list[Mesh]) -> Mesh:
    """One mesh of several; an empty one of none."""
    from backend.geometry.mesh import Mesh

    if len(meshes) == 1:
        return meshes[0]
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    faces = [mesh.faces + np.int32(start) for mesh, start in zip(meshes, starts, strict=False)]
    return Mesh(
        np.concatenate([np.zeros((0, 3)), *(mesh.vertices for mesh in meshes)]),
        np.concatenate([np.zeros((0, 3), np.int32), *faces]),
    )


def warm_up() -> None:
    """Solve a tiny problem, so that everything is imported and compiled."""
    from backend.articulation.engine import articulate
    from backend.articulation.problem import Problem
    from backend.geometry.mesh import Mesh

    corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))], np.int32)
    drag = np.array([[[2.0, 0.5, 0.5], [3.0, 0.5, 0.5]]])
    part, body = Mesh(corners + np.array([1.0, 0.0, 0.0]), faces), Mesh(corners, faces)
    articulate(Problem(part=part, body=body, drags=drag))


def devices() -> list[Device]:
    """What the engine may compute on."""
    from backend.geometry.kernels import wp  # Warp, told to be quiet

    return [
        Device(
            name=device.name,
            kind="cuda" if device.is_cuda else "cpu",
            memory_bytes=int(device.total_memory),
        )
        for device in wp.get_devices()
    ]


def _split(
    mesh: Mesh, piece: Geometry, array: Callable[[Blob], NDArray]
) -> tuple[list[Mesh], list[Mesh]]:
    """What moves and what rests of one piece."""
    from backend.geometry.mesh import subset

    if piece.moving == "none":
        return [], [mesh]
    if piece.moving == "all":
        return [mesh], []
    assert piece.selection is not None
    chosen = _mask(array(piece.selection), len(mesh.faces), _name(piece))
    return [subset(mesh, chosen)], [subset(mesh, ~chosen)]


def _mask(selection: NDArray, count: int, name: str) -> NDArray[np.bool_]:
    if len(selection) and (selection.min() < 0 or selection.max() >= count):
        raise failure("bad_input", f"The part of {name} names triangles that it does not have.")
    mask = np.zeros(count, bool)
    mask[selection] = True
    return mask


def _check_blob(
    piece: Geometry, field: str, blob: Blob, dtype: str, shape: tuple[int | None, ...]
) -> None:
    fits = len(blob.shape) == len(shape) and all(
        want in (None, have) for want, have in zip(shape, blob.shape, strict=True)
    )
    if not fits or blob.dtype != dtype:
        wanted = ", ".join("any" if extent is None else str(extent) for extent in shape)
        raise failure(
            "bad_input",
            f"The {field} of {_name(piece)} are {blob.dtype} {list(blob.shape)} and should be "
            f"{dtype} [{wanted}].",
        )


def _name(piece: Geometry) -> str:
    return f"'{piece.name[:80]}'" if piece.name else "the mesh"
