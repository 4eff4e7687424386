"""`evaluate`: how good the answers are where the truth is known."""

from __future__ import annotations

import argparse
from types import ModuleType

from . import (
    evaluate_articulation,
    evaluate_dragapart,
    evaluate_imagined,
    evaluate_moving,
    evaluate_objects,
    evaluate_placement,
    evaluate_proposals,
    evaluate_trajectory,
    evaluate_views,
)

kinds: dict[str, tuple[ModuleType, str]] = {
    "articulation": (evaluate_articulation, "one part of an object at a time"),
    "imagined": (evaluate_imagined, "what models that imagine pulls add to the joints"),
    "moving": (evaluate_moving, "the faces that move when they are pulled"),
    "objects": (evaluate_objects, "all parts of an object"),
    "proposals": (evaluate_proposals, "which regions are proposed as parts"),
    "placement": (evaluate_placement, "things put into rooms"),
    "trajectory": (evaluate_trajectory, "motion along ways, on ground and round obstacles"),
    "dragapart": (evaluate_dragapart, "what is imagined of dragged parts"),
    "views": (evaluate_views, "what cameras see of motion"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    for name, (module, said) in kinds.items():
        module.add_arguments(what.add_parser(name, help=said))


def run(options: argparse.Namespace) -> int:
    return kinds[options.what][0].run(options)
