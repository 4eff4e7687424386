"""The backend is killed while it works; the panel says so, it comes back, the job is answered."""

import os
import signal

import bpy
from tug import cabinet, connect, empty_scene, look, module


def steps(hands):
    empty_scene()
    _, door, _ = cabinet()
    look(hands)
    yield from hands.open_sidebar()
    yield from connect(hands, "--null")
    bpy.context.view_layer.objects.active = door
    parts = module("scene.parts")
    part = parts.add_part(door, "object")
    parts.add_drag(door, part, (0.35, -0.26, 0.5), (0.2, -0.7, 0.5))
    session = module("runtime").session()
    job = module("api").articulate(door, part, engine="null:slow=8")
    yield from hands.until(lambda: job.state == "running", what="the job")
    os.killpg(session.process.pid, signal.SIGKILL)
    said = "The backend ended; Tug starts it again."
    yield from hands.until(lambda: session.reason == said, 20, "the loss")
    assert not session.connected and not session.fix
    yield from hands.shot("backend_lost")
    yield from hands.until(lambda: session.connected, 90, "the return")
    yield from hands.until(lambda: job.state in ("done", "failed"), 60, "the answer")
    yield from hands.wait(5)
    yield from hands.shot("backend_back")
    assert job.state == "done", job.error
