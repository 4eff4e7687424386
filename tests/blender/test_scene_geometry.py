"""What a request says about shapes, read from real scenes."""

from __future__ import annotations

import bmesh
import bpy
import numpy as np
import pytest
from bl_ext.user_default.tug.protocol.blobs import describe
from bl_ext.user_default.tug.protocol.errors import TugError
from bl_ext.user_default.tug.scene import parts
from bl_ext.user_default.tug.scene.geometry import gather
from bl_ext.user_default.tug.scene.meshes import read

from tests.blender.scene_things import add_mesh, cuboid, empty_file


@pytest.fixture(autouse=True)
def fresh():
    empty_file()


def grid(name="grid", n=4):
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=n, y_subdivisions=n, size=2.0)
    bpy.context.object.name = name
    return bpy.context.object


def arrays_of(gathered, geometry):
    by_shape = {(a.shape, a.tobytes()): a for a in gathered.arrays}
    assert len(by_shape) == len(gathered.arrays), "an array is sent twice"
    found = {describe(a): a for a in gathered.arrays}
    return found[geometry.vertices], found[geometry.faces]


def selection_of(gathered, geometry):
    return next(a for a in gathered.arrays if describe(a) == geometry.selection)


def area(vertices, faces):
    corners = vertices[faces].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.linalg.norm(normals, axis=1).sum() / 2, np.linalg.norm(normals.sum(axis=0)) / 2


def refusal(*args, **kwargs):
    with pytest.raises(TugError) as caught:
        gather(*args, **kwargs)
    assert caught.value.error.code == "bad_input"
    return caught.value.error.message


@pytest.mark.parametrize(
    "points",
    [
        [(0, 0, 0), (2, 0, 0), (0, 2, 0)],
        [(0, 0, 0), (2, 0, 0), (2, 2, 0), (0, 2, 0)],
        [(0, 0, 0), (2, 0, 0), (0.4, 0.4, 0), (0, 2, 0)],
        [(0.4, 0.4, 0), (0, 2, 0), (0, 0, 0), (2, 0, 0)],
        [(0, 0, 0), (4, 0, 0), (4, 4, 0), (2, 0.5, 0), (0, 4, 0)],
        [(0, 0, 0), (4, 0, 0), (4, 4, 0), (3, 4, 0), (3, 1, 0), (1, 1, 0), (1, 4, 0), (0, 4, 0)],
    ],
)
def test_triangles_tile_convex_and_concave_polygons(points):
    """Folded triangles would have more area than the polygon; all normals add up only if flat."""
    obj = add_mesh("p", points, [range(len(points))])
    surface = read(obj.data)
    whole, net = area(surface.vertices, surface.triangles)
    assert whole == pytest.approx(obj.data.polygons[0].area, rel=1e-5)
    assert net == pytest.approx(whole, rel=1e-5)
    assert len(surface.triangles) == len(points) - 2
    assert not surface.polygons.any()


def test_mixed_polygons_agree_with_blender():
    obj = grid(n=3)
    mesh = bmesh.new()
    mesh.from_mesh(obj.data)
    bmesh.ops.triangulate(mesh, faces=list(mesh.faces)[2:5])
    mesh.to_mesh(obj.data)
    mesh.free()
    surface = read(obj.data)
    obj.data.calc_loop_triangles()
    areas = np.zeros(len(obj.data.polygons))
    for polygon_index, triangle in zip(surface.polygons, surface.triangles, strict=True):
        areas[polygon_index] += area(surface.vertices, triangle[None])[0]
    assert areas == pytest.approx([p.area for p in obj.data.polygons], rel=1e-5)


def test_marked_faces_survive_modifiers():
    obj = grid()
    part = parts.add_part(obj, "faces", "lid", faces=[0, 1, 2])
    obj.modifiers.new("Subdivision", "SUBSURF").levels = 2
    obj.modifiers.new("Triangulate", "TRIANGULATE")
    geometry = gather(obj, part).geometry[0]
    assert geometry.moving == "selection"
    assert geometry.selection.shape == (3 * 16 * 2,)
    assert geometry.faces.shape == (16 * 16 * 2, 3)


@pytest.mark.parametrize("source", ["vertex_group", "material"])
def test_part_by_group_or_material(source):
    obj = grid()
    for name in ("plain", "lid"):
        obj.data.materials.append(bpy.data.materials.new(name))
    corners = [v for p in list(obj.data.polygons)[:2] for v in p.vertices]
    obj.vertex_groups.new(name="other")
    obj.vertex_groups.new(name="lid").add(corners, 1.0, "REPLACE")
    for polygon_ in list(obj.data.polygons)[:2]:
        polygon_.material_index = 1
    part = parts.add_part(obj, source, source_name="lid")
    gathered = gather(obj, part)
    assert sorted(selection_of(gathered, gathered.geometry[0])) == [0, 1, 2, 3]


def test_moving_an_object_sends_no_mesh_again():
    obj = grid()
    part = parts.add_part(obj, "faces", faces=[0])
    before = gather(obj, part)
    obj.location, obj.scale = (1, 2, 3), (-2, 1, 0.5)
    after = gather(obj, part)
    assert after.geometry[0].vertices == before.geometry[0].vertices
    assert after.geometry[0].matrix != before.geometry[0].matrix
    assert np.array(after.geometry[0].matrix)[:3, 3] == pytest.approx([1, 2, 3])


def test_parent_hierarchy_is_the_body_and_children_come_along():
    frame, door, handle, drawer = (cuboid(n) for n in ["frame", "door", "handle", "drawer"])
    door.parent = drawer.parent = frame
    handle.parent = door
    cuboid("stranger")
    gathered = gather(door, parts.add_part(door, "object"))
    assert {g.name: g.moving for g in gathered.geometry} == {
        "frame": "none",
        "drawer": "none",
        "door": "all",
        "handle": "all",
    }
    assert len(gathered.arrays) == 2, "equal meshes share their blobs"


def test_children_move_and_their_parent_stays():
    frame, lid, knob = (cuboid(n) for n in ("frame", "lid", "knob"))
    lid.parent = knob.parent = frame
    gathered = gather(frame, parts.add_part(frame, "children"))
    assert {g.name: g.moving for g in gathered.geometry} == {
        "frame": "none",
        "lid": "all",
        "knob": "all",
    }


def test_loose_part_moves_against_its_neighbours_only():
    drawer = cuboid("drawer")
    cuboid("near", at=(1.02, 0, 0))
    cuboid("far", at=(5, 0, 0))
    gathered = gather(drawer, parts.add_part(drawer, "object"))
    assert {g.name for g in gathered.geometry} == {"drawer", "near"}


def test_hidden_objects_are_left_out():
    frame, door, inner = (cuboid(n) for n in ("frame", "door", "inner"))
    door.parent = inner.parent = frame
    inner.hide_set(True)
    part = parts.add_part(door, "object")
    assert {g.name for g in gather(door, part).geometry} == {"frame", "door"}
    inner.hide_set(False)
    door.hide_viewport = True
    assert "visible" in refusal(door, part)


def test_instances_of_a_collection_are_read_with_shared_blobs():
    shelf = bpy.data.collections.new("shelf")
    plank = cuboid("plank")
    bpy.context.scene.collection.objects.unlink(plank)
    shelf.objects.link(plank)
    frame, drawer = cuboid("frame", 2), cuboid("drawer")
    drawer.parent = frame
    for height in (0.5, 1.5):
        empty = bpy.data.objects.new("shelf", None)
        empty.instance_type, empty.instance_collection = "COLLECTION", shelf
        empty.location.z, empty.parent = height, frame
        bpy.context.scene.collection.objects.link(empty)
    gathered = gather(drawer, parts.add_part(drawer, "object"))
    planks = [g for g in gathered.geometry if g.name.startswith("shelf")]
    assert sorted(g.matrix[2][3] for g in planks) == pytest.approx([0.5, 1.5])
    assert planks[0].vertices == planks[1].vertices


def test_geometry_nodes_instances_are_read():
    frame, drawer = cuboid("frame", 2), cuboid("drawer")
    drawer.parent = frame
    tree = bpy.data.node_groups.new("scatter", "GeometryNodeTree")
    tree.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    begin, end = tree.nodes.new("NodeGroupInput"), tree.nodes.new("NodeGroupOutput")
    onto, cube = (
        tree.nodes.new("GeometryNodeInstanceOnPoints"),
        tree.nodes.new("GeometryNodeMeshCube"),
    )
    tree.links.new(begin.outputs[0], onto.inputs["Points"])
    tree.links.new(cube.outputs["Mesh"], onto.inputs["Instance"])
    tree.links.new(onto.outputs[0], end.inputs[0])
    frame.modifiers.new("Scatter", "NODES").node_group = tree
    gathered = gather(drawer, parts.add_part(drawer, "object"))
    assert sum(g.name == "frame" for g in gathered.geometry) == 8


def test_text_and_curves_are_bodies_too():
    bpy.ops.object.text_add()
    text = bpy.context.object
    text.data.extrude = 0.1
    drawer = cuboid("drawer")
    drawer.parent = text
    assert {g.name for g in gather(drawer, parts.add_part(drawer, "object")).geometry} == {
        "Text",
        "drawer",
    }


def test_edit_mode_is_read_as_it_is_seen():
    obj = grid()
    bpy.ops.object.mode_set(mode="EDIT")
    mesh = bmesh.from_edit_mesh(obj.data)
    mesh.faces.ensure_lookup_table()
    for face in mesh.faces:
        face.select_set(False)
    mesh.faces[3].select_set(True)
    part = parts.add_part(obj, "faces", "lid")
    mesh = bmesh.from_edit_mesh(obj.data)
    for vertex in mesh.verts:
        vertex.co.z = 7.0
    bmesh.update_edit_mesh(obj.data)
    gathered = gather(obj, part)
    assert gathered.geometry[0].selection.shape == (2,)
    vertices = arrays_of(gathered, gathered.geometry[0])[0]
    assert (vertices[:, 2] == 7.0).all()
    bpy.ops.object.mode_set(mode="OBJECT")
    again = gather(obj, part)
    assert again.geometry[0].selection == gathered.geometry[0].selection
    assert again.geometry[0].faces == gathered.geometry[0].faces


def test_shape_keys_are_read_as_they_stand():
    obj = grid()
    obj.shape_key_add(name="Basis")
    up = obj.shape_key_add(name="Up")
    for point in up.data:
        point.co.z = 2.0
    up.value = 0.5
    part = parts.add_part(obj, "faces", faces=[0])
    gathered = gather(obj, part)
    vertices = arrays_of(gathered, gathered.geometry[0])[0]
    assert vertices[:, 2] == pytest.approx(1.0)


def test_mesh_part_is_read_with_a_named_body():
    obj, frame = grid(), cuboid("frame")
    part = parts.add_part(obj, "faces", faces=[0])
    names = {g.name: g.moving for g in gather(obj, part, [frame]).geometry}
    assert names == {"grid": "selection", "frame": "none"}


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_coordinates_that_are_not_finite_are_named(bad):
    obj = grid()
    part = parts.add_part(obj, "faces", faces=[0])
    obj.data.attributes["position"].data.foreach_set("vector", [bad] * 75)
    assert "'grid' has vertices that are not finite" in refusal(obj, part)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("who", ["drawer", "neighbour"])
def test_loose_objects_that_are_not_finite_are_named(bad, who):
    drawer = cuboid("drawer")
    cuboid("neighbour", at=(1, 0, 0))
    points = bpy.data.objects[who].data.attributes["position"].data
    points.foreach_set("vector", [bad] * 24)
    assert f"'{who}' has vertices that are not finite" in refusal(drawer, parts.add_part(drawer))


def test_empty_mesh_is_refused():
    obj = bpy.data.objects.new("void", bpy.data.meshes.new("void"))
    frame = cuboid("frame")
    bpy.context.scene.collection.objects.link(obj)
    obj.parent = frame
    assert "no visible faces" in refusal(obj, parts.add_part(obj, "object"))


def test_all_faces_by_material_are_refused():
    obj = grid()
    obj.data.materials.append(bpy.data.materials.new("steel"))
    assert "All of 'grid'" in refusal(obj, parts.add_part(obj, "material", source_name="steel"))


def test_nothing_to_move_against_is_refused():
    lone = cuboid("lone")
    assert "Nothing near 'lone'" in refusal(lone, parts.add_part(lone, "object"))


def test_marking_that_is_gone_is_named():
    obj = grid()
    part = parts.add_part(obj, "faces", "lid", faces=[0])
    obj.data.attributes.remove(obj.data.attributes[part.source_name])
    assert "mark the part again" in refusal(obj, part)


def test_linked_objects_are_read(tmp_path):
    frame, door = cuboid("frame", 2), cuboid("door")
    door.parent = frame
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"))
    empty_file()
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (_, into):
        into.objects = ["frame", "door"]
    for obj in into.objects:
        bpy.context.scene.collection.objects.link(obj)
    door = bpy.data.objects["door"]
    gathered = gather(door, parts.add_part(door, "object"))
    assert {g.name: g.moving for g in gathered.geometry} == {"frame": "none", "door": "all"}
