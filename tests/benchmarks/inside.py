"""The built extension inside this Python's `bpy`, and a mesh of a million vertices."""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

scratch = tempfile.TemporaryDirectory(prefix="tug-benchmark-")
os.environ["BLENDER_USER_RESOURCES"] = str(Path(scratch.name) / "resources")
os.environ["TUG_HOME"] = str(Path(scratch.name) / "home")

package = "bl_ext.user_default.tug"


def module(name: str) -> Any:
    """Return a module of this Blender; `.scene.meshes` and the like are the extension's."""
    return importlib.import_module(package + name if name.startswith(".") else name)


def install_extension() -> None:
    """Install and enable the zip that TUG_EXTENSION_ZIP names."""
    bpy = module("bpy")
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.extensions.package_install_files(
        filepath=os.environ["TUG_EXTENSION_ZIP"], repo="user_default", enable_on_install=True
    )
    module("addon_utils").enable(package, default_set=True)


def leave(code: int = 0) -> None:
    """Disable the extension and end."""
    module("addon_utils").disable(package, default_set=True)
    scratch.cleanup()
    sys.stdout.flush()
    os._exit(code)  # bpy's own teardown has nothing left to do


def million_vertices() -> Any:
    """Return a mesh of 1000 x 1000 vertices in quads with some relief."""
    bpy = module("bpy")
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=999, y_subdivisions=999, size=10)
    mesh = bpy.context.active_object.data
    assert len(mesh.vertices) == 1_000_000, len(mesh.vertices)
    positions = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.vertices.foreach_get("co", positions.reshape(-1))
    positions[:, 2] = np.random.default_rng(0).normal(0, 0.01, len(positions))
    mesh.vertices.foreach_set("co", positions.reshape(-1))
    mesh.update()
    return mesh
