"""`import`: URDF and MJCF models as cases to evaluate on."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .model_files import add_source_arguments, load

if TYPE_CHECKING:
    from backend.formats.model import Model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, nargs="+", help="URDF or MJCF files")
    add_source_arguments(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--category",
        default="",
        help="of the cases, for the table of evaluate; default: that of its meta.json, or its name",
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

    model = load(path, options.root, options.source_format)
    for note in model.notes:
        print(f"{path}: {note}", file=sys.stderr)
    options.out.mkdir(parents=True, exist_ok=True)
    stem = _stem(path, model)
    found = list(cases(model, options.category or _category(path)))
    if not found:
        print(f"{path}: no joint moves a part of it, so there is no case.", file=sys.stderr)
    for name, case in found:
        target = options.out / f"{stem}-{_file_name(name)}.npz"
        save_case(target, case)
        print(target)


def _category(path: Path) -> str:
    """What PartNet-Mobility calls the object, in the `meta.json` beside it; else nothing."""
    try:
        said = json.loads(path.with_name("meta.json").read_text("utf-8"))
        return str(said["model_cat"]).lower()
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _stem(path: Path, model: Model) -> str:
    """`mobility.urdf` is called like all others of its kind, its folder is not."""
    name = path.parent.name if path.stem == "mobility" else path.stem
    return _file_name(name or model.name)


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]+", "_", name).strip("._")[:80] or "part"
