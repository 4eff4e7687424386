"""A model as files of a format."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from numpy.typing import ArrayLike

from backend.formats.model import Model
from backend.formats.writing import prepared
from protocol.tasks import ExportFormat

writers: dict[ExportFormat, str] = {
    "urdf": "urdf_writer",
    "mjcf": "mjcf_writer",
    "usd": "usd_writer",
    "glb": "gltf_writer",
}


def write(
    model: Model,
    kind: ExportFormat,
    up: ArrayLike = (0.0, 0.0, 1.0),
    proceed: Callable[[], None] = lambda: None,
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return files by path relative to one folder, the main one first, and notes.

    `up` (3,) is what is up in the model's world. `proceed` is called between links and may
    raise. Raises TugError bad_input.
    """
    writer = importlib.import_module(f"backend.formats.{writers[kind]}")
    files, notes = writer.write(prepared(model, up), proceed)
    return files, (*model.notes, *notes)
