"""Models out of the scene and into it."""

from __future__ import annotations

from pathlib import Path

import bpy

from .. import (
    exporting,
    importing,
)
from ..handles import (
    ExportHandle,
    ImportHandle,
)
from ..protocol.tasks import ExportFormat


def export(obj: bpy.types.Object, path: str | Path, format: ExportFormat = "urdf") -> ExportHandle:
    """Write the model that `obj` belongs to, with all its joints, for other programs.

    Everything under the topmost parent of `obj` is one model: what a joint of Tug carries is
    a link, the rest is the root. The joints are exported at rest, whatever pose they are in.

    Parameters
    ----------
    obj
        Any object of the model.
    path
        The main file; meshes may come beside it. Without a suffix it gets the format's.
    format
        `urdf`, `mjcf`, `usd` or `glb` (animated glTF).

    Returns
    -------
    ExportHandle
        A `Job`. `.wait()` until the files are written; then `.files` and `.notes`.

    Raises
    ------
    TugError
        `bad_input` when there is no joint or no such folder, `unreachable` without a backend.
    """
    return ExportHandle(exporting.ask(obj, path, format))


def import_model(path: str | Path) -> ImportHandle:
    """Read a URDF or MJCF file and the meshes it names as objects with joints.

    Returns
    -------
    ImportHandle
        A `Job`. `.apply()` builds the objects: links hang on each other by empties that move
        by `tug_open`, as after `articulate`. `.notes` say what was left out.

    Raises
    ------
    TugError
        `bad_input` when the file is neither, `unreachable` when there is no backend.
    """
    return ImportHandle(importing.ask(path))
