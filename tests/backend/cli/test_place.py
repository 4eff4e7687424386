"""`place`: GLB files in, a GLB file and a report out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from backend.cli import main
from backend.formats.gltf_reader import read
from backend.formats.gltf_writer import write
from backend.formats.model import Link, Model, Shape
from backend.formats.writing import prepared
from tests.backend.placement.scenes import cupboard, room


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("glb")
    parts = tuple(Link(part.name, (Shape(part.name, part.mesh),)) for part in room)
    paths = []
    for model in (Model("room", parts), cupboard()):
        paths.append(folder / f"{model.name}.glb")
        content, _ = write(prepared(model), lambda: None)
        paths[-1].write_bytes(next(iter(content.values())))
    return paths[0], paths[1]


def test_a_cupboard_is_placed_and_keeps_its_joint(files, tmp_path: Path, capsys):
    out = tmp_path / "placed.glb"
    asked = ["place", *map(str, files), "--at", "2", "-1", "0", "--turn", "90", "--out", str(out)]
    assert main([*asked, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    placed = report["placements"][0]
    assert placed["support"] == "'Floor', level"
    assert placed["gap"] <= 1e-4
    assert placed["pose"][0][0] == pytest.approx(0.0, abs=1e-6)
    scene = read(out)
    doors = [node for node in scene.nodes if node.joint]
    assert [door.joint.type for door in doors if door.joint] == ["revolute"]
    pose = np.array(placed["pose"])
    hinge = pose[:3, :3] @ [-0.5, -0.22, 0.5] + pose[:3, 3]
    assert doors[0].joint is not None
    np.testing.assert_allclose(np.array(doors[0].joint.origin)[:2], hinge[:2], atol=1e-5)
    assert {"Floor", "Wall", "Table"} <= {node.name for node in scene.nodes}


def test_the_report_is_a_table_without_json(files, tmp_path: Path, capsys):
    out = tmp_path / "placed.glb"
    assert (
        main(
            ["place", *map(str, files), "--against-wall", "--at", "2", "4", "0", "--out", str(out)]
        )
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:4] == ["name", "support", "penetration", "gap"]
    assert lines[1].startswith("Cupboard")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--at", "90", "0", "0"], "There is no place for 'Cupboard'"),
        (["--turn", "1", "--turn", "2"], "There are 1 objects and 2 times --turn"),
    ],
)
def test_what_fails_is_told(files, tmp_path: Path, capsys, words, sentence):
    out = tmp_path / "placed.glb"
    assert main(["place", *map(str, files), *words, "--out", str(out)]) == 1
    assert sentence in capsys.readouterr().err
    assert not out.exists()
