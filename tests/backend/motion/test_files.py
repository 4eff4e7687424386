"""Motion as a GLB file, and the command that makes one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from backend.cli import main
from backend.formats.gltf_motion import Moving, MovingLink, write
from backend.formats.gltf_reader import parse, read
from backend.motion.bodies import poses_of
from backend.motion.timing import Timing
from protocol.animation import Step
from tests.backend.motion.movers import block, cart, circle, line, moved, with_steps


def as_moving(mover, track) -> Moving:
    links = tuple(MovingLink(p.name, p.mesh, p.parent, p.joint) for p in mover.parts)
    return Moving(links, track.first, track.poses, track.joints)


def test_what_is_written_moves_as_it_did():
    mover = with_steps(
        cart(circle(), Timing(5, 65, "both")), Step(link=5, start=20, end=40, value=1.0)
    )
    track = moved(mover).tracks[0]
    content = write([as_moving(mover, track)], [("floor", block((-9, -9, -1), (9, 9, 0)))], 24.0)
    scene = parse(content, "it")
    times = np.arange(len(track.poses)) / 24.0
    found = scene.poses(times)
    wanted = poses_of(mover, track.poses, track.joints)
    for index, part in enumerate(mover.parts):
        there = found[:, scene.index(part.name)]
        points = np.c_[part.mesh.vertices, np.ones(len(part.mesh.vertices))]
        off = np.einsum("tij,pj->tpi", there - wanted[index], points)
        assert np.abs(off).max() < 2e-4
        assert scene.nodes[scene.index(part.name)].joint == part.joint
    assert not scene.moving()[scene.index("floor")]


def still(path: Path) -> Path:
    """A cart that stands on a floor beside a crate."""
    mover = cart(line())
    standing = Moving(
        tuple(MovingLink(p.name, p.mesh, p.parent, p.joint) for p in mover.parts),
        1,
        np.eye(4)[None],
        np.zeros((1, len(mover.parts))),
    )
    scene = [
        ("floor", block((-9, -9, -0.1), (9, 9, 0))),
        ("crate", block((-0.3, 2.7, 0), (0.3, 3.4, 0.6))),
    ]
    path.write_bytes(write([standing], scene, 24.0))
    return path


def test_the_command_moves_a_node_round_an_obstacle(tmp_path, capsys):
    scene, out = still(tmp_path / "scene.glb"), tmp_path / "out" / "moved.glb"
    way = tmp_path / "way.json"
    way.write_text(json.dumps({"points": [[-4, 3, 0], [0, 3, 0], [4, 3, 0]]}))
    words = f"animate {scene} --mover deck --way {way} --frames 1,121 --on-ground"
    words += f" --step door,20,40,1 --collisions avoid --out {out} --json"
    assert main(words.split()) == 0
    answer = json.loads(capsys.readouterr().out)
    (track,) = answer["tracks"]
    assert track["collisions"] == []
    assert any("goes round" in note for note in answer["notes"])
    poses = read(out).poses([0.0, 120 / 24])
    deck = read(out).index("deck")
    np.testing.assert_allclose(poses[1, deck, :3, 3] - poses[0, deck, :3, 3], [8, 0, 0], atol=1e-3)


def test_the_command_prints_a_table(tmp_path, capsys):
    scene = still(tmp_path / "scene.glb")
    words = ["animate", str(scene), "--mover", "deck", "--way", "0,0,0 1,0,0 2,1,0", "--smooth"]
    assert main(words) == 0
    assert "deck   1-120" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--mover nothing --way 0,0,0;1,0,0", "no node 'nothing'"),
        ("--mover deck --way 0,0", "neither a JSON file"),
        ("--mover deck --way 0,0,0;0,0,0", "no length"),
        ("--mover deck --way 0,0,0;1,0,0 --frames 9,1", "end after"),
        ("--mover deck --way 0,0,0;1,0,0 --step lid,1,2,3", "no link 'lid'"),
        ("--mover deck --way 0,0,0;1,0,0 --orientation look_at", "needs a --target"),
        ("--mover deck --way 0,0,0;1,0,0 --forward 0,0,1", "up or down"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, capsys, words, sentence):
    scene = still(tmp_path / "scene.glb")
    told = [word.replace(";", " ") for word in words.split()]
    assert main(["animate", str(scene), *told]) == 1
    assert sentence in capsys.readouterr().err
