"""Models into the scene: the question, and the objects that its answer becomes."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np

from . import runtime
from .asking import send
from .core.jobs import ImportJob, new_job
from .core.model_files import collect
from .protocol.blobs import describe
from .protocol.errors import failure
from .protocol.meshes import ModelFile
from .protocol.tasks import ImportModelRequest
from .scene.building import build
from .scene.identity import identify
from .scene.modes import push_undo


def ask(path: str | Path, *, lands: bool = False) -> ImportJob:
    """Send the question that `api.import_model` describes; build the answer when it `lands`."""
    main = Path(bpy.path.abspath(str(path)))
    kind, paths = collect(main)
    arrays = [np.frombuffer(file.read_bytes(), np.uint8) for file in paths.values()]
    files = tuple(
        ModelFile(path=name, content=describe(array))
        for name, array in zip(paths, arrays, strict=True)
    )
    request = ImportModelRequest(files=files, format=kind)
    job = new_job(ImportJob, request, name=main.name, path=str(main), lands=lands)
    send(job, arrays)
    return job


def again(job: ImportJob) -> None:
    """Read the same file as it is now."""
    ask(job.path, lands=job.lands)


def land(job: ImportJob) -> None:
    """Build a result that has come, as one undo step, if that was wished for."""
    if job.lands:
        put_into_scene(job)
        push_undo(f"Import {job.name}")


def put_into_scene(job: ImportJob) -> list[bpy.types.Object]:
    """Build the model of a result; return its topmost objects. Raises TugError `bad_input`."""
    result = job.result
    if result is None or not result.links:
        raise failure("bad_input", f"'{job.name}' holds no links; choose another file.")
    session = runtime.session()
    roots, notes = build(result, lambda blob: session.array(job, blob))
    job.made = tuple(identify(obj) for obj in roots)
    job.remarks = (*result.notes, *notes)
    runtime.book.changed()
    return roots
