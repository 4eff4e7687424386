"""The one direction of imports: addon -> protocol <- backend, and what each part may not know."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

root = Path(__file__).resolve().parent.parent

# Folder -> what no file in it may import. "addon.protocol" is the copy inside the extension.
forbidden = {
    "addon": {"backend", "protocol", "torch", "threading", "multiprocessing", "pickle"},
    "addon/core": {"bpy", "bmesh", "mathutils", "gpu", "addon.scene", "addon.operators"},
    "protocol": {"bpy", "torch", "addon", "backend", "threading", "multiprocessing", "pickle"},
    "backend": {"bpy", "bmesh", "mathutils", "addon", "pickle"},
    "backend/geometry": {"zmq", "socket", "backend.gateway", "backend.workers", "backend.tasks"},
    "backend/models": {"zmq", "socket", "backend.gateway", "backend.workers", "backend.tasks"},
    "backend/articulation": {"zmq", "socket", "backend.gateway", "backend.workers"},
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


@pytest.mark.parametrize("folder", [name for name in forbidden if (root / name).is_dir()])
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
    absolute = [
        path.name
        for path in (root / "protocol").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and not node.level and node.module
        if node.module.split(".")[0] == "protocol"
    ]
    assert not absolute


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
