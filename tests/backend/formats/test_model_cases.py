"""Cases from models: true joints with drags that open them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from backend.__main__ import main
from backend.datasets import generate, load_case
from backend.formats.cases import cases, forward, prompt, renamed, semantics
from backend.formats.export import write
from backend.formats.model import Link, Model, Shape, from_object
from backend.geometry.mesh import Mesh
from protocol.joint import Joint, motion
from tests.backend.conftest import box
from tests.backend.formats.trees import joints, models


def shape(low, high, name: str = "box") -> Shape:
    vertices, faces = box(low, high)
    return Shape(name, Mesh(vertices.astype(float), faces))


def cabinet(*, with_handle: bool) -> Model:
    """A door in front of a body, hinged at its left; its rest is the upper end of its range."""
    hinge = Joint(
        type="revolute", axis=(0, 0, 1), origin=(0, -1, 0), lower=-1.5, upper=0.1, confidence=1.0
    )
    door = [shape((0, -1.1, 0), (1, -1, 2), "panel")]
    if with_handle:
        door.append(shape((0.8, -1.2, 0.9), (0.9, -1.1, 1.1), "handle-7"))
    body = Link("body", (shape((0, -1, 0), (1, 0, 2)),))
    return Model("cabinet", (body, Link("LeftDoor_link_1", tuple(door), 0, hinge)))


@settings(deadline=None, max_examples=50)
@given(models())
def test_cases_are_whole_and_their_drags_follow_the_joint(model: Model) -> None:
    tree = {link.name: link for link in model.links}
    for name, case in cases(model):
        link = tree[name]
        assert link.joint
        assert case.moving_faces.any()
        assert not case.moving_faces.all()
        carried = {model.links[i].name for i in model.carried(model.links.index(link))}
        assert {case.part_names[i] for i in set(case.face_part[case.moving_faces])} <= carried
        joint = case.joint
        assert -joint.lower <= joint.upper
        reach = joint.upper if joint.type == "prismatic" else min(joint.upper, math.radians(60))
        end = motion(joint, reach) @ np.append(case.drag_start, 1.0)
        np.testing.assert_allclose(case.drag_end, end[:3], atol=1e-9)


@given(joints())
def test_a_joint_turned_round_moves_as_before(joint: Joint) -> None:
    again = forward(joint)
    sign = 1.0 if again.axis == joint.axis else -1.0
    np.testing.assert_allclose(motion(again, sign * 0.7, sign * 0.2), motion(joint, 0.7, 0.2))


def test_a_door_is_pulled_at_its_handle_and_outwards() -> None:
    (_, case), *_ = cases(cabinet(with_handle=True))
    assert (case.lower, case.upper) == (-0.1, 1.5)
    assert 0.8 <= case.drag_start[0] <= 0.9
    assert case.drag_start[1] == pytest.approx(-1.2)
    assert case.drag_end[1] < case.drag_start[1] - 0.5
    assert case.prompt == "open the left door"


def test_a_door_without_a_handle_is_pulled_far_from_its_hinge() -> None:
    (_, case), *_ = cases(cabinet(with_handle=False))
    assert case.drag_start[0] >= 0.6
    assert case.drag_end[1] < case.drag_start[1] - 0.4


def test_names_that_say_nothing_make_no_prompt() -> None:
    assert prompt(Link("link_3")) == ""
    assert prompt(Link("knob_2")) == "move the knob"


def test_partnet_names_its_links_beside_the_file() -> None:
    names = semantics(
        "link_0 hinge rotation_door\nlink_1 hinge rotation_door\nlink_2 heavy frame\n"
    )
    model = Model("m", tuple(Link(f"link_{i}") for i in range(3)))
    renamed_links = [link.name for link in renamed(model, names).links]
    assert renamed_links == ["rotation_door", "rotation_door_2", "frame"]


def test_files_become_cases_on_the_command_line(tmp_path: Path, capsys) -> None:
    files, _ = write(from_object(generate("cabinet", 3)), "urdf")
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    main_file = tmp_path / next(iter(files))
    (tmp_path / "meta.json").write_text('{"model_cat": "StorageFurniture"}')
    assert main(["import", str(main_file), "--out", str(tmp_path / "cases")]) == 0
    written = [Path(line) for line in capsys.readouterr().out.splitlines()]
    truth = {link.name: link.joint for link in generate("cabinet", 3).links if link.joint}
    assert len(written) == len(truth)
    for path in written:
        case = load_case(path)
        assert case.category == "storagefurniture"
        joint = truth[path.stem.partition("-")[2]]
        assert case.joint_type == joint.type
        assert np.abs(np.dot(case.axis, joint.axis)) == pytest.approx(1.0)
        assert case.upper - case.lower == pytest.approx(joint.upper - joint.lower)


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path, capsys) -> None:
    (tmp_path / "bad.urdf").write_text("<robot")
    (tmp_path / "still.urdf").write_text('<robot name="r"><link name="l"/></robot>')
    paths = [str(tmp_path / name) for name in ("bad.urdf", "still.urdf")]
    assert main(["import", *paths, "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert "no proper XML" in said
    assert "there is no case" in said


@pytest.mark.parametrize("kind", ["urdf", "mjcf", "usd", "glb"])
def test_objects_are_exported_on_the_command_line(kind: str, tmp_path: Path, capsys) -> None:
    arguments = ["export", "laptop", "--seed", "2", "--format", kind, "--out", str(tmp_path)]
    assert main(arguments) == 0
    assert Path(capsys.readouterr().out.strip()).stat().st_size > 1000


def test_an_unknown_source_is_explained(tmp_path: Path, capsys) -> None:
    assert main(["export", "dragon", "--format", "glb", "--out", str(tmp_path)]) == 1
    assert "neither a URDF or MJCF file nor one of" in capsys.readouterr().err
