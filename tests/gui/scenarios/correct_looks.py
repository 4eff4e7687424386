"""A corrected proposal where people differ: light theme, 200 % interface, quad view."""

from pathlib import Path

import bpy
from tug import asked_door, module


def steps(hands):
    yield from asked_door(hands)
    book = module("runtime").book
    (job,) = book
    module("correcting").flip(job)
    module("correcting").set_range(job, lower=-1.2)
    bpy.context.window_manager.tug_open = 0.3
    yield from hands.move(hands.pixel((-0.35, -0.26, 0.5)))
    yield from hands.shot("correct_looks_1_dark")
    _light_theme()
    yield from hands.wait(10)
    yield from hands.shot("correct_looks_2_light")
    yield from hands.key("E")
    yield from hands.move(hands.pixel((0.448, -0.2551, 0.7)))
    yield from hands.shot("correct_looks_3_light_edge")
    yield from hands.key("RIGHTMOUSE")
    assert not hands.modals()
    module("correcting").retype(job, "cylindrical")
    yield from hands.shot("correct_looks_4_light_turns_and_slides")
    bpy.context.preferences.view.ui_scale = 2.0
    yield from hands.wait(20)
    yield from hands.shot("correct_looks_5_light_200_percent")
    bpy.ops.preferences.reset_default_theme()
    module("correcting").retype(job, "screw")
    yield from hands.wait(10)
    yield from hands.shot("correct_looks_6_dark_200_percent")
    bpy.context.preferences.view.ui_scale = 1.0
    job.select(0)
    yield from hands.wait(20)
    with hands.override():
        bpy.ops.screen.region_quadview()
    yield from hands.wait(20)
    region = hands.region(number=3)
    yield from hands.move((region.x + 0.4 * region.width, region.y + 0.5 * region.height))
    yield from hands.key("TAB")
    assert job.selected == 1, "keys work in each of the four views"
    yield from hands.shot("correct_looks_7_quad_view")


def _light_theme():
    folders = (Path(folder) / "interface_theme" for folder in bpy.utils.preset_paths(""))
    preset = next(f / "Blender_Light.xml" for f in folders if (f / "Blender_Light.xml").exists())
    bpy.ops.script.execute_preset(
        filepath=str(preset), menu_idname="USERPREF_MT_interface_theme_presets"
    )
