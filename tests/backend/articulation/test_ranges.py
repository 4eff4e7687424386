"""Ranges of true joints: to the first contact, which is plain, or to custom."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from backend.articulation import ranges
from backend.articulation.clearance import Clearance
from backend.articulation.problem import Problem, silent
from backend.articulation.ranges import Range, opening
from backend.articulation.subject import Subject, prepare
from backend.articulation.sweeps import Gaps
from backend.geometry.mesh import Mesh
from backend.geometry.surface import Motions
from backend.metrics.execution import Pair
from protocol.joint import Joint, motion
from tests.backend.articulation import shapes
from tests.backend.articulation.shapes import Made, block, rod, solid, true_joint


def asked(part: Mesh, body: Mesh, joint: Joint) -> tuple[Subject, Motions]:
    subject = prepare(Problem(part, body), silent)
    axis = subject.frame.local_direction(np.array(joint.axis))
    origin = subject.frame.local(np.array(joint.origin))
    hinge = np.array([joint.type != "prismatic"])
    return subject, Motions(hinge, axis[None], origin[None])


def found(part: Mesh, body: Mesh, joint: Joint, value: float = 0.0) -> Range:
    """The range of the joint, in degrees for hinges and in metres for slides."""
    subject, motions = asked(part, body, joint)
    hinge = bool(motions.hinge[0])
    inner = value if hinge else value / subject.frame.scale
    span = ranges.find(subject, motions, inner, Gaps(subject))
    unit = np.degrees(1.0) if hinge else subject.frame.scale
    return Range(span.lower * unit, span.upper * unit, span.continuous)


def of(made: Made, value: float = 0.0) -> Range:
    return found(made.part, made.body, made.joint, value)


@pytest.mark.parametrize("name", sorted(shapes.every))
def test_a_range_executes(name: str) -> None:
    made = shapes.every[name]()
    span = of(made)
    unit = 1.0 if made.joint.type == "prismatic" else np.radians(1.0)
    named = msgspec.structs.replace(made.joint, lower=span.lower * unit, upper=span.upper * unit)
    assert Pair(made.part, made.body).executes(named)


def wall_at(degrees: float) -> tuple[Mesh, Mesh, Joint]:
    """A flap that stands on a floor and falls towards a wall it meets at an angle."""
    flap = solid(block([-0.5, 0.0, 0.002], [0.5, 0.02, 0.6]))
    height = 0.6 * np.cos(np.radians(degrees))
    reach = 0.6 * np.sin(np.radians(degrees))
    floor = block([-1.0, -1.0, -0.1], [1.0, 1.0, 0.0])
    wall = block([-1.0, reach + 0.02, 0.0], [1.0, reach + 0.1, height + 0.2])
    joint = true_joint("revolute", (-1.0, 0.0, 0.0), (0.0, 0.02, 0.002), 1.0)
    return flap, solid(floor, wall), joint


@pytest.mark.parametrize("degrees", [20.0, 35.0, 50.0])
def test_a_hinge_stops_at_the_wall(degrees: float) -> None:
    subject, motions = asked(*wall_at(degrees))
    free = Clearance(subject).of_solids(motions, np.radians(90.0))
    assert np.degrees(free) == pytest.approx(degrees, abs=1.0)


def test_a_thin_post_is_not_missed() -> None:
    """A wire across the way of a drawer, thinner than the spaces between probes."""
    made = shapes.drawer()
    wire = rod([-0.3, -0.4, 0.6], [0.3, -0.4, 0.6], 0.003)
    body = Mesh(
        np.concatenate([made.body.vertices, wire.vertices]),
        np.concatenate([made.body.faces, wire.faces + len(made.body.vertices)]).astype(np.int32),
    )
    assert found(made.part, body, made.joint, 0.3).upper == pytest.approx(0.127, abs=0.01)


def test_a_pull_is_in_the_range_unless_something_is_in_the_way() -> None:
    made = shapes.door()
    assert of(made, np.radians(150.0)).upper >= 150.0
    flap, room, joint = wall_at(35.0)
    assert found(flap, room, joint, np.radians(60.0)).upper == pytest.approx(35.0, abs=1.0)


def test_what_is_shut_goes_no_further_in_and_half_open_goes_back_until_shut() -> None:
    made = shapes.door()
    assert of(made).lower == 0.0
    ajar = motion(made.joint, np.radians(40.0))
    part = Mesh(made.part.vertices @ ajar[:3, :3].T + ajar[:3, 3], made.part.faces)
    span = found(part, made.body, made.joint)
    assert span.lower == pytest.approx(-40.0, abs=4.0)
    assert span.upper == pytest.approx(of(made).upper - 40.0, abs=5.0)


def test_a_drawer_stays_in_also_where_only_its_front_is_modelled() -> None:
    made = shapes.drawer()
    whole = of(made)
    assert 0.25 < whole.upper < 0.42
    front = solid(block([-0.28, -0.25, 0.42], [0.28, -0.232, 0.78]))
    assert found(front, made.body, made.joint).upper == pytest.approx(whole.upper, abs=0.08)


def test_a_bail_swings_over() -> None:
    """A square handle above a tub, held by its two ends."""
    bars = [
        block([-0.21, -0.01, 0.3], [-0.19, 0.01, 0.55]),
        block([0.19, -0.01, 0.3], [0.21, 0.01, 0.55]),
        block([-0.21, -0.01, 0.53], [0.21, 0.01, 0.55]),
    ]
    tub = block([-0.185, -0.15, 0.0], [0.185, 0.15, 0.29])
    joint = true_joint("revolute", (1.0, 0.0, 0.0), (0.0, 0.0, 0.31), 1.0)
    span = found(solid(*bars), solid(tub), joint)
    assert span.upper - span.lower == pytest.approx(180.0, abs=10.0)
    assert span.lower == pytest.approx(-90.0, abs=10.0)


def castor(long: float) -> tuple[Mesh, Mesh, Joint]:
    """A fork below a plate, as wide as it is high, that hangs on a pin off its middle."""
    pin = rod([0.0, 0.0, 0.28], [0.0, 0.0, 0.32], 0.02)
    fork = block([-0.04, -0.02, 0.0], [long, 0.02, 0.28])
    plate = block([-0.5, -0.5, 0.3], [0.5, 0.5, 0.34])
    return solid(fork, pin), solid(plate), true_joint("continuous", (0, 0, 1), (0, 0, 0.3), 6.0)


def test_what_is_pulled_far_round_and_nothing_stops_turns_on() -> None:
    assert found(*castor(0.12), np.radians(130.0)).continuous
    assert not found(*castor(0.12), np.radians(60.0)).continuous
    assert not found(*castor(0.9), np.radians(130.0)).continuous  # a lever


def test_custom_and_pull_are_weighed() -> None:
    custom = np.radians(100.0)
    assert opening(custom, 0.0) == custom
    assert opening(custom, np.radians(70.0)) == pytest.approx(custom)
    assert np.radians(12.0) < opening(custom, np.radians(14.0)) < np.radians(40.0)
    assert opening(custom, np.radians(2.0)) == custom  # says only which way
    assert opening(custom, np.radians(170.0)) >= np.radians(170.0)
