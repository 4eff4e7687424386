"""Entity and heat images against DragAnything's construction, written out as its demo does."""

from __future__ import annotations

import numpy as np
import pytest

from backend.views import heat
from backend.views.engine import Wish, prepare, render
from backend.views.heat import Entity
from backend.views.scene import Body, Part, Scene
from tests.backend.views.things import ball, box_mesh, camera, straight


def template():
    """The demo's 200 px Gaussian of deviation 40 in its circle, peak 255."""
    axis = np.arange(200) - 100.0
    square = axis[:, None] ** 2 + axis[None] ** 2
    bell = np.exp(-square / (2.0 * 40.0**2)) * (square <= 100.0**2)
    return (bell / bell.max() * 255).astype(np.uint8)


def drawn(spots, radius, size=(120, 160)):
    ids, bells = np.zeros(size, np.uint16), np.zeros(size, np.uint8)
    entities = [Entity(k + 1, k) for k in range(len(spots))]
    pixels = np.array([spots], float)
    heat.draw(entities, [np.array([r], float) for r in radius], pixels, 0, ids, bells)
    return ids, bells


def test_the_bell_is_the_demos():
    ids, bells = drawn([(80.0, 60.0)], [50.0])
    ours = bells[10:110, 30:130].astype(float)
    theirs = template().astype(float).reshape(100, 2, 100, 2).mean(axis=(1, 3))
    y, x = np.indices((100, 100)) + 0.5 - 50.0
    within = np.hypot(x, y) < 49.0
    assert np.abs(ours - theirs)[within].max() <= 4.0  # the demo's is off by half a pixel of 200
    assert bells.max() in (254, 255) and bells[60, 80] >= 254
    assert (ids > 0).sum() == pytest.approx(np.pi * 50.0**2, rel=0.01)


def test_later_entities_lie_over_earlier_ones():
    ids, bells = drawn([(70.0, 60.0), (90.0, 60.0)], [30.0, 30.0])
    assert ids[60, 95] == 2 and ids[60, 75] == 2 and ids[60, 45] == 1
    alone = drawn([(90.0, 60.0)], [30.0])[1]
    assert np.array_equal(bells[ids == 2], alone[ids == 2])


def test_discs_are_cut_off_by_the_picture():
    ids, _ = drawn([(0.0, 0.0)], [20.0])
    assert (ids > 0).sum() == pytest.approx(np.pi * 400.0 / 4.0, rel=0.05)
    assert not drawn([(-50.0, 300.0)], [20.0])[0].any()
    assert not drawn([(np.nan, np.nan)], [20.0])[0].any()


def test_the_circle_in_a_mask():
    mask = np.zeros((60, 80), bool)
    assert heat.in_circle(mask) == 0.0
    mask[10:31, 20:70] = True
    assert heat.in_circle(mask) == pytest.approx(11.0, abs=0.6)


def test_radius_is_that_of_the_mask_up_to_the_limit_and_shrinks_with_distance():
    y, x = np.indices((64, 64))
    masks = np.array([(np.hypot(x - 32, y - 32) < 12).astype(np.uint16)] * 3)
    look = camera()
    near_to_far = np.array([2.0, 4.0, -1.0])
    found = heat.radii(Entity(1, 0), masks, near_to_far, look, 50.0)
    assert found == pytest.approx([12.0, 6.0, 0.0], abs=0.5)
    assert heat.radii(Entity(1, 0), masks, near_to_far, look, 5.0)[0] == 5.0
    assert not heat.radii(Entity(2, 0), masks, near_to_far, look, 5.0).any()


def test_bodies_and_parts_have_images_of_their_own():
    parts = (
        Part("cart", box_mesh((-1, -1, 0), (1, 1, 1)), straight(4, (-1, 0, 0), (1, 0, 0))),
        Part("ball", ball(0.5, (0, 0, 1.5)), straight(4, (-1, 0, 0), (1, 0, 0.5))),
    )
    scenery = Body("floor", (Part("f", box_mesh((-9, -9, -1), (9, 9, -0.01))),), tracked=False)
    scene = Scene((scenery, Body("thing", parts)), 4)
    for view in render(prepare(scene, Wish(layers=("entities", "heat")))):
        assert set(view.images) == {"entities", "heat"}
        ids, bells = view.images["entities"], view.images["heat"]
        assert set(np.unique(ids[..., 0])) == {0, 2} and set(np.unique(ids[..., 1])) == {0, 2, 3}
        for frame in range(4):
            x, y = np.floor(view.tracks[frame, 2]).astype(int)
            assert ids[frame, y, x, 1] == 3 and bells[frame, y, x, 1] > 240
