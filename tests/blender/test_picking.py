"""Picking parts: what is at a place at each level, and what taking it writes."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from bl_ext.user_default.tug.protocol.errors import TugError
from bl_ext.user_default.tug.scene import parts, watching
from bl_ext.user_default.tug.scene.selection import marked_faces
from bl_ext.user_default.tug.scene.taking import Pick, change
from bl_ext.user_default.tug.tools import aiming, hover, looks, part_view
from mathutils import Vector

from tests.blender.conftest import add_box
from tests.blender.test_decisions import history, press
from tests.blender.test_overlay import count, seen, size

lower, upper = (0.5, 0.0, 0.2), (0.5, 0.0, 2.2)  # on the right sides of the two boxes


@pytest.fixture
def tower(api):
    """Two boxes in one mesh, one over the other; the upper one's faces are 6 to 11."""
    boxes = [add_box("Tower", (1, 1, 1), (0, 0, 0)), add_box("Upper", (1, 1, 1), (0, 0, 2))]
    with bpy.context.temp_override(active_object=boxes[0], selected_editable_objects=boxes):
        bpy.ops.object.join()
    bpy.context.view_layer.objects.active = boxes[0]
    yield boxes[0]
    looks.forget()
    part_view.forget()


def pick(point, level="piece", action="TAKE"):
    bpy.context.view_layer.update()
    return bpy.ops.tug.pick_part(point=point, level=level, action=action)


def faces(obj, part=None):
    mask = marked_faces(obj, obj.data, part or parts.active_part(obj))
    return np.flatnonzero(mask).tolist()


def test_each_level_takes_what_belongs_together(tower):
    mesh = tower.data
    for name in ("Wood", "Brass"):
        mesh.materials.append(bpy.data.materials.new(name))
    mesh.polygons.foreach_set("material_index", [0, 1] * 6)
    sets = mesh.attributes.new(".sculpt_face_set", "INT", "FACE")
    sets.data.foreach_set("value", [5] * 3 + [9] * 9)
    taken = {}
    for level in ("region", "face_set", "material", "piece", "object"):
        assert pick(upper, level) == {"FINISHED"}
        part = parts.active_part(tower)
        taken[level] = part.source, part.source_name.partition(" ")[0]
        if level != "object":
            taken[level] += (faces(tower),)
    assert taken == {
        "region": ("faces", "Tug", [7]),
        "face_set": ("faces", "Tug", list(range(3, 12))),
        "material": ("material", "Brass", [1, 3, 5, 7, 9, 11]),
        "piece": ("faces", "Tug", list(range(6, 12))),
        "object": ("object", ""),
    }
    assert bpy.context.selected_objects == [tower]


def test_levels_that_tell_nothing_apart_are_skipped(tower):
    look = looks.at(tower)
    assert look.level("face_set") == "piece" == look.level("material")
    assert look.next_level("piece", -1) == "region" and look.next_level("region", 1) == "piece"
    assert look.next_level("object", 1) == "object" and look.next_level("region", -1) == "region"
    alone = add_box("Alone", (1, 1, 1), (5, 0, 0))
    bpy.context.view_layer.objects.active = alone
    assert pick((5.5, 0, 0)) == {"FINISHED"}
    assert parts.active_part(alone).source == "object"


def test_what_is_a_part_already_becomes_the_active_one(tower):
    pick(upper), pick(lower), pick(upper, "object")
    assert [part.name for part in tower.tug.parts] == ["Part", "Part 2", "Tower"]
    pick(upper)
    assert len(tower.tug.parts) == 3 and tower.tug.part_index == 0
    pick(lower, "object")
    assert len(tower.tug.parts) == 3 and tower.tug.part_index == 2


def test_faces_are_added_to_and_removed_from_the_active_part(tower):
    pick(upper, "region")
    pick((0.0, -0.5, 2.2), "region", "ADD")
    assert faces(tower) == [7, 8] and len(tower.tug.parts) == 1
    assert pick(upper, "region", "ADD") == {"CANCELLED"}
    pick(upper, "region", "REMOVE")
    assert faces(tower) == [8]
    with pytest.raises(RuntimeError, match="last faces of 'Part'"):
        pick((0.0, -0.5, 2.2), "piece", "REMOVE")
    pick(upper, "piece", "ADD")
    with pytest.raises(RuntimeError, match="nothing stays behind"):
        pick(lower, "piece", "ADD")
    assert faces(tower) == list(range(6, 12))


def test_a_part_of_a_material_becomes_one_of_faces_when_it_is_changed(tower):
    for name in ("Wood", "Brass"):
        tower.data.materials.append(bpy.data.materials.new(name))
    tower.data.polygons.foreach_set("material_index", [0] * 6 + [1] * 6)
    pick(upper, "material")
    assert parts.active_part(tower).source == "material"
    pick(upper, "region", "REMOVE")
    part = parts.active_part(tower)
    assert (part.source, part.name) == ("faces", "Brass") and 7 not in faces(tower)
    assert [slot.name for slot in tower.material_slots] == ["Wood", "Brass"]


def test_what_cannot_be_changed_is_said(tower):
    with pytest.raises(RuntimeError, match="no active part to change"):
        pick(upper, action="ADD")
    pick(upper, "object")
    with pytest.raises(RuntimeError, match="whole object, of which no faces"):
        pick(upper, action="REMOVE")
    with pytest.raises(RuntimeError, match="is all of 'Tower' already"):
        pick(upper, action="ADD")
    other = add_box("Other", (1, 1, 1), (5, 0, 0))
    with pytest.raises(TugError, match="a part lies in one object; click 'Other' alone"):
        change(Pick(other), add=True)
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match="Go to Object Mode"):
        pick(upper)


def test_each_pick_is_one_undo_step(tower):
    history("undo_push", message="Before")
    for level, action, point in (
        ("region", "TAKE", upper),
        ("region", "ADD", (0.0, -0.5, 2.2)),
        ("region", "REMOVE", upper),
    ):
        bpy.context.view_layer.update()
        press(bpy.ops.tug.pick_part, point=point, level=level, action=action)
    for expected in ([7, 8], [7]):
        history("undo")
        assert faces(bpy.data.objects["Tower"]) == expected
    history("undo")
    assert not bpy.data.objects["Tower"].tug.parts
    history("redo")
    assert faces(bpy.data.objects["Tower"]) == [7]


@pytest.mark.parametrize(
    "modifiers", [("MIRROR",), ("SUBSURF",), ("MIRROR", "SUBSURF"), ("ARRAY",)]
)
def test_picks_on_modifiers_faces_are_traced_to_the_meshs_own(tower, modifiers):
    for kind in modifiers:
        tower.modifiers.new(kind, kind)
    before = {block.name for blocks in (bpy.data.objects, bpy.data.meshes) for block in blocks}
    for point, expected in ((lower, range(6)), (upper, range(6, 12))):
        assert pick(point) == {"FINISHED"}
        assert faces(tower) == list(expected)
    after = {block.name for blocks in (bpy.data.objects, bpy.data.meshes) for block in blocks}
    assert after == before
    assert list(tower.data.attributes.keys()).count(".tug_origin") == 0
    seen = marked_faces(tower, _evaluated(tower).data, parts.active_part(tower))
    own = looks.at(tower)
    assert (seen == (own.seen("piece") == 1)).all()


def _evaluated(obj):
    return obj.evaluated_get(bpy.context.evaluated_depsgraph_get())


def test_faces_that_a_modifier_made_from_nothing_are_said_to_be_so(tower):
    remesh = tower.modifiers.new("Remesh", "REMESH")
    remesh.voxel_size = 0.2
    with pytest.raises(RuntimeError, match="A modifier made this face of 'Tower' from nothing"):
        pick(upper)
    assert pick(upper, "object") == {"FINISHED"}


def test_a_look_is_kept_while_the_shape_is_the_same(tower):
    first = looks.at(tower)
    pick(upper)
    bpy.context.view_layer.update()
    assert looks.known(tower) is None, "the mesh was written to"
    assert looks.at(tower) is first and looks.known(tower) is first
    tower.data.vertices[0].co.x -= 0.1
    tower.data.update()
    bpy.context.view_layer.update()
    assert looks.at(tower) is not first
    looks.forget()
    assert not watching._listeners and looks.known(tower) is None


def test_few_looks_are_kept(api):
    boxes = [add_box(f"Box {i}", (1, 1, 1), (2 * i, 0, 0)) for i in range(6)]
    bpy.context.view_layer.update()
    for box in boxes:
        looks.at(box)
    assert [looks.known(box) is not None for box in boxes] == [False] * 2 + [True] * 4
    looks.forget()


def test_a_mesh_without_faces_and_a_flattened_object_are_refused(api):
    empty = bpy.data.objects.new("Empty", bpy.data.meshes.new("Empty"))
    bpy.context.scene.collection.objects.link(empty)
    bpy.context.view_layer.objects.active = empty
    with pytest.raises(RuntimeError, match="no visible faces"):
        pick((0, 0, 0))
    flat = add_box("Flat", (1, 1, 1), (0, 0, 0))
    flat.scale.x = 0
    bpy.context.view_layer.objects.active = flat
    with pytest.raises(RuntimeError, match="scale of zero"):
        pick((0, 0, 0))


def test_meshes_with_vertices_that_are_not_finite_can_be_picked(tower):
    tower.data.vertices[0].co = (float("nan"),) * 3
    tower.data.update()
    assert pick(upper) == {"FINISHED"} and faces(tower) == list(range(6, 12))


def test_linked_objects_and_meshes_are_refused(tower, tmp_path):
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(path, link=True) as (_, into):
        into.objects = ["Tower"]
    linked = into.objects[0]
    own = bpy.data.objects.new("Own", linked.data)
    for obj in (linked, own):
        bpy.context.scene.collection.objects.link(obj)
    for obj, words in ((linked, "is linked from another file"), (own, "mesh of 'Own' is linked")):
        bpy.context.view_layer.objects.active = obj
        with pytest.raises(RuntimeError, match=words):
            pick(upper)


@pytest.mark.parametrize("kind", ["collection", "nodes"])
def test_instances_are_told_from_objects(tower, kind):
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    here = aiming.cast(bpy.context, depsgraph, Vector((5, 0, 2)), Vector((-1, 0, 0)), None)
    assert here.obj == tower and not here.is_instance and here.polygon == 7
    if kind == "collection":
        group = bpy.data.collections.new("Group")
        group.objects.link(tower)
        holder = bpy.data.objects.new("Instance", None)
        holder.instance_type, holder.instance_collection = "COLLECTION", group
    else:
        holder = add_box("Instance", (1, 1, 1), (0, 0, 9))
        _instance_by_nodes(holder, tower)
    holder.location.y = 4.0
    if kind == "collection":
        bpy.context.scene.collection.objects.link(holder)
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    there = aiming.cast(bpy.context, depsgraph, Vector((5, 4, 2)), Vector((-1, 0, 0)), None)
    assert there.is_instance
    with pytest.raises(TugError, match="make instances real"):
        from bl_ext.user_default.tug.tools.pointing import pointed

        pointed(there, "piece")


def _instance_by_nodes(obj, instanced):
    group = bpy.data.node_groups.new("Nodes", "GeometryNodeTree")
    group.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    info = group.nodes.new("GeometryNodeObjectInfo")
    info.inputs["Object"].default_value = instanced
    info.inputs["As Instance"].default_value = True
    result = group.nodes.new("NodeGroupOutput")
    group.links.new(info.outputs["Geometry"], result.inputs[0])
    obj.modifiers.new("Nodes", "NODES").node_group = group
    obj.location = (0, 4, 0)


def test_the_part_view_reads_faces_and_whole_objects(tower):
    pick(upper)
    part_view.prepare()
    (drawn,) = part_view._drawn
    assert drawn.number == tower.session_uid and len(drawn.fill._indices) == 12
    pick(upper, "object")
    child = add_box("Knob", (0.1, 0.1, 0.1), (0, -0.6, 0))
    child.parent = tower
    bpy.context.view_layer.update()
    part_view.prepare()
    assert [drawn.fill for drawn in part_view._drawn] == [None, None]
    assert {drawn.number for drawn in part_view._drawn} == {
        tower.session_uid,
        child.session_uid,
    }


def test_one_label_is_filled_and_outlined_where_the_object_is(drawing, tower):
    tower.location.z = -0.25
    bpy.context.view_layer.update()
    look = looks.at(tower)

    def draw(level, label):
        with canvas.on_surface(tower.matrix_world):
            look.draw(level, label, (1.0, 0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 1.0))

    from bl_ext.user_default.tug.tools import drawing as canvas

    upper_piece = seen(lambda: draw("piece", 1))
    where = np.argwhere(np.abs(upper_piece[..., 0] - 1.0) < 0.1)
    unit = size / 4  # pixels
    assert len(where) == pytest.approx(unit * unit, rel=0.3)
    assert where[:, 0].mean() == pytest.approx(size / 2 + unit * 1.0, abs=2.0)
    assert count(upper_piece, (0.0, 0.0, 1.0)) > 2 * unit
    assert count(seen(lambda: draw("object", 0)), (1.0, 0.0, 0.0)) > 1.5 * len(where)
    assert count(seen(lambda: draw("piece", 0)), (1.0, 0.0, 0.0)) > 0.5 * len(where)


def test_a_deleted_object_is_highlighted_no_more(tower):
    look = looks.at(tower)
    shown = hover.Shown(1, "", tower.session_uid, tower.name, look, "piece", 0)
    assert shown.obj() == tower
    tower.name = "Renamed"
    assert shown.obj() == tower
    bpy.data.objects.remove(tower)
    add_box("Tower", (1, 1, 1), (0, 0, 0))
    assert shown.obj() is None
