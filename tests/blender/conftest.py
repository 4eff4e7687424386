"""Tests inside Blender: the built zip is installed into the `bpy` under test and used there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

scratch = tempfile.TemporaryDirectory(prefix="tug-test-")
os.environ.setdefault("BLENDER_USER_RESOURCES", str(Path(scratch.name) / "resources"))
os.environ["TUG_HOME"] = str(Path(scratch.name) / "home")

import bpy  # noqa: E402

# isort: split
import addon_utils  # noqa: E402
import gpu  # noqa: E402

package = "bl_ext.user_default.tug"


def pytest_configure() -> None:
    """Install and enable the extension, before test modules import it."""
    archive = os.environ.get("TUG_EXTENSION_ZIP")
    if not archive:
        pytest.exit("TUG_EXTENSION_ZIP names no zip; run `python build.py test`.", 2)
    bpy.ops.extensions.package_install_files(
        filepath=archive, repo="user_default", enable_on_install=True, overwrite=True
    )
    addon_utils.enable(package, default_set=True)


def pytest_unconfigure() -> None:
    addon_utils.disable(package, default_set=True)


@pytest.fixture
def api() -> Iterator[ModuleType]:
    """The scripting door, in an empty file, not connected; afterwards everything is let go."""
    from bl_ext.user_default.tug import api, runtime

    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    yield api
    runtime.close()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


@pytest.fixture
def connected(api, backend) -> ModuleType:
    """The scripting door, connected to a null backend."""
    api.connect(connection_file=backend.connection_file)
    return api


@pytest.fixture
def post(api, monkeypatch):
    """What stands for a backend that is asked what a pull does."""
    from tests.blender.dragging_things import Post

    return Post(monkeypatch)


@pytest.fixture
def drawer(api) -> bpy.types.Object:
    """The drawer of a cabinet, pulled."""
    from tests.blender.dragging_things import drawer_cabinet

    return drawer_cabinet()[1]


@pytest.fixture
def dragged(post, drawer):
    """Two dragged views of the drawer, whose joint is proposed."""
    from bl_ext.user_default.tug import imagining

    from tests.blender.dragging_things import a_slider, proposed

    proposed(drawer, a_slider())
    return post.dragged(imagining.ask(drawer, views=2), count=2)


@pytest.fixture
def box(api) -> Callable[..., bpy.types.Object]:
    """Add boxes: `box(name, size, centre)`, placed by their vertices."""
    return add_box


@pytest.fixture
def cabinet(box) -> bpy.types.Object:
    """A box with a door on its front (-y) and a drag on the door; returns the door."""
    from bl_ext.user_default.tug.scene import parts

    body = box("Body", (1.0, 0.5, 1.5), (0.0, 0.0, 0.75))
    door = box("Door", (0.96, 0.02, 1.46), (0.0, -0.26, 0.75))
    door.parent = body
    bpy.context.view_layer.objects.active = door
    part = parts.add_part(door, "object", prompt="the door swings open")
    parts.add_drag(door, part, (0.4, -0.27, 0.75), (0.3, -0.6, 0.75))
    return door


@pytest.fixture(scope="module")
def drawing(tmp_path_factory):
    """Make drawing possible without a window: since 5.2 on request, before after any render."""
    if hasattr(gpu, "init"):
        gpu.init()
        return
    bpy.ops.wm.read_homefile(use_empty=False, use_factory_startup=True)
    render = bpy.context.scene.render
    render.engine, render.resolution_x, render.resolution_y = "BLENDER_WORKBENCH", 16, 16
    render.filepath = str(tmp_path_factory.mktemp("render") / "frame.png")
    bpy.ops.render.render(write_still=True)


def add_box(name: str, size: tuple[float, ...], centre: tuple[float, ...]) -> bpy.types.Object:
    """Add a box mesh object with applied size, placed by its vertices."""
    corners = [(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh = bpy.data.meshes.new(name)
    points = [tuple(c * s + o for c, s, o in zip(p, size, centre, strict=True)) for p in corners]
    mesh.from_pydata(points, [], faces)
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj
