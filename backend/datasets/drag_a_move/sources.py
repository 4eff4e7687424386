"""Where objects come from: this project's families, or folders of PartNet-Mobility.

A folder holds objects in folders of their own, each with one of `mains` (GAPartNet's names
come first: its links are merged where they move together), or is itself such an object. Its
split is told by its family, which `meta.json` names, and its folder's name, so that it stays
the same when others are added.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np

from backend.datasets import generate
from backend.datasets.drag_a_move.painting import Paint, Painter
from backend.datasets.drag_a_move.splits import families_of, held_out_elsewhere, seeds_of
from backend.datasets.object import ArticulatedObject, Link
from backend.formats import model, urdf_reader
from backend.formats.files import from_folder
from backend.formats.meshes import merged
from protocol.errors import TugError, failure
from protocol.joint import Joint

mains = ("mobility_texture_gapartnet.urdf", "mobility_annotation_gapartnet.urdf", "mobility.urdf")
open_share = 0.4  # of generated objects: backs and interiors are missing, as artists model
test_share, validation_share = 0.1, 0.1  # of a folder's objects
one_turn = 2.0 * np.pi
fixed = Joint(type="fixed", axis=(0.0, 0.0, 1.0), origin=(0.0, 0.0, 0.0), lower=0.0, upper=0.0)


class Source(Protocol):
    """What gives objects."""

    def draw(self, rng: np.random.Generator) -> ArticulatedObject:
        """A random object."""
        ...


class Generated:
    """Objects of this project's families, of one split."""

    def __init__(self, split: str) -> None:
        self.families, self.seeds = families_of(split), seeds_of(split)

    def draw(self, rng: np.random.Generator) -> ArticulatedObject:
        family = self.families[int(rng.integers(len(self.families)))]
        numbers = self.seeds[int(rng.integers(len(self.seeds)))]
        solid = bool(rng.random() >= open_share)
        return generate(family, int(rng.choice(numbers)), solid=solid)


class Folder:
    """Objects on disk, of one split. Raises TugError bad_input where there are none."""

    def __init__(self, folder: Path, split: str) -> None:
        if not folder.is_dir():
            raise failure("bad_input", f"There is no folder {folder}.")
        found = sorted(_objects(folder))
        if not found:
            raise failure(
                "bad_input",
                f"{folder} holds no PartNet-Mobility objects: folders with one of "
                f"{', '.join(mains)} in them.",
            )
        self.objects = [path for path in found if split_of(path) == split]
        if not self.objects:
            raise failure(
                "bad_input",
                f"None of the {len(found)} objects in {folder} belongs to the split {split!r}: "
                "choose another split, or add objects.",
            )

    def draw(self, rng: np.random.Generator) -> ArticulatedObject:
        """A random object. Raises TugError bad_input for one that cannot be read."""
        return _read(self.objects[int(rng.integers(len(self.objects)))])


@lru_cache(maxsize=4)
def source_of(folder: Path | None, split: str) -> Source:
    """The source of a split: a folder, or the families without one."""
    families_of(split)
    return Generated(split) if folder is None else Folder(folder, split)


def split_of(main: Path) -> str:
    """The split of an object on disk, by the file that describes it."""
    if _family(main) in held_out_elsewhere:
        return "test_families"
    share = _share(main.parent.name)
    if share < test_share:
        return "test_objects"
    return "validation" if share < test_share + validation_share else "train"


def _objects(folder: Path) -> Iterator[Path]:
    for place in [folder, *(path for path in folder.iterdir() if path.is_dir())]:
        files = [place / name for name in mains if (place / name).is_file()]
        yield from files[:1]


@lru_cache(maxsize=32)
def _read(main: Path) -> ArticulatedObject:
    files = from_folder(main, main.parent)
    try:
        found, painter = urdf_reader.read(files), Painter(files)
    except TugError as problem:
        raise failure("bad_input", f"{main}: {problem.error.message}") from problem
    name = main.parent.name
    number = int(name) if name.isdecimal() else zlib.crc32(name.encode())
    links = tuple(_link(link, painter.paint(link)) for link in found.links)
    return ArticulatedObject(_family(main), number, links)


def _link(link: model.Link, paint: Paint) -> Link:
    mesh = merged([shape.mesh for shape in link.shapes])
    return Link(
        name=link.name,
        vertices=mesh.vertices,
        faces=mesh.faces,
        uv=paint.uv,
        face_material=paint.material,
        materials=paint.materials,
        parent=link.parent,
        joint=_bounded(link.joint) if link.parent >= 0 else None,
    )


def _bounded(joint: Joint | None) -> Joint:
    """The joint of a link that hangs on another; what has no stop turns once round."""
    if joint is None:
        return fixed
    lower, upper = joint.lower, joint.upper
    if not np.isfinite(upper - lower):
        lower, upper = 0.0, one_turn
    return msgspec.structs.replace(joint, lower=lower, upper=upper)


@lru_cache(maxsize=100_000)
def _family(main: Path) -> str:
    """What PartNet-Mobility calls the object; `unknown` where it does not say."""
    try:
        said = json.loads(main.with_name("meta.json").read_text("utf-8"))
        return str(said["model_cat"]).lower()[:24]
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown"


def _share(name: str) -> float:
    """A number in [0, 1) that belongs to a name."""
    return zlib.crc32(name.encode()) / 2**32
