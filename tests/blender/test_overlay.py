"""What the viewport shows, drawn for real into an off-screen image."""

from __future__ import annotations

import bpy
import gpu
import msgspec
import numpy as np
from mathutils import Matrix

size = 96


def seen(draw=None):
    """Draw the overlay (or else) from the front, looking along +y, 4 units wide; return RGBA."""
    from bl_ext.user_default.tug.tools import overlay

    view = Matrix(((1, 0, 0, 0), (0, 0, 1, -0.75), (0, -1, 0, 0), (0, 0, 0, 1)))
    projection = Matrix.Diagonal((0.5, 0.5, -0.05, 1.0))
    screen = gpu.types.GPUOffScreen(size, size)
    with screen.bind(), gpu.matrix.push_pop():
        buffer = gpu.state.active_framebuffer_get()
        buffer.clear(color=(0.0, 0.0, 0.0, 0.0), depth=1.0)
        gpu.matrix.load_matrix(view)
        gpu.matrix.load_projection_matrix(projection)
        (draw or overlay.draw)()
        pixels = buffer.read_color(0, 0, size, size, 4, 0, "FLOAT")
    screen.free()
    return np.array(pixels.to_list()).reshape(size, size, 4)


def count(pixels, color):
    return int((np.abs(pixels[..., :3] - np.array(color[:3])).max(axis=2) < 0.1).sum())


def test_drags_joint_and_ghost_are_drawn_in_their_colours(drawing, connected, cabinet):
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.tools import overlay

    colors = runtime.preferences()
    bpy.context.window_manager.tug_open = 1.0
    before = seen()
    assert count(before, colors.drag_color) > 5
    assert count(before, colors.joint_color) == 0
    job = connected.articulate(cabinet)
    job.wait(30.0)
    overlay.prepare(runtime.book.get(job.id))
    proposed = seen()
    assert count(proposed, colors.joint_color) > 20
    assert count(proposed, colors.ghost_color) > 50
    job.apply()
    accepted = seen()
    assert count(accepted, colors.joint_color) == 0 and count(accepted, colors.drag_color) > 5


def test_two_choices_are_two_ghosts_in_two_colours(drawing, connected, cabinet):
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.tools import overlay

    colors = runtime.preferences()
    bpy.context.window_manager.tug_open = 1.0
    job = connected.articulate(cabinet)
    job.wait(30.0)
    record = runtime.book.get(job.id)
    overlay.prepare(record)
    assert count(seen(), colors.choice_color) == 0
    record.result = msgspec.structs.replace(record.result, choices=2)
    both = seen()
    assert count(both, colors.ghost_color) > 50 and count(both, colors.choice_color) > 50
    assert count(both, colors.joint_color) == 0
    record.select(1)
    assert count(seen(), colors.choice_color) == 0


def test_all_parts_are_drawn_open_at_once(drawing, connected, cabinet, box):
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.scene import parts
    from bl_ext.user_default.tug.tools import overlay

    colors = runtime.preferences()
    bpy.context.window_manager.tug_open = 1.0
    drawer = box("Drawer", (0.3, 0.02, 0.3), (1.5, -0.26, 0.75))
    drawer.parent = cabinet.parent
    job = connected.articulate_object(cabinet)
    job.wait(30.0)
    overlay.prepare(runtime.book.get(job.id))
    one = count(seen(), colors.ghost_color)
    runtime.forget([runtime.book.get(job.id)])
    parts.add_part(drawer)
    job = connected.articulate_object(cabinet)
    job.wait(30.0)
    overlay.prepare(runtime.book.get(job.id))
    both = count(seen(), colors.ghost_color)
    assert one > 50 and both > one + 20
    job.apply()
    assert count(seen(), colors.ghost_color) == 0


def test_nothing_is_drawn_without_a_part(drawing, api):
    assert not seen().any()


def test_a_trajectory_and_the_ghost_on_it_are_drawn(drawing, api, box):
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.tools import trajectory_preview as preview

    colors = runtime.preferences()
    cart = box("Cart", (0.4, 0.4, 0.4), (0.0, 0.0, 0.2))
    way = api.trajectory([(-1.5, 0, 0.5), (1.5, 0, 0.5)], cart, (1, 25))
    bpy.context.view_layer.objects.active = cart
    assert not seen(preview.draw).any()
    preview.prepare(way.name)
    preview.prepare_ghost(cart.name)
    rest = seen(preview.draw)
    assert count(rest, colors.trajectory_color) > 80
    bpy.context.scene.frame_set(25)
    there = seen(preview.draw)
    left = there[:, : size // 2]
    assert count(rest[:, : size // 2], colors.ghost_color) > 10
    assert count(left, colors.ghost_color) == 0 and count(there, colors.ghost_color) > 10
    way.hide_set(True)
    assert not seen(preview.draw).any()


def test_a_place_is_shown_by_its_ghost_and_by_what_is_inside_and_touches(drawing, api, cabinet):
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.core import placing
    from bl_ext.user_default.tug.tools import placement_overlay

    from tests.blender.test_placing import answered

    job = answered(bpy.data.objects["Body"], shift=(0.4, 0.0, 0.0))
    placement_overlay.prepare(job)
    colors = runtime.preferences()
    shown = seen(placement_overlay.draw)
    assert count(shown, colors.ghost_color) > 50
    assert count(shown, placing.inside_color) > 3 and count(shown, placing.contact_color) > 3
    assert count(shown, placement_overlay.support_color) > 10
    bpy.ops.tug.accept_placement()
    assert not seen(placement_overlay.draw).any()
    bpy.context.scene.tug_placing.overlay = True
    decided = seen(placement_overlay.draw)
    assert count(decided, colors.ghost_color) == 0 and count(decided, placing.inside_color) > 3
