"""`render_controls`: a GLB file's motion as a bundle of files."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from backend.cli import main
from backend.datasets import generate
from backend.formats.export import write
from backend.formats.gltf_reader import read
from backend.formats.model import from_object
from backend.views.glb import scene_of
from protocol.errors import TugError


@pytest.fixture(scope="module")
def cart(tmp_path_factory):
    """A cart whose joints all open and close in 4 seconds."""
    model = from_object(generate("cart", 3))
    files, _ = write(model, "glb")
    path = tmp_path_factory.mktemp("glb") / "cart.glb"
    path.write_bytes(next(iter(files.values())))
    return path, model


def test_a_model_is_a_body_and_its_links_are_parts(cart):
    path, model = cart
    scene = scene_of(read(path), (1, 13), 3.0)
    (body,) = scene.bodies
    assert body.tracked and [part.name for part in body.parts] == [k.name for k in model.links]
    assert not body.parts[0].moves and any(part.moves for part in body.parts)
    faces = {k.name: sum(len(shape.mesh.faces) for shape in k.shapes) for k in model.links}
    assert {part.name: len(part.mesh.faces) for part in body.parts} == faces


def test_frame_1_is_at_the_beginning(cart):
    path, _ = cart
    scene = scene_of(read(path), (1, 13), 3.0)
    later = scene_of(read(path), (5, 7), 3.0)
    for part, same in zip(scene.bodies[0].parts, later.bodies[0].parts, strict=True):
        if part.motion is not None:
            assert np.allclose(part.motion[0], np.eye(4), atol=1e-6)
            assert same.motion is not None and np.allclose(part.motion[4:7], same.motion)


def test_unknown_objects_are_refused(cart):
    with pytest.raises(TugError, match="There is no object 'table'"):
        scene_of(read(cart[0]), (1, 2), 24.0, ["table"])


def test_a_bundle_is_written_with_a_contact_sheet(cart, tmp_path, capsys):
    out = tmp_path / "out"
    small = ["--size", "48", "40", "--frames", "1,7", "--fps", "1.5", "--azimuths", "0,-30"]
    layers = ["--elevations", "20", "--layers", "depth,parts,flow", "--tracks", "2"]
    assert main(["render_controls", str(cart[0]), "--out", str(out), *small, *layers]) == 0
    said = capsys.readouterr()
    assert "2 views of 7 frames" in said.out and "render ..." in said.err
    tree = json.loads((out / "manifest.json").read_text())
    assert [view["folder"] for view in tree["views"]] == ["az000_el20", "az330_el20"]
    for view in tree["views"]:
        folder = out / view["folder"]
        stored = np.load(folder / "tracks.npz")
        assert stored["tracks"].shape == (7, len(tree["tracks"]), 2)
        assert len(list((folder / "layers").glob("*.exr"))) == 7
        ids = {part["id"] for body in tree["bodies"] for part in body["parts"]}
        seen = set(np.unique(np.asarray(Image.open(folder / "parts" / "0004.png")))) - {0}
        assert len(seen) > 1 and seen <= ids
    sheet = Image.open(out / "sheet.png")
    assert sheet.width > 6 * 48 and sheet.height > 2 * 40
    assert len(np.unique(np.asarray(sheet).reshape(-1, 3), axis=0)) > 50


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--layers", "colour"], "no layer 'colour'"),
        (["--frames", "9,2"], "ends before it begins"),
        (["--frames", "all"], "two whole numbers"),
        (["--fastest", "0"], "more than 0"),
        (["--margin", "0.6"], "margin lies"),
        (["--size", "4", "4"], "between 8 and 8192"),
    ],
)
def test_wrong_options_get_a_sentence(cart, tmp_path, capsys, options, sentence):
    assert main(["render_controls", str(cart[0]), "--out", str(tmp_path), *options]) == 1
    assert sentence in capsys.readouterr().err
