"""Samples of objects that the user has: folders as PartNet-Mobility and GAPartNet have them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend.datasets.drag_a_move import samples
from backend.datasets.drag_a_move.sources import mains, source_of, split_of
from protocol.errors import TugError

urdf = """<robot name="box">
  <link name="base"/>
  <link name="body"><visual><geometry><box size="1 0.6 0.8"/></geometry></visual></link>
  <link name="lid"><visual><origin xyz="0 0 {lid}"/><geometry>
    <box size="1 0.6 0.05"/></geometry></visual></link>
  <joint name="a" type="fixed"><parent link="base"/><child link="body"/></joint>
  <joint name="b" type="{kind}"><parent link="body"/><child link="lid"/>
    <origin xyz="0 0.3 0.42"/><axis xyz="-1 0 0"/>{limit}</joint>
</robot>"""
limit = '<limit lower="0" upper="1.8"/>'
looks = ("clay", "colours")
corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)]) - 0.5
quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]


def written(folder: Path, name: str, main: str = "mobility.urdf", **changes: str) -> Path:
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    text = urdf.format(**{"kind": "revolute", "limit": limit, "lid": "0", **changes})
    (place / main).write_text(text)
    (place / "meta.json").write_text('{"model_cat": "Box"}')
    return place / main


def in_split(folder: Path, split: str) -> str:
    """A name of an object that belongs to a split."""
    return next(str(n) for n in range(1000) if split_of(written(folder, str(n))) == split)


def test_a_hinge_of_a_urdf_is_dragged_as_it_turns(tmp_path: Path) -> None:
    name = in_split(tmp_path / "names", "train")
    written(tmp_path / "data", name)
    found = list(samples("train", seed=0, size=64, looks=looks, count=12, source=tmp_path / "data"))
    for sample in found:
        assert (sample.family, sample.seed, sample.names) == ("box", int(name), ("lid",))
        x, y = (sample.drags[0, :2] * 64).astype(int)
        assert sample.moving_before[y, x] == 1
        assert np.linalg.norm(sample.flow, axis=-1).max() > 2.0


def test_what_gapartnet_adds_is_preferred_and_other_objects_are_skipped(tmp_path: Path) -> None:
    name = in_split(tmp_path / "names", "train")
    first = written(tmp_path / "data", name, mains[0], lid="5")
    written(tmp_path / "data", name)
    (tmp_path / "data" / "images").mkdir()
    source = source_of(tmp_path / "data", "train")
    item = source.draw(np.random.default_rng(0))
    assert item.link("lid").vertices[:, 2].max() > 5.0 and first.name == mains[0]


def test_an_objects_folder_is_a_source_by_itself(tmp_path: Path) -> None:
    name = in_split(tmp_path / "names", "validation")
    place = written(tmp_path, name).parent
    sample = next(samples("validation", seed=0, size=32, looks=looks, source=place))
    assert sample.names == ("lid",)


def test_splits_of_a_folder_are_told_by_names_and_families(tmp_path: Path) -> None:
    found = [split_of(written(tmp_path, str(n))) for n in range(60)]
    assert set(found) == {"train", "validation", "test_objects"}
    assert found.count("train") > 30
    fridge = written(tmp_path, "fridge")
    fridge.with_name("meta.json").write_text(json.dumps({"model_cat": "Refrigerator"}))
    assert split_of(fridge) == "test_families"


@pytest.mark.parametrize(
    ("make", "split", "said"),
    [
        (lambda folder, _: folder.mkdir(), "train", "no PartNet-Mobility objects"),
        (lambda folder, name: written(folder, name), "validation", "belongs to the split"),
        (lambda folder, name: written(folder, name, limit=""), "train", None),
        (lambda folder, name: written(folder, name, kind="fixed"), "train", "can be dragged"),
        (lambda folder, name: written(folder, name, kind="hinged"), "train", "hinged"),
        (lambda folder, _: None, "train", "no folder"),
    ],
)
def test_what_is_wrong_with_a_source_is_said(tmp_path: Path, make, split, said) -> None:
    name = in_split(tmp_path / "names", "train")
    data = tmp_path / "data"
    make(data, name)
    if said is None:  # without stops it turns once round
        assert next(samples(split, seed=0, size=32, looks=looks, source=data)).names == ("lid",)
        return
    with pytest.raises(TugError, match=said):
        next(samples(split, seed=0, size=32, looks=looks, source=data))


def test_materials_of_wavefront_files_are_seen(tmp_path: Path) -> None:
    place = written(tmp_path, in_split(tmp_path / "names", "train")).parent
    main = place / "mobility.urdf"
    text = main.read_text().replace('<box size="1 0.6 0.8"/>', '<mesh filename="shapes/body.obj"/>')
    main.write_text(text.replace('<box size="1 0.6 0.05"/>', '<mesh filename="shapes/lid.obj"/>'))
    shapes = place / "shapes"
    shapes.mkdir()
    for name, size in (("body", (1.0, 0.6, 0.8)), ("lid", (1.0, 0.6, 0.05))):
        lines = [f"mtllib {name}.mtl"]
        lines += [f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in corners * size]
        lines += ["vt 0 0", "vt 1 0", "vt 1 1", "usemtl front"]
        lines += [f"f {a + 1}/1 {b + 1}/2 {c + 1}/3" for a, b, c in triangles[:6]]
        lines += ["usemtl back"]
        lines += [f"f {a + 1}/1 {b + 1}/2 {c + 1}/3" for a, b, c in triangles[6:]]
        (shapes / f"{name}.obj").write_text("\n".join(lines))
    (shapes / "body.mtl").write_text("newmtl front\nKd 1 0 0\nnewmtl back\nKd 1 0 0\n")
    (shapes / "lid.mtl").write_text("newmtl front\nmap_Kd green.png\nnewmtl back\nKd 0 1 0\n")
    Image.new("RGB", (600, 300), (0, 255, 0)).save(shapes / "green.png")
    item = source_of(place, "train").draw(np.random.default_rng(0))
    assert {m.image.getpixel((0, 0)) for m in item.link("body").materials} == {(255, 0, 0)}
    assert {m.image.getpixel((0, 0)) for m in item.link("lid").materials} == {(0, 255, 0)}
    assert max(max(m.image.size) for m in item.link("lid").materials) == 256
    sample = next(samples("train", seed=1, size=64, looks=("textured",), source=place))
    lid, still = sample.moving_before == 1, sample.moving_before == 0
    shown = (sample.before < 250).any(axis=-1)
    assert (sample.before[lid].argmax(axis=-1) == 1).mean() > 0.9
    assert (sample.before[still & shown].argmax(axis=-1) == 0).mean() > 0.9


def test_a_broken_object_is_left_out(tmp_path: Path) -> None:
    good = in_split(tmp_path / "names", "train")
    other = next(str(n) for n in range(2000, 3000) if split_of(tmp_path / str(n) / "x") == "train")
    written(tmp_path / "data", good)
    written(tmp_path / "data", other, kind="hinged")
    found = samples("train", seed=0, size=32, looks=("clay",), count=30, source=tmp_path / "data")
    assert {sample.seed for sample in found} == {int(good)}


def test_what_has_no_materials_is_clay(tmp_path: Path) -> None:
    place = written(tmp_path, in_split(tmp_path / "names", "train")).parent
    sample = next(samples("train", seed=0, size=32, looks=("textured",), source=place))
    assert np.ptp(sample.before.astype(int), axis=-1).max() < 16
