"""What Tug adds to the redraws of a window that nobody touches. Run by run.py in a window."""

from __future__ import annotations

import gc
import importlib
import os
import statistics
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.measure import seconds, table

bpy: Any = importlib.import_module("bpy")
package = "bl_ext.user_default.tug"
redraws = 40

introduction = """## Idle redraws

The 3D viewport of a 1600 x 1000 window drawn anew by software, and the time of it in Tug's own
drawing functions. The factory scene with the sample cabinet. The timer runs only while there is a
connection (see above); nothing else of Tug runs by itself.
"""


class Meter:
    """The seconds that Tug's layers take, added up."""

    def __init__(self) -> None:
        self.seconds = 0.0
        kind = module(".tools.drawing").Layer
        for layer in [thing for thing in gc.get_objects() if isinstance(thing, kind)]:
            shown = layer._handle is not None
            layer.hide()
            layer._draw = self._timed(layer._draw)
            if shown:
                layer.show()

    def _timed(self, draw: Callable[[], None]) -> Callable[[], None]:
        def timed() -> None:
            self.seconds += seconds(draw)

        return timed

    def row(self, name: str) -> list[str]:
        """Draw the viewport anew many times and return what it took."""
        whole, own = [], []
        for _ in range(redraws):
            self.seconds = 0.0
            whole.append(seconds(lambda: bpy.ops.wm.redraw_timer(type="DRAW", iterations=1)))
            own.append(self.seconds)
        drawn, ours = statistics.median(whole[2:]), statistics.median(own[2:])
        figures = f"{1000 * drawn:.1f}", f"{1000 * ours:.2f}", f"{ours / drawn:.3f}"
        return [name, *figures]


def module(name: str) -> Any:
    """Return a module of the extension."""
    return importlib.import_module(package + name)


def states() -> Iterator[str]:
    """Bring the scene into one state after the other; yields what it is."""
    yield "nothing marked"
    drawer = bpy.data.objects["Upper Drawer"]
    bpy.context.view_layer.objects.active = drawer
    parts = module(".scene.parts")
    part = parts.add_part(drawer, "object")
    place = drawer.matrix_world.translation
    pull = [(place.x, place.y - 0.23, 0.97), (place.x, place.y - 0.6, 0.97)]
    parts.add_drag(drawer, part, *pull)
    yield "a part with a drag"
    bpy.ops.wm.tool_set_by_id(name="tug.drag")
    yield "the same, Drag tool in hand"
    job = module(".api").articulate(drawer, part)
    job.result()
    module(".tools.overlay").prepare(module(".runtime").book.get(job.id))
    yield "a proposal on show"


def measure() -> None:
    bpy.ops.extensions.package_install_files(
        filepath=os.environ["TUG_EXTENSION_ZIP"], repo="user_default", enable_on_install=True
    )
    importlib.import_module("addon_utils").enable(package, default_set=True)
    area = next(area for area in bpy.context.screen.areas if area.type == "VIEW_3D")
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(area=area, region=region):
        bpy.ops.tug.add_sample()
        meter = Meter()
        rows = [meter.row(name) for name in states()]
    module(".runtime").close()
    print(introduction)
    print(table(["", "redraw, ms", "in Tug, ms", "share"], rows))


def main() -> None:
    code = 1
    try:
        measure()
        code = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    bpy.context.preferences.view.show_splash = False
    bpy.app.timers.register(main, first_interval=1.0)
