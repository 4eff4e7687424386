"""How far a pull opens a joint."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import pytest

joint: Any = importlib.import_module("tug.protocol.joint")
opening: Any = importlib.import_module("tug.core.opening")

hinge = joint.Joint(type="revolute", axis=(0, 0, 1), origin=(0, 0, 0), lower=-0.2, upper=1.6)
slider = joint.Joint(type="prismatic", axis=(0, 1, 0), origin=(0, 0, 0), lower=0.0, upper=0.4)
wheel = joint.Joint(type="continuous", axis=(1, 0, 0), origin=(0, 0, 0), lower=0.0, upper=0.0)


@pytest.mark.parametrize(("made", "value"), [(hinge, 1.1), (slider, 0.25), (wheel, 4.0)])
def test_a_pull_along_the_motion_opens_it_that_far(made, value):
    starts = np.array([(1.0, 0.1, 0.3), (0.7, 0.0, 0.6)])
    pose = joint.motion(made, value)
    ends = starts @ pose[:3, :3].T + pose[:3, 3]
    assert opening.pulled_to(made, list(zip(starts, ends, strict=True))) == pytest.approx(
        value, abs=1e-5
    )


def test_a_longer_pull_opens_it_to_its_end_and_none_as_a_person_would():
    assert opening.pulled_to(slider, [((0, 0, 0), (0, 3, 0))]) == pytest.approx(0.4)
    assert opening.pulled_to(hinge, []) == pytest.approx(1.6)


def test_a_pull_across_opens_nothing():
    assert opening.pulled_to(slider, [((0, 0, 0), (1, 0, 0))]) == pytest.approx(0.0, abs=1e-6)
    assert abs(opening.pulled_to(hinge, [((1, 0, 0), (1, 0, math.pi))])) < 1e-5
