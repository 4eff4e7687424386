"""`import`: URDF and MJCF models as cases to evaluate on, or as GLB."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.errors import failure

if TYPE_CHECKING:
    from backend.formats.model import Model

formats = {".urdf": "urdf", ".xml": "mjcf", ".mjcf": "mjcf"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, nargs="+", help="URDF or MJCF files")
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="the folder that holds all files of the model; default: the model's own",
    )
    parser.add_argument("--format", choices=sorted(set(formats.values())), help="default: by name")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--category", default="", help="of the cases, for the table of evaluate; default: the name"
    )


def run(options: argparse.Namespace) -> int:
    """Import each file; those that cannot be read are told and the rest goes on."""
    from protocol.errors import TugError

    failed = 0
    for path in options.model:
        try:
            _import(path, options)
        except TugError as problem:
            if len(options.model) == 1:
                raise
            print(f"{path}: {problem}", file=sys.stderr)
            failed += 1
    return int(failed > 0)


def _import(path: Path, options: argparse.Namespace) -> None:
    from backend.datasets import save_case
    from backend.formats.cases import cases

    model = load(path, options.root or path.parent, options.format)
    for note in model.notes:
        print(f"{path}: {note}", file=sys.stderr)
    options.out.mkdir(parents=True, exist_ok=True)
    stem = _stem(path, model)
    found = list(cases(model, options.category))
    if not found:
        print(f"{path}: no joint moves a part of it, so there is no case.", file=sys.stderr)
    for name, case in found:
        target = options.out / f"{stem}-{_file_name(name)}.npz"
        save_case(target, case)
        print(target)


def load(path: Path, root: Path, kind: str | None) -> Model:
    """The model of a file on disk, with the names that PartNet-Mobility keeps beside it."""
    from backend.formats import cases, mjcf_reader, urdf_reader
    from backend.formats.files import from_folder

    kind = kind or formats.get(path.suffix.lower())
    if kind is None:
        raise failure("bad_input", f"{path} is neither .urdf nor .xml: name its --format.")
    reader = urdf_reader if kind == "urdf" else mjcf_reader
    model = reader.read(from_folder(path, root))
    beside = path.with_name("semantics.txt")
    if beside.is_file():
        model = cases.renamed(model, cases.semantics(beside.read_text("utf-8", "replace")))
    return model


def _stem(path: Path, model: Model) -> str:
    """`mobility.urdf` is called like all others of its kind, its folder is not."""
    name = path.parent.name if path.stem == "mobility" else path.stem
    return _file_name(name or model.name)


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]+", "_", name).strip("._")[:80] or "part"
