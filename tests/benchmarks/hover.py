"""How long the Pick Part tool holds the mouse up. Run by run.py in a window."""

from __future__ import annotations

import importlib
import os
import statistics
import sys
import traceback
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.measure import quantile, seconds, table

package = "bl_ext.user_default.tug"
bpy = importlib.import_module("bpy")
pieces, side = 100, 72  # of side x side vertices each
moves = 2000
redraws = 12

introduction = """## Hovering with the Pick Part tool

A mesh of {triangles:,} triangles in {pieces} bumpy pieces, the mouse travelling over it and from
piece to piece. The goal was 16 ms a move on two cores; `scene.ray_cast` is the least that it takes
to know what is under the mouse. Taking turns at every place of the mouse.
"""


def module(name: str) -> Any:
    """Return a module of the extension."""
    return importlib.import_module(package + name)


def install_extension() -> None:
    """Install and enable the zip that TUG_EXTENSION_ZIP names, where Blender was told to."""
    bpy.ops.extensions.package_install_files(
        filepath=os.environ["TUG_EXTENSION_ZIP"], repo="user_default", enable_on_install=True
    )
    importlib.import_module("addon_utils").enable(package, default_set=True)


def bumpy() -> Any:
    """Add a mesh of bumpy square patches, side by side."""
    steps = np.linspace(-0.48, 0.48, side)
    x, y = (axis.reshape(-1) for axis in np.meshgrid(steps, steps))
    z = np.random.default_rng(0).normal(0.0, 0.002, (pieces, side * side))
    at = np.stack([np.arange(pieces) % 10, np.arange(pieces) // 10], axis=1) - 4.5
    vertices = np.stack([x + at[:, :1], y + at[:, 1:], z], axis=2).reshape(-1, 3)
    corner = np.arange(side * side).reshape(side, side)
    a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]
    triangles = np.stack([a, b, c, a, c, d], axis=-1).reshape(-1, 3)
    faces = (triangles + side * side * np.arange(pieces)[:, None, None]).reshape(-1, 3)
    mesh = bpy.data.meshes.new("Bumpy")
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.astype(np.float32).reshape(-1))
    mesh.loops.add(faces.size)
    mesh.loops.foreach_set("vertex_index", faces.astype(np.int32).reshape(-1))
    mesh.polygons.add(len(faces))
    mesh.polygons.foreach_set("loop_start", np.arange(0, faces.size, 3, dtype=np.int32))
    mesh.update(calc_edges=True)
    obj = bpy.data.objects.new("Bumpy", mesh)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def path(region: Any) -> list[tuple[float, float]]:
    """Return places of the mouse: a curve over the middle of the viewport, 8 pixels a move."""
    turns = 8.0 / (0.35 * region.height) * np.arange(moves)
    reach = 0.3 * min(region.width, region.height)
    x = region.width / 2 + reach * np.cos(turns)
    y = region.height / 2 + reach * np.sin(1.37 * turns)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def row(name: str, times: list[float], floor: float) -> list[str]:
    figures = statistics.median(times), quantile(times, 0.99), max(times)
    return [name, *(f"{1000 * value:.3f}" for value in figures), f"{figures[0] / floor:.2f}"]


def measure() -> None:
    for obj in list(bpy.data.objects):
        bpy.data.objects.remove(obj)
    patch = bumpy()
    area = next(area for area in bpy.context.screen.areas if area.type == "VIEW_3D")
    region = next(region for region in area.regions if region.type == "WINDOW")
    view = area.spaces.active.region_3d
    view.view_distance, view.view_location = 13.0, (0.0, 0.0, 0.0)
    view.view_rotation, view.view_perspective = (0.95, 0.3, 0.05, 0.05), "PERSP"
    view.update()
    with bpy.context.temp_override(area=area, region=region):
        bpy.ops.wm.tool_set_by_id(name="tug.pick")
        report(bpy.context, patch, path(region))


def report(context: Any, obj: Any, places: list[tuple[float, float]]) -> None:
    aiming, hover, looks = (module(f".tools.{name}") for name in ("aiming", "hover", "looks"))
    first = seconds(lambda: cast(context, *aiming.ray(context, places[0])))
    ready = {}
    for level in ("piece", "region"):
        ready[level] = seconds(lambda level=level: looks.at(obj).get_ready(level))
    rows, floor = [], 1.0
    for level in ("piece", "region"):
        context.window_manager.tug_pick_level = level
        cast_times, move_times, labels = [], [], set()
        for place in places:
            ray = aiming.ray(context, place)
            cast_times.append(seconds(lambda ray=ray: cast(context, *ray)))
            move_times.append(seconds(lambda place=place: hover.move(context, place)))
            shown = hover.shown()
            labels.add(shown.label if shown else None)
        assert len(labels) > 20, labels
        floor = statistics.median(cast_times)
        rows.append(row(f"scene.ray_cast ({level}: {len(labels)} crossed)", cast_times, floor))
        rows.append(row(f"Tug's move, {level}", move_times, floor))
    redrawn = redraw_table(context, hover, places)
    looked = ", ".join(f"{1000 * took:.0f} ms for the {level}s" for level, took in ready.items())
    print(introduction.format(triangles=len(obj.data.polygons), pieces=pieces))
    print(table(["", "median ms", "p99 ms", "max ms", "ratio to the ray"], rows))
    print(f"\nOnce before: {1000 * first:.0f} ms for Blender's first ray, {looked}.\n")
    print(redrawn)


def redraw_table(context: Any, hover: Any, places: list[tuple[float, float]]) -> str:
    """Return how long the viewport's redraw takes, with and without the highlight."""
    context.window_manager.tug_pick_level = "piece"
    plain, lit, submitted = [], [], []
    handler = bpy.types.SpaceView3D.draw_handler_add(
        lambda: submitted.append(seconds(hover.draw)), (), "WINDOW", "POST_VIEW"
    )
    for place in places[:: moves // redraws][: redraws + 1]:
        hover.clear()
        plain.append(seconds(redraw))
        hover.move(context, place)
        lit.append(seconds(redraw))
    bpy.types.SpaceView3D.draw_handler_remove(handler, "WINDOW")
    base = statistics.median(plain[1:])
    rows = [
        row("redraw without highlight", plain[1:], base),
        row("redraw with highlight", lit[1:], base),
        row("of that, in Tug's code", submitted[3::2], base),
    ]
    return table(["", "median ms", "p99 ms", "max ms", "ratio"], rows)


def redraw() -> None:
    bpy.ops.wm.redraw_timer(type="DRAW", iterations=1)


def cast(context: Any, origin: Any, direction: Any) -> Any:
    return context.scene.ray_cast(context.evaluated_depsgraph_get(), origin, direction)


def main() -> None:
    try:
        install_extension()
        measure()
    except BaseException:
        traceback.print_exc()
        sys.stdout.flush()
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    bpy.context.preferences.view.show_splash = False
    bpy.app.timers.register(main, first_interval=1.0)
