"""Generated rooms, ground and things: as their docstrings say, whatever the seed."""

import math

import numpy as np
import pytest
import trimesh

from backend.datasets.rooms import ground, room
from backend.datasets.things import thing

seeds = range(500, 512)


@pytest.mark.parametrize("seed", seeds)
def test_a_room_is_made_of_convex_closed_shells(seed: int) -> None:
    for part in room(seed).parts:
        mesh = trimesh.Trimesh(part.mesh.vertices, part.mesh.faces, process=False)
        for shell in mesh.split(only_watertight=False):
            assert shell.is_watertight, part.name
            assert shell.volume > 0.0, part.name
            assert shell.volume == pytest.approx(shell.convex_hull.volume, rel=1e-6), part.name


@pytest.mark.parametrize("seed", seeds)
def test_furniture_stands_on_the_floor_apart_from_each_other(seed: int) -> None:
    found = room(seed)
    width, depth = found.floor_size
    standing = [p for p in found.parts if p.kind not in ("floor", "wall")]
    assert any(part.kind == "table" or part.kind == "shelf" for part in standing)
    for part in standing:
        low, high = part.mesh.vertices.min(axis=0), part.mesh.vertices.max(axis=0)
        assert low[2] >= -1e-9
        assert (np.abs([low[0], high[0]]) <= 0.5 * width).all()
        assert (np.abs([low[1], high[1]]) <= 0.5 * depth).all()


def test_rooms_are_the_same_for_a_seed_and_differ_between_seeds() -> None:
    first, again, other = room(1).mesh, room(1).mesh, room(2).mesh
    np.testing.assert_array_equal(first.vertices, again.vertices)
    assert first.vertices.shape != other.vertices.shape or (first.vertices != other.vertices).any()


@pytest.mark.parametrize("seed", seeds)
def test_ground_is_uneven_and_nowhere_too_steep(seed: int) -> None:
    mesh = ground(seed)
    a, b, c = mesh.corners.transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    up = normals[:, 2] / np.linalg.norm(normals, axis=1)
    assert np.degrees(np.arccos(up)).max() <= 12.0
    assert np.ptp(mesh.vertices[:, 2]) > 0.2


def test_things_stand_about_the_origin_and_come_in_kinds() -> None:
    found = [thing(seed) for seed in range(500, 540)]
    for model in found:
        points = np.concatenate([s.mesh.vertices for link in model.links for s in link.shapes])
        assert abs(points[:, 2].min()) < 0.01, model.name
        assert math.hypot(*points[:, :2].mean(axis=0)) < model.diagonal, model.name
    assert len({model.name.rsplit("-", 1)[0] for model in found}) > 8
    assert any(any(link.joint for link in model.links) for model in found)
