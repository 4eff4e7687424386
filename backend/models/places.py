"""Where the parts of models are on this machine, and where the user wants them from."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from protocol.errors import failure
from protocol.keys import data_folder, write_private

from .card import Card, Part

Sources = dict[str, dict[str, str]]  # model, part, source


def folder_of(card: Card) -> Path:
    """Return the folder of what is fetched for a model."""
    return data_folder() / "models" / card.name.replace(":", "-")


def source_of(card: Card, part: Part) -> str:
    """Return where a part comes from: a path on this machine or an id on the hub, "" if shipped.

    An environment variable such as TUG_DRAGAPART_FULL_VAE wins over the user's choice in
    `models.json` of Tug's folder, which wins over the card. Raises TugError malformed when that
    file is none.
    """
    told = os.environ.get(variable(card, part))
    return told or chosen().get(card.name, {}).get(part.name) or part.source


def variable(card: Card, part: Part) -> str:
    """Return the name of the environment variable that overrides a part's source."""
    words = f"tug_{card.name}_{part.name}"
    return "".join(c if c.isalnum() else "_" for c in words).upper()


def place_of(card: Card, part: Part) -> Path:
    """Return the file or folder where a part is, or will be once it is fetched."""
    source = source_of(card, part)
    if not source and part.shipped is not None:
        return part.shipped
    return Path(source).expanduser() if is_local(source) else folder_of(card) / _stored(part)


def is_local(source: str) -> bool:
    """Whether a source is a path rather than an id on the hub."""
    return source.startswith(("/", "./", "../", "~", "\\")) or source[1:3] in (":\\", ":/")


def choices_file() -> Path:
    """Return the file of the user's choices."""
    return data_folder() / "models.json"


def chosen() -> Sources:
    """Return the user's choices. Raises TugError malformed."""
    path = choices_file()
    if not path.exists():
        return {}
    try:
        return msgspec.json.decode(path.read_bytes(), type=Sources)
    except msgspec.DecodeError as error:
        raise failure(
            "malformed",
            f"{path} does not say where models come from ({error}).",
            fix="Delete the file, or correct it.",
        ) from None


def choose(card: Card, sources: dict[str, str]) -> None:
    """Keep where parts come from. Raises TugError bad_input for a part that there is not."""
    names = [part.name for part in card.parts]
    for name in sources:
        if name not in names:
            raise failure(
                "bad_input", f"{card.name} has no part {name!r}: {', '.join(names) or 'none'}."
            )
    told = chosen()
    told[card.name] = told.get(card.name, {}) | sources
    write_private(choices_file(), msgspec.json.format(msgspec.json.encode(told)))


def _stored(part: Part) -> str:
    return part.name if part.files else f"{part.name}.safetensors"
