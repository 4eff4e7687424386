"""Baking where something was baked or painted before: onto it, in its size, by its nodes."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from tests.blender.dragging_things import (
    a_slider,
    blocks,
    half_painted,
    proposed,
)

colour = "Base Color"


def ask(dragged, **options):
    from bl_ext.user_default.tug import baking

    return baking.ask(dragged, **options)


def bake(post, dragged, **options):
    """Ask, answer for the drawer, and put it on; return the job."""
    from bl_ext.user_default.tug import baking

    job = post.baked(ask(dragged, **options), "Drawer")
    baking.put_into_scene(job)
    return job


def base_of(post, job, name="Drawer"):
    index = next(i for i, g in enumerate(job.request.geometry) if g.name == name)
    (found,) = post.arrays_of([job.request.base[index] if job.request.base else None])
    return found


def revealed():
    """The names of the images that bakes made."""
    return sorted(image.name for image in bpy.data.images if "revealed" in image.name)


def pixels(image):
    size = image.size[0]
    return np.rint(np.array(image.pixels[:]).reshape(size, size, 4)[::-1] * 255.0)


def retouch(image):
    """Paint a corner of an image red by hand."""
    values = np.array(image.pixels[:]).reshape(image.size[1], image.size[0], 4)
    values[-8:, -8:] = 1.0, 0.0, 0.0, 1.0
    image.pixels.foreach_set(values.reshape(-1).astype(np.float32))
    image.update()


def tree_of(drawer):
    return drawer.active_material.node_tree


def texture_node(drawer):
    (found,) = (node for node in tree_of(drawer).nodes if node.type == "TEX_IMAGE")
    return found


def shader_input(drawer):
    shader = next(node for node in tree_of(drawer).nodes if node.type == "BSDF_PRINCIPLED")
    return shader.inputs[colour]


def test_baking_again_paints_on_what_was_baked_in_its_size(post, drawer, dragged):
    from bl_ext.user_default.tug.core.pictures import resized

    bake(post, dragged, resolution=32)
    job = bake(post, dragged)
    assert job.request.resolution == 1024, "the body has no texture yet"
    assert np.array_equal(base_of(post, job), resized(half_painted(32), 1024))
    assert len([n for n in tree_of(drawer).nodes if n.type == "TEX_IMAGE"]) == 1
    assert revealed() == ["Drawer revealed"] and len(drawer.data.uv_layers) == 1
    assert np.array_equal(pixels(bpy.data.images["Drawer revealed"]), half_painted(32))


def test_another_size_and_a_retouch_are_painted_on_with_any_number_of_materials(
    post, drawer, dragged
):
    for name in ("One", "Two"):
        drawer.data.materials.append(bpy.data.materials.new(name))
    bake(post, dragged, resolution=32)
    retouch(bpy.data.images["Drawer revealed"])
    job = ask(dragged, resolution=64)
    base = base_of(post, job)
    assert base.shape == (64, 64, 4) and base[8, 60].tolist() == [255, 0, 0, 255]
    bake(post, dragged, resolution=64)
    assert revealed() == ["Drawer revealed"]
    shown = {
        node.image.name
        for slot in drawer.material_slots
        for node in slot.material.node_tree.nodes
        if node.type == "TEX_IMAGE"
    }
    assert shown == {"Drawer revealed"}


def test_a_retouch_while_it_was_baked_is_not_lost(api, post, drawer, dragged):
    from bl_ext.user_default.tug import baking

    bake(post, dragged, resolution=32)
    job = post.baked(ask(dragged, resolution=32), "Drawer")
    retouch(bpy.data.images["Drawer revealed"])
    with pytest.raises(api.TugError, match="textures were changed since"):
        baking.put_into_scene(job)


def test_what_cannot_be_painted_on_stays_beneath(post, drawer, dragged):
    bake(post, dragged, resolution=32)
    before = bpy.data.images["Drawer revealed"]
    before.colorspace_settings.name = "Non-Color"
    assert base_of(post, ask(dragged)) is None
    bake(post, dragged, resolution=32)
    nodes = [node for node in tree_of(drawer).nodes if node.type == "TEX_IMAGE"]
    assert len(nodes) == 2 and before in [node.image for node in nodes]
    assert revealed() == ["Drawer revealed", "Drawer revealed.001"]


def test_a_renamed_map_and_cut_wires_are_mended(post, drawer, dragged):
    bake(post, dragged, resolution=32)
    drawer.data.uv_layers[0].name = "Renamed"
    links = tree_of(drawer).links
    links.remove(shader_input(drawer).links[0])
    job = bake(post, dragged, resolution=32)
    assert base_of(post, job) is not None, "it is known by another name"
    node = texture_node(drawer)
    assert node.inputs["Vector"].links[0].from_node.uv_map == "Renamed"
    mix = shader_input(drawer).links[0].from_node
    assert any(link.from_node == node for entry in mix.inputs for link in entry.links)


def without_colour(name):
    """A material whose surface is a shader that has no colour of its own."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    shader, output = nodes.new("ShaderNodeAddShader"), nodes.new("ShaderNodeOutputMaterial")
    links.new(shader.outputs[0], output.inputs["Surface"])
    return material


def test_materials_without_a_colour_are_refused_before_anything_is_asked(api, post, drawer):
    from bl_ext.user_default.tug import imagining

    for obj in (drawer, drawer.parent):
        obj.data.materials.append(without_colour(obj.name))
    proposed(drawer, a_slider())
    dragged = post.dragged(imagining.ask(drawer))
    with pytest.raises(api.TugError, match="has no colour that a texture can go over"):
        ask(dragged)


def test_one_material_without_a_colour_stays_as_it_is(post, drawer, dragged):
    bare = without_colour("Bare")
    drawer.data.materials.append(bare)
    drawer.data.materials.append(bpy.data.materials.new("Plain"))
    bare.use_fake_user = True
    job = bake(post, dragged, resolution=32)
    assert len(bare.node_tree.nodes) == 2
    assert any("'Bare' has no colour" in remark for remark in job.remarks)
    assert "Bare.001" not in blocks()["materials"]


def test_a_material_that_anything_else_shows_is_copied(post, drawer, dragged):
    material = bpy.data.materials.new("Shared")
    drawer.data.materials.append(material)
    bpy.data.metaballs.new("Ball").materials.append(material)
    bake(post, dragged, resolution=32)
    assert drawer.active_material != material


@pytest.mark.skipif(bpy.app.version >= (5, 0, 0), reason="nodes cannot be off any more")
def test_nodes_that_were_off_stay_off(post, drawer, dragged):
    material = bpy.data.materials.new("Off")
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs[colour].default_value = (1.0, 0.0, 0.0, 1.0)
    material.use_nodes, material.diffuse_color = False, (0.0, 1.0, 0.0, 1.0)
    drawer.data.materials.append(material)
    bake(post, dragged, resolution=32)
    assert not shader.inputs[colour].is_linked
    output = material.node_tree.get_output_node("ALL")
    seen = output.inputs["Surface"].links[0].from_node
    mix = seen.inputs[colour].links[0].from_node
    assert seen != shader and tuple(mix.inputs[6].default_value) == (0.0, 1.0, 0.0, 1.0)


def test_a_plain_shader_is_seen_and_the_former_nodes_stay(api):
    from bl_ext.user_default.tug.scene import painting

    material = bpy.data.materials.new("Off")
    material.use_nodes = True
    tree = material.node_tree
    kept = {node.name for node in tree.nodes}
    painting.add_plain_shader(tree)
    assert kept < {node.name for node in tree.nodes}
    assert tree.get_output_node("ALL").name not in kept


def test_an_image_is_known_by_any_name_and_gone_when_it_is_undone(api, post, drawer, dragged):
    from bl_ext.user_default.tug.handles import BakeHandle

    job = bake(post, dragged, resolution=32)
    bpy.data.images["Drawer revealed"].name = "Mine"
    assert [image.name for image in BakeHandle(job).images] == ["Mine"]
    bpy.data.images.remove(bpy.data.images["Mine"])
    bpy.data.images.new("Drawer revealed", 8, 8)
    assert BakeHandle(job).images == ()
