"""`train`: fit what answers on objects with known joints."""

from __future__ import annotations

import argparse
from types import ModuleType

from . import train_articulation, train_dragapart

kinds: dict[str, tuple[ModuleType, str]] = {
    "articulation": (train_articulation, "the weights of the reasons"),
    "dragapart": (train_dragapart, "the network that imagines dragged parts"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    for name, (module, said) in kinds.items():
        module.add_arguments(what.add_parser(name, help=said))


def run(options: argparse.Namespace) -> int:
    return kinds[options.what][0].run(options)
