"""A drawer-like block in a box of boards, so that each depth and gap is plain."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from backend.geometry.mesh import Mesh
from backend.metrics.execution import Pair
from protocol.joint import Joint, Vector
from tests.backend.articulation.shapes import block, solid

part = solid(block([-0.4, -0.5, 0.1], [0.4, 0.3, 0.3]))
boards = [
    block([-0.5, -0.5, 0.0], [0.5, 0.5, 0.09]),
    block([-0.5, -0.5, 0.31], [0.5, 0.5, 0.4]),
    block([-0.5, 0.4, 0.0], [0.5, 0.5, 0.4]),
]
body = solid(*boards)


def slide(lower: float, upper: float, axis: Vector = (0.0, -1.0, 0.0)) -> Joint:
    return Joint(type="prismatic", axis=axis, origin=(0.0, 0.0, 0.2), lower=lower, upper=upper)


def soup(mesh: Mesh) -> Mesh:
    corners = mesh.corners.reshape(-1, 3)
    return Mesh(corners, np.arange(len(corners), dtype=np.int32).reshape(-1, 3))


def inverted(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices, mesh.faces[:, ::-1].copy())


def partly_inverted(mesh: Mesh) -> Mesh:
    faces = mesh.faces.copy()
    faces[::3] = faces[::3, ::-1]
    return Mesh(mesh.vertices, faces)


def as_made(mesh: Mesh) -> Mesh:
    return mesh


@pytest.mark.parametrize("spoil", [as_made, soup, inverted, partly_inverted])
def test_penetration_is_the_depth_inside_a_board(spoil: Callable[[Mesh], Mesh]) -> None:
    pair = Pair(spoil(part), spoil(body))
    assert pair.penetration(slide(0.0, 0.5), np.array([0.0, 0.2, 0.5])) == 0.0
    assert pair.penetration(slide(-0.14, 0.0), np.array([-0.14])) == pytest.approx(0.04, abs=1e-3)


def test_what_overlaps_at_rest_is_no_penetration_until_it_gets_deeper() -> None:
    pair = Pair(part, solid(*boards, block([-0.05, 0.28, 0.15], [0.05, 0.45, 0.25])))
    assert pair.penetration(slide(-0.05, 0.0), np.array([0.0, 0.1])) == pytest.approx(0.0, abs=1e-6)
    assert pair.penetration(slide(-0.05, 0.0), np.array([-0.03])) == pytest.approx(0.03, abs=2e-3)


def test_separation_is_the_gap_between_the_surfaces() -> None:
    gaps = Pair(part, body).separation(slide(0.0, 1.0), np.array([0.0, 0.5, 0.9]))
    assert gaps == pytest.approx([0.01, 0.01, np.hypot(0.1, 0.01)], abs=1e-3)


@pytest.mark.parametrize(
    ("joint", "executes"),
    [
        (slide(0.0, 0.7), True),
        (slide(-0.09, 0.7), True),
        (slide(-0.2, 0.7), False),
        (slide(0.0, 0.9), False),
        (slide(0.0, 0.1, axis=(0.0, 0.0, 1.0)), False),
    ],
)
def test_a_joint_executes_where_nothing_is_cut_and_nothing_comes_off(
    joint: Joint, executes: bool
) -> None:
    assert Pair(part, body).executes(joint) == executes


def test_a_hinge_executes_until_it_meets_a_wall() -> None:
    """A flap standing on a floor, its axis along its lower edge, a wall 0.3 behind it."""
    flap = solid(block([-0.5, 0.0, 0.01], [0.5, 0.02, 0.6]))
    room = solid(block([-1.0, -1.0, -0.1], [1.0, 1.0, 0.0]), block([-1.0, 0.3, 0.0], [1.0, 0.4, 1]))
    hinge = {"type": "revolute", "axis": (-1.0, 0.0, 0.0), "origin": (0.0, 0.02, 0.01)}
    pair = Pair(flap, room)
    assert pair.executes(Joint(**hinge, lower=0.0, upper=0.45))
    assert not pair.executes(Joint(**hinge, lower=0.0, upper=0.9))


def test_a_cylindrical_joint_executes_where_it_turns_and_where_it_slides() -> None:
    """A square peg in a slot as wide as it is long: it slides, and may not turn."""
    free = Joint(
        type="cylindrical",
        axis=(0.0, -1.0, 0.0),
        origin=(0.0, 0.0, 0.2),
        lower=0.0,
        upper=0.0,
        slide=(0.0, 0.5),
    )
    pair = Pair(part, body)
    assert pair.executes(free)
    assert not pair.executes(msgspec.structs.replace(free, upper=0.5))
    assert not pair.executes(msgspec.structs.replace(free, slide=(-0.3, 0.0)))


def test_a_screw_comes_out_as_it_turns() -> None:
    """The flat block has room to turn by a hundredth, in which a steep thread brings it out."""
    steep = Joint(
        type="screw",
        axis=(0.0, -1.0, 0.0),
        origin=(0.0, 0.0, 0.2),
        lower=0.0,
        upper=0.01,
        pitch=400.0,
    )
    pair = Pair(part, body)
    assert pair.executes(steep)
    assert not pair.executes(msgspec.structs.replace(steep, pitch=-400.0))
    assert not pair.executes(msgspec.structs.replace(steep, pitch=0.0, upper=0.5))
