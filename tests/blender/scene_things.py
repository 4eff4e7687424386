"""Small things to build scenes from."""

from __future__ import annotations

import bpy
import numpy as np
from bl_ext.user_default.tug.protocol.joint import Joint, motion
from bl_ext.user_default.tug.scene import parts

hinge = Joint(type="revolute", axis=(0, 0, 1), origin=(1, 0, 0), lower=0.0, upper=1.5)
slider = Joint(type="prismatic", axis=(0, 1, 0), origin=(0, 0, 0), lower=-0.5, upper=1.0)
screw = Joint(type="screw", axis=(0, 0, 1), origin=(1, 0, 0), lower=-1.0, upper=9.0, pitch=-0.5)
piston = Joint(
    type="cylindrical", axis=(0, 0, 1), origin=(1, 0, 0), lower=-1.0, upper=1.0, slide=(-0.25, 0.75)
)
fixed = Joint(type="fixed", axis=(0, 0, 1), origin=(1, 0, 0), lower=0.0, upper=0.0)


def cuboid(name, size=1.0, at=(0.0, 0.0, 0.0)):
    """A cube with a corner at `at`, placed by its vertices; face 5 is its top."""
    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    vertices = [tuple(size * c + o for c, o in zip(p, at, strict=True)) for p in corners]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return add_mesh(name, vertices, faces)


def add_mesh(name, vertices, faces):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(vertices, [], faces)
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def empty_file():
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)


def world_vertices(obj):
    """(V, 3) float64 as seen: modifiers, drivers, constraints and parents applied."""
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    local = np.empty((len(evaluated.data.vertices), 3), np.float32)
    evaluated.data.attributes["position"].data.foreach_get("vector", local.reshape(-1))
    matrix = np.array(evaluated.matrix_world, np.float64)
    return local @ matrix[:3, :3].T + matrix[:3, 3]


def _in_window(operator, **arguments):
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        operator(**arguments)


def push_undo(message):
    _in_window(bpy.ops.ed.undo_push, message=message)


def undo():
    _in_window(bpy.ops.ed.undo)


def redo():
    _in_window(bpy.ops.ed.redo)


def door_in_frame():
    """Return a part, its parent and the part's settings; parent turned, mirrored, uneven."""
    frame, door = cuboid("frame", 2.0), cuboid("door")
    frame.scale, frame.rotation_euler = (2, -1, 0.5), (0.3, 0.4, 0.5)
    door.parent, door.location = frame, (1, 2, 3)
    bpy.context.view_layer.update()
    return door, frame, parts.add_part(door, "object", "Door")


def moved(joint, value, points, slide=0.0):
    transform = motion(joint, value, slide)
    return points @ transform[:3, :3].T + transform[:3, 3]


def assert_same(found, expected):
    assert np.abs(found - expected).max() <= 1e-5 * max(1.0, np.abs(expected).max())


def state_of_file():
    """Everything that a joint may touch, as comparable values."""
    return {
        "blocks": [sorted(block.name for block in blocks) for blocks in data_collections()],
        "objects": {obj.name: state_of(obj) for obj in bpy.data.objects},
    }


def data_collections():
    data = bpy.data
    return data.objects, data.meshes, data.armatures, data.actions


def state_of(obj):
    return (
        obj.parent.name if obj.parent else "",
        [round(x, 5) for row in obj.matrix_parent_inverse for x in row],
        [round(x, 5) for row in obj.matrix_world for x in row],
        [modifier.name for modifier in obj.modifiers],
        [group.name for group in obj.vertex_groups],
        len(obj.data.vertices) if obj.type == "MESH" else 0,
        [(record.part, record.bone) for record in obj.tug.joints],
        obj.mode,
    )
