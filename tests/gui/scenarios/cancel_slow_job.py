"""A job that takes long is cancelled by its button and leaves nothing behind."""

import bpy
from tug import cabinet, connect, empty_scene, look, module


def steps(hands):
    empty_scene()
    _, _, drawer = cabinet()
    look(hands)
    module("runtime").preferences().first_steps = False
    yield from hands.open_sidebar()
    yield from connect(hands, "--null")
    bpy.context.view_layer.objects.active = drawer
    parts = module("scene.parts")
    part = parts.add_part(drawer, "object")
    parts.add_drag(drawer, part, (0.0, -0.26, 1.24), (0.0, -0.7, 1.24))
    before = sorted(bpy.data.objects.keys())
    job = module("api").articulate(drawer, part, engine="null:slow=60")
    yield from hands.until(lambda: job.state == "running" and job.progress > 0.15, what="progress")
    yield from hands.shot("slow_job_under_way")
    yield from hands.click_button("tug.cancel_job", (0.95, 0.9))
    yield from hands.until(lambda: job.state == "cancelled", 10, "the cancel")
    yield from hands.wait(5)
    yield from hands.shot("slow_job_cancelled")
    assert sorted(bpy.data.objects.keys()) == before
    yield from hands.click_button("tug.retry_job", (0.5,))
    book = module("runtime").book
    yield from hands.until(lambda: len(book) == 1 and not book.unfinished(), 90, "the answer")
    (answered,) = book
    assert answered.joint.type == "prismatic"
