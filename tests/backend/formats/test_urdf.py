"""URDF as people write it, read here and by yourdfpy."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import yourdfpy

from backend.formats import urdf_reader
from backend.formats.files import from_folder, from_map
from backend.formats.model import Model
from protocol.errors import TugError

triangle = b"v 0 0 0\nv 1 0 0\nv 0 0.5 0\nv 0.1 0.2 0.7\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 1 4 3\n"
cube = '<geometry><box size="1 1 1"/></geometry>'

# As PartNet-Mobility has it: y up under a fixed turn of the root, meshes in the object's frame.
partnet = """
<robot name="partnet_1"><link name="base"/>
  <link name="link_1"><visual name="frame-1"><origin xyz="0 0 0"/>
    <geometry><mesh filename="textured_objs/a.obj"/></geometry></visual></link>
  <joint name="joint_1" type="fixed"><origin rpy="1.570796326794897 0 -1.570796326794897"/>
    <child link="link_1"/><parent link="base"/></joint>
  <link name="link_0"><visual name="door-2"><origin xyz="0.4 0 -0.1"/>
    <geometry><mesh filename="textured_objs/a.obj"/></geometry></visual>
    <visual name="handle-3"><origin xyz="0.4 0 -0.1"/>
    <geometry><mesh filename="textured_objs/b.obj" scale="1 -2 1"/></geometry></visual></link>
  <joint name="joint_0" type="revolute"><origin xyz="-0.4 0 0.1"/><axis xyz="0 -1 0"/>
    <child link="link_0"/><parent link="link_1"/><limit lower="-6.28" upper="-4.71"/></joint>
  <link name="link_2"><visual><geometry><mesh filename="textured_objs/b.obj"/></geometry></visual>
  </link>
  <joint name="joint_2" type="prismatic"><origin xyz="0.1 0.2 0.3" rpy="0.1 -0.7 2"/>
    <axis xyz="0 0 1"/><child link="link_2"/><parent link="link_0"/>
    <limit lower="0" upper="0.4"/></joint>
</robot>"""
folder_of_partnet = {
    "textured_objs/a.obj": triangle,
    "textured_objs/b.obj": triangle.replace(b"0.7", b"0.3"),
}


def read(text: str, **files: bytes) -> Model:
    return urdf_reader.read(from_map("m.urdf", {"m.urdf": text.encode(), **files}))


def one_joint(joint: str) -> Model:
    """A box on a box by `joint`, from body to part."""
    return read(
        f'<robot name="r"><link name="body"><visual>{cube}</visual></link>'
        f'<link name="part"><visual>{cube}</visual></link>{joint}</robot>'
    )


def joint_of(kind: str, inner: str, offset: str = "") -> str:
    return (
        f'<joint name="j" type="{kind}">{offset}<parent link="body"/><child link="part"/>'
        f"{inner}</joint>"
    )


def test_partnet_moves_as_in_yourdfpy(tmp_path: Path) -> None:
    for name, content in {"mobility.urdf": partnet.encode(), **folder_of_partnet}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    model = urdf_reader.read(from_folder(tmp_path / "mobility.urdf", tmp_path))
    assert [link.name for link in model.links] == ["link_1", "link_0", "link_2"]
    values = {"link_0": 0.7, "link_2": 0.3}
    robot = yourdfpy.URDF.load(str(tmp_path / "mobility.urdf"), load_meshes=False)
    robot.update_cfg({"joint_0": 0.7, "joint_2": 0.3})
    theirs = {name: robot.get_transform(name) for name in values}
    robot.update_cfg({"joint_0": 0.0, "joint_2": 0.0})
    for link, pose in zip(model.links[1:], model.poses(values)[1:], strict=True):
        moved = theirs[link.name] @ np.linalg.inv(robot.get_transform(link.name))
        np.testing.assert_allclose(pose, moved, atol=1e-12)
    frame = robot.get_transform("link_0")
    corners = np.array([(0, 0, 0), (1, 0, 0), (0, -1, 0), (0.1, -0.4, 0.3)])
    mirrored = corners + np.array([0.4, 0, -0.1])
    shape = model.links[1].shapes[1]
    assert shape.name == "handle-3"
    wanted = mirrored @ frame[:3, :3].T + frame[:3, 3]
    np.testing.assert_allclose(shape.mesh.vertices, wanted, atol=1e-12)
    corners = shape.mesh.corners
    assert np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) > 0.0


def test_a_range_that_is_a_whole_turn_away_is_brought_back() -> None:
    model = read(partnet, **folder_of_partnet)
    joint = model.links[1].joint
    assert joint
    assert (joint.lower, joint.upper) == pytest.approx((0.0, 1.5731853), abs=1e-6)


def test_a_revolute_joint_without_limits_turns_freely() -> None:
    model = one_joint(joint_of("revolute", '<axis xyz="0 0 1"/>'))
    assert model.links[1].joint
    assert model.links[1].joint.type == "continuous"
    assert "no limits" in model.notes[0]


def test_a_follower_starts_at_its_offset() -> None:
    """With its leader at zero a follower stands at `offset`, and its range counts from there."""
    text = (
        '<robot name="r"><link name="body"><visual>CUBE</visual></link>'
        '<link name="a"><visual>CUBE</visual></link><link name="b"><visual>CUBE</visual></link>'
        '<joint name="ja" type="prismatic"><parent link="body"/><child link="a"/>'
        '<axis xyz="1 0 0"/><limit lower="0" upper="1"/></joint>'
        '<joint name="jb" type="prismatic"><parent link="body"/><child link="b"/>'
        '<axis xyz="0 1 0"/><limit lower="0" upper="3"/>'
        '<mimic joint="ja" multiplier="2" offset="0.5"/></joint></robot>'
    )
    model = read(text.replace("CUBE", cube))
    part = model.links[2]
    assert part.joint
    assert part.shapes[0].mesh.vertices.mean(axis=0) == pytest.approx([0, 0.5, 0])
    assert (part.joint.lower, part.joint.upper) == (-0.5, 2.5)
    assert any("b follows a" in note for note in model.notes)


def test_primitives_have_their_size() -> None:
    shapes = '<cylinder radius="2" length="3"/>', '<sphere radius="2"/>', '<box size="1 2 3"/>'
    sizes = []
    for shape in shapes:
        inner = f"<visual><geometry>{shape}</geometry></visual>"
        model = read(f'<robot name="r"><link name="body">{inner}</link></robot>')
        sizes.append(np.ptp(model.links[0].shapes[0].mesh.vertices, axis=0))
    np.testing.assert_allclose(sizes, [(4, 4, 3), (4, 4, 4), (1, 2, 3)], atol=0.05)


def test_packages_are_found_in_the_folder_that_holds_the_files() -> None:
    mesh = '<visual><geometry><mesh filename="package://robot/meshes/a.obj"/></geometry></visual>'
    text = f'<robot name="r"><link name="body">{mesh}</link></robot>'
    files = {"robot/urdf/m.urdf": text.encode(), "robot/meshes/a.obj": triangle}
    assert len(urdf_reader.read(from_map("robot/urdf/m.urdf", files)).links[0].shapes) == 1
    inner = {name.removeprefix("robot/"): content for name, content in files.items()}
    assert len(urdf_reader.read(from_map("urdf/m.urdf", inner)).links[0].shapes) == 1


bad = {
    "no joint element named so": (
        '<joint name="j" type="fixed"><parent link="x"/><child link="part"/></joint>',
        "names a parent link 'x'",
    ),
    "an axis without length": (joint_of("prismatic", '<axis xyz="0 0 0"/>'), "without length"),
    "an axis of words": (joint_of("revolute", '<axis xyz="up"/>'), "'up'"),
    "an infinite axis": (joint_of("revolute", '<axis xyz="inf 0 0"/>'), "'inf 0 0'"),
    "an unknown type": (joint_of("helical", ""), "unknown type 'helical'"),
    "a ring": (
        joint_of("fixed", "")
        + '<joint name="k" type="fixed"><parent link="part"/><child link="body"/></joint>',
        "ring",
    ),
    "two parents": (joint_of("fixed", "") + joint_of("fixed", ""), "hangs on two joints"),
}


@pytest.mark.parametrize("name", bad)
def test_what_makes_no_sense_gets_a_sentence(name: str) -> None:
    joint, sentence = bad[name]
    with pytest.raises(TugError, match=sentence):
        one_joint(joint)


def test_missing_meshes_are_named_all_at_once() -> None:
    with pytest.raises(TugError, match=r"textured_objs/a\.obj, textured_objs/b\.obj\."):
        read(partnet)


def test_an_endless_joint_has_one_turn() -> None:
    model = one_joint(joint_of("continuous", '<axis xyz="0 -3 0"/>'))
    joint = model.links[1].joint
    assert joint
    assert (joint.axis, joint.lower, joint.upper) == ((0, -1, 0), 0.0, math.tau)
