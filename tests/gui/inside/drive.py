"""Runs in Blender's window: install the extension, then step a scenario. See ../test_scenarios.py.

blender ... --python drive.py -- SCENARIO SHOTS
"""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from pathlib import Path

import bpy

here = Path(__file__).parent
sys.path.insert(0, str(here))
from hands import Hands  # noqa: E402

scenario, shots = sys.argv[sys.argv.index("--") + 1 :]
bpy.context.preferences.view.show_splash = False
bpy.context.preferences.use_preferences_save = False
steps = None


def load():
    """Return the generator of the scenario's steps."""
    spec = importlib.util.spec_from_file_location("scenario", scenario)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.steps(Hands(Path(shots)))


def install() -> None:
    """Install the zip under test as a user does, and enable it."""
    import addon_utils

    bpy.ops.extensions.package_install_files(
        filepath=os.environ["TUG_EXTENSION_ZIP"], repo="user_default", enable_on_install=True
    )
    addon_utils.enable("bl_ext.user_default.tug", default_set=True)


def leave(code: int) -> None:
    """End at once: Blender would ask whether to save."""
    from bl_ext.user_default.tug import runtime

    runtime.close()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def tick() -> float | None:
    """Take one step. What is raised in a timer would not end Blender by itself."""
    global steps
    try:
        if steps is None:
            install()
            steps = load()
        next(steps)
    except StopIteration:
        print("scenario: done", flush=True)
        leave(0)
    except BaseException:
        traceback.print_exc()
        leave(3)
    return 0.02


bpy.app.timers.register(tick, first_interval=1.0, persistent=True)
