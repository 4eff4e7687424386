"""Parts that hang on each other are carried along."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

tree: Any = importlib.import_module("tug.core.tree")
joint: Any = importlib.import_module("tug.protocol.joint")

hinge = joint.Joint(type="revolute", axis=(0, 0, 1), origin=(1, 0, 0), lower=-1.0, upper=1.0)
slider = joint.Joint(type="prismatic", axis=(0, 1, 0), origin=(0, 0, 0), lower=0.0, upper=2.0)
piston = joint.Joint(
    type="cylindrical", axis=(0, 0, 1), origin=(0, 0, 0), lower=0, upper=1, slide=(0.0, 3.0)
)


def test_each_part_comes_after_what_it_hangs_on():
    parents = [3, -1, 0, 1]
    order = tree.parents_first(parents)
    assert sorted(order) == [0, 1, 2, 3]
    assert all(order.index(above) < order.index(i) for i, above in enumerate(parents) if above >= 0)


def test_a_ring_has_no_first_and_no_end_but_an_answer():
    assert sorted(tree.parents_first([1, 0, -1])) == [0, 1, 2]


def test_parts_go_along_with_what_they_hang_on():
    parents, joints = [1, -1, 0, 1], [hinge, slider, None, piston]
    poses = tree.open_poses(parents, joints, 0.75, 0.5)
    assert np.allclose(poses[1], joint.motion(slider, 1.5))
    assert np.allclose(poses[0], poses[1] @ joint.motion(hinge, 0.5))
    assert np.allclose(poses[2], poses[0])
    assert np.allclose(poses[3], poses[1] @ joint.motion(piston, 0.75, 1.5))
