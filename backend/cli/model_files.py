"""Files of models that commands read."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.errors import failure

if TYPE_CHECKING:
    from backend.formats.model import Model

formats = {".urdf": "urdf", ".xml": "mjcf", ".mjcf": "mjcf"}


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says how a model file is to be read."""
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="the folder that holds all files of the model; default: the model's own",
    )
    parser.add_argument(
        "--source-format", choices=sorted(set(formats.values())), help="default: by its name"
    )


def load(path: Path, root: Path | None, kind: str | None) -> Model:
    """The model of a file on disk, with the names that PartNet-Mobility keeps beside it.

    `root` is the folder that holds all its files, its own folder by default. Raises TugError
    bad_input, too_large.
    """
    from backend.formats import cases, mjcf_reader, urdf_reader
    from backend.formats.files import from_folder

    kind = kind or formats.get(path.suffix.lower())
    if kind is None:
        raise failure("bad_input", f"{path} is neither .urdf nor .xml: name its --source-format.")
    reader = urdf_reader if kind == "urdf" else mjcf_reader
    model = reader.read(from_folder(path, root or path.parent))
    beside = path.with_name("semantics.txt")
    if beside.is_file():
        model = cases.renamed(model, cases.semantics(beside.read_text("utf-8", "replace")))
    return model
