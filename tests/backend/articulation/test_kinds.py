"""Screws, turn-and-slide and fixed joints, and that hinges and slides are none of them."""

from __future__ import annotations

import numpy as np
import pytest

from backend.articulation.engine import articulate
from backend.articulation.problem import Problem, no_drags
from backend.datasets.shapes import merged, ring, tube
from backend.geometry.mesh import Mesh
from protocol.joint import Joint, JointType
from tests.backend.articulation import shapes
from tests.backend.articulation.shapes import block, rod, solid, true_joint

pitch = 0.006


def bolt(hand: int = 1, *, threaded: bool = True) -> shapes.Made:
    """A cap on a neck with a helical bead; it opens upwards, by `pitch` a turn."""
    angles = np.linspace(0.0, 4.0 * np.pi, 144)
    path = [0.02 * np.cos(angles), hand * 0.02 * np.sin(angles), 0.103 + pitch * angles / 6.2832]
    bead = [tube(np.column_stack(path), 0.0008, 6)] if threaded else []
    neck = merged([ring(0.016, 0.02, 0.0, 0.12), ring(0.016, 0.04, -0.02, 0.0), *bead])
    cap = merged([ring(0.0215, 0.024, 0.1, 0.125), ring(0.0005, 0.0215, 0.1215, 0.125)])
    joint = Joint(
        type="screw", axis=(0.0, 0.0, 1.0), origin=(0.0, 0.0, 0.1),
        lower=0.0, upper=4.0 * np.pi, pitch=hand * pitch,
    )  # fmt: skip
    part, body = (Mesh(s.vertices, s.faces) for s in (cap, neck))
    return shapes.Made(part, body, joint, np.array([0.024, 0.0, 0.11]), hand * 1.2)


@pytest.mark.parametrize("hand", [1, -1])
def test_a_thread_makes_a_screw_of_its_pitch(hand: int) -> None:
    found = articulate(bolt(hand).problem()).joints[0]
    assert found.type == "screw"
    assert found.pitch == pytest.approx(hand * pitch, rel=0.1)
    assert 2.0 < found.upper / np.pi < 5.0
    assert any("thread" in evidence.text for evidence in found.evidence)


def test_without_a_thread_only_words_make_a_screw_and_its_pitch_is_called_a_guess() -> None:
    made = bolt(threaded=False)
    assert articulate(made.problem()).joints[0].type != "screw"
    told = articulate(made.problem(prompt="unscrew the cap")).joints[0]
    assert told.type == "screw"
    assert any("guess" in evidence.text for evidence in told.evidence)


@pytest.mark.parametrize("name", sorted(shapes.every))
def test_ordinary_joints_are_no_special_ones(name: str) -> None:
    made = shapes.every[name]()
    assert articulate(made.problem()).joints[0].type == made.joint.type
    bare = articulate(Problem(made.part, made.body, no_drags)).joints[0]
    assert bare.type in ("revolute", "prismatic", "continuous")


def test_a_sleeve_pulled_around_and_along_does_both() -> None:
    sleeve = ring(0.0305, 0.05, 0.3, 0.5)
    pole = rod([0.0, 0.0, 0.0], [0.0, 0.0, 1.0], 0.03)
    part = Mesh(sleeve.vertices, sleeve.faces)
    body = solid(pole, block([-0.3, -0.3, -0.05], [0.3, 0.3, 0.0]))
    start = np.array([0.05, 0.0, 0.4])
    around = np.array([0.05 * np.cos(0.9), 0.05 * np.sin(0.9), 0.4])
    drags = np.array([[start, around], [start, [0.05, 0.0, 0.6]]])
    found = articulate(Problem(part, body, drags)).joints[0]
    assert found.type == "cylindrical"
    assert found.slide[0] <= 0.0 < 0.19 < found.slide[1]
    assert abs(found.axis[2]) > 0.99


def test_nothing_moves_what_is_boxed_in() -> None:
    """A block in a box of the same size."""
    inside = solid(block([-0.2, -0.2, -0.2], [0.2, 0.2, 0.2]))
    shell = [
        block(np.where(np.arange(3) == k, s * 0.26 - 0.0598, -0.3),
              np.where(np.arange(3) == k, s * 0.26 + 0.0598, 0.3))
        for k in range(3) for s in (1, -1)
    ]  # fmt: skip
    found = articulate(Problem(inside, solid(*shell), no_drags)).joints[0]
    assert found.type == "fixed"
    assert found.lower == found.upper == 0.0


@pytest.mark.parametrize(
    "allowed", [("fixed",), ("screw",), ("cylindrical",), ("screw", "prismatic"), ("continuous",)]
)
def test_only_allowed_types_are_answered(allowed: tuple[JointType, ...]) -> None:
    joints = articulate(shapes.lid().problem(joint_types=allowed)).joints
    assert joints and all(joint.type in allowed for joint in joints)


def test_hinges_have_no_pitch_and_no_slide() -> None:
    made = shapes.door()
    found = articulate(made.problem()).joints[0]
    assert true_joint("revolute", found.axis, found.origin, 0.0).pitch == found.pitch == 0.0
    assert found.slide == (0.0, 0.0)
