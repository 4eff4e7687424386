"""Losses and their gradients, and descents that never end higher than they began."""

from __future__ import annotations

import numpy as np
import pytest

from backend.geometry.mesh import Samples
from backend.placement.body import Body
from backend.placement.engine import Silent, prepare
from backend.placement.item import Item
from backend.placement.losses import Losses, Paper, descended, pushed
from protocol.placement import Wish
from tests.backend.placement.scenes import block, crate, room


def spots(low, high, count: int, seed: int) -> Samples:
    points, normals, area = Body(block(low, high)).spots(count, seed)
    return Samples(points, normals, np.full(count, area))


def paper(smooth: bool = True) -> Paper:
    thing = spots((0, 0, -0.02), (0.3, 0.3, 0.28), 300, 1)
    scene = spots((-1, -1, -0.1), (1, 1, 0), 20_000, 2)
    return Paper(thing, scene, np.full(300, 1 / 300), 0.0, smooth)


def differences(loss, at: np.ndarray, step: float) -> np.ndarray:
    ends = [(loss(at + step * e)[0], loss(at - step * e)[0]) for e in np.eye(len(at))]
    return np.array([(ahead - behind) / (2 * step) for ahead, behind in ends])


@pytest.mark.parametrize("smooth", [True, False])
def test_the_published_loss_has_the_gradient_of_its_values(smooth):
    loss, at = paper(smooth), np.array([0.013, -0.007, 0.004])
    value, slope = loss(at)
    assert value > 0.0
    measured = differences(loss, at, 1e-7 if smooth else 1e-9)
    np.testing.assert_allclose(slope, measured, rtol=1e-4, atol=1e-4)


def test_each_published_loss_can_be_left_out():
    full = paper()
    no_weight = Paper(full.thing, full.scene, full.mass, 0.0, weight=False)
    no_collision = Paper(full.thing, full.scene, full.mass, 0.0, collision=False)
    shift = np.array([0.01, 0.0, 0.0])
    assert no_weight(shift)[0] + no_collision(shift)[0] == pytest.approx(full(shift)[0])
    np.testing.assert_allclose(no_collision(shift)[1], [0, 0, 0.5 * 9.81])


def test_descent_of_the_published_loss_never_ends_higher():
    loss = paper()
    end = descended(loss, np.zeros(3), steps=100)
    assert loss(end)[0] < loss(np.zeros(3))[0]
    assert np.linalg.norm(end) <= 0.1 + 1e-9  # steps of the published length


def started(centre) -> Losses:
    item = Item(crate(), Wish(centre=centre, turn=(0.95, 0.0, 0.0, 0.3)))
    ready = prepare((item,), room, np.array([0.0, 0.0, 1.0]), Silent())
    target, thing = ready.targets[0], ready.things[0]
    pose = np.eye(4)
    pose[:3, :3] = target.turn * target.size
    pose[:2, 3] = target.flat
    pose[2, 3] = target.z - (thing.hull @ pose[:3, :3].T)[:, 2].min()
    return Losses(ready.around, thing, target, pose)


@pytest.mark.parametrize("centre", [(2.0, 4.93, 0.15), (0.95, 0.95, 0.6), (2.0, 0.0, 0.1)])
def test_the_smooth_losses_have_the_gradient_of_their_values(centre):
    losses, at = started(centre), np.array([0.01, 0.02, -0.015, 0.1])
    value, slope = losses(at)
    assert value > 0.0
    measured = differences(losses, at, 2e-4)
    assert np.abs(slope - measured).max() <= 2e-3 * np.abs(slope).max()


@pytest.mark.parametrize("centre", [(2.0, 4.93, 0.15), (0.95, 0.95, 0.6), (2.0, 0.0, 0.1)])
def test_pushing_never_ends_higher_and_gets_out_of_a_wall(centre):
    losses = started(centre)
    began = losses(np.zeros(4))[0]
    end = pushed(losses)
    again = Losses(losses.around, losses.thing, losses.target, end)
    shift = (end[:3, 3] - losses.pose[:3, 3]) / losses.size
    assert losses(np.append(shift, 0.0))[0] <= began + 1e-9
    deep = losses.around.surely_deeper(losses.thing, end, 0.1 * losses.size)
    assert not deep
    assert again.size == pytest.approx(losses.size)
