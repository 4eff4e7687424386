"""`models`: which learned models there are, get them, strip them, check them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.errors import failure

if TYPE_CHECKING:
    from backend.models.card import Card, Part


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    listing = what.add_parser("list", help="all models, and whether they are here")
    listing.add_argument("--json", action="store_true")
    show = what.add_parser("show", help="a model's card: sources, licences, sizes, hashes, files")
    show.add_argument("model")
    show.add_argument("--json", action="store_true")
    pull = what.add_parser("pull", help="fetch what a model needs")
    pull.add_argument("model")
    pull.add_argument(
        "--from",
        dest="sources",
        action="append",
        default=[],
        metavar="PART=WHERE",
        help="a part's path on this machine, or owner/name on the hub; kept for the next time",
    )
    pull.add_argument("--with-base", action="store_true", help="what only training needs, too")
    pull.add_argument("--keep", action="store_true", help="keep the checkpoint as published")
    pull.add_argument("--again", action="store_true", help="fetch what is here already, too")
    strip = what.add_parser("strip", help="write what inference needs of DragAPart's checkpoint")
    strip.add_argument("checkpoint", type=Path, help="drag-a-part-final.pt or one like it")
    strip.add_argument("--out", type=Path, required=True, metavar="FILE.safetensors")
    strip.add_argument("--copy", choices=["model", "ema"], default="model")
    verify = what.add_parser("verify", help="check names, shapes, dtypes and hashes of weights")
    verify.add_argument("model", nargs="?", help="a model, or a file of DragAPart's weights")


def run(options: argparse.Namespace) -> int:
    return {"list": _list, "show": _show, "pull": _pull, "strip": _strip, "verify": _verify}[
        options.what
    ](options)


def _list(options: argparse.Namespace) -> int:
    from backend.models import registry

    rows = [{"name": c.name, "state": _state(c), "about": c.about} for c in registry.cards()]
    if options.json:
        print(json.dumps(rows, indent=2))
        return 0
    for row in rows:
        print(f"{row['name']:16}{row['state']:30}{row['about']}")
    return 0


def _show(options: argparse.Namespace) -> int:
    from backend.models import registry

    card = registry.card(options.model)
    told = _card(card)
    if options.json:
        print(json.dumps(told, indent=2))
        return 0
    for name, value in told.items():
        if name != "parts" and value:
            print(f"{name:10}{value}")
    for part in told["parts"]:
        print(f"\n{part.pop('name')}: {part.pop('about')}")
        for name, value in part.items():
            if value:
                print(f"  {name:10}{value}")
    return 0


def _pull(options: argparse.Namespace) -> int:
    from backend.models import fetch, places, registry

    card = registry.card(options.model)
    sources = dict(_source(words) for words in options.sources)
    if sources:
        places.choose(card, sources)
    registry.require_packages(card)
    fetch.pull(
        card,
        optional=options.with_base,
        keep=options.keep,
        again=options.again,
        prepare=_prepare,
        tell=print,
    )
    return 0


def _strip(options: argparse.Namespace) -> int:
    from backend.models import registry

    registry.require_packages(registry.card("dragapart:full"))
    from backend.models.dragapart import checkpoint
    from backend.models.weights import digest

    checkpoint.strip(options.checkpoint, options.out, options.copy)
    size = options.out.stat().st_size
    print(f"{options.out}: {size / 1e9:.2f} GB, SHA-256 {digest(options.out)}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from backend.models import registry

    named = options.model or ""
    path = Path(named)
    chosen = [registry.card(named)] if named and not path.is_file() else list(registry.cards())
    registry.require_packages(chosen[0])
    from backend.models.dragapart import verify

    if path.is_file():
        lines = [verify.network_line(path.name, path)]
    else:
        present = [card for card in chosen if named or registry.is_present(card)]
        lines = [line for card in present for line in verify.verify(card)]
    for line in lines:
        print(f"{'OK' if line.good else 'PROBLEM':8}{line.part}: {line.text}")
    if not lines:
        print("No model is here: `tug models list`.")
    return int(not all(line.good for line in lines))


def _prepare(published: Path, place: Path) -> None:
    """Of the published checkpoint what inference needs; weights in safetensors as they are."""
    from backend.models.dragapart.checkpoint import strip

    if published.suffix != ".safetensors":
        return strip(published, place)
    import shutil

    shutil.copyfile(published, place)
    return None


def _source(words: str) -> tuple[str, str]:
    from backend.models.places import is_local

    part, sign, where = words.partition("=")
    if not sign or not where:
        raise failure("bad_input", f"{words!r} is not PART=WHERE, for example vae=/models/vae.")
    if Path(where).exists():
        return part, str(Path(where).resolve())
    if is_local(where):
        raise failure("bad_input", f"{where} is not there, so nothing was chosen.")
    return part, where


def _state(card: Card) -> str:
    from backend.models import places, registry

    if registry.lacking_packages():
        return "needs the extra `models`"
    if registry.is_present(card):
        return "here"
    if any(not places.source_of(card, part) for part in registry.lacking(card)):
        return "not in this version"
    return f"not here: pull it ({_size(sum(p.bytes for p in registry.lacking(card)))})"


def _card(card: Card) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": card.name,
        "title": card.title,
        "state": _state(card),
        "about": card.about,
        "paper": card.paper,
        "code": card.code,
        "licence": card.licence,
        "needs": card.needs,
    }
    return told | {"parts": [_part(card, part) for part in card.parts]}


def _part(card: Card, part: Part) -> dict[str, Any]:
    from backend.models import places, registry

    return {
        "name": part.name,
        "about": part.about,
        "source": places.source_of(card, part),
        "variable": places.variable(card, part),
        "place": str(places.place_of(card, part)),
        "state": "here" if registry.has(card, part) else "not here",
        "size": _size(part.bytes) if part.bytes else "",
        "sha256": part.sha256,
        "licence": part.licence,
    }


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
