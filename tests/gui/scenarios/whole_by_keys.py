"""The joints of all parts: Tab is for the part under the mouse, Enter takes them all."""

import bpy
from tug import cabinet, connect, empty_scene, look, module


def steps(hands):
    empty_scene()
    body, door, drawer = cabinet()
    look(hands)
    module("runtime").preferences().first_steps = False
    yield from hands.open_sidebar()
    yield from connect(hands)
    bpy.context.view_layer.objects.active = door
    parts = module("scene.parts")
    for part, prompt in ((door, "the door swings open"), (drawer, "the drawer slides out")):
        parts.add_part(part, "object", prompt=prompt)
    bpy.ops.ed.undo_push(message="Parts")
    handle = module("api").articulate_object(body)
    yield from hands.until(lambda: handle.state == "done", what="the answer")
    yield from hands.wait(10)
    runtime = module("runtime")
    job = runtime.shown_job(bpy.context)
    bpy.context.window_manager.tug_open = 0.0
    names = [answer.name for answer in job.answers]
    yield from hands.move(hands.pixel((0.0, -0.26, 1.24)))
    yield from hands.key("TAB")
    assert dict(job.selected) == {job.parts[names.index("Drawer")][1]: 1}
    yield from hands.shot("whole_by_keys_1_drawer_flipped")
    hands.hold("shift")
    yield from hands.key("TAB")
    hands.hold()
    assert set(job.selected.values()) == {0}
    bpy.context.window_manager.tug_open = 1.0
    yield from hands.shot("whole_by_keys_2_open")
    objects = set(bpy.data.objects.keys())
    yield from hands.key("RET")
    yield from hands.wait(10)
    assert runtime.accepted(job) and len(set(bpy.data.objects.keys()) - objects) == 2
    yield from hands.shot("whole_by_keys_3_accepted")
    hands.hold("ctrl")
    yield from hands.key("Z")
    hands.hold()
    yield from hands.wait(10)
    assert set(bpy.data.objects.keys()) == objects and runtime.shown_job(bpy.context) == job
    yield from hands.key("ESC")
    yield from hands.wait(5)
    assert len(runtime.book) == 0
