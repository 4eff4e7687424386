"""The sample cabinet that newcomers try things on."""

from __future__ import annotations

import bpy
from mathutils import Vector


def test_the_sample_stands_free_and_its_parts_hang_on_its_body(box):
    box("Obstacle", (2.0, 2.0, 2.0), (0.0, 0.0, 0.0))
    assert bpy.ops.tug.add_sample() == {"FINISHED"}
    body = bpy.context.view_layer.objects.active
    assert {child.name for child in body.children} == {"Upper Drawer", "Lower Drawer", "Door"}
    corners = [body.matrix_world @ vertex.co for vertex in body.data.vertices]
    assert min(corner.x for corner in corners) > 1.0
    assert min(corner.z for corner in corners) >= 0.0


def test_a_drawer_of_the_sample_slides_out_and_its_door_turns(api, shared_real_backend):
    bpy.ops.tug.add_sample()
    api.connect(connection_file=shared_real_backend.connection_file)
    body = bpy.context.view_layer.objects.active

    def pull(x: float, z: float, to: float) -> tuple[Vector, Vector]:
        start = body.matrix_world @ Vector((x, -0.225, z))
        return start, start + Vector((to - x, -0.3, 0.0))

    drawer, door = bpy.data.objects["Upper Drawer"], bpy.data.objects["Door"]
    slides = api.articulate(drawer, drags=[pull(0.1, 0.97, 0.1)]).result().joints[0]
    assert slides.type == "prismatic" and slides.axis[1] < -0.99
    turns = api.articulate(door, drags=[pull(0.3, 0.3, 0.15)]).result().joints[0]
    assert turns.type == "revolute" and abs(turns.axis[2]) > 0.99
