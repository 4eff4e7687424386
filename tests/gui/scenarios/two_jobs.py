"""Two parts are asked about at once; both are answered, one is accepted, one rejected."""

import bpy
from tug import cabinet, connect, empty_scene, look, module


def steps(hands):
    empty_scene()
    _, door, drawer = cabinet()
    look(hands)
    yield from hands.open_sidebar()
    yield from connect(hands)
    parts = module("scene.parts")
    pulls = {
        door: ((0.35, -0.26, 0.5), (0.2, -0.7, 0.5)),
        drawer: ((0, -0.26, 1.24), (0, -0.7, 1.24)),
    }
    for obj, pull in pulls.items():
        bpy.context.view_layer.objects.active = obj
        parts.add_drag(obj, parts.add_part(obj, "object"), *pull)
        yield from hands.wait(5)
        yield from hands.click_button("tug.articulate_part", (0.5,))
    book = module("runtime").book
    assert len(book) == 2
    yield from hands.shot("two_jobs_under_way")
    yield from hands.until(lambda: not book.unfinished(), what="both answers")
    yield from hands.wait(10)
    yield from hands.shot("two_jobs_done")
    assert [job.joint.type for job in book] == ["revolute", "prismatic"]
    yield from hands.click_button("tug.accept_result", (0.25,))
    assert len(bpy.data.objects["Tug Joint · Drawer"].children) == 1
