"""The models there are, and which of them are present. Knows no torch."""

from __future__ import annotations

import importlib.util

from protocol.errors import TugError, failure

from .card import Card, Part
from .dragapart import card as dragapart
from .places import place_of, source_of

packages = ("torch", "diffusers", "transformers", "safetensors")
install = "python build.py backend"


def cards() -> tuple[Card, ...]:
    """Return the cards of all models."""
    return dragapart.cards


def card(name: str) -> Card:
    """Return the card of that name. Raises TugError bad_input."""
    found = next((one for one in cards() if one.name == name), None)
    if found is None:
        names = ", ".join(one.name for one in cards())
        raise failure("bad_input", f"There is no model {name[:80]!r}: {names}.")
    return found


def lacking_packages() -> list[str]:
    """Return the packages of the extra `models` that are not installed."""
    return [name for name in packages if importlib.util.find_spec(name) is None]


def lacking(card: Card) -> list[Part]:
    """Return the parts that a model needs and that are not on this machine."""
    return [part for part in card.parts if not part.optional and not has(card, part)]


def has(card: Card, part: Part) -> bool:
    """Whether a part is on this machine: its file, or one of each of its folder's files."""
    place = place_of(card, part)
    if not part.files:
        return place.is_file()
    return all(any((place / name).is_file() for name in names) for names in part.files)


def is_present(card: Card) -> bool:
    """Whether a model could be loaded: its packages and its parts are there."""
    return not lacking_packages() and not lacking(card)


def present() -> list[str]:
    """Return the names of the models that could be loaded."""
    try:
        return [card.name for card in cards() if is_present(card)]
    except TugError:  # the user's choices are no choices: doctor says so
        return []


def require(card: Card) -> None:
    """Raise TugError missing_model, saying what is missing and what to do, unless all is there."""
    require_packages(card)
    parts = lacking(card)
    if any(not source_of(card, part) for part in parts):
        raise failure(
            "missing_model",
            f"This version comes without the weights of {card.title}.",
            fix=f"Train them (`tug train --help`), then say where they are: "
            f"tug models pull {card.name} --from network=FILE",
        )
    if parts:
        names = ", ".join(f"{part.name} ({place_of(card, part)})" for part in parts)
        raise failure(
            "missing_model",
            f"{card.title} is not on this machine: {names}.",
            fix=f"tug models pull {card.name}",
        )


def require_packages(card: Card) -> None:
    """Raise TugError missing_model unless the packages of the extra `models` are installed."""
    packages = lacking_packages()
    if packages:
        raise failure(
            "missing_model",
            f"{card.title} needs {' and '.join(packages)}, which this backend lacks.",
            fix=install,
        )
