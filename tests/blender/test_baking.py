"""Dragged views as textures: what is sent, and ordinary nodes, images and UV maps in one step."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from tests.blender.dragging_things import (
    a_slider,
    blocks,
    drawer_cabinet,
    half_painted,
    proposed,
)
from tests.blender.scene_things import push_undo, redo, undo


def shown(post, drawer):
    """Another dragged view of the drawer, as it is now."""
    from bl_ext.user_default.tug import imagining

    return post.dragged(imagining.ask(drawer, views=2), count=2)


def ask(dragged, **options):
    from bl_ext.user_default.tug import baking

    return baking.ask(dragged, **options)


def apply(job):
    from bl_ext.user_default.tug import baking

    return baking.put_into_scene(job)


def made(job):
    """The names of the images that a job made and that are there."""
    from bl_ext.user_default.tug import baking

    return sorted(image.name for image in baking.images_of(job))


def request_of(job, obj):
    """The geometry's index in the request."""
    return next(i for i, g in enumerate(job.request.geometry) if g.name == obj.name)


def give_uvs(obj):
    """Unwrap each face to the whole texture."""
    layer = obj.data.uv_layers.new(name="Own")
    square = np.float32([(0, 0), (1, 0), (1, 1), (0, 1)])
    layer.uv.foreach_set("vector", np.tile(square, (len(obj.data.polygons), 1)).reshape(-1))
    return layer


def textured(obj, image):
    """Give an object a material whose colour is an image; return the material."""
    material = bpy.data.materials.new("Painted")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    node = nodes.new("ShaderNodeTexImage")
    node.image = image
    links.new(node.outputs["Color"], nodes["Principled BSDF"].inputs["Base Color"])
    obj.data.materials.append(material)
    return material


def chequered(size, name="Wood"):
    image = bpy.data.images.new(name, size, size)
    values = np.random.default_rng(3).integers(0, 256, (size, size, 4)).astype(np.float32) / 255.0
    values[..., 3] = 1.0
    image.pixels.foreach_set(values.reshape(-1))
    image.pack()
    return image


def node_of(material, kind):
    (found,) = (node for node in material.node_tree.nodes if node.type == kind)
    return found


def from_socket(node, name):
    """The socket that is linked to an input, by its identifier."""
    socket = next(s for s in node.inputs if s.identifier == name)
    return socket.links[0].from_socket if socket.links else None


def test_the_rest_pose_the_joint_and_the_pictures_are_sent(post, drawer, dragged):
    request = ask(dragged, resolution=64).request
    assert {g.name: g.moving for g in request.geometry} == {"Body": "none", "Drawer": "all"}
    assert request.joint == a_slider() and request.value == pytest.approx(0.3)
    assert [p.camera for p in request.photographs] == [v.camera for v in dragged.result.views]
    images = post.arrays_of(p.image for p in request.photographs)
    assert np.array_equal(images[1], dragged.seen[1].after.pixels)
    assert request.resolution == 64 and request.base == ()
    assert ask(dragged).request.resolution == 1024


def test_uvs_are_those_of_each_triangles_corners(post, drawer, dragged):
    layer = give_uvs(drawer)
    job = ask(dragged)
    index = request_of(job, drawer)
    geometry = job.request.geometry[index]
    faces, vertices, uvs = post.arrays_of(
        (geometry.faces, geometry.vertices, job.request.uvs[index])
    )
    assert uvs.shape == (12, 3, 2) and job.skins[index].layer == "Own"
    mesh = drawer.data
    known = {
        (polygon.index, mesh.loops[loop].vertex_index): tuple(layer.uv[loop].vector)
        for polygon in mesh.polygons
        for loop in polygon.loop_indices
    }
    for triangle in range(12):
        for corner in range(3):
            vertex = int(faces[triangle, corner])
            assert tuple(uvs[triangle, corner]) == known[triangle // 2, vertex]
    assert len(vertices) == 8


def test_a_map_for_a_texture_that_repeats_is_left_alone(api, post, drawer, dragged):
    layer = give_uvs(drawer)
    layer.uv[0].vector = (2.5, 0.0)
    job = ask(dragged)
    assert job.request.uvs[request_of(job, drawer)] is None
    assert any("'Drawer' leaves its texture" in remark for remark in job.remarks)
    assert job.request.uvs[request_of(job, drawer.parent)] is not None


def test_modifiers_are_followed_by_the_uvs(post, drawer, dragged):
    mirror = drawer.modifiers.new("Mirror", "MIRROR")
    mirror.use_axis = (False, False, True)
    job = ask(shown(post, drawer))
    index = request_of(job, drawer)
    assert job.request.uvs[index].shape == (job.request.geometry[index].faces.shape[0], 3, 2)
    assert job.request.geometry[index].faces.shape[0] == 24
    post.baked(job)
    apply(job)
    assert drawer.data.uv_layers.active.name == "UVMap"


def test_nothing_changes_before_the_answer_and_all_in_one_step(post, drawer, dragged):
    from bl_ext.user_default.tug import runtime

    before = blocks()
    push_undo("Before")
    job = ask(dragged, resolution=32, lands=True)
    assert blocks() == before and not drawer.data.uv_layers
    post.baked(job, "Body", "Drawer")
    assert job.state == "done" and made(job) == ["Body revealed", "Drawer revealed"]
    assert any("'Drawer' had no UV map; Smart UV Project made one." in r for r in job.remarks)
    check_shown("Drawer")
    undo()
    assert blocks() == before
    assert all(not bpy.data.objects[n].data.uv_layers for n in ("Body", "Drawer"))
    redo()
    check_shown("Drawer")
    assert runtime.book.get(job.id)


def check_shown(name):
    """An object shows its packed texture over its colour, by ordinary nodes."""
    obj = bpy.data.objects[name]
    (slot,) = obj.material_slots
    shader = node_of(slot.material, "BSDF_PRINCIPLED")
    mix = from_socket(shader, "Base Color").node
    texture = from_socket(mix, "B_Color").node
    assert mix.bl_idname == "ShaderNodeMix" and mix.data_type == "RGBA"
    assert from_socket(mix, "Factor_Float") == texture.outputs["Alpha"]
    assert from_socket(mix, "A_Color") is None
    assert from_socket(texture, "Vector").node.uv_map == obj.data.uv_layers.active.name
    image = texture.image
    assert image.name == f"{name} revealed" and image.packed_file
    size = image.size[0]
    values = np.rint(np.array(image.pixels[:]).reshape(size, size, 4) * 255.0)
    assert np.array_equal(values[::-1], half_painted(size))
    assert obj.data.uv_layers.active.active_render


def test_the_former_colour_is_kept_beneath(post, drawer, dragged):
    give_uvs(drawer)
    wood = chequered(16)
    material = textured(drawer, wood)
    material.node_tree.nodes["Image Texture"].location = (-300, 300)
    kept = {node.name for node in material.node_tree.nodes}
    post.baked(job := ask(dragged, resolution=32), "Drawer")
    apply(job)
    assert drawer.active_material == material and kept <= {n.name for n in material.node_tree.nodes}
    mix = from_socket(node_of(material, "BSDF_PRINCIPLED"), "Base Color").node
    former = from_socket(mix, "A_Color").node
    assert former.image == wood and former.name == "Image Texture"
    assert np.array_equal(np.array(wood.pixels[:4]), np.array(chequered(16, "again").pixels[:4]))


def test_a_square_texture_is_painted_over_in_its_own_size(post, drawer, dragged):
    give_uvs(drawer)
    image = chequered(48)
    textured(drawer, image)
    assert ask(dragged).request.resolution == 1024, "the body has none"
    job = ask(dragged, resolution=48)
    index = request_of(job, drawer)
    (base,) = post.arrays_of([job.request.base[index]])
    assert base.shape == (48, 48, 4) and job.request.base[1 - index] is None
    expected = np.rint(np.array(image.pixels[:]).reshape(48, 48, 4)[::-1] * 255.0)
    assert np.array_equal(base, expected)
    assert ask(dragged, resolution=64).request.base == (), "another size would blur it"


def test_textures_that_are_laid_out_otherwise_are_not_painted_over(post, drawer, dragged):
    give_uvs(drawer)
    material = textured(drawer, chequered(48))
    nodes, links = material.node_tree.nodes, material.node_tree.links
    coordinates, mapping = nodes.new("ShaderNodeTexCoord"), nodes.new("ShaderNodeMapping")
    links.new(coordinates.outputs["UV"], nodes["Image Texture"].inputs["Vector"])
    assert len(ask(dragged, resolution=48).request.base) == 2
    links.new(coordinates.outputs["UV"], mapping.inputs["Vector"])
    links.new(mapping.outputs["Vector"], nodes["Image Texture"].inputs["Vector"])
    assert ask(dragged, resolution=48).request.base == ()


def test_what_others_use_as_well_becomes_its_own_and_says_so(post, drawer, dragged):
    from tests.blender.conftest import add_box

    material = bpy.data.materials.new("Shared")
    drawer.data.materials.append(material)
    other = add_box("Stranger", (1, 1, 1), (9, 9, 9))
    other.data.materials.append(material)
    twin = bpy.data.objects.new("Twin", drawer.data)
    bpy.context.scene.collection.objects.link(twin)
    twin.location.x = 5.0
    before = len(material.node_tree.nodes) if material.node_tree else 0
    post.baked(job := ask(dragged, resolution=32), "Drawer")
    apply(job)
    assert drawer.data != twin.data and not twin.data.uv_layers
    assert drawer.active_material != material and other.active_material == material
    assert twin.active_material == material
    assert (len(material.node_tree.nodes) if material.node_tree else 0) == before
    said = " ".join(job.remarks)
    assert "'Shared' is used by others" in said and "shared its mesh" in said


def test_each_material_of_an_object_shows_it(post, drawer, dragged):
    for name in ("One", "Two"):
        drawer.data.materials.append(bpy.data.materials.new(name))
        bpy.data.materials[name].use_nodes = True
    emission = bpy.data.materials["Two"].node_tree
    shader = emission.nodes.new("ShaderNodeEmission")
    emission.links.new(
        shader.outputs[0], node_of(bpy.data.materials["Two"], "OUTPUT_MATERIAL").inputs[0]
    )
    post.baked(job := ask(dragged, resolution=32), "Drawer")
    apply(job)
    assert from_socket(node_of(bpy.data.materials["One"], "BSDF_PRINCIPLED"), "Base Color")
    assert from_socket(shader, "Color").node.type == "MIX"


def test_linked_meshes_keep_their_look_and_say_so(api, post, drawer, dragged, tmp_path):
    body = drawer.parent
    file = tmp_path / "library.blend"
    bpy.data.libraries.write(str(file), {body.data})
    with bpy.data.libraries.load(str(file), link=True) as (_, to):
        to.meshes = [body.data.name]
    own = body.data
    body.data = next(mesh for mesh in bpy.data.meshes if mesh.library)
    job = ask(dragged, resolution=32)
    assert job.request.uvs[request_of(job, body)] is None
    assert any("'Body' is linked" in remark for remark in job.remarks)
    body.data = own


def test_a_changed_mesh_or_map_is_refused_and_nothing_is_half_done(api, post, drawer, dragged):
    give_uvs(drawer)
    job = post.baked(ask(dragged, resolution=32))
    drawer.data.uv_layers["Own"].uv[0].vector = (0.3, 0.3)
    before = blocks()
    with pytest.raises(api.TugError, match="changed since"):
        apply(job)
    assert blocks() == before and not drawer.data.materials
    job = post.baked(ask(dragged, resolution=32))
    drawer.data.vertices[0].co.x += 0.1
    with pytest.raises(api.TugError, match="changed since"):
        apply(job)
    with pytest.raises(api.TugError, match="changed since it was imagined"):
        ask(dragged)
    job = post.baked(ask(shown(post, drawer), resolution=32))
    bpy.data.objects.remove(drawer.parent)
    with pytest.raises(api.TugError):
        apply(job)


def test_a_failure_on_landing_is_the_jobs_own(post, drawer, dragged):
    from bl_ext.user_default.tug import arrivals
    from bl_ext.user_default.tug.protocol.dragging import BakeTextureResult

    job = ask(dragged, lands=True)
    job.result = BakeTextureResult(textures=())
    arrivals.arrived(job)
    assert job.state == "failed" and "show nothing of what opens" in job.error.message


def test_cameras_and_pulls_go_with_an_object_that_was_moved(post, drawer, dragged):
    drawer.parent.location = (2.0, 0.0, 1.0)
    bpy.context.view_layer.update()
    request = ask(dragged).request
    then = np.array(dragged.result.views[0].camera.pose)
    now = np.array(request.photographs[0].camera.pose)
    assert np.allclose(now[:3, 3] - then[:3, 3], (2, 0, 1)) and request.value == pytest.approx(0.3)
    assert request.joint.origin == pytest.approx((2.0, -0.3, 1.4))


def test_an_accepted_joint_is_taken_where_the_object_is_now(post, drawer, dragged):
    from bl_ext.user_default.tug.scene import joints

    body = drawer.parent
    applied = joints.apply(drawer, drawer.tug.parts[0], a_slider())
    joints.set_open(applied.control, "", 0.7)
    body.location = (0.0, 0.0, 1.0)
    bpy.context.view_layer.update()
    request = ask(dragged).request
    assert request.joint.origin[2] == pytest.approx(1.4) and request.value == pytest.approx(0.3)
    moving = next(g for g in request.geometry if g.moving == "all")
    assert np.array(moving.matrix)[:3, 3] == pytest.approx((0, 0, 1), abs=1e-5)
    assert applied.control["tug_open"] == pytest.approx(0.7)


def test_without_a_joint_or_where_nothing_opens_it_says_so(api, post, drawer):
    from bl_ext.user_default.tug import imagined, imagining

    job = imagining.ask(drawer)
    with pytest.raises(api.TugError, match="no dragged view"):
        ask(job)
    post.dragged(job)
    with pytest.raises(api.TugError, match="no joint yet"):
        ask(job)
    assert not bpy.ops.tug.bake_texture.poll()
    proposed(drawer, a_slider())
    assert bpy.ops.tug.bake_texture.poll()
    drawer.tug.parts[0].drags[0].end = (1.1, -0.305, 0.5)
    across = post.dragged(imagining.ask(drawer))
    with pytest.raises(api.TugError, match="do not open"):
        ask(across)
    assert imagined.active_dragged_job(bpy.context) is across


def test_a_part_of_a_single_mesh_is_baked_too(post, api):
    from bl_ext.user_default.tug import imagining
    from bl_ext.user_default.tug.scene import parts

    body, drawer = drawer_cabinet()
    pieces = [body, drawer]
    drawer.tug.parts.clear()
    with bpy.context.temp_override(active_object=body, selected_editable_objects=pieces):
        bpy.ops.object.join()
    bpy.context.view_layer.objects.active = body
    part = parts.add_part(body, "faces", "Drawer", faces=range(30, 36))
    parts.add_drag(body, part, (0.1, -0.305, 0.5), (0.1, -0.605, 0.5))
    proposed(body, a_slider())
    job = ask(post.dragged(imagining.ask(body)), resolution=32)
    (geometry,) = job.request.geometry
    assert geometry.moving == "selection" and job.request.uvs[0].shape == (72, 3, 2)
    post.baked(job)
    apply(job)
    check_shown("Body")


def test_the_operator_waits_and_the_null_backends_answer_is_said(connected, drawer):
    from bl_ext.user_default.tug import runtime
    from bl_ext.user_default.tug.core.pictures import Seen, picture

    from tests.blender.dragging_things import a_camera, plain

    handle = connected.drag_views(drawer)
    handle.wait(30.0)
    job = runtime.book.get(handle.id)
    from bl_ext.user_default.tug.protocol.blobs import describe
    from bl_ext.user_default.tug.protocol.dragging import DraggedView, DragViewsResult

    shown = describe(plain(32, (1, 2, 3)))
    view = DraggedView(camera=a_camera("a"), before=shown, after=shown, drags=())
    job.error, job.result = None, DragViewsResult(views=(view,))
    kept = picture(plain(32, (1, 2, 3)))
    job.seen = (Seen(before=kept, after=kept),)
    proposed(drawer, a_slider())
    with pytest.raises(RuntimeError, match="show nothing of what opens"):
        bpy.ops.tug.bake_texture()
    again = connected.bake_texture(handle, resolution=64)
    assert again.wait(30.0) and again.state == "done" and again.images == ()
