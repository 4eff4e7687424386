"""A stool is placed on a table by a click with the Place tool, looked at, accepted and undone."""

import bpy
import numpy as np
from tug import add_box, connect, empty_scene, module
from ways import undo, use

tool = "tug.place"


def steps(hands):
    yield from set_up(hands)
    yield from hovering_shows_where_a_click_would_place(hands)
    yield from escape_leaves_nothing(hands)
    yield from pressed_turned_and_let_go(hands)
    yield from rejected_by_key(hands)
    yield from accepted_by_key(hands)
    yield from undone(hands)


def set_up(hands):
    empty_scene()
    add_box("Floor", (8.0, 8.0, 0.2), (0.0, 0.0, -0.1))
    add_box("Table", (1.6, 1.0, 0.7), (0.6, 0.5, 0.35))
    boards = [((0.4, 0.4, 0.05), (0.0, 0.0, 0.475))]
    boards += [((0.05, 0.05, 0.45), (x, y, 0.225)) for x in (-0.17, 0.17) for y in (-0.17, 0.17)]
    pieces = [add_box("Stool", *board) for board in boards]
    with bpy.context.temp_override(active_object=pieces[0], selected_editable_objects=pieces):
        bpy.ops.object.join()
    stool = pieces[0]
    stool.location = (-1.2, -0.8, 0.6)
    stool.select_set(True)
    bpy.context.view_layer.objects.active = stool
    bpy.ops.ed.undo_push(message="Room")
    module("runtime").preferences().first_steps = False
    view = hands.view()
    view.view_perspective = "PERSP"
    view.view_location, view.view_distance = (0.0, 0.0, 0.4), 6.0
    view.view_rotation = (0.83, 0.46, 0.15, 0.27)
    yield from hands.open_sidebar()
    yield from connect(hands)
    use(hands, tool)
    yield from hands.wait(5)


def stool():
    return bpy.data.objects["Stool"]


def jobs():
    return list(module("runtime").book)


def table_top(hands):
    return hands.pixel((0.5, 0.4, 0.7))


def hovering_shows_where_a_click_would_place(hands):
    yield from hands.move(table_top(hands))
    yield from hands.wait(5)
    shown = module("tools.place")._footprint
    assert shown is not None and shown.spot is not None
    assert np.allclose(shown.spot, (0.5, 0.4, 0.7), atol=0.02), shown.spot
    yield from hands.shot("place_hover")
    assert not jobs() and not hands.modals()


def escape_leaves_nothing(hands):
    yield from hands.press()
    assert hands.modals() == ["TUG_OT_place_at"]
    yield from hands.wheel(up=True)
    yield from hands.key("ESC")
    yield from hands.release()
    yield from hands.wait(5)
    assert not hands.modals() and not jobs()
    assert np.allclose(stool().location, (-1.2, -0.8, 0.6))


def pressed_turned_and_let_go(hands):
    yield from hands.move(table_top(hands))
    yield from hands.press()
    yield from hands.move(hands.pixel((1.2, 0.9, 0.7)))
    yield from hands.wait(3)
    yield from hands.shot("place_turning")
    yield from hands.release()
    yield from answered(hands)
    (job,) = jobs()
    wish = job.request.items[0].wish
    assert np.allclose(wish.spot, (0.5, 0.4, 0.7), atol=0.02), wish.spot
    angle = 2.0 * np.arctan2(wish.turn[3], wish.turn[0])
    assert abs(np.degrees(angle) - (90.0 + 35.5)) < 3.0, np.degrees(angle)
    yield from hands.shot("place_proposed")
    assert "Table" in job.placements[0].support, job.placements[0].support


def answered(hands):
    yield from hands.wait(5)
    assert not hands.modals()
    job = jobs()[-1]
    yield from hands.until(lambda: job.finished, what="the place")
    assert job.error is None, job.error
    yield from hands.wait(12)


def rejected_by_key(hands):
    yield from hands.key("ESC")
    yield from hands.wait(5)
    assert not jobs() and np.allclose(stool().location, (-1.2, -0.8, 0.6))


def accepted_by_key(hands):
    yield from hands.move(table_top(hands))
    yield from hands.press()
    yield from hands.release()
    yield from answered(hands)
    yield from hands.key("RET")
    yield from hands.wait(5)
    assert abs(stool().location.z - 0.7) < 0.01, stool().location
    assert np.allclose(stool().location.xy, (0.5, 0.4), atol=0.05), stool().location
    bpy.context.scene.tug_placing.overlay = True
    yield from hands.move((300.0, 300.0))
    yield from hands.shot("place_accepted")


def undone(hands):
    yield from undo(hands)
    assert np.allclose(stool().location, (-1.2, -0.8, 0.6)), stool().location
    yield from hands.shot("place_undone")
    yield from undo(hands, redo=True)
    assert abs(stool().location.z - 0.7) < 0.01
