"""Propose parts: which regions of the meshes of a scene may be parts that move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backend.tasks import geometry
from backend.tasks.geometry import devices
from protocol import version
from protocol.errors import failure
from protocol.meshes import Piece
from protocol.messages import Limits
from protocol.tasks import PartProposal, ProposePartsRequest, ProposePartsResult

if TYPE_CHECKING:
    from backend.segmentation.propose import Proposal
    from backend.workers.context import Context

__all__ = ["check", "devices", "run", "warm_up"]


def check(request: ProposePartsRequest, limits: Limits) -> None:
    """Refuse arrays of the wrong kind. Raises TugError: bad_input, too_large."""
    geometry.check(request.geometry, limits)
    if request.seed_point is not None and not np.isfinite(request.seed_point).all():
        raise failure("bad_input", "The seed point is NaN or infinite: point at the mesh.")


def run(request: ProposePartsRequest, context: Context) -> ProposePartsResult:
    """Find the regions. Raises TugError: bad_input, too_large, storage_full; Cancelled."""
    from backend.segmentation.propose import propose

    meshes = []
    for mesh in request.geometry:
        context.check()
        meshes.append(geometry.read(mesh, context.array))
    counts = [len(mesh.faces) for mesh in meshes]
    answer = propose(
        geometry.merged(meshes),
        prompt=request.prompt,
        seed_point=request.seed_point,
        up=request.up,
        most=request.most,
        seed=request.seed,
        owner=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        progress=context,
    )
    return ProposePartsResult(
        proposals=tuple(_told(proposal, counts, context) for proposal in answer.proposals),
        seconds=answer.seconds,
        notes=answer.notes,
        engine=request.engine,
        revision=version.software,
        seed=request.seed,
    )


def warm_up() -> None:
    """Take two boxes apart, so that everything is imported and compiled."""
    from backend.geometry.mesh import Mesh
    from backend.segmentation.propose import propose

    corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))], np.int32)
    beside = corners + np.array([1.0, 0.0, 0.0])
    both = Mesh(np.concatenate([corners, beside]), np.concatenate([faces, faces + 8]))
    propose(both, prompt="open the left door")


def _told(proposal: Proposal, counts: list[int], context: Context) -> PartProposal:
    return PartProposal(
        pieces=tuple(_pieces(proposal.faces, counts, context)),
        score=proposal.score,
        name=proposal.name,
        fits=proposal.fits,
    )


def _pieces(faces: NDArray[np.int64], counts: list[int], context: Context) -> list[Piece]:
    """The faces of all meshes in their order as pieces of each mesh that has some."""
    context.check()
    ends = np.cumsum(counts)
    split = np.split(faces, np.searchsorted(faces, ends[:-1]))
    pieces = []
    for index, (own, end, count) in enumerate(zip(split, ends, counts, strict=True)):
        if len(own) == count:
            pieces.append(Piece(geometry=index))
        elif len(own):
            selection = (own - (end - count)).astype("<i4")
            pieces.append(Piece(geometry=index, selection=context.store(selection)))
    return [piece for piece in pieces if counts[piece.geometry]]
