from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from backend.articulation.engine import articulate, stages
from backend.articulation.problem import Problem, no_drags
from backend.geometry.mesh import Mesh
from protocol.joint import Joint, motion
from tests.backend.articulation import shapes
from tests.backend.articulation.shapes import Made, angle, line_distance

names = sorted(shapes.every)
unlearned = tuple(name for name in stages if name not in ("imagine", "compare"))


def best(problem: Problem) -> Joint:
    return articulate(problem).joints[0]


def rough_end(made: Made, share: float, seed: int = 3) -> np.ndarray:
    off = np.random.default_rng(seed).normal(size=3)
    return made.end + off / np.linalg.norm(off) * share * np.linalg.norm(made.end - made.start)


def placed(mesh: Mesh, rotation: np.ndarray, scale: float, shift: np.ndarray) -> Mesh:
    return Mesh(mesh.vertices @ rotation.T * scale + shift, mesh.faces)


@pytest.mark.parametrize("name", names)
def test_exact_pull_finds_the_true_joint(name: str) -> None:
    made = shapes.every[name]()
    found = best(made.problem())
    assert found.type == made.joint.type
    assert angle(found, made.joint) < 1.0
    if found.type != "prismatic":
        assert line_distance(found, made.joint) < 0.01 * made.diagonal


@pytest.mark.parametrize("name", names)
def test_rough_pull_still_finds_the_joint(name: str) -> None:
    made = shapes.every[name]()
    found = best(made.problem(end=rough_end(made, 0.08)))
    assert found.type == made.joint.type
    assert angle(found, made.joint) < 5.0
    if found.type != "prismatic":
        assert line_distance(found, made.joint) < 0.05 * made.diagonal


@pytest.mark.parametrize("name", ["door", "drawer", "lid", "sash"])
def test_short_pull_is_enough(name: str) -> None:
    made = shapes.every[name]()
    found = best(made.problem(end=made.reached(0.1 * made.value)))
    assert found.type == made.joint.type
    assert angle(found, made.joint) < 5.0


@pytest.mark.parametrize("name", names)
def test_positive_values_move_the_start_towards_the_end(name: str) -> None:
    made = shapes.every[name]()
    moved = (motion(best(made.problem()), 0.01) @ np.append(made.start, 1.0))[:3]
    assert (moved - made.start) @ (made.end - made.start) > 0.0


@pytest.mark.parametrize("name", names)
def test_range_holds_rest_and_the_pull(name: str) -> None:
    made = shapes.every[name]()
    found = best(made.problem())
    assert found.lower <= 0.0 < found.upper
    assert made.value <= found.upper * 1.02


def test_pulling_a_door_shut_from_open_reverses_the_axis() -> None:
    made = shapes.door()
    turned = motion(made.joint, 0.9)
    part = Mesh(made.part.vertices @ turned[:3, :3].T + turned[:3, 3], made.part.faces)
    pull = np.stack([made.reached(0.9), made.reached(0.3)])[None]
    found = best(Problem(part, made.body, pull))
    assert found.type == "revolute"
    assert angle(found, made.joint) > 175.0
    assert line_distance(found, made.joint) < 0.02 * made.diagonal


def test_closed_door_opens_from_rest_and_drawer_stays_in() -> None:
    assert best(shapes.door().problem()).lower == pytest.approx(0.0, abs=0.06)
    pulled = best(shapes.drawer().problem())
    assert pulled.lower == pytest.approx(0.0, abs=0.04)
    assert 0.25 <= pulled.upper < 0.45


def test_slide_stops_at_the_frame() -> None:
    made = shapes.sash()
    assert best(made.problem()).upper == pytest.approx(1.16 - 0.62, abs=0.01)


@pytest.mark.parametrize("name", ["door", "drawer", "knob"])
@pytest.mark.parametrize("seed", [0, 1])
def test_answer_follows_the_object_wherever_it_stands(name: str, seed: int) -> None:
    made = shapes.every[name]()
    generator = np.random.default_rng(seed)
    rotation = Rotation.random(rng=np.random.default_rng(seed)).as_matrix()
    scale = float(10.0 ** generator.uniform(-3.0, 3.0))
    shift = generator.normal(size=3) * 100.0 * scale
    pull = np.stack([made.start, made.end]) @ rotation.T * scale + shift
    moved = best(
        Problem(
            placed(made.part, rotation, scale, shift),
            placed(made.body, rotation, scale, shift),
            pull[None],
            up=tuple(rotation[:, 2]),
        )
    )
    plain = best(made.problem())
    assert moved.type == plain.type
    assert np.allclose(moved.axis, rotation @ plain.axis, atol=0.02)
    unit = scale if plain.type == "prismatic" else 1.0
    assert moved.upper == pytest.approx(plain.upper * unit, rel=0.05, abs=0.05 * unit)
    expected = rotation @ plain.origin * scale + shift
    assert np.linalg.norm(np.array(moved.origin) - expected) < 0.02 * made.diagonal * scale


def inverted(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices, mesh.faces[:, ::-1].copy())


def partly_inverted(mesh: Mesh) -> Mesh:
    faces = mesh.faces.copy()
    faces[::3] = faces[::3, ::-1]
    return Mesh(mesh.vertices, faces)


def soup(mesh: Mesh) -> Mesh:
    count = len(mesh.faces)
    return Mesh(mesh.corners.reshape(-1, 3), np.arange(3 * count, dtype=np.int32).reshape(-1, 3))


def with_degenerate_faces(mesh: Mesh) -> Mesh:
    flat = np.stack([mesh.faces[:, 0], mesh.faces[:, 0], mesh.faces[:, 1]], axis=1)
    return Mesh(mesh.vertices, np.concatenate([mesh.faces, flat]).astype(np.int32))


def with_doubled_faces(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices, np.concatenate([mesh.faces, mesh.faces[:, [1, 2, 0]]]))


def shuffled(mesh: Mesh) -> Mesh:
    generator = np.random.default_rng(5)
    order = generator.permutation(len(mesh.vertices))
    place = np.argsort(order).astype(np.int32)
    faces = place[mesh.faces][generator.permutation(len(mesh.faces))]
    return Mesh(mesh.vertices[order], faces)


def with_loose_vertices(mesh: Mesh) -> Mesh:
    return Mesh(np.concatenate([mesh.vertices, [[50.0, 50.0, 50.0]]]), mesh.faces)


@pytest.mark.parametrize("name", ["door", "drawer"])
@pytest.mark.parametrize(
    "spoil",
    [
        inverted,
        partly_inverted,
        soup,
        with_degenerate_faces,
        with_doubled_faces,
        shuffled,
        with_loose_vertices,
    ],
)
def test_meshes_as_artists_make_them_give_the_same_joint(name: str, spoil) -> None:
    made = shapes.every[name]()
    found = best(shapes.changed(made, spoil, spoil).problem())
    assert found.type == made.joint.type
    assert angle(found, made.joint) < 2.0
    if found.type == "revolute":
        assert line_distance(found, made.joint) < 0.02 * made.diagonal


def test_several_pulls_share_one_joint() -> None:
    made = shapes.door()
    other = np.array([0.2, -0.25, 0.7])
    there = (motion(made.joint, 0.8) @ np.append(other, 1.0))[:3]
    drags = np.array([[made.start, made.end], [other, there]])
    found = best(Problem(made.part, made.body, drags))
    assert found.type == "revolute"
    assert angle(found, made.joint) < 1.0


def test_only_allowed_types_are_answered() -> None:
    made = shapes.door()
    for kinds in (("prismatic",), ("revolute",)):
        answer = articulate(made.problem(joint_types=kinds))
        assert {joint.type for joint in answer.joints} == set(kinds)


def test_knob_is_revolute_where_continuous_is_not_allowed() -> None:
    made = shapes.knob()
    found = best(made.problem(joint_types=("revolute", "prismatic")))
    assert found.type == "revolute"
    assert found.upper - found.lower < 2 * np.pi


@pytest.mark.parametrize(("across", "kind"), [(0.1, "continuous"), (0.012, "revolute")])
def test_wheels_turn_on_and_on_and_levers_do_not(across: float, kind: str) -> None:
    """A plate on a post that nothing stops, about as broad as long, or long and narrow."""
    plate = shapes.block([-0.04, -across, 0.3005], [0.12, across, 0.31])
    part = shapes.solid(plate, shapes.rod([0.0, 0.0, 0.29], [0.0, 0.0, 0.3005], 0.02))
    floor = shapes.block([-0.3, -0.3, -0.02], [0.3, 0.3, 0.0])
    body = shapes.solid(floor, shapes.rod([0, 0, 0], [0, 0, 0.2895], 0.015))
    joint = shapes.true_joint("revolute", (0.0, 0.0, 1.0), (0.0, 0.0, 0.3), 1.5)
    made = shapes.Made(part, body, joint, np.array([0.12, 0.0, 0.305]), 0.8)
    found = best(made.problem())
    assert found.type == kind
    assert shapes.angle(found, joint) < 5.0


def test_prompt_tips_the_scale_without_a_pull() -> None:
    made = shapes.lid()
    bare = Problem(made.part, made.body, no_drags, prompt="slide the tray")
    swung = Problem(made.part, made.body, no_drags, prompt="swing the hinged lid open")
    slides = [joint.type == "prismatic" for joint in articulate(bare).joints]
    turns = [joint.type == "prismatic" for joint in articulate(swung).joints]
    assert slides[0] and not turns[0]


def test_alternatives_are_ranked_and_different() -> None:
    made = shapes.lid()
    joints = articulate(made.problem(end=made.reached(0.1)), alternatives=4).joints
    shares = [joint.confidence for joint in joints]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1.0 + 1e-9
    for k, one in enumerate(joints):
        for other in joints[:k]:
            parallel = abs(np.dot(one.axis, other.axis)) > 0.995
            apart = line_distance(one, other) > 0.01 * made.diagonal
            assert one.type != other.type or not parallel or apart


def test_alternatives_bounds_the_answer() -> None:
    assert len(articulate(shapes.door().problem(), alternatives=1).joints) == 1


def test_same_seed_same_answer() -> None:
    problem = shapes.drawer().problem(seed=4)
    assert articulate(problem).joints == articulate(problem).joints


def test_answer_tells_times_and_reasons() -> None:
    answer = articulate(shapes.door().problem())
    assert tuple(answer.seconds) == unlearned
    assert all(0.0 <= e.score <= 1.0 and e.text.endswith(".") for e in answer.joints[0].evidence)
    assert {e.name for e in answer.joints[0].evidence} >= {"drag", "penetration"}


def test_no_joint_is_told_as_certain() -> None:
    made = shapes.door()
    assert articulate(made.problem(end=made.reached(0.5))).joints[0].confidence <= 0.99


def test_joints_have_no_negative_zero() -> None:
    for joint in articulate(shapes.door().problem()).joints:
        values = np.array([*joint.axis, *joint.origin, joint.lower, joint.upper])
        assert not np.signbit(values[values == 0.0]).any()


def test_joints_are_unit_and_finite() -> None:
    for joint in articulate(shapes.knob().problem(), alternatives=8).joints:
        assert np.linalg.norm(joint.axis) == pytest.approx(1.0, abs=1e-9)
        assert np.isfinite([*joint.origin, joint.lower, joint.upper]).all()


class Stopped(Exception):
    pass


class Stopper:
    """Counts checks, and stops the work at the given one."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.stages: list[str] = []
        self.first_shares: dict[str, float] = {}

    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        if name not in self.stages[-1:]:
            self.stages.append(name)
        self.first_shares.setdefault(name, step / total if total else 0.0)

    def check(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Stopped


@pytest.mark.parametrize("at", [1, 5, 12])
def test_cancel_in_check_leaves_at_once(at: int) -> None:
    stopper = Stopper(at)
    with pytest.raises(Stopped):
        articulate(shapes.door().problem(), progress=stopper)
    assert len(stopper.stages) <= len(stages)


def test_progress_hears_every_stage_in_order() -> None:
    stopper = Stopper(10**9)
    articulate(shapes.door().problem(), progress=stopper)
    assert tuple(stopper.stages) == unlearned
    assert all(stopper.first_shares[name] == 0.0 for name in unlearned)  # steps count within one
