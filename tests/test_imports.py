"""The one direction of imports: addon -> protocol <- backend, and what each part may not know."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

root = Path(__file__).resolve().parent.parent

# Folder -> what no file in it may import. "addon.protocol" is the copy inside the extension.
blender = {"bpy", "bmesh", "mathutils", "gpu", "bpy_extras", "gpu_extras", "addon_utils"}
threads_and_pickles = {"threading", "multiprocessing", "concurrent", "asyncio", "pickle"}
service = {"zmq", "socket", "backend.gateway", "backend.workers", "backend.tasks"}
doors = {"addon.api", "addon.operators", "addon.panels", "addon.tools", "addon.handlers"}
state = {"addon.runtime", "addon.asking", "addon.batch"}
forbidden = {
    "addon": {"backend", "protocol", "torch", *threads_and_pickles},
    "addon/core": {"addon.scene", *blender, *doors, *state},
    "addon/scene": {*doors, *state},
    "protocol": {"torch", "addon", "backend", *blender, *threads_and_pickles},
    "backend": {"addon", "pickle", *blender},
    "backend/geometry": service,
    "backend/articulation": service,
    "backend/assembly": service,
    "backend/segmentation": service,
    "backend/formats": service,
    "backend/models": service,
}


def imported(source: str, package: str) -> Iterator[str]:
    """Yield the absolute dotted name of all that a module of `package` imports, anywhere in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            base = ".".join([*above, node.module] if node.module else above)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def breaches(source: str, package: str, names: set[str]) -> list[str]:
    found = imported(source, package)
    return sorted({full for full in found for name in names if f"{full}.".startswith(f"{name}.")})


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(root).parent.parts)


@pytest.mark.parametrize("folder", forbidden)
def test_no_file_imports_what_its_folder_may_not_know(folder: str) -> None:
    files = sorted((root / folder).rglob("*.py"))
    found = {
        str(path.relative_to(root)): names
        for path in files
        if (names := breaches(path.read_text("utf-8"), package_of(path), forbidden[folder]))
    }
    assert files
    assert not found


def test_protocol_imports_itself_relatively_so_that_it_works_inside_the_extension() -> None:
    files = sorted((root / "protocol").rglob("*.py"))
    sources = {path.name: path.read_text("utf-8") for path in files}
    assert not {name for name in sources if breaches(sources[name], "tug", {"protocol"})}


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("import backend.geometry.mesh", "addon.core"),
        ("from protocol import joint", "addon"),
        ("def late():\n    from backend import geometry", "addon"),
        ("from ...backend import geometry", "addon.core"),
    ],
)
def test_the_check_sees_every_form_of_import(line: str, package: str) -> None:
    assert breaches(line, package, forbidden["addon"])


def test_the_check_lets_the_extension_use_its_own_protocol() -> None:
    assert not breaches("from ..protocol.joint import Joint", "addon.core", forbidden["addon"])
