"""The files that a robot or simulation model consists of, found from its main file."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from pathlib import Path

from ..protocol.errors import failure
from ..protocol.tasks import ImportFormat

roots: dict[bytes, ImportFormat] = {b"robot": "urdf", b"mujoco": "mjcf"}
pictures = {".png", ".jpg", ".jpeg", ".bmp", ".tga", ".ktx"}
comment = re.compile(rb"<!--.*?-->", re.DOTALL)
first_element = re.compile(rb"<([A-Za-z_][\w.-]*)")
reference = re.compile(rb"""\b(?:file|filename)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
mesh_folder = re.compile(rb"""\b(?:meshdir|assetdir)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def collect(main: Path) -> tuple[ImportFormat, dict[str, Path]]:
    """Return a model's format and its files by their paths from the folder that holds them all.

    The main file comes first. Followed are `file` and `filename` attributes: relative ones, and
    `package://` ones from all folders above; of included files, too. What is not there is left
    out, and the backend says so. Raises TugError `bad_input`.
    """
    main = Path(os.path.normpath(main.absolute()))
    found = {main: _read(main)}
    kind = _format(main, found[main])
    pending = [main]
    folders = [main.parent]
    while pending:
        file = pending.pop()
        folders += [main.parent / name for name in _values(mesh_folder, found[file])]
        for path in _located(found[file], [*folders, file.parent]):
            if path not in found:
                included = path.suffix.lower() in (".xml", ".mjcf")
                found[path] = _read(path) if included else b""
                pending += [path] if included else []
    top = Path(os.path.commonpath([path.parent for path in found]))
    return kind, {path.relative_to(top).as_posix(): path for path in found}


def _read(path: Path) -> bytes:
    try:
        return comment.sub(b"", path.read_bytes())
    except OSError as problem:
        raise failure(
            "bad_input", f"'{path}' cannot be read ({problem.strerror}); choose another file."
        ) from problem


def _format(path: Path, text: bytes) -> ImportFormat:
    element = first_element.search(text)
    kind = roots.get(element[1]) if element else None
    if kind is None:
        raise failure(
            "bad_input", f"'{path.name}' is neither URDF nor MJCF; choose a file that is."
        )
    return kind


def _values(pattern: re.Pattern[bytes], text: bytes) -> Iterator[str]:
    for match in pattern.finditer(text):
        yield html.unescape((match[1] or match[2] or b"").decode("utf-8", "replace"))


def _located(text: bytes, folders: list[Path]) -> Iterator[Path]:
    """Yield the files there are of those that a file names, pictures left out."""
    for name in _values(reference, text):
        candidates = (Path(os.path.normpath(path)) for path in _candidates(name, folders))
        path = next((path for path in candidates if path.is_file()), None)
        if path and path.suffix.lower() not in pictures:
            yield path


def _candidates(name: str, folders: list[Path]) -> Iterator[Path]:
    scheme, found, rest = name.partition("://")
    if not found:
        yield from (folder / name for folder in reversed(folders))
    elif scheme in ("package", "model"):
        for folder in (folders[0], *folders[0].parents):
            yield folder / rest
            yield folder / rest.partition("/")[2]
