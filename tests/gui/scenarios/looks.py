"""The proposal where people differ: light theme, 200 % interface, quad view, camera view."""

from pathlib import Path

import bpy
from tug import cabinet, connect, empty_scene, look, module


def steps(hands):
    empty_scene()
    _, door, _ = cabinet()
    look(hands)
    yield from hands.open_sidebar()
    yield from connect(hands)
    bpy.context.view_layer.objects.active = door
    parts = module("scene.parts")
    part = parts.add_part(door, "object", prompt="the door swings open")
    parts.add_drag(door, part, (0.35, -0.26, 0.5), (0.2, -0.7, 0.5))
    job = module("api").articulate(door, part)
    yield from hands.until(lambda: job.state == "done", what="the answer")
    yield from hands.wait(10)
    yield from hands.shot("dark_theme")
    preset = next(
        folder / "interface_theme" / "Blender_Light.xml"
        for folder in map(Path, bpy.utils.preset_paths(""))
        if (folder / "interface_theme" / "Blender_Light.xml").exists()
    )
    bpy.ops.script.execute_preset(
        filepath=str(preset), menu_idname="USERPREF_MT_interface_theme_presets"
    )
    yield from hands.wait(10)
    yield from hands.shot("light_theme")
    bpy.context.preferences.view.ui_scale = 2.0
    yield from hands.wait(20)
    yield from hands.shot("light_theme_200_percent")
    bpy.ops.preferences.reset_default_theme()
    yield from hands.wait(10)
    yield from hands.shot("dark_theme_200_percent")
    bpy.context.preferences.view.ui_scale = 1.0
    yield from hands.wait(20)
    with hands.override():
        bpy.ops.screen.region_quadview()
    yield from hands.wait(20)
    yield from hands.shot("quad_view")
    with hands.override():
        bpy.ops.screen.region_quadview()
    camera = next(obj for obj in bpy.data.objects if obj.type == "CAMERA")
    camera.location, camera.rotation_euler = (1.6, -3.2, 1.9), (1.2, 0.0, 0.45)
    bpy.context.scene.camera = camera
    hands.view().view_perspective = "CAMERA"
    yield from hands.wait(20)
    yield from hands.shot("camera_view")
