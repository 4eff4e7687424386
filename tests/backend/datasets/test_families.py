"""What single families promise beyond what holds for all."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from backend.datasets import ArticulatedObject, Link, generate
from backend.geometry.mesh import Mesh, subset
from backend.metrics.execution import Pair


def links(category: str, joint_type: str, seeds: int) -> Iterator[tuple[ArticulatedObject, int]]:
    """The links of such a type in the first objects of a category."""
    for seed in range(seeds):
        item = generate(category, seed)
        for index, link in enumerate(item.links):
            if link.joint is not None and link.joint.type == joint_type:
                yield item, index


def split(item: ArticulatedObject, index: int) -> Pair:
    vertices, faces, face_part = item.mesh()
    whole, part = Mesh(vertices, faces), np.isin(face_part, item.moving(index))
    return Pair(subset(whole, part), subset(whole, ~part))


def true_joint(link: Link):
    assert link.joint is not None
    return link.joint


def test_caps_follow_their_thread_and_no_other() -> None:
    item, index = next(links("bottle", "screw", 10))
    joint, pair = true_joint(item.links[index]), split(item, index)
    values = np.linspace(0.0, 0.8 * joint.upper, 9)
    assert pair.penetration(joint, values) < 1e-4
    for pitch in (0.0, -joint.pitch, 2.0 * joint.pitch):
        wrong = msgspec.structs.replace(joint, pitch=pitch)
        assert pair.penetration(wrong, values) > 1e-4, pitch


def test_castors_carry_their_wheels_which_spin_about_an_axle_behind_the_pivot() -> None:
    item, index = next(
        (item, index)
        for item, index in links("cart", "continuous", 10)
        if "castor" in item.links[index].name
    )
    wheel = next(i for i, link in enumerate(item.links) if link.parent == index)
    assert item.moving(index) == [index, wheel]
    pivot, axle = true_joint(item.links[index]), true_joint(item.links[wheel])
    assert abs(np.dot(pivot.axis, axle.axis)) < 1e-9
    assert 0.005 < np.linalg.norm(np.subtract(pivot.origin, axle.origin)[:2]) < 0.06
    assert np.allclose(item.pose({item.links[wheel].name: 1.0})[index], np.eye(4))


def test_tables_of_presses_turn_about_their_column_and_slide_along_it() -> None:
    item, index = next(links("drill", "cylindrical", 20))
    joint, pair = true_joint(item.links[index]), split(item, index)
    assert joint.slide[0] < 0.0 < joint.slide[1] and joint.lower < 0.0 < joint.upper
    assert pair.executes(joint)
    beyond = msgspec.structs.replace(joint, slide=(joint.slide[0] - 0.2, joint.slide[1]))
    assert not pair.executes(beyond)
