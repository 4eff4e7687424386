"""The files a model is made of, by their paths inside one folder, and XML from strangers."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from protocol.errors import TugError, failure

max_xml_bytes = 32 << 20
max_elements = 200_000
max_depth = 250
max_file_bytes = 1 << 30


@dataclass(frozen=True)
class Files:
    """A main file and what it refers to.

    Paths are relative to one folder, with `/`; `read` gives a file's bytes, None where there
    is none. No reference leads out of the folder.
    """

    main: str
    read: Callable[[str], bytes | None]

    def text(self) -> bytes:
        """The main file. Raises TugError bad_input."""
        content = self.read(inside(self.main))
        if content is None:
            raise failure("bad_input", f"There is no file {self.main[:200]}.")
        return content

    def find(self, reference: str, *, beside: str = "") -> tuple[str, bytes] | None:
        """The path and bytes of what a file refers to, None when it is not there.

        References are relative to `beside`, usually the folder of the main file;
        `package://NAME/PATH` is looked for in NAME and then from the top, since the folder
        may be the package itself. Raises TugError bad_input for absolute references and
        those that lead out of the folder.
        """
        for path in _candidates(reference, beside or posixpath.dirname(self.main)):
            content = self.read(inside(path))
            if content is not None:
                return path, content
        return None


def from_map(main: str, content: Mapping[str, bytes]) -> Files:
    """Files that somebody sent, by path."""
    return Files(main, {inside(path): data for path, data in content.items()}.get)


def from_folder(main: Path, root: Path) -> Files:
    """Files on disk at `root` and below. Raises TugError bad_input when `main` is elsewhere."""
    top = root.resolve()
    try:
        path = main.resolve().relative_to(top).as_posix()
    except ValueError as error:
        raise failure("bad_input", f"{main} is not in the folder {root}.") from error
    return Files(path, lambda name: _on_disk(top, name))


def parsed(content: bytes, name: str) -> Element:
    """The root element of an XML file; no document types, no entities.

    Raises TugError: bad_input, too_large.
    """
    if len(content) > max_xml_bytes:
        raise failure(
            "too_large",
            f"{name} has {len(content):,} bytes and the limit is {max_xml_bytes:,}.",
            limit=max_xml_bytes,
        )
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise failure(
            "bad_input", f"{name} declares a document type or entities: remove them."
        ) from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise failure("bad_input", f"{name} is no proper XML ({error}).") from error
    _check_size(root, name)
    return root


def _check_size(root: Element, name: str) -> None:
    count, depth, level = 0, 0, [root]
    while level:
        count, depth = count + len(level), depth + 1
        if count > max_elements or depth > max_depth:
            raise failure(
                "too_large",
                f"{name} has over {max_elements:,} elements, or over {max_depth} in each other.",
            )
        level = [child for element in level for child in element]


def inside(path: str) -> str:
    """The path in its shortest form. Raises TugError bad_input when it is not in the folder."""
    cleaned = posixpath.normpath(path.replace("\\", "/"))
    if not path or "\0" in path or cleaned.startswith(("/", "..")) or cleaned[1:2] == ":":
        raise failure(
            "bad_input",
            f"{path[:200]!r} leads out of the model's folder: choose the folder that holds all "
            "files of the model.",
        )
    return cleaned


def _candidates(reference: str, beside: str) -> list[str]:
    scheme, found, rest = reference.partition("://")
    if not found:
        return [posixpath.join(beside, reference)]
    if scheme not in ("package", "model", "file"):
        raise failure("bad_input", f"{reference[:200]!r} is not a file beside the model.")
    if scheme == "file":
        return [posixpath.join(beside, rest)]
    steps = beside.split("/") if beside else []
    above = ["/".join(steps[:n]) for n in range(len(steps), -1, -1)]
    within = rest.partition("/")[2]
    return [posixpath.join(folder, path) for folder in above for path in (rest, within)]


def _on_disk(top: Path, name: str) -> bytes | None:
    path = (top / name).resolve()
    if not path.is_relative_to(top) or not path.is_file():
        return None
    if path.stat().st_size > max_file_bytes:
        raise failure("too_large", f"{name} has over {max_file_bytes:,} bytes.")
    return path.read_bytes()


def missing(names: list[str]) -> TugError:
    """The error for files that a model needs and that are not there."""
    names = list(dict.fromkeys(names))
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return failure(
        "bad_input", f"The model needs files that are not beside it: {shown}.", missing=names[:100]
    )
