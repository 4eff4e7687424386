"""Where things come to stand: on what, how exactly, how far from the wish."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backend.formats.model import Model, Shape, moved
from backend.geometry.mesh import Mesh
from backend.placement.engine import place
from backend.placement.item import Item, Part
from protocol.errors import TugError
from protocol.placement import Wish
from tests.backend.placement.scenes import (
    block,
    corners,
    crate,
    cupboard,
    floor,
    model,
    put,
    put_all,
    room,
    sheet,
    slope,
    wall,
)


def exact(placed) -> None:
    assert placed.penetration <= 1e-4 * placed.size
    assert placed.gap <= 1e-4 * placed.size


def test_a_box_stands_on_the_table_that_was_clicked():
    placed = put(crate(), Wish(spot=(0.2, 0.3, 0.75)))
    exact(placed)
    assert corners(crate(), placed)[:, 2].min() == pytest.approx(0.75, abs=1e-5)
    assert placed.drift == pytest.approx(0.0, abs=1e-6)
    assert placed.contact_area == pytest.approx(0.09, rel=0.05)
    assert placed.stability * placed.size == pytest.approx(0.15, rel=0.02)
    assert placed.support == "'Table', level"
    assert len(placed.points) == len(placed.distances)
    assert placed.distances.min() >= -1e-5


@pytest.mark.parametrize("sunk", [-0.3, -0.1, 0.3])
def test_what_is_sent_in_or_above_its_support_stands_on_it(sunk):
    middle = 0.75 + 0.2 + sunk * 0.4
    placed = put(crate(), Wish(centre=(0.2, 0.3, middle)))
    exact(placed)
    assert corners(crate(), placed)[:, 2].min() == pytest.approx(0.75, abs=1e-5)


def test_what_hangs_high_falls_to_the_surface_below():
    under = put(crate((0.2, 0.2, 0.2)), Wish(centre=(0.0, 0.0, 0.4)))
    assert under.support == "'Floor', level"
    above = put(crate((0.2, 0.2, 0.2)), Wish(centre=(0.0, 0.0, 1.5)))
    assert above.support == "'Table', level"


def test_a_plane_carries_like_a_board():
    placed = put(crate(), Wish(centre=(0.0, 0.0, 0.1)), scene=(Part("Plane", sheet()),))
    exact(placed)
    assert corners(crate(), placed)[:, 2].min() == pytest.approx(0.0, abs=1e-5)


@pytest.mark.parametrize("degrees", [4.0, 17.0])
def test_on_a_slope_it_lies_as_the_slope_does(degrees):
    scene = (Part("Ramp", slope(degrees)),)
    placed = put(crate(), Wish(centre=(0.3, 0.1, 0.4)), scene=scene, upright=False)
    exact(placed)
    tilt = math.degrees(math.acos(placed.pose[2, 2]))
    assert tilt == pytest.approx(degrees, abs=0.01)
    assert placed.stability > 0.1
    assert placed.support == f"'Ramp', a slope of {degrees:.0f}°"


def test_upright_on_a_slope_stays_upright_and_says_that_it_topples():
    found = put_all(
        [Item(crate(), Wish(centre=(0.0, 0.0, 0.4)))], scene=(Part("Ramp", slope(20.0)),)
    )
    assert found.placed[0].pose[2, 2] == pytest.approx(1.0)
    assert found.placed[0].stability < 0.0
    assert any("would topple" in note for note in found.notes)
    exact(found.placed[0])


def test_on_uneven_ground_three_points_around_its_weight_carry_it():
    line = np.linspace(-2, 2, 41)
    x, y = np.meshgrid(line, line, indexing="ij")
    points = np.stack([x, y, 0.06 * np.sin(5 * x) * np.cos(4 * y)], -1).reshape(-1, 3)
    index = np.arange(41 * 41).reshape(41, 41)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    faces = np.concatenate([np.stack(f, -1).reshape(-1, 3) for f in ((a, b, c), (a, c, d))])
    ground = Mesh(points, faces.astype(np.int32))
    placed = put(
        crate((0.8, 0.6, 0.2)),
        Wish(centre=(0.1, 0.2, 0.3)),
        scene=(Part("Ground", ground),),
        upright=False,
    )
    exact(placed)
    assert placed.stability > 0.0
    assert len(placed.contacts) >= 3


def test_a_box_over_the_edge_moves_until_it_is_held():
    placed = put(crate(), Wish(spot=(1.0, 0.0, 0.75)))
    assert placed.stability >= 0.05
    assert 0.0 < placed.drift <= 0.3 * placed.size
    assert corners(crate(), placed)[:, 2].min() == pytest.approx(0.75, abs=1e-5)


def test_what_is_in_the_way_is_avoided_nearby():
    scene = (*room, Part("Vase", block((-0.05, -0.05, 0.75), (0.05, 0.05, 1.0))))
    placed = put(crate(), Wish(spot=(0.0, 0.1, 0.75)), scene=scene)
    exact(placed)
    assert placed.drift <= 0.35 * placed.size
    points = corners(crate(), placed)
    assert points[:, 1].min() >= 0.05 - 1e-4 or points[:, 0].min() >= 0.05 - 1e-4


def test_the_size_of_a_box_scales_evenly_and_the_turn_turns():
    half = math.radians(30.0) / 2
    wish = Wish(
        centre=(0, 0, 1.0), size=(0.6, 0.9, 0.9), turn=(math.cos(half), 0, 0, math.sin(half))
    )
    placed = put(crate(), wish)
    scale = np.cbrt(np.linalg.det(placed.pose[:3, :3]))
    assert scale == pytest.approx(2.0)
    assert placed.size == pytest.approx(2.0 * math.sqrt(0.3**2 + 0.3**2 + 0.4**2))
    angle = math.degrees(math.atan2(placed.pose[1, 0], placed.pose[0, 0]))
    assert angle == pytest.approx(30.0)


def test_another_up_is_the_same_place_turned():
    turn = np.eye(4)
    turn[:3, :3] = [[1, 0, 0], [0, 0, 1], [0, -1, 0]]  # z up becomes y up
    scene = [Part(part.name, moved(part.mesh, turn)) for part in room]
    asked = moved(block((-0.15, -0.15, -0.2), (0.15, 0.15, 0.2)), turn)
    found = place([Item(model(asked), Wish(spot=(0.2, 0.75, -0.3)))], scene, up=(0, 1, 0))
    placed = found.placed[0]
    exact(placed)
    assert corners(model(asked), placed)[:, 1].min() == pytest.approx(0.75, abs=1e-5)


def test_the_back_goes_to_the_wall():
    found = put_all([Item(cupboard(), Wish(spot=(2.0, 4.0, 0.0)), against_wall=True)])
    placed = found.placed[0]
    exact(placed)
    points = corners(cupboard(), placed)
    assert 0.0 <= 5.0 - points[:, 1].max() <= 0.005 * placed.size
    assert placed.pose[:3, 1] == pytest.approx([0, 1, 0], abs=1e-5)  # it still looks along -y
    assert placed.free == pytest.approx(1.0, abs=0.01)


def test_without_a_wall_a_note_says_so():
    found = put_all(
        [Item(cupboard(), Wish(spot=(2.0, 0.0, 0.0)), against_wall=True)], scene=(floor,)
    )
    assert any("no wall" in note for note in found.notes)


def test_a_cupboard_turns_or_moves_until_its_door_can_open():
    half = math.pi / 2
    facing = Wish(spot=(2.0, 4.7, 0.0))  # its front would be 10 cm from the wall
    asked = moved_model(cupboard(), half * 2)
    placed = put(asked, facing)
    assert placed.free == pytest.approx(1.0, abs=0.02)
    fixed = put(asked, Wish(spot=(2.0, 4.7, 0.0), turn=(1.0, 0.0, 0.0, 0.0)))
    assert fixed.free == pytest.approx(1.0, abs=0.02)
    assert fixed.drift > 0.1
    assert fixed.pose[0, 0] == pytest.approx(1.0)


def moved_model(asked: Model, angle: float) -> Model:
    """The cupboard turned about up as it is sent."""
    from dataclasses import replace

    from backend.placement.target import yawed
    from backend.placement.thing import carried

    turn = np.eye(4)
    turn[:3, :3] = yawed(np.array([angle]))[0]
    links = []
    for link in asked.links:
        shapes = tuple(Shape(s.name, moved(s.mesh, turn)) for s in link.shapes)
        joint = carried(link.joint, turn, 1.0) if link.joint else None
        links.append(replace(link, shapes=shapes, joint=joint))
    return Model(asked.name, tuple(links))


def test_several_heed_each_other_and_what_is_locked_stays():
    spot = Wish(spot=(2.5, 0.0, 0.0))
    blocked = Item(model(block((2.3, -0.2, 0.0), (2.7, 0.2, 0.5)), "Locked"), Wish(), locked=True)
    items = [Item(crate(name="One"), spot), Item(crate((0.5, 0.5, 0.5), "Two"), spot), blocked]
    found = put_all(items)
    assert [placed.name for placed in found.placed] == ["One", "Two", "Locked"]
    assert found.placed[2].pose == pytest.approx(np.eye(4))
    for placed in found.placed:
        exact(placed)
    assert found.placed[2].drift == 0.0
    assert all(placed.drift > 0.0 for placed in found.placed[:2])


def test_nothing_below_is_told_with_what_there_is():
    with pytest.raises(TugError, match=r"no place for 'Box'.*the top of 'Floor'"):
        put(crate(), Wish(spot=(50.0, 0.0, 0.0)))


def test_where_all_is_taken_none_is_placed():
    low = (floor, Part("Lid", block((-5, -5, 0.1), (5, 5, 0.2))), wall)
    with pytest.raises(TugError, match="no place"):
        put_all(
            [Item(crate(), Wish(spot=(0, 0, 0)))],
            scene=(low[0], Part("Full", block((-6, -6, 0.0), (6, 6, 8)))),
        )


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(value):
    broken = block((0, 0, 0), (1, 1, 1))
    broken.vertices[3, 1] = value
    with pytest.raises(TugError, match="NaN or infinite"):
        put(model(broken))
    with pytest.raises(TugError, match="NaN or infinite"):
        put(crate(), scene=(Part("Floor", broken),))
    with pytest.raises(TugError, match="not finite"):
        put(crate(), Wish(spot=(value, 0, 0)))


def test_what_is_empty_is_refused():
    nothing = Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32))
    with pytest.raises(TugError, match="no faces"):
        put(model(nothing))
    with pytest.raises(TugError, match="no faces"):
        put(crate(), scene=(Part("Floor", nothing),))
    with pytest.raises(TugError, match="nothing to place"):
        place([], room)
    with pytest.raises(TugError, match="no size"):
        put(crate(), Wish(size=(0.0, 0.0, 0.0)))
    with pytest.raises(TugError, match=r"no area|no size"):
        put(model(Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]], np.int32))))


class Patience:
    """A progress that stops at the `calls`th look."""

    def __init__(self, calls: int) -> None:
        self.calls = calls

    def stage(self, name: str, step: int = 0, total: int = 0) -> None:
        self.check()

    def check(self) -> None:
        self.calls -= 1
        if self.calls < 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("calls", [0, 3, 6, 9])
def test_it_can_be_stopped_midway(calls):
    with pytest.raises(KeyboardInterrupt):
        place([Item(cupboard(), Wish(spot=(2.0, 4.7, 0.0)))], room, progress=Patience(calls))


def test_the_same_question_has_the_same_answer():
    ask = [Item(cupboard(), Wish(spot=(0.5, 0.5, 0.0)))]
    one, other = (place(ask, room).placed[0] for _ in range(2))
    np.testing.assert_array_equal(one.pose, other.pose)
