"""Gets what a model needs from the hub: only when the user asks for it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from errno import EACCES, ENOSPC, EPERM, EROFS
from pathlib import Path
from typing import NamedTuple

from protocol.errors import TugError, failure

from .card import Card, Part
from .places import folder_of, is_local, place_of, source_of
from .registry import has, require

local = (EACCES, ENOSPC, EPERM, EROFS)  # errors of this machine's disk, not of the hub
Tell = Callable[[str], None]
Prepare = Callable[[Path, Path], None]  # makes the file to keep of the file as published


class Address(NamedTuple):
    """A place on the hub."""

    kind: str
    name: str
    revision: str | None
    file: str


def address(source: str) -> Address:
    """Return the parts of `[spaces/]owner/name[@revision][:file]`. Raises TugError bad_input."""
    shape = r"(spaces/)?([\w.-]+/[\w.-]+)(?:@([\w.-]+))?(?::(.+))?"
    found = re.fullmatch(shape, source)
    if not found:
        raise failure(
            "bad_input",
            f"{source!r} is neither a path nor a place on the hub.",
            fix="Give a path that begins with / or ./, or owner/name, with :file for one file.",
        )
    space, name, revision, file = found.groups()
    return Address("space" if space else "model", name, revision, file or "")


def pull(
    card: Card, *, optional: bool, keep: bool, prepare: Prepare, tell: Tell, again: bool = False
) -> None:
    """Fetch what a model lacks, telling of each part.

    `optional` parts only when wanted; `keep` the file as published beside the one that `prepare`
    makes of it; `again` what is there already. Raises TugError missing_model, bad_input,
    storage_full, unreachable.
    """
    for part in card.parts:
        if part.optional and not optional:
            continue
        if has(card, part) and not (again and fetchable(card, part)):
            tell(f"{part.name}: {place_of(card, part)} is there")
        elif not source_of(card, part):
            require(card)
        elif is_local(source_of(card, part)):
            raise failure(
                "missing_model",
                f"{place_of(card, part)}, which you chose as {part.name} of {card.name}, is not "
                "there or lacks files.",
                fix=f"tug models pull {card.name} --from {part.name}=PATH",
            )
        elif part.files:
            _folder(card, part, tell)
        else:
            _file(card, part, keep, prepare, tell)


def fetchable(card: Card, part: Part) -> bool:
    """Whether a part comes from the hub, rather than with this version or from the user's disk."""
    source = source_of(card, part)
    return bool(source) and not is_local(source)


def check_digest(path: Path, wanted: str) -> None:
    """Raise TugError bad_input unless the file is the one as published."""
    from .weights import digest

    found = digest(path)
    if found != wanted:
        raise failure(
            "bad_input",
            f"{path} is not the published file: its SHA-256 is {found} and should be {wanted}.",
            fix="Delete it and fetch it again.",
        )


def _file(card: Card, part: Part, keep: bool, prepare: Prepare, tell: Tell) -> None:
    source = source_of(card, part)
    where = address(source)
    if not where.file:
        raise failure("bad_input", f"{source!r} names no file: add it after a colon.")
    _room(card, part)
    tell(f"{part.name}: fetching {source}")
    path = _download(card, part, where, where.file)
    if source == part.source and part.sha256:
        tell(f"{part.name}: comparing its SHA-256")
        check_digest(path, part.sha256)
    tell(f"{part.name}: writing {place_of(card, part)}")
    prepare(path, place_of(card, part))
    if not keep:
        path.unlink()


def _folder(card: Card, part: Part, tell: Tell) -> None:
    from huggingface_hub.errors import RemoteEntryNotFoundError

    source = source_of(card, part)
    where, place = address(source), place_of(card, part)
    _room(card, part)
    for names in part.files:
        for name in names:
            tell(f"{part.name}: fetching {name} of {source}")
            try:
                path = _download(card, part, where, name)
            except RemoteEntryNotFoundError:
                continue
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            path.replace(place / name)
            break
        else:
            raise failure(
                "missing_model",
                f"{source} has no {' and no '.join(names)}: {part.name} of {card.name} needs it.",
                fix=f"tug models pull {card.name} --from {part.name}=OTHER",
            )


def _download(card: Card, part: Part, where: Address, name: str) -> Path:
    """Fetch a file, or what is left of it from the last time."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import RemoteEntryNotFoundError

    try:
        path = hf_hub_download(
            where.name,
            name,
            repo_type=where.kind,
            revision=where.revision,
            local_dir=folder_of(card) / "fetched" / part.name,
        )
    except RemoteEntryNotFoundError:
        raise
    except OSError as error:
        if error.errno not in local:
            raise _unreachable(card, part, where, name, error) from None
        raise failure(
            "storage_full" if error.errno == ENOSPC else "bad_input",
            f"{name} could not be written to {folder_of(card)} ({error.strerror}).",
            fix="Make room, or set TUG_HOME to a folder that can be written to.",
        ) from None
    except Exception as error:  # the hub's library raises those of its own and of two others
        raise _unreachable(card, part, where, name, error) from None
    return Path(path)


def _unreachable(card: Card, part: Part, where: Address, name: str, error: Exception) -> TugError:
    words = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
    return failure(
        "unreachable",
        f"{name} of {where.name} could not be fetched ({words}).",
        retry=True,
        fix=f"Try again, or fetch it yourself and tell where it is: tug models pull "
        f"{card.name} --from {part.name}=PATH",
    )


def _room(card: Card, part: Part) -> None:
    folder = folder_of(card)
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < 1.2 * part.bytes:
        raise failure(
            "storage_full",
            f"{part.name} of {card.name} takes {part.bytes / 1e9:.1f} GB and {folder} has "
            f"{free / 1e9:.1f} GB left.",
            fix="Make room, or set TUG_HOME to a folder on another disk.",
        )
