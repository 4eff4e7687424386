"""Animation along trajectories: keys and live, timing, steps, edits that are followed, undo."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from tests.blender.motion_things import answered, arc, cart, module, seen
from tests.blender.scene_things import add_mesh, cuboid, hinge, push_undo, redo, undo
from tests.blender.test_overlay import count
from tests.blender.test_overlay import seen as seen_offscreen
from tests.blender.test_panels import draw

frames = (1, 49)


@pytest.fixture
def mover(connected):
    bpy.context.scene.frame_set(1)
    bpy.context.scene.tool_settings.use_keyframe_insert_auto = False
    obj = cart()
    obj.rotation_euler = (0.1, 0.0, 0.4)
    bpy.context.view_layer.update()
    return obj


@pytest.fixture
def curve(connected, mover):
    return connected.trajectory(arc, mover, frames)


def raised(points, height):
    return np.add(points, (0, 0, height))


def animated(connected, curve, **options):
    handle = answered(connected.animate(curve, **options))
    handle.apply()
    return handle


def errors(handle, obj, rest):
    """How far off the exact motion the scene is, at each frame."""
    (track,) = handle.tracks
    return max(
        np.abs(seen(obj, track.first + i) - pose @ rest).max() for i, pose in enumerate(track.poses)
    )


@pytest.mark.parametrize("mode", ["XYZ", "ZXY", "QUATERNION", "AXIS_ANGLE"])
@pytest.mark.parametrize("parented", [False, True])
def test_accepted_keys_are_the_motion_at_every_frame(connected, mover, curve, mode, parented):
    if parented:
        parent = cuboid("Parent")
        parent.rotation_euler, parent.location = (0.5, -0.3, 1.0), (3, 1, 2)
        parent.scale = (2, 2, 2)
        mover.parent = parent
        mover.matrix_parent_inverse = parent.matrix_world.inverted()
    mover.rotation_mode = mode
    bpy.context.view_layer.update()
    rest = np.array(mover.matrix_world)
    handle = animated(connected, curve)
    assert errors(handle, mover, rest) < 1e-4
    assert mover.rotation_mode == ("QUATERNION" if mode == "AXIS_ANGLE" else mode)
    points = module("scene.trajectories").path_of(curve).points
    assert seen(mover, 1)[:3, 3] == pytest.approx(points[0], abs=1e-4)
    assert seen(mover, 49)[:3, 3] == pytest.approx(points[-1], abs=1e-4)
    connected.remove_animation(curve)
    bpy.context.view_layer.update()
    assert seen(mover, 20) == pytest.approx(rest, abs=1e-5) and mover.rotation_mode == mode
    assert mover.animation_data is None or mover.animation_data.action is None


def test_asked_again_it_starts_from_the_same_rest(connected, mover, curve):
    first = animated(connected, curve)
    bpy.context.scene.frame_set(30)
    request = first._record.request
    again = answered(connected.animate(curve))._record.request
    assert np.array(again.movers[0].frame) == pytest.approx(np.array(request.movers[0].frame))
    assert np.array(again.geometry[0].matrix) == pytest.approx(np.array(request.geometry[0].matrix))
    assert again.movers[0].forward == pytest.approx(request.movers[0].forward)


def test_keys_beside_the_motion_stay_and_those_within_come_back(connected, mover, curve):
    for frame, x in ((-20, 5.0), (25, 7.0), (90, 9.0)):
        mover.location.x = x
        mover.keyframe_insert("location", index=0, frame=frame)
    bpy.context.scene.frame_set(1)
    handle = answered(connected.animate(curve))
    notes = handle.apply()
    assert any("were replaced" in note for note in notes)
    found = bpy.data.objects["Cart"]
    assert seen(found, -20)[0, 3] == pytest.approx(5.0) and seen(found, 90)[0, 3] == 9.0
    assert abs(seen(found, 25)[0, 3] - 7.0) > 0.5
    connected.remove_animation(curve)
    assert [seen(found, frame)[0, 3] for frame in (-20, 25, 90)] == pytest.approx([5, 7, 9])


def test_scenery_and_mover_are_told_apart(connected, mover, curve):
    cuboid("Wall", 1.0, (9, 9, 0))
    cuboid("Cutter", 1.0, (0, 0, 0)).display_type = "WIRE"
    cuboid("Hidden", 1.0, (0, 0, 0)).hide_set(True)
    child = cuboid("Lamp", 0.2)
    child.parent = mover
    request = answered(connected.animate(curve))._record.request
    names = [part.name for part in request.geometry]
    of_mover = [names[piece.geometry] for piece in request.movers[0].links[0].pieces]
    assert sorted(of_mover) == ["Cart", "Lamp"]
    assert [names[piece.geometry] for piece in request.scene] == ["Wall"]
    assert request.movers[0].pivot == pytest.approx(tuple(mover.location))


def test_an_armature_takes_the_meshes_it_deforms_along(connected, mover, curve):
    rig = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.scene.collection.objects.link(rig)
    mover.modifiers.new("Deform", "ARMATURE").object = rig
    curve.tug_trajectory.target_name = "Rig"
    request = answered(connected.animate(curve))._record.request
    assert request.movers[0].name == "Rig" and request.movers[0].links[0].pieces


@pytest.fixture
def door(mover):
    obj = cuboid("Door", 0.4, (0.5, 0, 0))
    obj.parent = mover
    bpy.context.view_layer.update()
    joints, parts = module("scene.joints"), module("scene.parts")
    joint = module("protocol.joint").Joint(
        type="revolute", axis=hinge.axis, origin=hinge.origin, lower=-0.5, upper=1.5
    )
    return joints.apply(obj, parts.add_part(obj, "object", "Door"), joint).control


def test_a_joint_opens_at_its_marker_and_follows_it(connected, mover, curve, door):
    markers = bpy.context.scene.timeline_markers
    markers.new("Start", frame=5)
    second = markers.new("Open", frame=20)
    connected.add_joint_step(curve, "Door", "Open", open=1.0, seconds=0.5)
    handle = animated(connected, curve)
    (step,) = handle._record.request.movers[0].steps
    assert (step.start, step.end, step.value) == (20.0, 32.0, pytest.approx(1.5))
    rest = module("core.opening").rest(module("scene.joints").joint_of(door))
    for frame, opened in ((19, rest), (20, rest), (32, 1.0), (49, 1.0)):
        bpy.context.scene.frame_set(frame)
        assert door["tug_open"] == pytest.approx(opened, abs=1e-5)
    second.frame = 24
    module("animations").update(curve)
    request = module("runtime").book.unfinished()[-1].request
    assert request.movers[0].steps[0].start == 24.0


def test_a_script_says_timing_and_steps_with_the_question(connected, mover, curve, door):
    bpy.context.scene.timeline_markers.new("Open", frame=20)
    steps = [{"part": "Door", "marker": "Open", "open": 0.5, "frames": 12}]
    for _ in range(2):
        handle = answered(connected.animate(curve, ease="both", steps=steps))
    (step,) = handle._record.request.movers[0].steps
    assert (step.start, step.end, step.value) == (20.0, 32.0, pytest.approx(0.5))
    assert module("scene.trajectories").shares(curve)[12] == pytest.approx(0.15625, abs=1e-5)
    with pytest.raises(connected.TugError, match="no ease"):
        connected.animate(curve, ease="soft")
    with pytest.raises(connected.TugError, match="names its part"):
        connected.animate(curve, steps=[{"marker": "Open"}])


def test_the_operator_takes_the_next_marker(connected, mover, curve, door):
    markers = bpy.context.scene.timeline_markers
    for name, frame in (("A", 5), ("B", 20), ("C", 30)):
        markers.new(name, frame=frame).select = False
    bpy.context.scene.frame_set(12)
    bpy.context.view_layer.objects.active = curve
    assert bpy.ops.tug.add_joint_step() == {"FINISHED"}
    (step,) = curve.tug_animation.steps
    assert (step.marker, step.joint) == ("B", "Door")
    assert bpy.ops.tug.remove_joint_step() == {"FINISHED"} and not curve.tug_animation.steps


# Timing


def test_the_keys_of_the_curve_are_the_timing(connected, mover, curve):
    timing = module("scene.timing")
    assert timing.span(curve) == (1.0, 49.0)
    shares = module("scene.trajectories").shares(curve)
    assert shares == pytest.approx(np.linspace(0, 1, 49), abs=1e-6)
    connected.set_timing(curve, "EASE")
    shares = module("scene.trajectories").shares(curve)
    t = np.linspace(0, 1, 49)
    assert shares == pytest.approx(3 * t**2 - 2 * t**3, abs=1e-5)
    bpy.context.scene.frame_set(25)
    assert curve["tug_way"] == pytest.approx(0.5)
    curve.tug_trajectory.frame_end = 97
    assert timing.span(curve) == (1.0, 97.0)
    assert module("scene.trajectories").shares(curve)[48] == pytest.approx(0.5, abs=1e-5)


def test_a_time_handle_changes_nothing_until_it_is_moved(connected, mover, curve):
    connected.set_timing(curve, "EASE_IN")
    before = module("scene.trajectories").shares(curve)
    bpy.context.scene.frame_set(13)
    bpy.context.view_layer.objects.active = curve
    assert bpy.ops.tug.add_time_handle() == {"FINISHED"}
    keys = module("scene.timing").read(curve)
    assert keys[:, 0] == pytest.approx([1, 13, 49])
    assert module("scene.trajectories").shares(curve) == pytest.approx(before, abs=1e-5)
    (action,) = [curve.animation_data.action]
    fcurve = module("scene.timing").curve_of(curve)
    fcurve.keyframe_points[-1].co[0] = 61.0
    fcurve.update()
    assert curve.tug_trajectory.frame_end == 61 and action.name == "Trajectory"


def test_the_preview_follows_the_timing(connected, mover, curve):
    connected.set_timing(curve, [(1, 0.0), (11, 0.8), (49, 1.0)])
    preview = module("tools.trajectory_preview")
    preview.prepare(curve.name)
    bpy.context.scene.frame_set(11)
    assert preview.share(bpy.context, curve) == pytest.approx(0.8, abs=1e-5)


def test_removing_the_trajectory_takes_its_timing_along(connected, mover):
    data = bpy.data.curves.new("Way", "CURVE")
    spline = data.splines.new("POLY")
    spline.points.add(1)
    spline.points[1].co = (3, 0, 0, 1)
    way = bpy.data.objects.new("Way", data)
    bpy.context.scene.collection.objects.link(way)
    connected.trajectory(way, mover, frames)
    assert "tug_way" in way
    module("scene.trajectories").remove(way)
    assert "tug_way" not in way and not bpy.data.actions


# Live


@pytest.mark.parametrize("orientation", ["follow", "keep"])
@pytest.mark.parametrize("turned", [0.0, 0.7])
def test_live_is_the_same_motion(connected, mover, curve, orientation, turned):
    mover.rotation_euler = (0, 0, turned)
    bpy.context.view_layer.update()
    rest = np.array(mover.matrix_world)
    handle = animated(connected, curve, orientation=orientation)
    exact = [seen(mover, frame) for frame in range(1, 50)]
    notes = connected.animate_live(curve)
    assert any("collisions" in note for note in notes)
    (constraint,) = mover.constraints
    assert constraint.type == "FOLLOW_PATH" and mover.animation_data.action is None
    size = np.linalg.norm(np.ptp(np.array(mover.bound_box), axis=0))
    for frame, matrix in zip(range(1, 50), exact, strict=True):
        found = seen(mover, frame)
        assert np.abs(found[:3, 3] - matrix[:3, 3]).max() < 0.01 * size, frame
        if orientation == "keep" or 2 < frame < 48:
            level = matrix[:2, :2] @ np.linalg.inv(found[:2, :2])
            assert np.abs(level - np.eye(2)).max() < 0.03, frame
    assert handle.tracks[0].poses.shape == (49, 4, 4)
    connected.remove_animation(curve)
    assert not mover.constraints and seen(mover, 20) == pytest.approx(rest, abs=1e-5)


def test_live_turns_wheels_without_slip(connected, mover):
    angle = np.linspace(0, 2 * np.pi, 33)[:-1]
    rim = [(0.0 + s, np.cos(a) * 0.25, np.sin(a) * 0.25) for s in (-0.1, 0.1) for a in angle]
    faces = [(i, (i + 1) % 32, 32 + (i + 1) % 32, 32 + i) for i in range(32)]
    wheel = add_mesh("Wheel", rim, faces)
    wheel.location, wheel.parent = (0.6, 0, -0.5), mover
    mover.rotation_euler = (0, 0, 0)
    bpy.context.view_layer.update()
    joint = module("protocol.joint").Joint(
        type="continuous", axis=(1, 0, 0), origin=(0.6, 0, -0.5), lower=0.0, upper=6.283185307
    )
    parts, joints = module("scene.parts"), module("scene.joints")
    control = joints.apply(wheel, parts.add_part(wheel), joint).control
    way = connected.trajectory([(0, y, 0.0) for y in range(7)], mover, frames)
    connected.animate_live(way, forward="pos_y", collisions="ignore")
    low = seen(wheel, 1)
    high = seen(wheel, 2)
    assert not np.allclose(low, high)
    bpy.context.scene.frame_set(49)
    # Going along +Y the wheel turns about -X: its axis is +X.
    assert control["tug_open"] == pytest.approx(-6.0 / (2 * np.pi * 0.25), rel=1e-3)
    connected.remove_animation(way)
    assert control["tug_open"] == 0.0 and not control.animation_data.drivers.find('["tug_open"]')


def test_live_a_new_shape_needs_nothing_and_other_settings_are_set_up(connected, mover, curve):
    connected.animate_live(curve)
    (constraint,) = mover.constraints
    constraint.influence = 0.9
    curve.location.z += 3.0
    bpy.context.view_layer.update()
    assert pumped(connected, curve) is None
    assert mover.constraints[0].influence == pytest.approx(0.9)
    assert not module("updating").is_outdated(curve)
    curve.tug_animation.orientation = "KEEP"
    bpy.context.view_layer.update()
    pumped(connected, curve)
    assert not mover.constraints[0].use_curve_follow


@pytest.mark.parametrize("kind", ["KEYS", "LIVE"])
def test_a_trajectory_that_goes_takes_what_needs_it_along(connected, mover, curve, kind):
    rest = np.array(mover.matrix_world)
    if kind == "KEYS":
        animated(connected, curve)
    else:
        connected.animate_live(curve)
    there = seen(mover, 30)
    bpy.context.view_layer.objects.active = curve
    assert bpy.ops.tug.remove_trajectory() == {"FINISHED"}
    assert not mover.constraints
    assert seen(mover, 30) == pytest.approx(there if kind == "KEYS" else rest, abs=1e-5)


def test_joints_of_one_name_are_told_apart(connected, mover, curve, door):
    joints, parts = module("scene.joints"), module("scene.parts")
    other = cuboid("Other Door", 0.4, (-0.9, 0, 0))
    other.parent = mover
    joint = module("scene.joints").joint_of(door)
    made = joints.apply(other, parts.add_part(other, "object", "Door"), joint).control
    labels = module("scene.animation").labels_of(mover)
    assert len(labels) == 2 and {r.id_data for r in labels.values()} == {door, made}
    connected.add_joint_step(curve, other, 20)
    (step,) = curve.tug_animation.steps
    assert module("scene.animation").joint_of_step(step).id_data == made
    first, second = labels
    step.joint = first
    assert step.joint == first != second


# Edits


def pumped(connected, curve):
    """Have an edit noticed, asked about, answered; return the new job."""
    updating, runtime = module("updating"), module("runtime")
    updating._look_at_markers()
    updating._edited.update(dict.fromkeys(updating._edited, 0.0))
    runtime.tick()
    waiting = [job for job in runtime.book.unfinished() if job.kind == "animate"]
    return waiting[-1] if waiting else None


def landed(job):
    """Have a job of an update answered: the null backend has no motion to give."""
    handle = module("handles").AnimateHandle(job)
    arrivals, before = module("arrivals"), module("runtime").session()._on_result
    module("runtime").session()._on_result = lambda _job: None
    answered(handle)
    module("runtime").session()._on_result = before
    arrivals.arrived(job)


def test_an_edited_curve_is_followed(connected, mover, curve):
    animated(connected, curve)
    assert pumped(connected, curve) is None
    curve.location.z += 3.0
    bpy.context.view_layer.update()
    job = pumped(connected, curve)
    assert job is not None and job.lands
    assert module("updating").under_way(curve) == job and pumped(connected, curve) == job
    landed(job)
    ends = module("scene.trajectories").path_of(curve).points[[0, -1]]
    assert seen(mover, 49)[:3, 3] == pytest.approx(ends[1], abs=1e-4)
    assert pumped(connected, curve) is None and not module("updating").is_outdated(curve)
    assert len(module("runtime").book) == 0


def test_moved_keys_and_settings_are_followed(connected, mover, curve):
    animated(connected, curve)
    pumped(connected, curve)
    curve.tug_trajectory.frame_end = 73
    bpy.context.view_layer.update()
    job = pumped(connected, curve)
    landed(job)
    assert len(module("scene.keyframes").read(mover, "location")) == 73
    curve.tug_animation.orientation = "KEEP"
    bpy.context.view_layer.update()
    assert pumped(connected, curve).request.movers[0].orientation == "keep"


def test_what_is_not_to_be_updated_is_said_to_be_out_of_date(connected, mover, curve):
    animated(connected, curve, keep_updated=False)
    curve.location.x += 1.0
    bpy.context.view_layer.update()
    assert pumped(connected, curve) is None and module("updating").is_outdated(curve)


def test_an_edit_made_without_a_backend_waits_for_it(connected, mover, curve, backend):
    animated(connected, curve)
    connected.disconnect()
    curve.location.x += 1.0
    bpy.context.view_layer.update()
    updating = module("updating")
    updating._edited.update(dict.fromkeys(updating._edited, 0.0))
    updating.tick()
    assert updating.is_outdated(curve)
    connected.connect(connection_file=backend.connection_file)
    assert pumped(connected, curve) is not None


def test_a_late_answer_to_an_earlier_edit_is_dropped(connected, mover, curve):
    animated(connected, curve)
    curve.location.z += 3.0
    bpy.context.view_layer.update()
    job = pumped(connected, curve)
    curve.location.z += 3.0
    bpy.context.view_layer.update()
    before = seen(mover, 49)
    landed(job)
    assert seen(mover, 49) == pytest.approx(before)
    bpy.context.view_layer.update()
    assert pumped(connected, curve) is not None


def test_accepting_is_one_undo_step_and_an_undone_edit_is_followed(connected, mover, curve):
    rest = np.array(mover.matrix_world)
    handle = answered(connected.animate(curve))
    push_undo("before")
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        bpy.ops.tug.accept_animation("EXEC_DEFAULT", True, job=handle.id)
    assert module("scene.animation").state_of(curve) == "KEYS"
    undo()
    curve, mover = bpy.data.objects["Trajectory"], bpy.data.objects["Cart"]
    assert seen(mover, 30) == pytest.approx(rest) and not curve.tug_animation.state
    assert not mover.animation_data or not mover.animation_data.action
    redo()
    curve, mover = bpy.data.objects["Trajectory"], bpy.data.objects["Cart"]
    assert module("scene.animation").state_of(curve) == "KEYS"
    curve.location.z += 3.0
    push_undo("edit")
    bpy.context.view_layer.update()
    landed(pumped(connected, curve))
    lifted = seen(mover, 49)[2, 3]
    undo()
    curve, mover = bpy.data.objects["Trajectory"], bpy.data.objects["Cart"]
    assert pumped(connected, curve) is None
    assert seen(mover, 49)[2, 3] == pytest.approx(lifted - 3.0, abs=1e-4)
    redo()
    curve = bpy.data.objects["Trajectory"]
    assert pumped(connected, curve) is not None


def test_rejecting_leaves_no_trace(connected, mover, curve):
    before = seen(mover, 30)
    handle = answered(connected.animate(curve))
    bpy.ops.tug.reject_result(job=handle.id)
    assert seen(mover, 30) == pytest.approx(before) and not curve.tug_animation.state
    assert not mover.animation_data and not len(module("runtime").book)


def test_it_lasts_in_the_file(connected, mover, curve, tmp_path):
    curve.tug_animation.orientation = "UPRIGHT"
    animated(connected, curve)
    where = seen(mover, 30)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "moves.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "moves.blend"))
    curve, mover = bpy.data.objects["Trajectory"], bpy.data.objects["Cart"]
    assert seen(mover, 30) == pytest.approx(where)
    assert module("scene.animation").state_of(curve) == "KEYS"
    assert curve.tug_animation.orientation == "UPRIGHT"
    assert module("scene.animation").told(curve)["collisions"][0][0] == "Wall"
    assert pumped(connected, curve) is None and not module("updating").is_outdated(curve)


def test_a_copy_of_the_curve_has_no_animation_of_its_own(connected, mover, curve):
    animated(connected, curve)
    copy = curve.copy()
    bpy.context.scene.collection.objects.link(copy)
    state_of = module("scene.animation").state_of
    assert state_of(curve) == "KEYS" and state_of(copy) == ""


def test_one_after_the_other_along_two_curves(connected, mover, curve):
    animated(connected, curve)
    later = connected.trajectory(raised(arc[::-1], 5), mover, (60, 80))
    answered(connected.animate(later)).apply()
    ends = module("scene.trajectories").path_of(later).points
    assert seen(mover, 1)[:3, 3] == pytest.approx(arc[0], abs=0.02)
    assert seen(mover, 80)[:3, 3] == pytest.approx(ends[-1], abs=1e-3)
    over = connected.trajectory(raised(arc, 9), mover, (40, 70))
    notes = answered(connected.animate(over)).apply()
    assert sum("would overlap" in note for note in notes) == 2
    assert not curve.tug_animation.state and not later.tug_animation.state
    connected.remove_animation(over)
    assert not mover.animation_data or not mover.animation_data.action


def test_several_are_asked_together(connected, mover, curve):
    other = cart("Other")
    other.location = (0, 0, 9)
    way = connected.trajectory(raised(arc, 2), other, frames)
    handle = answered(connected.animate([curve, way], collisions="avoid"))
    request = handle._record.request
    assert [m.name for m in request.movers] == ["Cart", "Other"] and request.collisions == "avoid"
    handle.apply()
    assert module("scene.animation").partners(way) == [curve, way]
    way.location.z += 1.0
    bpy.context.view_layer.update()
    assert len(pumped(connected, way).request.movers) == 2


def test_what_cannot_move_is_said_in_words(connected, mover, curve, tmp_path):
    refused = connected.TugError

    def said(text, call):
        with pytest.raises(refused) as found:
            call()
        assert text in str(found.value), found.value

    said("is no trajectory", lambda: connected.animate(mover))
    said("no option", lambda: connected.animate(curve, speed=3))
    said("is no orientation", lambda: connected.animate(curve, orientation="sideways"))
    said("looks at nothing", lambda: connected.animate(curve, orientation="look_at"))
    curve.tug_animation.orientation = "FOLLOW"
    constraint = mover.constraints.new("COPY_LOCATION")
    said("constraints", lambda: connected.animate(curve))
    mover.constraints.remove(constraint)
    mover.delta_location.x = 1.0
    said("delta", lambda: connected.animate(curve))
    mover.delta_location.x = 0.0
    for point in curve.data.splines[0].bezier_points:
        point.co = point.handle_left = point.handle_right = (0, 0, 0)
        point.handle_left_type = point.handle_right_type = "FREE"
        point.handle_left = point.handle_right = (0, 0, 0)
    said("no length", lambda: connected.animate(curve))
    curve.tug_trajectory.target = ""
    said("Nothing moves", lambda: connected.animate(curve))
    part = module("scene.parts").add_part(mover, "faces", "Top", faces=[5])
    said("lies within the mesh", lambda: connected.trajectory(arc, part))
    said("not after the start", lambda: connected.trajectory(arc, mover, (9, 3)))
    other = connected.trajectory(arc, mover, frames)
    settings = module("core.session").Settings("local", connection_file=str(tmp_path / "none"))
    module("runtime").use(settings)
    said("No backend", lambda: connected.animate(other))
    assert not mover.animation_data


def test_a_step_whose_marker_is_gone_is_said(connected, mover, curve, door):
    marker = bpy.context.scene.timeline_markers.new("Open", frame=20)
    connected.add_joint_step(curve, bpy.data.objects["Door"], "Open")
    bpy.context.scene.timeline_markers.remove(marker)
    with pytest.raises(connected.TugError, match="'Open' of a joint step is gone"):
        connected.animate(curve)


def test_the_panel_says_how_it_stands(connected, mover, curve, door):
    bpy.context.view_layer.objects.active = curve
    assert {"Animate", "Joint Steps", "Collisions", "Timing"} <= set(draw().split(" | "))
    bpy.context.scene.timeline_markers.new("Open", frame=20)
    bpy.ops.tug.add_joint_step()
    handle = answered(connected.animate(curve))
    said = draw()
    assert "Proposed Motion" in said and "Accept" in said and "Wall: 25 cm deep, 4-10" in said
    assert "Door" in said and "As told." in said
    bpy.ops.tug.accept_animation()
    assert "Animated" in draw() and "Proposed Motion" not in draw() and handle.collisions
    curve.location.z += 1.0
    bpy.context.view_layer.update()
    job = pumped(connected, curve)
    assert "Updating" in draw()
    landed(job)
    curve.tug_animation.kind = "LIVE"
    assert "Animate Live" in draw()


def test_the_proposal_is_drawn_with_collisions_in_red(drawing, connected, mover, curve):
    preview = module("tools.animation_preview")
    bpy.context.view_layer.objects.active = curve
    curve.location = (0, 0, 0)
    job = answered(connected.animate(curve))._record
    preview.prepare(job)
    (track,) = preview._tracks[job.id]
    assert len(track.frames) == preview.most_ghosts and len(track.line) == 49
    assert track.line[[0, -1]] == pytest.approx(
        module("scene.trajectories").path_of(curve).points[[0, -1]], abs=1e-5
    )
    pixels = seen_offscreen(preview.draw)
    assert count(pixels, preview.red) > 5
    preview.forget()


def test_the_active_one_is_asked_with_all_that_are_selected(connected, mover, curve):
    other = cart("Other")
    way = connected.trajectory(raised(arc, 2), other, frames)
    for obj in bpy.data.objects:
        obj.select_set(obj in (curve, other))
    bpy.context.view_layer.objects.active = curve
    selected = module("animations").selected
    assert set(selected(bpy.context)) == {curve, way}
    other.select_set(False)
    assert selected(bpy.context) == [curve]
