from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.datasets import ArticulatedObject, categories, generate, habits_of, recipe, splits
from backend.datasets.habits import chances, left_open, modelled
from backend.datasets.object import Part, build
from backend.datasets.shapes import merged
from backend.geometry.components import welded
from backend.geometry.mesh import Mesh, subset
from backend.metrics.execution import Pair, deepest

few = settings(max_examples=10, deadline=None)


def habitual(category: str, seed: int, *habits: str) -> tuple[ArticulatedObject, ArticulatedObject]:
    """An object without any habit and with these."""
    parts = recipe(category, seed)
    changed = modelled(np.random.default_rng(seed), parts, habits)
    return build(category, seed, parts, solid=True), build(category, seed, changed, solid=True)


def surface(item: ArticulatedObject) -> tuple[np.ndarray, np.ndarray]:
    vertices, faces, _ = item.mesh()
    return vertices, faces


def area(item: ArticulatedObject) -> float:
    vertices, faces = surface(item)
    return float(trimesh.triangles.area(vertices[faces]).sum())


def pair_of(item: ArticulatedObject, index: int) -> Pair:
    vertices, faces, face_part = item.mesh()
    whole, part = Mesh(vertices, faces), np.isin(face_part, item.moving(index))
    return Pair(subset(whole, part), subset(whole, ~part))


def volume(parts: list[Part]) -> float:
    whole = merged(piece.shape for part in parts for piece in part.pieces)
    return float(trimesh.Trimesh(whole.vertices, whole.faces, process=False).volume)


@pytest.mark.parametrize("habit", ["soup", "doubled"])
def test_torn_faces_lie_where_they_were(habit: str) -> None:
    plain, torn = habitual("oven", 1, habit)
    (vertices, faces), (apart, own) = surface(plain), surface(torn)
    assert np.array_equal(vertices[faces], apart[own])
    assert len(apart) == faces.size if habit == "soup" else len(vertices) < len(apart) < faces.size


def test_fans_make_thin_triangles_of_the_same_surface() -> None:
    plain, fanned = habitual("oven", 1, "fans")
    assert np.isclose(area(fanned), area(plain), rtol=1e-6)
    assert len(surface(fanned)[1]) < len(surface(plain)[1])
    assert thinness(fanned) > thinness(plain) + 0.1
    assert np.isclose(
        volume(modelled(np.random.default_rng(1), recipe("oven", 1), ["fans"])),
        volume(recipe("oven", 1)),
        rtol=1e-6,
    )


def test_slivers_are_more_triangles_that_no_longer_share_their_edges() -> None:
    plain, split = habitual("cabinet", 2, "slivers")
    assert np.isclose(area(split), area(plain), rtol=1e-6)
    assert len(surface(split)[1]) > len(surface(plain)[1])
    assert edges_of_one_face(plain) == 0 < edges_of_one_face(split)


def test_flipped_shells_look_inwards_and_stay_in_place() -> None:
    parts = recipe("cabinet", 2)
    flipped = modelled(np.random.default_rng(0), parts, ["flipped"])
    plain, changed = (
        np.concatenate([piece.shape.normals() for part in some for piece in part.pieces])
        for some in (parts, flipped)
    )
    against = np.einsum("ij,ij->i", plain, changed) < -0.99
    assert 0.05 < against.mean() < 0.7
    assert volume(flipped) < volume(parts)


@pytest.mark.parametrize(
    ("category", "seed"), [("cabinet", 3), ("oven", 1), ("laptop", 0), ("chair", 1)]
)
def test_parts_pushed_home_touch_their_body_or_reach_into_it(category: str, seed: int) -> None:
    plain, flush = habitual(category, seed, "flush")
    _, over = habitual(category, seed, "overlap")
    closed = 0
    for i, (link, touching, deeper) in enumerate(
        zip(plain.links, flush.links, over.links, strict=True)
    ):
        if link.joint is None or touching.joint is None:
            continue
        shift, more = (moved.vertices - link.vertices for moved in (touching, deeper))
        assert np.allclose(shift, shift[0]) and np.linalg.norm(more[0]) >= np.linalg.norm(shift[0])
        if not shift.any():
            continue
        closed += 1
        gaps = [pair_of(item, i).separation(link.joint, np.zeros(1))[0] for item in (plain, flush)]
        assert gaps[1] < 2e-6 < gaps[0], link.name
        diagonal = np.linalg.norm(np.ptp(surface(plain)[0], axis=0))
        assert np.linalg.norm(more[0] - shift[0]) > 4e-4 * diagonal
    assert closed


def thinness(item: ArticulatedObject) -> float:
    """How many times longer than wide triangles are, as the mean of logarithms."""
    vertices, faces = surface(item)
    corners = vertices[faces]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    return float(np.mean(np.log(longest**2 / trimesh.triangles.area(corners))))


def edges_of_one_face(item: ArticulatedObject) -> int:
    vertices, faces = surface(item)
    index = welded(vertices)[faces]
    edges = np.sort(index[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    counts = Counter(map(tuple, edges.tolist()))
    return sum(count % 2 for count in counts.values())


@given(st.sampled_from(categories), st.integers(0, 99), st.integers(0, 1000))
@few
def test_parts_half_open_are_shut_by_their_joints(category: str, seed: int, pose: int) -> None:
    parts = recipe(category, seed)
    values = left_open(np.random.default_rng(pose), parts, share=0.7)
    shut = build(category, seed, parts, solid=True)
    item = build(category, seed, parts, solid=True, rest=values)
    back = {name: -value for name, value in values.items()}
    kept = {part.name: part.rest for part in parts if part.rest}
    assert not kept.keys() & back.keys()
    poses = item.pose(back)
    as_modelled = shut.pose({})
    for i, (link, closed) in enumerate(zip(item.links, shut.links, strict=True)):
        carried = link.vertices @ poses[i][:3, :3].T + poses[i][:3, 3]
        expected = closed.vertices @ as_modelled[i][:3, :3].T + as_modelled[i][:3, 3]
        assert np.allclose(carried, expected, atol=1e-9), link.name
        if link.joint is None or closed.joint is None:
            continue
        if link.joint.type != "continuous":
            value = values.get(link.name, 0.0)
            assert np.isclose(link.joint.lower, closed.joint.lower - value)
            assert np.isclose(link.joint.upper, closed.joint.upper - value)
        assert link.joint.upper > 0.3 * closed.joint.upper


@pytest.mark.parametrize("category", categories)
def test_true_joints_execute_whatever_the_habits(category: str) -> None:
    """An open drawer has no box and comes off its runners; nothing is asked of it but no dips."""
    for seed in (0, 1):
        item = generate(category, seed, habits=True)
        thin = "open" in habits_of(category, seed)
        for i, link in enumerate(item.links):
            if link.joint is None:
                continue
            pair = pair_of(item, i)
            values = np.linspace(link.joint.lower, link.joint.upper, 25)
            dips = pair.penetration(link.joint, values) > deepest * pair.diagonal
            assert not dips if thin else pair.executes(link.joint), (seed, link.name)


@given(st.sampled_from(categories), st.integers(0, 2000))
@few
def test_habits_are_the_objects_own_and_leave_its_recipe_alone(category: str, seed: int) -> None:
    first, second = (generate(category, seed, habits=True) for _ in range(2))
    plain = generate(category, seed)
    for a, b, c in zip(first.links, second.links, plain.links, strict=True):
        assert np.array_equal(a.vertices, b.vertices) and a.joint == b.joint
        assert (a.prompt, a.name, a.parent) == (b.prompt, c.name, c.parent)
    assert set(habits_of(category, seed)) <= set(chances)


def test_each_habit_is_met_about_as_often_as_meant() -> None:
    count = 400
    drawn = Counter(name for seed in range(count) for name in habits_of("cabinet", seed))
    for name, chance in chances.items():
        assert abs(drawn[name] / count - chance) < 0.1, name


def test_splits_share_no_seed() -> None:
    seeds = [seed for split in splits.values() for seed in split]
    assert len(seeds) == len(set(seeds)) and set(splits) == {"train", "validation", "test"}
