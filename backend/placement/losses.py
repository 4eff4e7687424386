"""The losses of placing as a function of the pose, with analytic gradients.

`paper` is Drag4D's (its Eq. 10): points that meet a surface whose normal is not theirs, and weight
times height. It only moves the object, and knows one floor. `Losses` are the ones used here in
their smooth form: signed distance both ways, gravity, and the wish. They bring a thing that starts
in something out of it; the exact drop comes after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.spatial import KDTree

from backend.geometry.mesh import Samples
from backend.placement.body import Points, inverse
from backend.placement.rest import thing_size
from backend.placement.surroundings import Surroundings
from backend.placement.target import Target, yawed
from backend.placement.thing import Thing

window = 1e-3  # |p - q|^2 below which two points meet, as published
rate = 1e-3  # the published step
gravity = 9.81
farthest = 1.0  # sizes that a thing is pushed at most

Loss = Callable[[Points], tuple[float, Points]]


@dataclass(frozen=True, eq=False)
class Paper:
    """Drag4D's loss of a shift (3,) of the object.

    `smooth` replaces its indicator, which has no gradient, by (1 - d^2 / window)+, which has.
    Without `collision` or `weight` that loss is left out.
    """

    thing: Samples
    scene: Samples
    mass: Points
    floor: float
    smooth: bool = True
    collision: bool = True
    weight: bool = True

    def __call__(self, shift: Points) -> tuple[float, Points]:
        """Return the loss at a shift and its gradient (3,)."""
        value, slope = self._meeting(shift) if self.collision else (0.0, np.zeros(3))
        if self.weight:
            height = self.thing.points[:, 2] + shift[2] - self.floor
            value += float((0.5 * gravity * self.mass * height).sum())
            slope[2] += 0.5 * gravity * float(self.mass.sum())
        return value, slope

    def _meeting(self, shift: Points) -> tuple[float, Points]:
        points = self.thing.points + shift
        pairs = KDTree(self.scene.points).query_ball_point(points, np.sqrt(window))
        counts = [len(pair) for pair in pairs]
        own = np.repeat(np.arange(len(points)), counts)
        other = np.array([q for pair in pairs for q in pair], int)
        if not len(other):
            return 0.0, np.zeros(3)
        away = points[own] - self.scene.points[other]
        square = (away**2).sum(axis=1)
        facing = 1.0 - (self.thing.normals[own] * self.scene.normals[other]).sum(axis=1)
        if not self.smooth:
            return float(facing[square < window].sum()), np.zeros(3)
        share = np.maximum(1.0 - square / window, 0.0)
        slope = (facing * (share > 0.0) * -2.0 / window)[:, None] * away
        return float((facing * share).sum()), slope.sum(axis=0)


def descended(loss: Loss, start: Points, steps: int = 400, step: float = rate) -> Points:
    """Return the best of what plain descent visits: never worse than where it began.

    Steps have the published length along the gradient's direction, and halve where the loss
    does not fall.
    """
    best, at = start.copy(), start.copy()
    value, slope = loss(at)
    lowest = value
    for _ in range(steps):
        length = float(np.linalg.norm(slope))
        if length < 1e-12 or step < 1e-7:
            break
        there = at - step * slope / length
        new, new_slope = loss(there)
        if new < value:
            at, value, slope = there, new, new_slope
            if value < lowest:
                best, lowest = at.copy(), value
        else:
            step *= 0.5
    return best


class Losses:
    """The smooth losses of a thing's pose (x, y, z, yaw), in sizes of the thing.

    The pose it begins at stands at the height wished: gravity pulls back to that.
    """

    def __init__(
        self,
        around: Surroundings,
        thing: Thing,
        target: Target,
        pose: Points,
        *,
        collision: float = 3000.0,
        gravity: float = 0.2,
        wish: float = 0.3,
    ) -> None:
        self.around, self.thing, self.target, self.pose = around, thing, target, pose
        self.collision, self.gravity, self.wish = collision, gravity, wish
        self.size = thing_size(pose)
        self.points = thing.body.spots(400, 3)[0]
        reach = 1.5 * self.size
        low, high = pose[:3, 3] - reach, pose[:3, 3] + reach
        self.others = [
            (k, around.bodies[k].body.points_in(low, high, 0.05 * self.size, 400))
            for k in around.near(low, high)
        ]

    def posed(self, values: Points) -> Points:
        """The pose (4, 4) at (x, y, z, yaw) from where it began, in sizes and radians."""
        moved = self.pose.copy()
        moved[:3, :3] = yawed(values[3:])[0] @ self.pose[:3, :3]
        moved[:3, 3] += self.size * values[:3]
        return moved

    def __call__(self, values: Points) -> tuple[float, Points]:
        """Return the loss and its gradient (4,)."""
        pose = self.posed(values)
        value, slope = 0.0, np.zeros(4)
        if self.collision:
            for k, points in self.others:
                for part, grown in (self._in_scene(k, pose), self._in_thing(points, pose)):
                    value += self.collision * part
                    slope += self.collision * grown
        drift = (pose[:2, 3] - self.target.flat) / self.size
        value += self.wish * float(drift @ drift) + self.gravity * float(values[2]) ** 2
        slope[:2] += 2.0 * self.wish * drift
        slope[2] += 2.0 * self.gravity * float(values[2])
        return value, slope

    def _in_scene(self, index: int, pose: Points) -> tuple[float, Points]:
        """Mean squared depth of the thing's points in a body."""
        body = self.around.bodies[index].body
        depth = body.solid.depth(self.points, pose[None])[0].astype(float)
        inside = np.flatnonzero(depth > 0.0)
        if not len(inside):
            return 0.0, np.zeros(4)
        distance, nearest, _ = body.near(self.points[inside], pose[None], 4.0)
        at = self.points[inside] @ pose[:3, :3].T + pose[:3, 3]
        inward = (at - nearest[0]) / np.maximum(distance[0], 1e-9)[:, None]
        return self._squared(distance[0], inward, at - pose[:3, 3], len(self.points))

    def _in_thing(self, points: Points, pose: Points) -> tuple[float, Points]:
        """Mean squared depth of a body's points in the thing."""
        if not len(points):
            return 0.0, np.zeros(4)
        back = inverse(pose)[None]
        depth = self.thing.body.solid.depth(points, back)[0]
        inside = np.flatnonzero(depth > 0.0)
        if not len(inside):
            return 0.0, np.zeros(4)
        distance, nearest, _ = self.thing.body.near(points[inside], back, 4.0)
        at = points[inside]
        wall = nearest[0] @ pose[:3, :3].T + pose[:3, 3]
        deep = distance[0] * self.size
        outward = (wall - at) / np.maximum(deep, 1e-12)[:, None]
        return self._squared(deep, outward, at - pose[:3, 3], len(points))

    def _squared(
        self, depth: Points, way: Points, arms: Points, count: int
    ) -> tuple[float, Points]:
        """Mean squared depth in sizes; it grows as points at `arms` move along `way`."""
        shares = depth / self.size
        rate = 2.0 * shares / count
        turning = way[:, 1] * arms[:, 0] - way[:, 0] * arms[:, 1]
        slope = np.append((rate[:, None] * way).sum(axis=0), rate @ turning / self.size)
        return float((shares**2).sum() / count), slope


def pushed(losses: Losses, steps: int = 40) -> Points:
    """Return the pose that the smooth losses lead to; its loss is never above where it began."""
    start = np.zeros(4)
    began = losses(start)[0]
    bounds = [(-farthest, farthest)] * 3 + [(-0.5, 0.5) if losses.target.turns else (0.0, 0.0)]
    found = minimize(
        losses, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": steps}
    )
    return losses.posed(found.x) if found.fun <= began else losses.pose
