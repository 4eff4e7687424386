"""A new user: from the freshly installed add-on to an opened drawer, by what the panel says."""

import bpy
from tug import module


def steps(hands):
    yield from hands.open_sidebar()
    yield from hands.shot("first_run_1_installed")
    yield from hands.click_button("tug.connect", (0.75,))
    session = module("runtime").session
    yield from hands.until(lambda: session().connected, what="the connection")
    yield from hands.click_button("tug.add_sample", (0.5,))
    yield from hands.until(lambda: "Upper Drawer" in bpy.data.objects, 5, "the cabinet")
    yield from hands.wait(30)
    yield from hands.shot("first_run_2_sample")
    yield from hands.click_button("tug.use_tool", (0.5,))
    drawer = bpy.data.objects["Upper Drawer"]
    knob = drawer.matrix_world.translation + drawer.data.vertices[-8].co
    away = knob.copy()
    away.y -= 0.35
    yield from hands.drag(hands.pixel(knob), hands.pixel(away))
    yield from hands.wait(5)
    yield from hands.shot("first_run_3_pulled")
    assert len(drawer.tug.parts) == 1 and len(drawer.tug.parts[0].drags) == 1
    yield from hands.click_button("tug.articulate_part", (0.5,))
    yield from hands.wait(3)
    yield from hands.shot("first_run_4_asked")
    book = module("runtime").book
    yield from hands.until(lambda: book and not book.unfinished(), what="the answer")
    yield from hands.wait(10)
    yield from hands.shot("first_run_5_proposed")
    (job,) = book
    assert job.joint.type == "prismatic" and job.joint.axis[1] < -0.99
    yield from hands.click_button("tug.accept_result", (0.25,))
    yield from hands.wait(10)
    yield from hands.shot("first_run_6_accepted")
    control = bpy.data.objects["Tug Joint · Upper Drawer"]
    shut = drawer.matrix_world.translation.y
    bpy.context.scene.frame_set(48)
    yield from hands.wait(10)
    yield from hands.shot("first_run_7_open")
    assert drawer.parent == control
    assert shut - drawer.matrix_world.translation.y > 0.2
