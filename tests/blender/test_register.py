"""Enable, disable, enable: everything comes, goes and comes again."""

from __future__ import annotations

import subprocess
import sys
import time

import addon_utils
import bpy

package = "bl_ext.user_default.tug"


def traces():
    """Everything of ours that Blender knows of."""
    types = {name for name in dir(bpy.types) if "tug" in name.lower()}
    properties = {
        f"{owner.__name__}.{name}"
        for owner in (bpy.types.Object, bpy.types.Scene, bpy.types.WindowManager)
        for name in dir(owner)
        if name.startswith("tug")
    }
    handlers = {
        f"{event}.{handler.__name__}"
        for event in dir(bpy.app.handlers)
        if isinstance(callbacks := getattr(bpy.app.handlers, event), list)
        for handler in callbacks
        if handler.__module__.startswith(package)
    }
    # dir(bpy.ops.tug) lists what the module's operators are, empty once they are gone.
    return types | properties | handlers | {f"tug.{name}" for name in dir(bpy.ops.tug)}


def test_enable_disable_enable_leaves_nothing_behind(api, backend):
    runtime = sys.modules[f"{package}.runtime"]
    api.connect(connection_file=backend.connection_file)
    enabled = traces()
    assert {"tug.articulate_part", "Object.tug", "undo_post.history_stepped"} <= enabled
    addon_utils.disable(package)
    assert traces() == set()
    assert not bpy.app.timers.is_registered(runtime.tick)
    assert runtime._session is None
    addon_utils.enable(package)
    assert traces() == enabled
    addon_utils.disable(package)
    assert traces() == set()
    addon_utils.enable(package, default_set=True)
    assert traces() == enabled


def test_enabling_connects_to_nothing(api):
    assert api.status().state == "off"


def test_enabling_leaves_heavy_packages_to_the_first_use():
    program = (
        "import sys, bpy, addon_utils; before = set(sys.modules);"
        f"addon_utils.enable({package!r}); assert {package!r} in sys.modules, 'not enabled';"
        "heavy = {'numpy', 'msgspec', 'msgpack', 'zmq', 'platformdirs'};"
        "print('loaded:', sorted(heavy & (set(sys.modules) - before)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "loaded: []" in ran.stdout, ran.stdout + ran.stderr


def test_the_timers_call_works_while_connected_and_ends_when_not(connected, cabinet):
    """Timers never fire here, so the test is the timer."""
    runtime = sys.modules[f"{package}.runtime"]
    job = connected.articulate(cabinet, engine="null:slow=0.3")
    intervals = set()
    for _ in range(2000):
        intervals.add(runtime.tick())
        if job.state == "done":
            break
        time.sleep(0.005)
    assert job.state == "done" and job.id in bpy.context.scene.tug_jobs
    assert intervals <= {runtime.moving_interval, runtime.busy_interval, runtime.idle_interval}
    runtime.tick()
    assert runtime.tick() == runtime.idle_interval
    connected.disconnect()
    assert runtime.tick() is None
