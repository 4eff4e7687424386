"""Files of views from the archives that they come in."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import PurePosixPath

from ..protocol.errors import failure
from .disk import File, inside

manifest_name = "manifest.json"


def bundle_files(
    manifest: bytes | memoryview, archives: Iterable[tuple[str, bytes | memoryview]]
) -> list[File]:
    """Return the files of a bundle for `write_files`, the manifest first.

    `archives` are (folder, zip) pairs: what is in a zip goes into its folder. The files are
    unpacked one at a time, when they are written. Raises TugError `malformed` where an archive
    is none, or names a file that would lie elsewhere.
    """
    files: list[File] = [(manifest_name, manifest)]
    for folder, content in archives:
        files += _members(inside(folder), content)
    names = [name for name, _ in files]
    if len(set(names)) < len(names):
        raise failure("malformed", "The backend sent two files of the same name; ask again.")
    return files


def file_name(name: str) -> str:
    """Return the name of something as that of a folder: views lie in one each."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "view"


def _members(folder: PurePosixPath, content: bytes | memoryview) -> Iterator[File]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as problem:
        raise failure(
            "malformed", f"The archive of '{folder}' cannot be read: {problem}."
        ) from None
    for member in archive.infolist():
        if not member.is_dir():
            path = folder / inside(member.filename)
            yield str(path), partial(archive.read, member)
