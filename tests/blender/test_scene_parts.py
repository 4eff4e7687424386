"""Parts, drags and identities as they live in a file."""

from __future__ import annotations

import bpy
import pytest
from bl_ext.user_default.tug.protocol.errors import TugError
from bl_ext.user_default.tug.scene import identity, parts, selection

from tests.blender.scene_things import cuboid, empty_file, push_undo, redo, undo


@pytest.fixture(autouse=True)
def fresh():
    empty_file()


def reload(tmp_path):
    path = str(tmp_path / "file.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)


def refusal(obj, *args, **kwargs):
    count = len(obj.tug.parts)
    with pytest.raises(TugError) as caught:
        parts.add_part(obj, *args, **kwargs)
    assert caught.value.error.code == "bad_input"
    assert len(obj.tug.parts) == count
    return caught.value.error.message


def test_parts_and_drags_survive_saving(tmp_path):
    obj = cuboid("box")
    obj.location, obj.scale = (1, 2, 3), (2, -1, 0.5)
    bpy.context.view_layer.update()
    part = parts.add_part(obj, "faces", "lid", faces=[5], prompt="opens upwards")
    parts.add_drag(obj, part, (1, 2, 3), (1, 2, 4))
    uid, part_uid = identity.identify(obj), part.uid
    reload(tmp_path)
    obj = identity.find(uid)
    part = parts.find_part(obj, part_uid)
    assert (part.name, part.prompt) == ("lid", "opens upwards")
    assert selection.marked_faces(obj, obj.data, part).tolist() == [False] * 5 + [True]
    ((start, end),) = parts.drags_world(obj, part)
    assert start == pytest.approx((1, 2, 3)) and end == pytest.approx((1, 2, 4))


def test_drags_travel_with_their_object():
    obj = cuboid("box")
    part = parts.add_part(obj)
    drag = parts.add_drag(obj, part, (0, 0, 0), (0, 0, 1))
    obj.location.x = 5
    bpy.context.view_layer.update()
    assert parts.drags_world(obj, part) == [((5, 0, 0), (5, 0, 1))]
    drag.world_end = (5, 0, 3)
    assert tuple(drag.world_end) == (5, 0, 3)
    assert tuple(drag.end) == (0, 0, 3)


def test_faces_survive_edits_of_the_mesh():
    obj = cuboid("box")
    part = parts.add_part(obj, "faces", "lid", faces=[5])
    bpy.context.view_layer.objects.active = obj
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.subdivide()
    bpy.ops.object.mode_set(mode="OBJECT")
    lid = selection.marked_faces(obj, obj.data, part)
    assert lid.sum() == 4
    assert {p.center.z for p, inside in zip(obj.data.polygons, lid, strict=True) if inside} == {1.0}


def test_identity_survives_undo_renaming_and_deletion():
    obj = cuboid("box")
    cuboid("other")
    uid = identity.identify(obj)
    push_undo("one")
    obj.name = "renamed"
    push_undo("two")
    assert identity.find(uid).name == "renamed"
    undo()
    assert identity.find(uid).name == "box"
    redo()
    bpy.data.objects.remove(identity.find(uid))
    assert identity.find(uid) is None
    assert identity.find(identity.identify(bpy.data.objects["other"])).name == "other"


def test_a_duplicate_gets_an_identity_of_its_own():
    obj = cuboid("box")
    uid = identity.identify(obj)
    copy = obj.copy()
    bpy.context.scene.collection.objects.link(copy)
    assert identity.find(uid) == obj
    assert identity.identify(copy) != uid
    assert identity.identify(obj) == uid


def test_an_appended_twin_does_not_take_over(tmp_path):
    obj = cuboid("box")
    uid = identity.identify(obj)
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
    with bpy.data.libraries.load(path, link=False) as (_, into):
        into.objects = ["box"]
    assert into.objects[0].tug.uid == uid
    assert identity.find(uid) == obj


def test_undo_takes_a_part_back():
    obj = cuboid("box")
    push_undo("before")
    parts.add_part(obj, "faces", "lid", faces=[5])
    push_undo("after")
    undo()
    obj = bpy.data.objects["box"]
    assert not len(obj.tug.parts) and "Tug lid" not in obj.data.attributes
    redo()
    assert bpy.data.objects["box"].tug.parts[0].name == "lid"


def test_selected_faces_are_taken_by_default():
    obj = cuboid("box")
    obj.data.polygons.foreach_set("select", [False, True, False, False, False, True])
    part = parts.add_part(obj, "faces")
    assert selection.marked_faces(obj, obj.data, part).nonzero()[0].tolist() == [1, 5]


def test_removing_a_part_removes_its_mark():
    obj = cuboid("box")
    parts.add_part(obj, "faces", "lid", faces=[5])
    kept = parts.add_part(obj, "object", "all").uid
    parts.remove_part(obj, parts.find_part(obj, obj.tug.parts[0].uid))
    assert "Tug lid" not in obj.data.attributes
    assert parts.active_part(obj).uid == kept


def test_parts_of_an_object_have_different_names():
    obj = cuboid("box")
    names = [parts.add_part(obj, "faces", faces=[face]).name for face in range(3)]
    assert names == ["box", "box 2", "box 3"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"source": "faces", "faces": []}, "No faces"),
        ({"source": "faces", "faces": range(6)}, "All faces"),
        ({"source": "faces", "faces": [6]}, "has 6 faces"),
        ({"source": "faces", "faces": [-1]}, "has 6 faces"),
        ({"source": "faces", "faces": [True, False]}, "has 6 faces"),
        ({"source": "vertex_group", "source_name": "lid"}, "no vertex group 'lid'"),
        ({"source": "material", "source_name": "lid"}, "no material 'lid'"),
        ({"source": "children"}, "Nothing is parented"),
    ],
)
def test_what_marks_nothing_is_refused(arguments, words):
    assert words in refusal(cuboid("box"), **arguments)


def test_faces_of_something_without_faces_are_refused():
    empty = bpy.data.objects.new("empty", None)
    bpy.context.scene.collection.objects.link(empty)
    assert "no mesh" in refusal(empty, "faces", faces=[0])


def test_a_drag_on_a_flattened_object_is_refused():
    obj = cuboid("box")
    part = parts.add_part(obj)
    obj.scale.z = 0
    bpy.context.view_layer.update()
    with pytest.raises(TugError, match="scale of zero"):
        parts.add_drag(obj, part, (0, 0, 0), (0, 0, 1))
    assert not len(part.drags)
