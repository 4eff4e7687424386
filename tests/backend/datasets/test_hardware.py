from __future__ import annotations

import msgspec
import numpy as np
import pytest
import trimesh

from backend.datasets import ArticulatedObject, categories, generate
from backend.datasets.hardware import HingeStyle, hardware, hinge_style, kinds
from backend.datasets.object import hinge
from backend.datasets.shapes import Shape, box, merged
from backend.geometry.mesh import Mesh
from backend.metrics.execution import Pair


def as_mesh(shapes: list[Shape]) -> Mesh:
    whole = merged(shapes)
    return Mesh(whole.vertices, whole.faces)


def door(style: HingeStyle) -> tuple[Mesh, Mesh, np.ndarray]:
    """A leaf beside a post, hung before both of their faces or between two brackets."""
    leaf = box((0.006 if style.kind == "pins" else 0.003, 0.0, 0.0), (0.6, 0.03, 1.0))
    post = box((-0.1, 0.0, -0.1), (0.0, 0.03, 1.1))
    pins = style.kind == "pins"
    start = np.array([0.03 if pins else 0.0015, 0.015 if pins else -style.ahead, 0.0])
    reach = (-0.1, 0, 0) if pins else (-0.03, 0, 0)
    made = hardware(style, start, start + np.array([0, 0, 1.0]), (0.05, 0, 0), reach, (0, 1, 0))
    return as_mesh([leaf, *made.part]), as_mesh([post, *made.body]), start


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", kinds)
def test_a_door_swings_freely_on_its_hardware(kind: str, seed: int) -> None:
    style = hinge_style(np.random.default_rng(seed), (kind,))
    part, body, start = door(style)
    upper = 175 if kind in ("butts", "straps") else 88
    joint = hinge((0, 0, -1), start, upper)
    pair = Pair(part, body)
    assert pair.penetration(joint, np.linspace(0, joint.upper, 12)) < 3e-4
    aside = msgspec.structs.replace(joint, origin=(start[0] + 0.03, start[1] + 0.03, 0.0))
    if kind in ("butts", "straps"):
        assert pair.penetration(aside, np.linspace(0, joint.upper, 12)) > 1e-3


@pytest.mark.parametrize("kind", kinds)
def test_hardware_is_closed_and_on_the_axis(kind: str) -> None:
    style = hinge_style(np.random.default_rng(5), (kind,))
    made = hardware(style, (0, 0, 0), (0, 0, 1.0), (0.05, 0, 0), (-0.05, 0, 0), (0, 1, 0))
    shapes = [*made.part, *made.body]
    assert bool(shapes) == (kind != "concealed")
    for shape in shapes:
        mesh = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
        assert mesh.volume > 0 and mesh.area_faces.min() > 0
        low, high = shape.vertices.min(axis=0), shape.vertices.max(axis=0)
        assert low[2] > -0.01 and high[2] < 1.01
        assert (np.abs([low[:2], high[:2]]) <= 0.0501).all()


def test_all_kinds_are_drawn() -> None:
    drawn = {hinge_style(np.random.default_rng(seed)).kind for seed in range(40)}
    assert drawn == set(kinds)


def off_edges(item: ArticulatedObject) -> list[float]:
    """How far each hinge is from the nearest edge of its part's box, over the box's diagonal."""
    shares = []
    for i, link in enumerate(item.links):
        if link.joint is None or link.joint.type != "revolute":
            continue
        points = np.concatenate([item.links[k].vertices for k in item.moving(i)])
        box_ends = np.stack([points.min(axis=0), points.max(axis=0)])
        along = int(np.abs(link.joint.axis).argmax())
        if abs(link.joint.axis[along]) < np.cos(np.radians(5)):
            shares.append(np.inf)
            continue
        across = [axis for axis in range(3) if axis != along]
        edges = np.stack(np.meshgrid(*box_ends[:, across].T), axis=-1).reshape(-1, 2)
        away = np.linalg.norm(edges - np.array(link.joint.origin)[across], axis=1).min()
        shares.append(away / np.linalg.norm(np.ptp(points, axis=0)))
    return shares


def test_many_hinges_are_on_no_edge_of_their_parts_box() -> None:
    """An axis within 3 % of the part's diagonal counts as on the edge."""
    shares = [
        share
        for category in categories
        for seed in range(3)
        for share in off_edges(generate(category, seed))
    ]
    assert (np.array(shares) > 0.03).mean() >= 0.3
