from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backend.datasets import ArticulatedObject, Link, categories, generate, sample
from backend.geometry.mesh import Mesh, subset
from backend.metrics.execution import Pair
from protocol.errors import TugError
from protocol.joint import motion

objects = st.builds(generate, st.sampled_from(categories), st.integers(0, 10_000))
few = settings(max_examples=12, deadline=None)
metre_tolerance = 2e-4


def moving(item: ArticulatedObject) -> list[tuple[int, Link]]:
    return [(i, link) for i, link in enumerate(item.links) if link.joint is not None]


def split(item: ArticulatedObject, index: int) -> Pair:
    vertices, faces, face_part = item.mesh()
    whole, part = Mesh(vertices, faces), np.isin(face_part, item.moving(index))
    return Pair(subset(whole, part), subset(whole, ~part))


def range_of(link: Link, count: int = 7) -> np.ndarray:
    assert link.joint is not None
    values = np.linspace(link.joint.lower, link.joint.upper, count)
    return np.append(values, 0.03 * link.joint.upper)


@given(st.sampled_from(categories), st.integers(0, 10_000), st.booleans())
@few
def test_a_seed_always_gives_the_same_object(category: str, seed: int, solid: bool) -> None:
    first, second = (generate(category, seed, solid=solid) for _ in range(2))
    assert [link.name for link in first.links] == [link.name for link in second.links]
    for a, b in zip(first.links, second.links, strict=True):
        assert np.array_equal(a.vertices, b.vertices) and np.array_equal(a.faces, b.faces)
        assert np.array_equal(a.uv, b.uv)
        assert (a.joint, a.prompt) == (b.joint, b.prompt)
        for one, other in zip(a.materials, b.materials, strict=True):
            assert one.image.tobytes() == other.image.tobytes()


@pytest.mark.parametrize("category", categories)
def test_seeds_give_different_objects(category: str) -> None:
    extents = [np.ptp(generate(category, seed).mesh()[0], axis=0) for seed in range(3)]
    assert len(np.unique(np.round(extents, 6), axis=0)) == 3


@given(objects)
@few
def test_solid_links_are_closed_shells_that_look_outwards(item: ArticulatedObject) -> None:
    for link in item.links:
        mesh = trimesh.Trimesh(link.vertices, link.faces, process=False)
        assert mesh.is_watertight and mesh.is_winding_consistent, link.name
        assert mesh.area_faces.min() > 0, link.name
        for shell in mesh.split(only_watertight=False):
            assert shell.volume > 0, link.name


@given(st.sampled_from(categories), st.integers(0, 10_000))
@few
def test_open_links_have_the_same_joints_and_lack_faces(category: str, seed: int) -> None:
    solid, thin = generate(category, seed), generate(category, seed, solid=False)
    assert len(thin.mesh()[1]) < len(solid.mesh()[1])
    for a, b in zip(solid.links, thin.links, strict=True):
        assert (a.name, a.parent, a.prompt) == (b.name, b.parent, b.prompt)
        if a.joint is None or b.joint is None:
            assert a.joint is b.joint
            continue
        assert (a.joint.type, a.joint.axis) == (b.joint.type, b.joint.axis)
        assert (a.joint.lower, a.joint.upper) == (b.joint.lower, b.joint.upper)
        if a.joint.type != "prismatic":
            assert a.joint.origin == b.joint.origin


@given(objects)
@few
def test_objects_stand_on_the_floor_at_a_sensible_size(item: ArticulatedObject) -> None:
    vertices = item.mesh()[0]
    assert abs(vertices[:, 2].min()) < 1e-6
    assert 0.1 < np.linalg.norm(np.ptp(vertices, axis=0)) < 5.0
    body = item.links[0].vertices  # an open door may stand aside
    assert abs(body[:, 0].min() + body[:, 0].max()) < 0.1


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("category", categories)
def test_true_joints_execute_without_penetration_and_stay_attached(
    category: str, seed: int
) -> None:
    item = generate(category, seed)
    for i, link in moving(item):
        assert link.joint is not None
        pair, values = split(item, i), range_of(link)
        assert pair.penetration(link.joint, values) < metre_tolerance, link.name
        assert pair.separation(link.joint, values).max() < 0.03, link.name


def test_the_penetration_check_sees_a_drawer_pushed_through_the_back() -> None:
    item = sample()
    i, drawer = next((i, link) for i, link in moving(item) if "drawer" in link.name)
    assert drawer.joint is not None
    assert split(item, i).penetration(drawer.joint, np.array([-0.1])) > 0.003


@given(objects)
@example(generate("stapler", 225))  # its arm opens less far than most
@few
def test_drags_start_on_the_part_and_end_where_the_joint_carries_it(
    item: ArticulatedObject,
) -> None:
    for _, link in moving(item):
        joint, drag = link.joint, link.drag
        assert joint is not None and drag is not None
        start, end = drag
        nearest = trimesh.triangles.closest_point(
            link.vertices[link.faces], np.tile(start, (len(link.faces), 1))
        )
        assert np.linalg.norm(nearest - start, axis=1).min() < 1e-9
        values = np.linspace(0.0, joint.upper, 2001)[1:]
        carried = [(motion(joint, value) @ np.append(start, 1.0))[:3] for value in values]
        assert np.linalg.norm(carried - end, axis=1).min() < 1e-3 * joint.upper
        assert np.linalg.norm(end - start) > 0.0015


@given(objects)
@few
def test_every_part_can_be_named_in_words(item: ArticulatedObject) -> None:
    names = [link.name for link in item.links]
    assert len(set(names)) == len(names)
    prompts = [link.prompt for _, link in moving(item)]
    assert all(prompts) and "  " not in "".join(prompts)
    assert item.links[0].joint is None and item.links[0].parent == -1


@given(objects)
@few
def test_textures_cover_every_face(item: ArticulatedObject) -> None:
    for link in item.links:
        assert link.uv.shape == (len(link.faces), 3, 2) and np.isfinite(link.uv).all()
        assert link.face_material.shape == (len(link.faces),)
        assert set(link.face_material.tolist()) == set(range(len(link.materials)))


def test_children_move_with_the_part_they_hang_on() -> None:
    item = next(i for i in (generate("chair", s) for s in range(20)) if len(i.links) == 3)
    seat, back = 1, 2
    assert item.moving(seat) == [seat, back]
    poses = item.pose({"seat": 1.0})
    assert np.allclose(poses[back], poses[seat]) and not np.allclose(poses[seat], np.eye(4))
    case = item.cases()[0]
    assert np.array_equal(case.moving_faces, case.face_part > 0)


def test_the_sample_is_a_cabinet_with_two_drawers_and_a_door() -> None:
    types = sorted(link.joint.type for _, link in moving(sample()) if link.joint)
    assert types == ["prismatic", "prismatic", "revolute"]
    assert sorted(link.name.split("_")[-1] for link in sample().links) == [
        "body",
        "door",
        "drawer",
        "drawer",
    ]


def test_an_unknown_category_and_a_negative_seed_are_refused_in_words() -> None:
    with pytest.raises(TugError, match="no category 'spaceship'; there are bin, bottle"):
        generate("spaceship", 0)
    with pytest.raises(TugError, match="A seed is 0 or more"):
        generate("cabinet", -1)
