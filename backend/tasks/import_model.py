"""Import a model: URDF and MJCF files as meshes with joints."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from backend.tasks.geometry import check_blob
from protocol import version
from protocol.errors import failure
from protocol.meshes import Geometry, Matrix, ModelLink, Piece
from protocol.messages import Device, Limits
from protocol.tasks import ImportModelRequest, ImportModelResult

if TYPE_CHECKING:
    from backend.formats.model import Link, Model
    from backend.workers.context import Context

most_files = 5_000
most_bytes = 2 << 30


def check(request: ImportModelRequest, limits: Limits) -> None:
    """Refuse arrays that are no files and paths out of the folder. Raises TugError: bad_input,
    too_large.
    """
    from backend.formats.files import inside

    if not request.files:
        raise failure("bad_input", "There is no file in the request: choose a model.")
    if len(request.files) > most_files:
        raise failure("too_large", f"The model has over {most_files:,} files.", limit=most_files)
    for file in request.files:
        inside(file.path)
        check_blob(file.content, f"bytes of '{file.path[:80]}'", "|u1", (None,))
    if sum(file.content.size for file in request.files) > most_bytes:
        raise failure("too_large", f"The files have over {most_bytes:,} bytes.", limit=most_bytes)


def run(request: ImportModelRequest, context: Context) -> ImportModelResult:
    """Read the files. Raises TugError: bad_input, too_large, storage_full; Cancelled."""
    from backend.formats import mjcf_reader, urdf_reader
    from backend.formats.files import Files, inside

    began = time.perf_counter()
    context.stage("read")
    blobs = {inside(file.path): file.content for file in request.files}

    def content(path: str) -> bytes | None:
        return context.array(blobs[path]).tobytes() if path in blobs else None

    reader = urdf_reader if request.format == "urdf" else mjcf_reader
    model = reader.read(Files(request.files[0].path, content), context.check)
    done = time.perf_counter()
    context.stage("store")
    geometry, links = _told(model, context)
    return ImportModelResult(
        name=model.name,
        geometry=geometry,
        links=links,
        seconds={"read": done - began, "store": time.perf_counter() - done},
        notes=model.notes,
        engine=request.engine,
        revision=version.software,
        seed=request.seed,
    )


def warm_up() -> None:
    """Nothing: what formats need loads in a moment, and few sessions need it."""


def devices() -> list[Device]:
    """None: files are not read by devices."""
    return []


def _told(model: Model, context: Context) -> tuple[tuple[Geometry, ...], tuple[ModelLink, ...]]:
    geometry: list[Geometry] = []
    links = []
    for link in model.links:
        own = _geometry(link, context)
        pieces = tuple(Piece(geometry=len(geometry) + i) for i in range(len(own)))
        links.append(ModelLink(name=link.name, pieces=pieces, parent=link.parent, joint=link.joint))
        geometry += own
    return tuple(geometry), tuple(links)


def _geometry(link: Link, context: Context) -> list[Geometry]:
    """The link's meshes, about its joint: coordinates far from zero would lose digits."""
    x, y, z = link.joint.origin if link.joint else (0.0, 0.0, 0.0)
    matrix: Matrix = (
        (1.0, 0.0, 0.0, x),
        (0.0, 1.0, 0.0, y),
        (0.0, 0.0, 1.0, z),
        (0.0, 0.0, 0.0, 1.0),
    )
    found = []
    for shape in link.shapes:
        context.check()
        vertices = (shape.mesh.vertices - (x, y, z)).astype("<f4")
        found.append(
            Geometry(
                vertices=context.store(vertices),
                faces=context.store(np.ascontiguousarray(shape.mesh.faces, "<i4")),
                matrix=matrix,
                name=shape.name,
            )
        )
    return found
