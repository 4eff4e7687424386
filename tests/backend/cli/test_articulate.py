"""`articulate` on every format, and its sentences."""

from __future__ import annotations

import json

import numpy as np
import pytest
import trimesh

from backend.cli import main
from backend.cli.articulate import measures
from backend.cli.meshes import every_part, parse_ranges, part_and_body, parts_and_body
from backend.datasets import generate, save_case, write_glb, write_obj
from protocol.errors import TugError
from protocol.joint import Joint
from tests.backend.conftest import box

pull = ["--drag", "0.5", "-0.1", "0.45", "0.5", "-4e-1", "0.45"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A body with a drawer, in every format."""
    folder = tmp_path_factory.mktemp("meshes")
    scene = trimesh.Scene()
    for name, (vertices, faces) in {
        "body": box((0, 0, 0), (1, 1, 1)),
        "drawer": box((0.1, -0.1, 0.3), (0.9, 0.0, 0.6)),
    }.items():
        scene.add_geometry(
            trimesh.Trimesh(vertices, faces, process=False), node_name=name, geom_name=name
        )
    scene.export(str(folder / "drawer.glb"))
    whole = trimesh.util.concatenate([scene.geometry["body"], scene.geometry["drawer"]])
    for suffix in ("ply", "stl"):
        whole.export(str(folder / f"drawer.{suffix}"))
    lines = []
    for name, start in (("body", 0), ("drawer", 8)):
        mesh = scene.geometry[name]
        lines += [f"o {name}"] + [f"v {x} {y} {z}" for x, y, z in mesh.vertices]
        lines += [f"f {a} {b} {c}" for a, b, c in mesh.faces + 1 + start]
    (folder / "drawer.obj").write_text("\n".join(lines))
    return folder


def solved(capsys, *arguments):
    assert main(["articulate", *map(str, arguments), "--json"]) == 0
    out = capsys.readouterr()
    return json.loads(out.out)


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("drawer.glb", "drawer"),
        ("drawer.obj", "drawer"),
        ("drawer.obj", "faces:12-23"),
        ("drawer.ply", "faces:12-23"),
        ("drawer.stl", "faces:12-17,18-23"),
    ],
)
def test_the_drawer_slides_out_of_every_format(capsys, folder, file, part):
    result = solved(capsys, folder / file, "--part", part, *pull, "--up", "z")
    best = result["joints"][0]
    assert best["type"] == "prismatic"
    assert best["axis"] == pytest.approx([0, -1, 0], abs=0.05)


@pytest.mark.parametrize("suffix", ["npy", "txt"])
def test_the_part_may_be_a_file_of_indices(tmp_path, folder, suffix):
    path = tmp_path / f"part.{suffix}"
    indices = np.arange(12, 24)
    np.save(path, indices) if suffix == "npy" else np.savetxt(path, indices, fmt="%d")
    part, body = part_and_body(folder / "drawer.ply", f"@{path}")
    assert (len(part.faces), len(body.faces)) == (12, 12)
    assert part.vertices[:, 1].min() == pytest.approx(-0.1)


def test_a_case_knows_its_part_drag_and_prompt(capsys, tmp_path):
    case = generate("cabinet", 0).cases()[0]
    save_case(tmp_path / "case.npz", case)
    best = solved(capsys, tmp_path / "case.npz")["joints"][0]
    assert best["type"] == case.joint_type
    assert best["axis"] == pytest.approx(case.axis.tolist(), abs=0.1)


def test_a_node_brings_its_children_and_a_material_its_faces(tmp_path):
    item = generate("cabinet", 0)
    write_glb(item, tmp_path / "c.glb")
    write_obj(item, tmp_path / "c.obj")
    link = next(link for link in item.links if link.joint)
    for file in ("c.glb", "c.obj"):
        part, _ = part_and_body(tmp_path / file, link.name)
        assert len(part.faces) == len(link.faces)
    by_material = [len(part_and_body(tmp_path / f, "brass")[0].faces) for f in ("c.glb", "c.obj")]
    assert by_material[0] == by_material[1] > 0


def test_an_unknown_part_lists_what_the_file_calls_its_parts(capsys, tmp_path):
    write_glb(generate("cabinet", 55), tmp_path / "c.glb")  # its meshes have several materials
    assert main(["articulate", str(tmp_path / "c.glb"), "--part", "hatch"]) == 1
    known = capsys.readouterr().err.partition("it has ")[2]
    assert "birch, body, bottom_drawer, door, oak, steel, teal, top_drawer." in known


def test_words_say_degrees_or_units_and_the_evidence(capsys, folder):
    assert main(["articulate", str(folder / "drawer.ply"), "--part", "faces:12-23", *pull]) == 0
    out = capsys.readouterr()
    assert out.out.startswith("1. prismatic")
    assert "units" in out.out
    assert "drag:" in out.out
    assert "evidence ..." in out.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.glb", "--part", "x"], "no file"),
        (["drawer.blend", "--part", "x"], "convert it first"),
        (["drawer.glb", "--part", "lid"], "it has body, drawer"),
        (["drawer.glb"], "Which part moves"),
        (["drawer.ply", "--part", "faces:90"], "0 to 23"),
        (["drawer.ply", "--part", "faces:a-b"], "list of triangles"),
        (["drawer.ply", "--part", "faces:3-1"], "No faces belong"),
        (["drawer.ply", "--part", "@nowhere.npy"], "No triangle indices"),
        (["broken.glb", "--part", "x"], "cannot be read as a mesh"),
        (["broken.npz"], "cannot be read as .npz"),
    ],
)
def test_errors_are_one_sentence(capsys, folder, monkeypatch, arguments, words):
    monkeypatch.chdir(folder)
    for name in ("broken.glb", "broken.npz", "drawer.blend"):
        (folder / name).write_bytes(b"rubbish")
    assert main(["articulate", *arguments]) == 1
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error


def test_ranges():
    assert parse_ranges("0-2,7").tolist() == [0, 1, 2, 7]
    assert parse_ranges("5").tolist() == [5]
    for wrong in ("", "1-2-3", "-1", "1,,2"):
        with pytest.raises(TugError):
            parse_ranges(wrong)


@pytest.fixture(scope="module")
def chest(tmp_path_factory):
    """A body with two drawers, one of them with a knob that hangs on it as a node."""
    path = tmp_path_factory.mktemp("chest") / "chest.glb"
    scene = trimesh.Scene()
    for name, parent, ends in (
        ("case", None, ((0, 0, 0), (1, 1, 1))),
        ("lower", None, ((0.1, -0.1, 0.1), (0.9, 0.0, 0.4))),
        ("upper", None, ((0.1, -0.1, 0.6), (0.9, 0.0, 0.9))),
        ("knob", "upper", ((0.45, -0.15, 0.7), (0.55, -0.1, 0.8))),
    ):
        mesh = trimesh.Trimesh(*box(*ends), process=False)
        scene.add_geometry(mesh, node_name=name, geom_name=name, parent_node_name=parent)
    scene.export(str(path))
    return path


def test_all_parts_of_a_file_at_once(capsys, chest):
    drag = ["--drag", "0.5", "-0.1", "0.25", "0.5", "-0.4", "0.25"]
    result = solved(capsys, chest, "--all", *drag, "--up", "z")
    parts = {part["name"]: part for part in result["parts"]}
    assert list(parts) == ["knob", "lower", "upper"]
    assert [part["parent"] for part in result["parts"]] == [2, -1, -1]
    best = parts["lower"]["joints"][0]
    assert best["type"] == "prismatic" and best["axis"] == pytest.approx([0, -1, 0], abs=0.05)


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        ("revolute", "range   0 to 57.3°"),
        ("screw", "pitch   0.25 units a turn"),
        ("cylindrical", "slide   -0.5 to 2 units"),
    ],
)
def test_each_type_has_its_measures(kind, last):
    joint = Joint(
        type=kind,
        axis=(0.0, 0.0, 1.0),
        origin=(0.0, 0.0, 0.0),
        lower=0.0,
        upper=1.0,
        pitch=0.25,
        slide=(-0.5, 2.0),
    )
    assert measures(joint)[-1] == last


def test_several_parts_in_words(capsys, chest):
    assert main(["articulate", str(chest), "--part", "lower", "--part", "upper"]) == 0
    out = capsys.readouterr()
    assert out.out.startswith("the body\n  lower: ")
    assert "\n  upper: " in out.out and "range" in out.out
    assert "part 2 of 2 ..." in out.err


def test_of_parts_within_each_other_the_smaller_has_its_faces(chest):
    mesh, owner = parts_and_body(chest, ["upper", "knob"])
    assert np.bincount(owner + 1).tolist() == [24, 12, 12]
    assert mesh.vertices[mesh.faces[owner == 1]][..., 1].max() == pytest.approx(-0.1)
    _, by_faces = parts_and_body(chest, ["faces:0-11", "faces:12-23,30"])
    assert np.bincount(by_faces + 1).tolist() == [23, 12, 13]


def test_the_body_is_named_or_the_largest(chest):
    assert every_part(chest, None)[2] == ["knob", "lower", "upper"]
    assert every_part(chest, "upper")[2] == ["case", "knob", "lower"]


def test_every_part_of_a_case_and_of_an_obj_file(tmp_path):
    item = generate("oven", 0)
    names = [link.name for link in item.links[1:]]
    save_case(tmp_path / "o.npz", item.cases()[0])
    write_obj(item, tmp_path / "o.obj")
    write_glb(item, tmp_path / "o.glb")
    for file in ("o.npz", "o.obj", "o.glb"):
        _, owner, found = every_part(tmp_path / file, None)
        assert sorted(found) == sorted(names)
        counts = {name: int((owner == k).sum()) for k, name in enumerate(found)}
        assert counts == {link.name: len(link.faces) for link in item.links[1:]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--all", "--part", "lower"], "not both"),
        (["--all", "--body", "lid"], "nothing called 'lid'; it has case, knob, lower, upper."),
        (["--part", "lower", "--part", "faces:1"], "Name all parts"),
        (["--part", "lower", "--part", "lid"], "nothing called 'lid'"),
        (["--all", "--prompt", "open it"], "A prompt is about one part"),
        (["--part", "lower", "--part", "faces:99"], "Name all parts"),
    ],
)
def test_errors_of_several_parts_are_one_sentence(capsys, chest, arguments, words):
    assert main(["articulate", str(chest), *arguments]) == 1
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error
