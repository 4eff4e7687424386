"""Models out of the scene: the question, and the files that its answer becomes."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import bpy

from . import runtime
from .asking import send
from .core.disk import write_files
from .core.jobs import ExportJob, new_job
from .protocol.blobs import as_bytes
from .protocol.errors import failure
from .protocol.tasks import ExportFormat, ExportModelRequest
from .scene.identity import identify
from .scene.model import gather_model

suffixes: dict[str, str] = {"urdf": ".urdf", "mjcf": ".xml", "usd": ".usda", "glb": ".glb"}


def ask(obj: bpy.types.Object, path: str | Path, format: ExportFormat) -> ExportJob:
    """Send the question that `api.export` describes."""
    if format not in get_args(ExportFormat):
        known = ", ".join(suffixes)
        raise failure("bad_input", f"There is no format {format!r}; choose one of {known}.")
    main = Path(bpy.path.abspath(str(path)))
    main = main if main.suffix else main.with_suffix(suffixes[format])
    if not main.parent.is_dir():
        raise failure("bad_input", f"There is no folder {main.parent}; make it or choose another.")
    model = gather_model(obj)
    request = ExportModelRequest(
        name=main.stem, geometry=model.geometry, links=model.links, format=format
    )
    job = new_job(ExportJob, request, name=main.name, object=identify(obj), path=str(main))
    send(job, model.arrays)
    return job


def again(job: ExportJob) -> None:
    """Export the object as it is now to the same file."""
    ask(runtime.object_of(job), job.path, job.request.format)


def write(job: ExportJob) -> None:
    """Write the files of a result that has come. Raises TugError when the disk refuses."""
    files = job.result.files if job.result else ()
    if not files:
        raise failure("bad_input", f"The backend made no files for '{job.name}'; try another one.")
    session = runtime.session()
    content = [(file.path, as_bytes(session.array(job, file.content))) for file in files]
    job.written = tuple(map(str, write_files(Path(job.path), content)))
