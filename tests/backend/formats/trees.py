"""Models that are hard to write down: nested joints of all types, oblique and negative axes."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from backend.formats.model import Link, Model, Shape, moved
from backend.formats.writing import prepared
from backend.geometry.mesh import Mesh
from protocol.joint import Joint, JointType

types: tuple[JointType, ...] = (
    "revolute",
    "prismatic",
    "continuous",
    "screw",
    "cylindrical",
    "fixed",
)
coordinate = st.floats(-2.0, 2.0, width=32)
vectors = st.tuples(coordinate, coordinate, coordinate)
names = st.sampled_from(["Tür", "world", "door", "door_2", "door.slide", "joints", "3", "box_mesh"])
square = st.lists(coordinate, min_size=9, max_size=9)


@st.composite
def joints(draw: st.DrawFn) -> Joint:
    kind = draw(st.sampled_from(types))
    axis = np.array(draw(st.one_of(vectors, st.sampled_from([(0, 0, -1), (-1, 0, 0), (0, 1, 0)]))))
    assume(np.linalg.norm(axis) > 0.1)
    x, y, z = (axis / np.linalg.norm(axis)).tolist()
    lower, upper = -draw(st.floats(0.0, 3.0)), draw(st.floats(0.1, 7.0))
    lower, upper = {"continuous": (0.0, math.tau), "fixed": (0.0, 0.0)}.get(kind, (lower, upper))
    return Joint(
        type=kind,
        axis=(x, y, z),
        origin=draw(vectors),
        lower=lower,
        upper=upper,
        pitch=draw(st.sampled_from([-0.3, 0.2])) if kind == "screw" else 0.0,
        slide=(-draw(st.floats(0.0, 1.0)), 0.5) if kind == "cylindrical" else (0.0, 0.0),
        confidence=1.0,
    )


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """A tetrahedron without symmetries, sheared or mirrored."""
    corners = np.array([(0, 0, 0), (1, 0, 0), (0, 0.6, 0), (0.1, 0.2, 0.8)], float)
    faces = np.array([(0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2)], np.int32)
    matrix = np.eye(4)
    matrix[:3, :3] = np.reshape(draw(square), (3, 3))
    matrix[:3, 3] = draw(vectors)
    assume(abs(np.linalg.det(matrix[:3, :3])) > 0.05)
    return Shape(draw(names), moved(Mesh(corners, faces), matrix))


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Two to five links; each hangs on any of those before it. Names are made different."""
    links = [Link("body", (draw(shapes()),))]
    for i in range(draw(st.integers(1, 4))):
        own = tuple(draw(st.lists(shapes(), min_size=1, max_size=2)))
        links.append(Link(draw(names), own, draw(st.integers(0, i)), draw(joints())))
    return prepared(Model("nasty tree", tuple(links)))


def pose_of(model: Model, seed: int) -> tuple[dict[str, float], dict[str, float]]:
    """Joint values and slides at random within their ranges, by link."""
    rng = np.random.default_rng(seed)
    moving = [(link.name, link.joint) for link in model.links if link.joint is not None]
    values = {name: float(rng.uniform(joint.lower, joint.upper)) for name, joint in moving}
    slides = {
        name: float(rng.uniform(*joint.slide))
        for name, joint in moving
        if joint.type == "cylindrical"
    }
    return values, slides
