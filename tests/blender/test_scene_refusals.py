"""What cannot get a joint is refused in a sentence, and nothing is written."""

from __future__ import annotations

import math

import bpy
import pytest
from bl_ext.user_default.tug.protocol.errors import TugError
from bl_ext.user_default.tug.protocol.joint import Joint
from bl_ext.user_default.tug.scene import joints, parts

from tests.blender.scene_things import (
    cuboid,
    door_in_frame,
    empty_file,
    hinge,
    state_of_file,
)


@pytest.fixture(autouse=True)
def fresh():
    empty_file()


def refusal(obj, part, joint=hinge, **kwargs):
    """Apply, expect one sentence, and expect that nothing was written."""
    before = state_of_file()
    with pytest.raises(TugError) as caught:
        joints.apply(obj, part, joint, **kwargs)
    assert caught.value.error.code == "bad_input"
    assert state_of_file() == before
    return caught.value.error.message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lower": 1.0, "upper": 0.5}, "range is empty"),
        ({"lower": 0.5, "upper": 1.0}, "present pose"),
        ({"upper": math.nan}, "not finite"),
        ({"axis": (0, 0, 2)}, "unit vector"),
        ({"type": "screw", "pitch": math.inf}, "not finite"),
        ({"type": "cylindrical"}, "slide is empty"),
        ({"type": "cylindrical", "slide": (0.1, 0.2)}, "slide leaves out the present pose"),
    ],
)
def test_joints_without_meaning_are_refused(change, words):
    door, _, part = door_in_frame()
    fields = {"type": "revolute", "axis": (0, 0, 1), "origin": (0, 0, 0), "lower": 0, "upper": 1}
    assert words in refusal(door, part, Joint(**(fields | change)))


def test_constraints_that_fight_are_named():
    door, _, part = door_in_frame()
    door.constraints.new("COPY_LOCATION")
    assert "Copy Location" in refusal(door, part)
    door.constraints[0].mute = True
    joints.apply(door, part, hinge)


@pytest.mark.parametrize("kind", ["object", "faces"])
def test_flattened_objects_are_refused(kind):
    door, frame, _ = door_in_frame()
    part = parts.add_part(door, kind, "Door", faces=[5])
    frame.scale.x = 0
    bpy.context.view_layer.update()
    assert "scale of zero" in refusal(door, part)


def test_a_body_that_moves_with_the_part_is_refused():
    door, knob = cuboid("door"), cuboid("knob")
    knob.parent = door
    assert "moves with the part" in refusal(door, parts.add_part(door), body=[knob])


def test_marks_made_by_modifiers_only_are_refused():
    box = cuboid("box")
    part = parts.add_part(box, "faces", "Lid", faces=[5])
    box.data.attributes[part.source_name].data.foreach_set("value", [False] * 6)
    assert "no faces" in refusal(box, part)


@pytest.mark.parametrize("kind", ["object", "faces"])
def test_linked_objects_are_refused(kind, tmp_path):
    box = cuboid("box")
    parts.add_part(box, kind, "Lid", faces=[5])
    cuboid("body")
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    empty_file()
    with bpy.data.libraries.load(path, link=True) as (_, into):
        into.objects = ["box"]
    bpy.context.scene.collection.objects.link(into.objects[0])
    box = bpy.data.objects["box"]
    assert "linked" in refusal(box, box.tug.parts[0])
