"""What is written is read by other readers, and moves there as it does here."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import KDTree

from backend.datasets import generate
from backend.formats import mjcf_reader, urdf_reader
from backend.formats.export import write
from backend.formats.files import from_map
from backend.formats.model import Model, from_object
from backend.formats.writing import prepared
from protocol.tasks import ExportFormat
from tests.backend.formats.second_readers import Clip, readers
from tests.backend.formats.trees import models, pose_of

tolerance = 1e-5  # of the diagonal
own_readers = {"urdf": urdf_reader, "mjcf": mjcf_reader}
seeds = st.integers(0, 1000)
objects = [  # every other one open, as artists model it
    ("bottle", 1),
    ("cabinet", 2),
    ("camera", 3),
    ("fridge", 4),
    ("kettle", 5),
    ("lamp", 6),
    ("stool", 7),
]


def put(files: dict[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def expected(model: Model, values, slides) -> dict[str, np.ndarray]:
    """Where the links of a prepared model are."""
    poses = model.poses(values, slides)
    return {
        link.name: np.concatenate([s.mesh.vertices for s in link.shapes]) @ pose[:3, :3].T
        + pose[:3, 3]
        for link, pose in zip(model.links, poses, strict=True)
        if link.shapes
    }


def assert_same(found, wanted, diagonal: float) -> None:
    """Every link's surface is where it should be: nearest vertices both ways."""
    for name, points in wanted.items():
        there, back = KDTree(points).query(found[name])[0], KDTree(found[name]).query(points)[0]
        assert max(there.max(), back.max()) <= tolerance * diagonal, name


def check_all(model: Model, seed: int) -> None:
    """Write a model in every format and compare a random pose in each second reader."""
    plain = prepared(model)
    values, slides = pose_of(plain, seed)
    wanted = expected(plain, values, slides)
    for kind, reader in readers.items():
        with tempfile.TemporaryDirectory() as folder:
            found = reader(put(write(model, kind)[0], Path(folder)), values, slides)
        assert_same(found, wanted, plain.diagonal)
    check_clip(model, plain, seed)


@pytest.mark.parametrize("kind", readers)
def test_models_of_other_names_and_formats_share_no_file(kind: ExportFormat) -> None:
    model = from_object(generate("cabinet", 2))
    own = set(write(model, kind)[0])
    others = [write(replace(model, name="other"), kind)[0]]
    others += [write(model, other)[0] for other in readers if other != kind]
    assert own and not any(own & set(files) for files in others)


def check_clip(model: Model, plain: Model, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clip = Clip(put(write(model, "glb")[0], Path(folder)))
    if "animations" not in clip.tree:
        assert all(link.joint is None or link.joint.type == "fixed" for link in plain.links)
        return
    time = np.random.default_rng(seed).random()
    ends = {k.name: (k.joint.lower, k.joint.upper, *k.joint.slide) for k in plain.links if k.joint}
    values = {name: course(time, low, high, low) for name, (low, high, *_) in ends.items()}
    slides = {name: course(time, *ends[name][2:], ends[name][0]) for name in ends}
    wanted = expected(plain, values, slides)
    assert_same(clip.points(time * clip.seconds), wanted, plain.diagonal)
    assert_same(clip.points(0.0), expected(plain, {}, {}), plain.diagonal)
    assert_same(clip.points(clip.seconds), expected(plain, {}, {}), plain.diagonal)


def course(time: float, low: float, high: float, turns_below: float) -> float:
    """The value at a share of the clip: up and back, then down and back if the turn does."""
    if turns_below < 0.0:
        return float(np.interp(time, [0, 0.25, 0.5, 0.75, 1], [0, high, 0, low, 0]))
    return float(np.interp(time, [0, 0.5, 1], [0, high, 0]))


@settings(deadline=None, max_examples=25)
@given(models(), seeds)
def test_nasty_trees_move_alike_in_every_reader(model: Model, seed: int) -> None:
    check_all(model, seed)


@pytest.mark.parametrize(("category", "seed"), objects)
def test_generated_objects_move_alike_in_every_reader(category: str, seed: int) -> None:
    check_all(from_object(generate(category, seed, solid=bool(seed % 2))), seed)


@settings(deadline=None, max_examples=40)
@given(models(), seeds, st.sampled_from(sorted(own_readers)))
def test_what_is_written_is_read_again_as_it_was(model: Model, seed: int, kind) -> None:
    plain = prepared(model)
    files, _ = write(model, kind)
    again = own_readers[kind].read(from_map(next(iter(files)), files))
    assert tree_of(again) == tree_of(plain)
    values, slides = pose_of(plain, seed)
    wanted = expected(plain, values, slides)
    assert_same(expected(again, values, slides), wanted, plain.diagonal)
    joints = {link.name: link.joint for link in again.links}
    for link in plain.links:
        read = joints[link.name]
        if link.joint and read:
            assert read.type == link.joint.type
            assert read.pitch == pytest.approx(link.joint.pitch, abs=1e-9)
            ends = (link.joint.lower, link.joint.upper, *link.joint.slide)
            assert (read.lower, read.upper, *read.slide) == pytest.approx(ends, abs=1e-9)


def tree_of(model: Model) -> dict[str, str]:
    """The parent of each link with a joint, by name."""
    return {k.name: model.links[k.parent].name for k in model.links if k.joint is not None}
