"""The pose in Blender at `tug_open` = t is the pose that the joint describes at that value."""

from __future__ import annotations

import math

import bpy
import numpy as np
from bl_ext.user_default.tug.core import opening
from bl_ext.user_default.tug.protocol.joint import Joint
from bl_ext.user_default.tug.scene import joints, parts
from hypothesis import given, settings
from hypothesis import strategies as st
from mathutils import Euler, Matrix, Vector

from tests.blender.scene_things import assert_same, cuboid, empty_file, moved, world_vertices

turning_and_sliding = ["screw", "cylindrical"]
few = settings(
    max_examples=16,
    deadline=None,
    derandomize=True,
    database=None,
)


def between(low, high):
    """Blender flushes subnormal floats to zero."""
    return st.floats(low, high, allow_subnormal=False)


points = st.tuples(*[between(-3.0, 3.0)] * 3)
angles = st.tuples(*[between(-3.14, 3.14)] * 3)
scales = st.tuples(*[st.tuples(between(0.3, 2.5), st.sampled_from([1.0, 1.0, -1.0]))] * 3)
opens = between(0.0, 1.0)


@st.composite
def transforms(draw):
    """Location, rotation and a scale that may mirror and differ by axis."""
    scale = [size * sign for size, sign in draw(scales)]
    return Matrix.LocRotScale(Vector(draw(points)), Euler(draw(angles)), Vector(scale))


@st.composite
def some_joints(draw):
    axis = np.array(draw(points))
    axis = axis / np.linalg.norm(axis) if np.linalg.norm(axis) > 1e-2 else np.array([0.0, 1.0, 0.0])
    kind = draw(st.sampled_from(["revolute", "prismatic", "continuous", *turning_and_sliding]))
    lower = -draw(st.sampled_from([0.0, 0.0, 0.4, 2.0]))
    upper = draw(st.sampled_from([0.5, 1.7, math.pi, 4.0]))
    return Joint(
        type=kind,
        axis=tuple(axis),
        origin=draw(points),
        lower=lower,
        upper=4.0 * upper if kind == "screw" else upper,
        pitch=draw(st.sampled_from([0.3, -1.0])),
        slide=draw(st.sampled_from([(0.0, 0.7), (-0.4, 0.2)])),
    )


def assert_moves_as_described(applied, joint, opened, obj, rest, members=slice(None)):
    """At rest nothing moves; at `opened` the members of the mesh move as told, the rest stays.

    A cylindrical joint is slid as far as it is not open.
    """
    assert_same(world_vertices(obj), rest)
    joints.set_open(applied.control, applied.bone, opened, 1.0 - opened)
    expected = rest.copy()
    pose = opening.value_at(joint, opened), opening.slide_at(joint, 1.0 - opened)
    expected[members] = moved(joint, pose[0], rest[members], pose[1])
    assert_same(world_vertices(obj), expected)


@few
@given(some_joints(), opens, transforms(), transforms(), transforms())
def test_separate_object_moves_as_its_joint_says(joint, opened, of_root, of_parent, of_part):
    """Rotated children of unevenly scaled parents are sheared; the joint stays rigid in world."""
    empty_file()
    root, parent, part = cuboid("root", 2.0), cuboid("parent"), cuboid("part")
    for obj, transform in ((root, of_root), (parent, of_parent), (part, of_part)):
        obj.matrix_basis = transform
    parent.parent, part.parent = root, parent
    part.matrix_parent_inverse = of_root.inverted()
    bpy.context.view_layer.update()
    rest = world_vertices(part)
    applied = joints.apply(part, parts.add_part(part, "object"), joint)
    assert_moves_as_described(applied, joint, opened, part, rest)


@few
@given(some_joints(), opens, transforms(), transforms())
def test_loose_object_moves_as_its_joint_says(joint, opened, of_body, of_part):
    empty_file()
    body, part = cuboid("body", 2.0), cuboid("part")
    body.matrix_world, part.matrix_world = of_body, of_part
    bpy.context.view_layer.update()
    rest = world_vertices(part)
    applied = joints.apply(part, parts.add_part(part, "object"), joint, body=[body])
    assert applied.control.parent == body
    assert_moves_as_described(applied, joint, opened, part, rest)


@few
@given(some_joints(), opens, transforms(), transforms())
def test_part_of_a_mesh_moves_as_its_joint_says(joint, opened, of_parent, of_object):
    empty_file()
    parent, obj = cuboid("parent"), cuboid("mesh")
    obj.parent = parent
    parent.matrix_basis, obj.matrix_basis = of_parent, of_object
    bpy.context.view_layer.update()
    shape = world_vertices(obj)
    applied = joints.apply(obj, parts.add_part(obj, "faces", "lid", faces=[5]), joint)
    rest = world_vertices(obj)
    lid = [v.index for v in obj.data.vertices if any(g.weight == 1.0 for g in v.groups)]
    assert len(rest) == 12 and len(lid) == 4
    assert_same(rest[np.linalg.norm(rest[:, None] - shape, axis=2).argmin(axis=0)], shape)
    assert_moves_as_described(applied, joint, opened, obj, rest, lid)
