"""A proposal is looked at, corrected by keys, asked again with locks, accepted, undone, redone."""

import math

import bpy
from tug import add_tube, asked_door, module


def steps(hands):
    door = yield from asked_door(hands, lambda: add_tube("Pin", 0.05, 0.5, (-0.62, -0.4, 0.3)))
    pin = bpy.data.objects["Pin"]
    book = module("runtime").book
    (job,) = book
    yield from hands.shot("correct_01_proposed")
    yield from scrub(hands)
    yield from flip_through(hands, door, job)
    yield from flip(hands, job)
    yield from switch_type(hands, job)
    yield from snap(hands, job, pin)
    yield from lock(hands, job)
    job = yield from ask_again(hands, job, pin)
    yield from decide(hands, door, job)


def over(hands):
    """Put the mouse on the door, where its ghost is."""
    yield from hands.move(hands.pixel((-0.35, -0.26, 0.5)))


def scrub(hands):
    left, right = yield from hands.find_slider("tug_open")
    yield from hands.drag(right, middle(left, right))
    opened = bpy.context.window_manager.tug_open
    assert 0.2 < opened < 0.8, opened
    yield from hands.shot("correct_02_half_open")
    bpy.context.window_manager.tug_open = 1.0


def middle(left, right):
    return 0.5 * (left[0] + right[0]), left[1]


def flip_through(hands, door, job):
    yield from over(hands)
    yield from hands.wheel(up=False)
    assert job.selected == 1
    yield from hands.wheel(up=True)
    assert job.selected == 0
    region, away = hands.region(), hands.view().view_distance
    yield from hands.move((region.x + 90, region.y + 300))
    yield from hands.wheel(up=False)
    assert job.selected == 0 and hands.view().view_distance > away, "the view zooms beside it"
    yield from hands.wheel(up=True)
    yield from hands.key("TAB")
    yield from hands.key("TAB")
    yield from hands.shot("correct_03_third_alternative")
    assert job.selected == 2 and door.mode == "OBJECT"
    hands.hold("shift")
    yield from hands.key("TAB")
    yield from hands.key("TAB")
    hands.hold()
    assert job.selected == 0 and job.joint.type == "revolute"


def flip(hands, job):
    before = job.joint
    yield from over(hands)
    yield from hands.key("F")
    flipped = job.joint
    assert flipped.axis == tuple(-x for x in before.axis)
    assert (flipped.lower, flipped.upper) == (-before.upper, -before.lower)
    assert job.locked == ("axis",)
    yield from hands.shot("correct_04_flipped")
    yield from hands.key("F")
    assert job.joint == before
    hands.hold("shift")
    yield from hands.key("F")
    hands.hold()
    assert job.joint.axis == before.axis and job.joint.upper == -before.lower
    yield from hands.shot("correct_05_other_way")
    yield from hands.key("TAB")
    hands.hold("shift")
    yield from hands.key("TAB")
    hands.hold()
    assert job.joint == before and job.locked == ()


def switch_type(hands, job):
    yield from over(hands)
    yield from hands.key("Y")
    assert job.joint.type == "prismatic" and job.locked == ("type",)
    yield from hands.shot("correct_06_slider")
    hands.hold("shift")
    yield from hands.key("Y")
    hands.hold()
    assert job.joint.type == "revolute"


def snap(hands, job, pin):
    yield from over(hands)
    yield from hands.key("E")
    assert hands.modals() == ["TUG_OT_snap_origin"]
    yield from hands.move(hands.pixel((-0.448, -0.2551, 0.7)))
    yield from hands.shot("correct_07_edge")
    yield from hands.click()
    x, y, z = job.joint.origin
    assert abs(x + 0.45) < 1e-4 and abs(y + 0.255) < 1e-4 and 0.6 < z < 0.8
    assert not hands.modals() and "origin" in job.locked
    yield from hands.key("E")
    yield from hands.move(hands.pixel((0.445, -0.255, 0.055)))
    yield from hands.shot("correct_08_corner")
    yield from hands.click()
    assert math.dist(job.joint.origin, (0.45, -0.255, 0.05)) < 1e-4
    kept = job.joint
    yield from hands.key("E")
    yield from hands.move(hands.pixel((-0.6, -0.45, 0.3)))
    yield from hands.shot("correct_09_round")
    yield from hands.key("ESC")
    assert job.joint == kept and not hands.modals(), "Esc leaves it"
    yield from hands.key("E")
    hands.hold("shift")
    yield from hands.click(hands.pixel((-0.6, -0.45, 0.3)))
    hands.hold()
    place = pin.matrix_world.translation
    assert math.dist(job.joint.origin, place) < 1e-3, job.joint.origin
    assert abs(abs(job.joint.axis[2]) - 1.0) < 1e-4
    assert job.locked == ("type", "axis", "origin")
    yield from hands.shot("correct_10_snapped")


def lock(hands, job):
    """The lock in the panel lets go, and the menu of L locks."""
    yield from hands.click_button("field='type'", (0.89,))
    assert job.locked == ("axis", "origin")
    yield from over(hands)
    yield from hands.key("L")
    yield from hands.wait(8)
    yield from hands.shot("correct_11_locks")
    yield from hands.key("T")
    yield from hands.wait(5)
    assert job.locked == ("type", "axis", "origin")


def ask_again(hands, job, pin):
    book, kept = module("runtime").book, job.joint
    yield from over(hands)
    hands.hold("shift")
    yield from hands.key("RET")
    hands.hold()
    yield from hands.wait(2)
    yield from hands.shot("correct_12_asking_again")
    yield from hands.until(lambda: not book.unfinished(), what="the second answer")
    yield from hands.wait(10)
    (new,) = book
    assert new.id != job.id and new.request.locked.fields == ("type", "axis", "origin")
    for joint in new.alternatives:
        same = (joint.type, joint.axis, joint.origin)
        assert same == (kept.type, kept.axis, kept.origin)
    yield from hands.shot("correct_13_answered_again")
    return new


def decide(hands, door, job):
    runtime = module("runtime")
    joint = job.joint
    objects = set(bpy.data.objects.keys())
    yield from over(hands)
    yield from hands.key("RET")
    yield from hands.wait(10)
    assert runtime.accepted(job)
    control = door.parent
    assert control.name not in objects
    assert math.dist(control.matrix_world.translation, joint.origin) < 1e-3
    yield from hands.shot("correct_14_accepted")
    hands.hold("ctrl")
    yield from hands.key("Z")
    hands.hold()
    yield from hands.wait(10)
    assert set(bpy.data.objects.keys()) == objects and not runtime.accepted(job)
    assert runtime.shown_job(bpy.context) == job and job.joint == joint
    yield from hands.shot("correct_15_undone")
    hands.hold("ctrl", "shift")
    yield from hands.key("Z")
    hands.hold()
    yield from hands.wait(10)
    assert runtime.accepted(job) and set(bpy.data.objects.keys()) > objects
    yield from hands.shot("correct_16_redone")
