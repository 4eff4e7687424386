"""Files of strangers: XML that bites, paths that lead elsewhere, meshes that are none."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.formats import meshes, mjcf_reader, urdf_reader
from backend.formats.files import Files, from_folder, from_map, inside
from protocol.errors import TugError
from tests.backend.formats.test_mjcf import kitchen
from tests.backend.formats.test_urdf import folder_of_partnet, partnet

bomb = b"""<?xml version="1.0"?><!DOCTYPE robot [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><robot name="&b;"/>"""
secret = b"""<?xml version="1.0"?><!DOCTYPE robot [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<robot name="r"><link name="&x;"/></robot>"""
deep = b"<robot>" + b"<link>" * 5000 + b"</link>" * 5000 + b"</robot>"
wide = b"<robot>" + b"<link/>" * 250_000 + b"</robot>"


@pytest.mark.parametrize("reader", [urdf_reader, mjcf_reader])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bomb, "document type"),
        (secret, "document type"),
        (deep, "in each other"),
        (wide, "elements"),
        (b"<robot", "no proper XML"),
        (b"", "no proper XML"),
        (b"\xff\xfe\x00\x01", "no proper XML"),
    ],
)
def test_xml_that_bites_is_refused(reader, content: bytes, sentence: str) -> None:
    with pytest.raises(TugError, match=sentence):
        reader.read(from_map("m.xml", {"m.xml": content}))


@pytest.mark.parametrize(
    "path", ["../a", "/etc/passwd", "a/../../b", "C:/a", "..\\a", "", "a\0b", "x/../.."]
)
def test_no_path_leads_out_of_the_folder(path: str) -> None:
    with pytest.raises(TugError, match="leads out"):
        inside(path)


def test_paths_inside_are_shortened() -> None:
    assert inside("a/./b/../c.obj") == "a/c.obj"


@pytest.mark.parametrize(
    "reference", ["../../up.obj", "/etc/passwd", "file:///etc/passwd", "http://host/a.obj"]
)
def test_no_reference_leads_out_of_the_folder(reference: str) -> None:
    text = (
        f'<robot name="r"><link name="l"><visual><geometry><mesh filename="{reference}"/>'
        "</geometry></visual></link></robot>"
    )
    with pytest.raises(TugError, match=r"leads out|not a file beside"):
        urdf_reader.read(from_map("sub/m.urdf", {"sub/m.urdf": text.encode()}))


def test_links_on_disk_do_not_lead_out_either(tmp_path: Path) -> None:
    (tmp_path / "secret.obj").write_text("v 0 0 0")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "a.obj").symlink_to(tmp_path / "secret.obj")
    assert from_folder(tmp_path / "model" / "m.urdf", tmp_path / "model").find("a.obj") is None
    with pytest.raises(TugError, match="not in the folder"):
        from_folder(tmp_path / "m.urdf", tmp_path / "model")


def test_mujoco_reads_no_file_of_the_disk(tmp_path: Path) -> None:
    """A mesh is looked for among the files sent, wherever MuJoCo itself would look."""
    (tmp_path / "a.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 3 4\n")
    text = f'<mujoco><asset><mesh file="{tmp_path}/a.obj"/></asset></mujoco>'
    with pytest.raises(TugError, match="leads out"):
        mjcf_reader.read(from_map("m.xml", {"m.xml": text.encode()}))


@pytest.mark.parametrize("kind", meshes.kinds)
@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"v 1 x 2\nf 9 9 9\n", bomb, b"solid\n"])
def test_broken_meshes_are_errors_or_empty(kind: str, content: bytes) -> None:
    try:
        mesh = meshes.read(f"a.{kind}", content)
    except TugError as error:
        assert error.error.code == "bad_input"
        assert f"a.{kind}" in str(error)
    else:
        assert not len(mesh.faces)


def test_a_missing_main_file_is_named() -> None:
    with pytest.raises(TugError, match=r"no file m\.urdf"):
        Files("m.urdf", {}.get).text()


def test_an_unknown_kind_of_mesh_is_named() -> None:
    with pytest.raises(TugError, match=r"a\.step is none of obj"):
        meshes.read("a.step", b"")


words = st.sampled_from(
    ["nan", "inf", "-inf", "1e308", "", "0", "-1", "x", "9" * 30, "1 2", "0 0 0", "é", "ball"]
)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["urdf", "mjcf"]), st.lists(st.tuples(st.floats(0, 1), words), min_size=1))
def test_any_attribute_may_hold_anything(kind: str, changes) -> None:
    """A model with numbers throughout, or a sentence: nothing else."""
    text, reader, others = {
        "urdf": (partnet, urdf_reader, folder_of_partnet),
        "mjcf": (kitchen, mjcf_reader, {}),
    }[kind]
    for place, word in changes:
        values = list(re.finditer(r'"([^"]*)"', text))
        chosen = values[min(int(place * len(values)), len(values) - 1)]
        text = text[: chosen.start(1)] + word + text[chosen.end(1) :]
    try:
        model = reader.read(from_map("m", {"m": text.encode(), **others}))
    except TugError as error:
        assert str(error).endswith((".", ")"))
        return
    for link in model.links:
        for shape in link.shapes:
            assert np.isfinite(shape.mesh.vertices).all()
