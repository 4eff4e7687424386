"""A file is saved while a job runs and opened again; the answer arrives and can be accepted."""

import tempfile
from pathlib import Path

import bpy
from tug import cabinet, connect, empty_scene, look, module


def steps(hands):
    empty_scene()
    _, _, drawer = cabinet()
    look(hands)
    yield from hands.open_sidebar()
    yield from connect(hands, "--null")
    bpy.context.view_layer.objects.active = drawer
    parts = module("scene.parts")
    part = parts.add_part(drawer, "object")
    parts.add_drag(drawer, part, (0.0, -0.26, 1.24), (0.0, -0.7, 1.24))
    module("api").articulate(drawer, part, engine="null:slow=6")
    file = str(Path(tempfile.mkdtemp()) / "half_way.blend")
    yield from hands.wait(10)
    bpy.ops.wm.save_as_mainfile(filepath=file)
    bpy.ops.wm.open_mainfile(filepath=file)
    yield from hands.wait(20)
    runtime = module("runtime")
    assert len(runtime.book) == 1
    yield from hands.shot("reloaded_half_way")
    yield from hands.until(lambda: not runtime.book.unfinished(), what="the answer")
    yield from hands.wait(10)
    yield from hands.shot("reloaded_answered")
    yield from hands.click_button("tug.accept_result", (0.25,))
    drawer = bpy.data.objects["Drawer"]
    assert drawer.tug.parts[0].accepted and drawer.parent.name == "Tug Joint · Drawer"
