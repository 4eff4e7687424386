"""MJCF as people write it, read here and by MuJoCo as it stands."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.datasets import generate
from backend.formats import mjcf_reader
from backend.formats.export import write
from backend.formats.files import from_map
from backend.formats.model import from_object
from protocol.errors import TugError

mujoco: Any = importlib.import_module("mujoco")

# Classes, degrees, Euler angles of another order, frames, several joints in a body, a joint that
# does not start at zero, hidden and colliding twins, a floor and what has nothing to do with shape.
kitchen = """
<mujoco model="kitchen"><compiler angle="degree" eulerseq="zyx" autolimits="true"/>
  <option timestep="0.01"/><visual><map zfar="30"/></visual>
  <default><geom type="box" size="0.1 0.2 0.3" group="1" contype="0" conaffinity="0"/>
    <default class="door"><joint type="hinge" axis="0 1 -1" range="-10 90"/>
      <default class="solid"><geom group="3" contype="1"/></default></default>
  </default>
  <asset><material name="wood" rgba="1 0 0 1"/></asset>
  <worldbody><geom type="plane" size="5 5 1"/><light pos="0 0 3"/>
    <body name="cabinet" pos="1 2 3" euler="30 20 10"><geom material="wood"/>
      <body name="door" childclass="door" pos="0.1 0 0.5" axisangle="1 1 0 40">
        <joint name="door" pos="0.1 0.2 0"/><geom name="panel" fromto="0 0 0 0 0.3 1" size="0.02"
          type="capsule"/><geom class="solid"/>
        <body name="handle" quat="1 0.2 0 0.1">
          <joint name="turn" class="main" type="hinge" axis="1 0 0" ref="15" range="0 60"/>
          <joint name="push" class="main" type="slide" axis="0 1 0" range="-0.1 0.2"/>
          <geom type="ellipsoid" size="0.1 0.05 0.02"/></body></body>
      <frame pos="0 0 1" euler="0 0 45"><body name="knob"><joint type="hinge" axis="0 0 1"/>
        <geom type="cylinder" size="0.05 0.02"/></body></frame>
    </body>
    <body name="ball" pos="0 0 5"><freejoint/><geom type="sphere" size="0.1"/></body>
  </worldbody>
  <actuator><motor joint="door"/></actuator><sensor><jointpos joint="door"/></sensor>
</mujoco>"""
joints = {"door": "door", "turn": "handle_turn", "push": "handle"}


def read(text: str, **files: bytes):
    return mjcf_reader.read(from_map("m.xml", {"m.xml": text.encode(), **files}))


def test_bodies_move_as_mujoco_moves_them() -> None:
    model, compiled = read(kitchen), mujoco.MjModel.from_xml_string(kitchen)
    data = mujoco.MjData(compiled)
    rng = np.random.default_rng(0)
    mujoco.mj_kinematics(compiled, data)
    rest = frames(compiled, data)
    values = {}
    for name, link in joints.items():
        values[link] = float(rng.uniform(-1, 1))
        data.qpos[compiled.joint(name).qposadr] += values[link]
    values["knob"] = 0.4
    data.qpos[compiled.jnt_qposadr[compiled.body("knob").jntadr]] += 0.4
    mujoco.mj_kinematics(compiled, data)
    posed = frames(compiled, data)
    poses = {link.name: pose for link, pose in zip(model.links, model.poses(values), strict=True)}
    for name in ("cabinet", "door", "handle", "knob", "ball"):
        np.testing.assert_allclose(posed[name] @ np.linalg.inv(rest[name]), poses[name], atol=1e-12)


def frames(compiled: Any, data: Any) -> dict[str, np.ndarray]:
    found = {}
    for body in range(1, compiled.nbody):
        frame = np.eye(4)
        frame[:3, :3], frame[:3, 3] = data.xmat[body].reshape(3, 3), data.xpos[body]
        found[compiled.body(body).name] = frame
    return found


def test_ranges_count_from_the_pose_of_the_file() -> None:
    links = {link.name: link.joint for link in read(kitchen).links}
    door, turn = links["door"], links["handle_turn"]
    assert door and turn
    assert np.degrees([door.lower, door.upper]) == pytest.approx([-10, 90])
    assert np.degrees([turn.lower, turn.upper]) == pytest.approx([-15, 45])
    assert links["knob"] and links["knob"].type == "continuous"
    assert links["ball"] is None


def test_what_one_sees_is_read_and_not_its_twin_for_collisions() -> None:
    model = read(kitchen)
    assert {link.name: len(link.shapes) for link in model.links} == {
        "cabinet": 1,
        "door": 1,
        "handle_turn": 0,
        "handle": 1,
        "knob": 1,
        "ball": 1,
    }
    assert any("float" in note for note in model.notes)


def test_mesh_files_are_found_below_meshdir_and_flat_ones_taken() -> None:
    flat = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nv 1 1 0\nf 1 2 3\nf 2 4 3\n"
    text = (
        '<mujoco><compiler meshdir="parts/"/><asset><mesh file="a.obj" scale="2 -1 1"/></asset>'
        '<worldbody><body><joint type="hinge" range="0 1"/><geom type="mesh" mesh="a"/></body>'
        "</worldbody></mujoco>"
    )
    model = read(text, **{"parts/a.obj": flat})
    mesh = model.links[0].shapes[0].mesh
    assert len(mesh.faces) == 2
    found = {tuple(point) for point in mesh.vertices.round(6).tolist()}
    assert found == {(0, 0, 0), (2, 0, 0), (0, -1, 0), (2, -1, 0)}


def test_includes_are_read_with_their_old_names_of_defaults() -> None:
    text = (
        '<mujoco><include file="parts/defaults.xml"/><worldbody><body name="b">'
        '<joint class="old"/><geom size="1"/></body></worldbody></mujoco>'
    )
    defaults = b'<mujocoinclude><default class="old"><joint type="slide" range="0 2"/></default>\
</mujocoinclude>'
    joint = read(text, **{"parts/defaults.xml": defaults}).links[0].joint
    assert joint
    assert (joint.type, joint.lower, joint.upper) == ("prismatic", 0, 2)


@pytest.mark.parametrize("category", ["bottle", "oven"])
def test_what_is_written_stands_still_in_a_simulation(category: str, tmp_path: Path) -> None:
    """Nothing explodes: parts that touch where they are joined do not push each other apart."""
    files, _ = write(from_object(generate(category, 3)), "mjcf")
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    compiled = mujoco.MjModel.from_xml_path(str(tmp_path / next(iter(files))))
    data = mujoco.MjData(compiled)
    mujoco.mj_step(compiled, data, nstep=1000)
    assert np.abs(data.qvel).max() < 1e-3
    over = np.maximum(compiled.jnt_range[:, 0] - data.qpos, data.qpos - compiled.jnt_range[:, 1])
    assert over[compiled.jnt_limited > 0].max() < 0.02


bad = {
    "another format": ("<robot/>", "<robot>, not <mujoco>"),
    "a geom that is wrong": (
        '<mujoco><worldbody><geom size="x"/></worldbody></mujoco>',
        "MuJoCo does not read m.xml",
    ),
    "a mesh that is not there": (
        '<mujoco><asset><mesh file="gone.obj"/></asset></mujoco>',
        r"gone\.obj",
    ),
    "bodies without end": (
        '<mujoco><worldbody><replicate count="9999999"><replicate count="9999"><geom size="1"/>'
        "</replicate></replicate></worldbody></mujoco>",
        "repeats a body",
    ),
    "a file that includes itself": ('<mujoco><include file="m.xml"/></mujoco>', "includes over"),
}


@pytest.mark.parametrize("name", bad)
def test_what_makes_no_sense_gets_a_sentence(name: str) -> None:
    text, sentence = bad[name]
    with pytest.raises(TugError, match=sentence):
        read(text)
