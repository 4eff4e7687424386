"""`propose`, and `articulate` by words alone."""

from __future__ import annotations

import json

import numpy as np
import pytest
import trimesh

from backend.cli import main
from backend.cli.meshes import whole
from tests.backend.segmentation.scenes import dresser


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("meshes")
    mesh, _ = dresser()
    trimesh.Trimesh(mesh.vertices, mesh.faces, process=False).export(str(folder / "dresser.ply"))
    return folder


def proposed(capsys, *arguments):
    assert main(["propose", *map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_proposals_as_json_have_their_faces(capsys, folder):
    parts = dresser()[1]
    answer = proposed(capsys, folder / "dresser.ply", "--most", "5")
    assert len(answer["proposals"]) == 5
    found = [frozenset(proposal["faces"]) for proposal in answer["proposals"]]
    assert frozenset(parts["door"].tolist()) in found


def test_the_best_fit_comes_first_in_words(capsys, folder):
    faces = dresser()[1]["drawer 2"]
    prompt = ["--prompt", "pull out the top drawer"]
    assert main(["propose", str(folder / "dresser.ply"), *prompt]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert f"faces:{faces[0]}-{faces[-1]}" in first
    assert "right" in first


def test_a_point_chooses(capsys, folder):
    faces = dresser()[1]["door"]
    point = ["--point", "-0.3", "-0.024", "0.8"]
    first = proposed(capsys, folder / "dresser.ply", *point)["proposals"][0]["faces"]
    assert set(first) <= set(faces.tolist())


def test_articulate_finds_its_part_by_words(capsys, folder):
    file = folder / "dresser.ply"
    faces = dresser()[1]["drawer 2"]
    assert main(["articulate", str(file), "--prompt", "pull out the top drawer", "--json"]) == 0
    out = capsys.readouterr()
    best = json.loads(out.out)["joints"][0]
    assert f"faces:{faces[0]}-{faces[-1]}" in out.err
    assert best["type"] == "prismatic"
    assert np.abs(best["axis"]) == pytest.approx((0.0, 1.0, 0.0), abs=0.05)


def test_a_close_runner_up_is_told(capsys, folder):
    file = folder / "dresser.ply"
    assert main(["articulate", str(file), "--prompt", "pull out a drawer"]) == 0
    assert "It may be the" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["articulate", "dresser.ply", "--prompt", "turn the wheel"], "No part of"),
        (["articulate", "dresser.ply"], "say it in --prompt"),
        (["propose", "nowhere.ply"], "no file"),
        (["propose", "dresser.ply", "--point", "9", "9", "9"], "away from the mesh"),
    ],
)
def test_errors_are_one_sentence(capsys, folder, monkeypatch, arguments, words):
    monkeypatch.chdir(folder)
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error


def test_a_file_is_read_whole_in_its_order(folder):
    mesh, owner = whole(folder / "dresser.ply")
    assert np.array_equal(mesh.faces, dresser()[0].faces)
    assert not owner.any()
