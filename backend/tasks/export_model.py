"""Export a model: meshes with their joints as files that simulators and other tools read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from backend.tasks import geometry
from protocol import version
from protocol.errors import failure
from protocol.meshes import ModelFile, ModelLink
from protocol.messages import Device, Limits
from protocol.tasks import ExportModelRequest, ExportModelResult

if TYPE_CHECKING:
    from backend.formats.model import Link, Model
    from backend.geometry.mesh import Mesh
    from backend.workers.context import Context


def check(request: ExportModelRequest, limits: Limits) -> None:
    """Refuse arrays of the wrong kind and links out of order. Raises TugError: bad_input,
    too_large.
    """
    geometry.check(request.geometry, limits)
    if not request.links:
        raise failure("bad_input", "There is no link in the model: name at least its body.")
    for index, link in enumerate(request.links):
        geometry.check_pieces(link.pieces, request.geometry, f"'{link.name[:80]}'")
        if not -1 <= link.parent < index:
            raise failure(
                "bad_input",
                f"The link '{link.name[:80]}' has the parent {link.parent}, which does not come "
                "before it.",
            )


def run(request: ExportModelRequest, context: Context) -> ExportModelResult:
    """Write the files. Raises TugError: bad_input, storage_full; Cancelled."""
    from backend.formats.export import write

    began = time.perf_counter()
    context.stage("prepare")
    model, left = _model(request, context)
    read = time.perf_counter()
    context.stage("write")
    files, notes = write(model, request.format, request.up, context.check)
    stored = [
        ModelFile(path=path, content=context.store(np.frombuffer(content, np.uint8)))
        for path, content in files.items()
    ]
    if left:
        notes = (*notes, f"{left:,} triangles belong to no link and were left out.")
    return ExportModelResult(
        files=tuple(stored),
        seconds={"prepare": read - began, "write": time.perf_counter() - read},
        notes=notes,
        engine=request.engine,
        revision=version.software,
        seed=request.seed,
    )


def warm_up() -> None:
    """Nothing: what formats need loads in a moment, and few sessions need it."""


def devices() -> list[Device]:
    """None: files are not written by devices."""
    return []


def _model(request: ExportModelRequest, context: Context) -> tuple[Model, int]:
    """The model in the world, and how many triangles it leaves out."""
    from backend.formats.model import Model

    meshes = []
    for mesh in request.geometry:
        context.check()
        meshes.append(geometry.read(mesh, context.array))
    unclaimed = [np.ones(len(mesh.faces), bool) for mesh in meshes]
    links = tuple(_link(link, request, meshes, unclaimed, context) for link in request.links)
    return Model(request.name, links), sum(int(mask.sum()) for mask in unclaimed)


def _link(
    link: ModelLink,
    request: ExportModelRequest,
    meshes: list[Mesh],
    unclaimed: list[np.ndarray],
    context: Context,
) -> Link:
    from backend.formats.model import Link, Shape
    from backend.formats.tidy import fixed_at
    from backend.geometry.mesh import subset

    shapes = []
    for piece in link.pieces:
        context.check()
        name = geometry.called(request.geometry[piece.geometry])
        whole = meshes[piece.geometry]
        mask = geometry.chosen(piece.selection, len(whole.faces), context.array, name=name)
        unclaimed[piece.geometry] &= ~mask
        if mask.any():
            own = request.geometry[piece.geometry].name or link.name
            shapes.append(Shape(own, subset(whole, mask)))
    joint = link.joint
    if joint is None and link.parent >= 0:
        joint = fixed_at((0.0, 0.0, 0.0))
    return Link(link.name, tuple(shapes), link.parent, joint)
