"""`export`: a generated object or a model file as URDF, MJCF, USD or GLB."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from protocol.errors import failure
from protocol.tasks import ExportFormat

from .model_files import add_source_arguments, formats, load

if TYPE_CHECKING:
    from backend.formats.model import Model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", help="a URDF or MJCF file, or a category of generate: cabinet, oven, ..."
    )
    parser.add_argument("--seed", type=int, default=0, help="of the generated object")
    add_source_arguments(parser)
    parser.add_argument("--format", choices=get_args(ExportFormat), required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")


def run(options: argparse.Namespace) -> int:
    from backend.formats.export import write
    from backend.formats.files import inside

    files, notes = write(_model(options), options.format)
    for note in notes:
        print(note, file=sys.stderr)
    for name, content in files.items():
        path = options.out / inside(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(options.out / next(iter(files)))
    return 0


def _model(options: argparse.Namespace) -> Model:
    from backend.datasets import categories, generate
    from backend.formats.model import from_object

    path = Path(options.source)
    if options.source in categories:
        return from_object(generate(options.source, options.seed))
    if path.suffix.lower() in formats or options.source_format:
        return load(path, options.root, options.source_format)
    known = ", ".join(categories)
    raise failure(
        "bad_input",
        f"{options.source!r} is neither a URDF or MJCF file nor one of {known}.",
    )
