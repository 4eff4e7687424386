"""What there is to know of a model before it is there: source, licence, sizes, hashes, needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Part:
    """Something that a model needs: a file or a folder.

    `source` is where it comes from unless the user says otherwise: `owner/name` on the hub,
    `spaces/owner/name` for what a demonstration holds, followed by `:file` where one file is
    meant; `bytes` is about how much that is. `files` are what is fetched of a folder: of those in
    one tuple the first that there is. `sha256` is of the file as published, "" where unknown. What
    comes with this repository is `shipped` there and has no source of its own.
    """

    name: str
    about: str
    source: str = ""
    shipped: Path | None = None
    files: tuple[tuple[str, ...], ...] = ()
    bytes: int = 0
    sha256: str = ""
    licence: str = ""
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Card:
    """A model and the parts that it needs."""

    name: str
    title: str
    paper: str
    code: str
    licence: str
    about: str
    needs: str
    parts: tuple[Part, ...] = ()

    def part(self, name: str) -> Part:
        """The part of that name. Raises KeyError."""
        return next(part for part in self.parts if part.name == name)
