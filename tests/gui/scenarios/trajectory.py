"""A trajectory is drawn on a table, timed by its handles, edited as a curve, undone and redone."""

import bpy
import numpy as np
from tug import module
from ways import all_of, draw, middle, newest, points_of, set_up, take_cart, tool, undo, use, wave


def steps(hands):
    yield from set_up(hands)
    yield from draws_freehand_on_a_surface(hands)
    yield from frames_are_dragged(hands)
    yield from the_ghost_follows(hands)
    yield from a_control_point_is_moved(hands)
    yield from undone_and_redone(hands)


def draws_freehand_on_a_surface(hands):
    take_cart()
    yield from draw(hands, [(-1.5, -1.0, 1.3), *wave()])
    assert hands.modals() == ["TUG_OT_draw_trajectory"]
    yield from hands.shot("trajectory_drawing")
    yield from hands.release()
    yield from hands.wait(12)
    assert not hands.modals()
    (obj,) = all_of()
    assert bpy.context.active_object == obj
    assert obj.tug_trajectory.target_name == "Cart"
    points = points_of(obj)
    # The press was on the cart, which is ignored: the stroke lies on the table behind it.
    assert np.abs(points[:, 2] - 1.0).max() < 0.02, points[:, 2]
    assert np.abs(points[-1] - wave()[-1]).max() < 0.02
    assert len(obj.data.splines[0].bezier_points) <= 10
    yield from hands.shot("trajectory_drawn")


def flag(hands, end):
    """Return where the handle of an end is, in window pixels."""
    obj = module("scene.trajectories").shown(bpy.context)
    handles = module("tools.trajectory_handles")
    unit = bpy.context.preferences.system.ui_scale
    x, y = hands.pixel(points_of(obj)[-1 if end else 0])
    aside = (handles.lean + handles.height) * unit
    return x + (1 if end else -1) * aside, y + handles.pole * unit


def frames_are_dragged(hands):
    settings = newest().tug_trajectory
    assert (settings.frame_start, settings.frame_end) == (1, 49)
    x, y = flag(hands, 1)
    yield from hands.move((x, y))
    yield from hands.wait(3)
    yield from hands.shot("trajectory_handle_hover")
    yield from hands.press()
    yield from hands.move((x + 60, y + 5))
    assert hands.modals() == ["TUG_OT_set_trajectory_frame"], hands.modals()
    yield from hands.shot("trajectory_handle_drag")
    yield from hands.release()
    yield from hands.wait(4)
    unit = bpy.context.preferences.system.ui_scale
    assert settings.frame_end == 49 + round(60 / (6 * unit)), settings.frame_end
    here = settings.frame_end
    yield from hands.move(flag(hands, 1))
    yield from hands.wait(3)
    yield from hands.press()
    yield from hands.move((x + 150, y))
    yield from hands.key("ESC")
    yield from hands.release()
    yield from hands.wait(3)
    assert settings.frame_end == here and not hands.modals()
    yield from undo(hands)
    assert newest().tug_trajectory.frame_end == 49
    x, y = flag(hands, 0)
    yield from hands.move((x, y))
    yield from hands.wait(3)
    yield from hands.press()
    yield from hands.move((x + 9, y))
    yield from hands.type("25")
    yield from hands.key("RET")
    yield from hands.release()
    yield from hands.wait(3)
    settings = newest().tug_trajectory
    assert (settings.frame_start, settings.frame_end) == (25, 49)
    assert not hands.modals() and len(all_of()) == 1


def place(obj):
    return module("tools.trajectory_preview").place(bpy.context, obj)


def the_ghost_follows(hands):
    obj, scene = newest(), bpy.context.scene
    points = points_of(obj)
    scene.frame_set(25)
    yield from hands.wait(8)
    assert np.abs(np.array(place(obj)) - points[0]).max() < 1e-3
    scene.frame_set(37)
    yield from hands.wait(8)
    half = np.array(place(obj))
    assert np.linalg.norm(half - points[0]) > 0.5
    yield from hands.shot("trajectory_ghost")
    bpy.context.window_manager.tug_along = 1.0
    yield from hands.wait(4)
    assert np.abs(np.array(place(obj)) - points[-1]).max() < 1e-3
    scene.frame_set(38)
    yield from hands.wait(4)
    assert np.abs(np.array(place(obj)) - points[-1]).max() > 0.5


def a_control_point_is_moved(hands):
    obj = newest()
    before = points_of(obj)
    use(hands, "builtin.select_box")
    yield from hands.move(middle(hands))
    yield from hands.key("TAB")
    yield from hands.wait(8)
    assert obj.mode == "EDIT"
    knot = obj.data.splines[0].bezier_points[1]
    at = obj.matrix_world @ knot.co
    yield from hands.click(hands.pixel(at))
    assert knot.select_control_point
    yield from hands.key("G")
    yield from hands.key("Z")
    yield from hands.type("1")
    yield from hands.shot("trajectory_edit_mode")
    yield from hands.key("RET")
    yield from hands.wait(10)
    obj = newest()
    preview = module("tools.trajectory_preview").preview_of(obj)
    assert abs(preview.path.points[:, 2].max() - before[:, 2].max() - 1.0) < 0.2
    yield from hands.shot("trajectory_edited")
    yield from hands.key("TAB")
    yield from hands.wait(5)
    assert obj.mode == "OBJECT"
    assert abs(points_of(obj)[:, 2].max() - before[:, 2].max() - 1.0) < 0.2
    settings = obj.tug_trajectory
    assert (settings.frame_start, settings.frame_end) == (25, 49)
    use(hands, tool)
    yield from hands.wait(4)


def undone_and_redone(hands):
    lifted = points_of(newest())[:, 2].max()
    assert lifted > 1.5
    for _ in range(12):
        yield from undo(hands)
        if not all_of():
            break
    assert not all_of() and not [c for c in bpy.data.curves if c.users]
    assert bpy.context.active_object.name == "Cart"
    yield from hands.shot("trajectory_undone")
    for _ in range(12):
        yield from undo(hands, redo=True)
    (obj,) = all_of()
    if obj.mode != "OBJECT":
        yield from hands.key("TAB")
        yield from hands.wait(5)
    assert abs(points_of(obj)[:, 2].max() - lifted) < 1e-4
    assert obj.tug_trajectory.target_name == "Cart"
    settings = obj.tug_trajectory
    assert (settings.frame_start, settings.frame_end) == (25, 49)
    yield from hands.shot("trajectory_redone")
