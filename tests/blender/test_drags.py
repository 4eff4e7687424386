"""Drags pulled on surfaces: which part they become, moved, copied, mirrored."""

from __future__ import annotations

import bpy
import pytest
from bl_ext.user_default.tug.scene import mirroring, parts, pulled, surfaces
from bl_ext.user_default.tug.scene.units import length_step, typed_length

from tests.blender.scene_things import cuboid, push_undo, undo

front, back, top = 2, 3, 5  # faces of boxes: -y, +y, +z


@pytest.fixture
def bare(cabinet):
    """The cabinet's door without a part."""
    parts.remove_part(cabinet, cabinet.tug.parts[0])
    return cabinet


def pull(obj, face, start, end):
    """Draw a drag as the tool does, from a point of a polygon."""
    return bpy.ops.tug.draw_drag(object=obj.name, face=face, start=start, end=end)


def drags(part):
    return [
        tuple(tuple(round(x, 4) for x in end) for end in drag)
        for drag in parts.drags_world(part.id_data, part)
    ]


def two_boxes(name="Chest", gap=0.5):
    """One mesh of two loose boxes, the first of them large; polygons 0-5 and 6-11."""
    large, small = cuboid(name, 1.0), cuboid("Small", 0.2, (1.0 + gap, 0.0, 0.0))
    with bpy.context.temp_override(active_object=large, selected_editable_objects=[large, small]):
        bpy.ops.object.join()
    bpy.context.view_layer.update()
    return large


def test_a_pulled_object_that_has_a_body_becomes_a_part_as_a_whole(bare):
    bpy.context.view_layer.objects.active = bare.parent
    assert pull(bare, front, (0.4, -0.27, 0.75), (0.3, -0.6, 0.75)) == {"FINISHED"}
    (part,) = bare.tug.parts
    assert (part.name, part.source) == ("Door", "object")
    assert drags(part) == [((0.4, -0.27, 0.75), (0.3, -0.6, 0.75))]
    assert bpy.context.view_layer.objects.active == bare
    assert bpy.context.selected_objects == [bare]


def test_a_second_pull_on_a_part_is_a_second_drag_of_it(cabinet):
    pull(cabinet, back, (0.4, -0.25, 0.75), (0.3, 0.6, 0.75))
    (part,) = cabinet.tug.parts
    assert len(part.drags) == 2 and part.drag_index == 1


def test_a_pull_on_a_lonely_mesh_marks_the_loose_piece(api):
    chest = two_boxes()
    pull(chest, 8, (1.6, 0.0, 0.1), (1.6, -0.5, 0.1))
    (part,) = chest.tug.parts
    mask = pulled.marked_faces(chest, chest.data, part)
    assert part.source == "faces" and mask.nonzero()[0].tolist() == [6, 7, 8, 9, 10, 11]
    pull(chest, 9, (1.6, 0.2, 0.1), (1.6, 0.5, 0.1))
    assert len(chest.tug.parts) == 1 and len(part.drags) == 2


def test_the_loose_piece_is_found_through_modifiers_that_add_faces(api):
    chest = two_boxes()
    chest.modifiers.new("Smooth", "SUBSURF").levels = 2
    bpy.context.view_layer.update()
    pull(chest, 150, (1.6, 0.05, 0.1), (1.6, -0.5, 0.1))
    (part,) = chest.tug.parts
    assert pulled.marked_faces(chest, chest.data, part).nonzero()[0].tolist() == list(range(6, 12))
    evaluated = chest.evaluated_get(bpy.context.evaluated_depsgraph_get())
    assert pulled.holds(chest, part, chest, 6 * 16) and not pulled.holds(chest, part, chest, 0)
    assert len(evaluated.data.polygons) == 12 * 16


def test_a_part_of_faces_wins_over_the_whole_object_unless_that_is_active(cabinet):
    lid = parts.add_part(cabinet, "faces", "Lid", faces=[front])
    bpy.context.view_layer.objects.active = cabinet.parent
    assert pulled.holder(cabinet, front)[1].name == "Lid"
    assert pulled.holder(cabinet, back)[1].name == "Door"
    bpy.context.view_layer.objects.active = cabinet
    cabinet.tug.part_index = 0
    assert pulled.holder(cabinet, front)[1].name == "Door"
    pull(cabinet, back, (0.4, -0.25, 0.75), (0.3, 0.6, 0.75))
    assert not lid.drags


def test_what_hangs_on_a_part_pulls_the_part(cabinet, box):
    knob = box("Knob", (0.05, 0.05, 0.05), (0.4, -0.3, 0.75))
    knob.parent = cabinet
    group = box("Group", (0.1, 0.1, 0.1), (3, 0, 0))
    loose = box("Loose", (0.1, 0.1, 0.1), (3, 1, 0))
    loose.parent = group
    parts.add_part(group, "children", "Things")
    bpy.context.view_layer.update()
    pull(knob, front, (0.4, -0.325, 0.75), (0.4, -0.6, 0.75))
    assert not knob.tug.parts and len(cabinet.tug.parts[0].drags) == 2
    pull(loose, front, (3.0, 0.95, 0.0), (3.0, 0.5, 0.0))
    assert not loose.tug.parts and len(group.tug.parts[0].drags) == 1
    assert bpy.context.view_layer.objects.active == group


def one_piece(_door):
    return cuboid("Alone", 1.0, (50, 0, 0)), "cannot be told from 'Alone' alone; mark it with Pick"


def flat(door):
    door.scale.x = 0.0
    return door, "scale of zero"


def nowhere(door):
    door.location.x = float("nan")
    return door, "not finite"


def holding_a_part(_door):
    chest = two_boxes("Two")
    chest.location.x = 80.0
    for collection in chest.users_collection:
        collection.objects.unlink(chest)
    home = bpy.data.collections.new("Home")
    bpy.context.scene.collection.children.link(home)
    home.objects.link(chest)
    parts.add_part(chest, "faces", "Lid", faces=[top])
    return chest, "cannot be told from 'Two' alone"


@pytest.mark.parametrize("spoil", [one_piece, flat, nowhere, holding_a_part])
def test_what_cannot_be_pulled_says_why_and_stays_as_it_is(bare, spoil):
    obj, sentence = spoil(bare)
    bpy.context.view_layer.update()
    before = len(obj.tug.parts)
    with pytest.raises(RuntimeError, match=sentence):
        pull(obj, 0, (0, 0, 0), (0, 0, 1))
    assert len(obj.tug.parts) == before


def test_a_drag_without_length_is_refused(cabinet):
    with pytest.raises(RuntimeError, match="no length"):
        pull(cabinet, front, (0.4, -0.27, 0.75), (0.4, -0.27, 0.75))
    assert len(cabinet.tug.parts[0].drags) == 1


def test_linked_things_cannot_be_pulled_and_say_why(api, tmp_path):
    cuboid("Frame", 2.0)
    linked = two_boxes("Linked")
    file = str(tmp_path / "library.blend")
    bpy.data.libraries.write(file, {linked})
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(file, link=True) as (_, here):
        here.objects = ["Linked"]
    (obj,) = here.objects
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.update()
    with pytest.raises(RuntimeError, match=r"'Linked' is linked .* library override"):
        pull(obj, 0, (0, 0, 0), (0, 0, 1))
    local = bpy.data.objects.new("Local", obj.data)
    bpy.context.scene.collection.objects.unlink(obj)
    bpy.context.scene.collection.objects.link(local)
    bpy.context.view_layer.update()
    with pytest.raises(RuntimeError, match="Nothing near 'Local' could be the body"):
        pull(local, 0, (0, 0, 0), (0, 0, 1))
    assert not local.tug.parts


def test_part_and_drag_are_one_undo_step(bare):
    push_undo("before")
    pull(bare, front, (0.4, -0.27, 0.75), (0.3, -0.6, 0.75))
    push_undo("Draw Drag")
    undo()
    door = bpy.data.objects["Door"]
    assert not door.tug.parts and "Tug Door" not in door.data.attributes


def test_ends_are_moved_and_a_start_stays_on_the_surface(cabinet):
    part = cabinet.tug.parts[0]
    assert bpy.ops.tug.move_drag_point(point="end", place=(0.0, -1.0, 1.0)) == {"FINISHED"}
    assert drags(part) == [((0.4, -0.27, 0.75), (0.0, -1.0, 1.0))]
    assert bpy.ops.tug.move_drag_point(point="start", place=(0.2, -0.5, 0.5)) == {"FINISHED"}
    assert drags(part) == [((0.2, -0.27, 0.5), (0.0, -1.0, 1.0))]
    with pytest.raises(RuntimeError, match="no length"):
        bpy.ops.tug.move_drag_point(point="end", place=(0.2, -0.27, 0.5))
    with pytest.raises(RuntimeError, match="'Door' has no drag 3"):
        bpy.ops.tug.move_drag_point(index=2, point="end", place=(1, 1, 1))


def test_a_start_lands_on_the_marked_faces_only(api):
    chest = two_boxes()
    part = parts.add_part(chest, "faces", "Small", faces=range(6, 12))
    assert surfaces.on_part(chest, part, (1.6, 0.1, 0.5)).point == pytest.approx((1.6, 0.1, 0.2))
    assert surfaces.on_part(chest, part, (0.5, 0.5, 1.5)) is None


def test_a_copy_goes_to_where_it_is_put_also_on_another_part(cabinet, box):
    drawer = box("Drawer", (0.3, 0.02, 0.3), (0.0, -0.26, 1.9))
    drawer.parent = cabinet.parent
    bpy.context.view_layer.update()
    part = cabinet.tug.parts[0]
    assert bpy.ops.tug.duplicate_drag(offset=(-0.2, 0.0, 0.1)) == {"FINISHED"}
    assert drags(part)[1] == ((0.2, -0.27, 0.85), (0.1, -0.6, 0.85)) and part.drag_index == 1
    bpy.ops.tug.duplicate_drag(offset=(-0.2, 0.0, 1.05), object="Drawer", face=front)
    assert bpy.context.view_layer.objects.active == drawer and len(part.drags) == 2
    (theirs,) = drawer.tug.parts
    assert drags(theirs) == [((0.0, -0.27, 1.9), (-0.1, -0.6, 1.9))]


def test_a_mirrored_drag_stays_with_a_part_that_reaches_across(cabinet):
    part = cabinet.tug.parts[0]
    bpy.ops.tug.mirror_drag(axis="X")
    assert drags(part)[1] == ((-0.4, -0.27, 0.75), (-0.3, -0.6, 0.75))
    assert part.drag_index == 1


def test_a_mirrored_drag_goes_to_the_part_on_the_other_side(cabinet, box):
    left = box("Left", (0.2, 0.02, 1.0), (-0.4, -0.27, 0.75))
    left.parent = cabinet.parent
    theirs = parts.add_part(left)
    cabinet.parent.location.x = 7.0
    bpy.context.view_layer.update()
    bpy.context.view_layer.objects.active = cabinet
    parts.remove_drag(cabinet.tug.parts[0], 0)
    parts.add_drag(cabinet, cabinet.tug.parts[0], (7.4, -0.28, 0.75), (7.3, -0.6, 0.75))
    bpy.ops.tug.mirror_drag(axis="X")
    assert drags(theirs) == [((6.6, -0.28, 0.75), (6.7, -0.6, 0.75))]
    assert len(cabinet.tug.parts[0].drags) == 1
    assert bpy.context.view_layer.objects.active == left


def test_the_mirror_follows_a_turned_body_and_its_origin(cabinet):
    part = cabinet.tug.parts[0]
    cabinet.parent.rotation_euler.z = 1.5707963
    cabinet.parent.scale = (2.0, 1.0, 1.0)
    bpy.context.view_layer.update()
    start, end = drags(part)[0]
    assert start == pytest.approx((0.27, 0.8, 0.75))
    mirroring.mirror_drag(cabinet, part, 0, 0)
    assert drags(part)[1] == (
        pytest.approx((start[0], -start[1], start[2])),
        pytest.approx((end[0], -end[1], end[2])),
    )
    mirroring.mirror_drag(cabinet, part, 0, 2, about_origin=True)
    assert drags(part)[2][0] == pytest.approx((0.27, 0.8, -0.75))


def test_a_part_without_parent_is_mirrored_with_its_neighbour(api, box):
    box("Body", (1.0, 0.5, 1.5), (0.2, 0.0, 0.75))
    door = box("Door", (0.4, 0.02, 1.4), (0.4, -0.26, 0.75))
    bpy.context.view_layer.update()
    pull(door, front, (0.5, -0.27, 0.75), (0.5, -0.6, 0.75))
    bpy.ops.tug.mirror_drag(axis="X")
    assert drags(door.tug.parts[0])[1][0] == pytest.approx((-0.1, -0.27, 0.75))


def test_removing_drags_stops_at_the_last_one(cabinet):
    assert bpy.ops.tug.remove_drag() == {"FINISHED"}
    with pytest.raises(RuntimeError, match="'Door' has no drag to remove"):
        bpy.ops.tug.remove_drag()
    assert "Door" in bpy.data.objects


def test_typed_lengths_and_steps_follow_the_scenes_units(api):
    from bl_ext.user_default.tug.core.lengths import Typed

    units = bpy.context.scene.unit_settings
    said = {}
    for system, unit, scale in (
        ("METRIC", "ADAPTIVE", 1.0),
        ("METRIC", "CENTIMETERS", 0.01),
        ("IMPERIAL", "FEET", 1.0),
        ("NONE", "ADAPTIVE", 0.5),
    ):
        units.system, units.scale_length = system, scale
        if system != "NONE":
            units.length_unit = unit
        said[system, unit] = typed_length(Typed("3")), typed_length(Typed("3cm"))
    assert said["METRIC", "ADAPTIVE"] == pytest.approx((3.0, 0.03))
    assert said["METRIC", "CENTIMETERS"] == pytest.approx((3.0, 3.0))
    assert said["IMPERIAL", "FEET"] == pytest.approx((0.9144, 0.03))
    assert said["NONE", "ADAPTIVE"] == pytest.approx((3.0, 0.06))
    units.system, units.scale_length = "METRIC", 0.01
    assert length_step(0.3) == pytest.approx(1.0)
