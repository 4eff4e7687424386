"""Reject leaves nothing behind, and gives its keys back to Blender."""

import bpy
from tug import asked_door, module


def data_blocks():
    """Every data-block of the file by type and name, with the places of objects."""
    blocks = {
        (kind, block.name)
        for kind in ("objects", "meshes", "actions", "armatures", "collections", "texts")
        for block in getattr(bpy.data, kind)
    }
    places = {
        obj.name: [round(x, 6) for row in obj.matrix_world for x in row] for obj in bpy.data.objects
    }
    return blocks, places, {obj.name: sorted(obj.keys()) for obj in bpy.data.objects}


def steps(hands):
    before = None

    def note():
        nonlocal before
        before = data_blocks()

    door = yield from asked_door(hands, note)
    book = module("runtime").book
    yield from hands.move(hands.pixel((0.0, -0.26, 0.5)))
    yield from hands.key("F")
    yield from hands.key("Y")
    assert door.mode == "OBJECT" and next(iter(book)).corrected
    yield from hands.key("ESC")
    yield from hands.wait(10)
    assert len(book) == 0 and bpy.context.scene.tug_jobs == ""
    assert data_blocks() == before
    yield from hands.shot("reject_1_nothing_left")
    yield from hands.key("TAB")
    assert door.mode == "EDIT", "Tab is Blender's again"
    yield from hands.key("TAB")
    assert door.mode == "OBJECT"
    yield from hands.wheel(up=True)
    yield from hands.shot("reject_2_tab_is_free")
