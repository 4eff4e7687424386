"""Textures that go over the colours that materials have, through ordinary nodes."""

from __future__ import annotations

from collections.abc import Iterator

import bpy
import numpy as np
from numpy.typing import NDArray

from . import images
from .pieces import own_mesh

key = "tug_revealed"  # on an image texture node: it is ours
colour_inputs = ("Base Color", "Color")
apart = 280.0  # between two nodes, side by side

Pixels = NDArray[np.uint8]


def refusal(obj: bpy.types.Object) -> str:
    """Say in a sentence why an object cannot get a texture; nothing if it can."""
    if obj.library or obj.data.library:
        return f"'{obj.name}' is linked from another file, so it keeps its look; make it local."
    if obj.override_library or obj.data.override_library:
        return f"'{obj.name}' is a library override, so it keeps its look; make it local."
    return ""


def base(obj: bpy.types.Object, layer: str) -> Pixels | None:
    """Return (R, R, 4) uint8: the square texture that is all the colour of an object.

    None where there is none, or where it is not shown as it is, by the UV map `layer`: what is
    baked then goes over the object's colours without knowing them.
    """
    materials = {slot.material for slot in obj.material_slots if slot.material}
    if len(materials) != 1:
        return None
    (material,) = materials
    sockets = list(_colours(material))
    links = sockets[0].links if len(sockets) == 1 else ()
    node = links[0].from_node if links else None
    if node is not None and node.type == "MIX":  # of an earlier bake
        node = _ours(material)
    if node is None or node.type != "TEX_IMAGE" or node.image is None or not _by(node, layer):
        return None
    if node.image.size[0] != node.image.size[1]:
        return None
    return images.read(node.image)


def put(obj: bpy.types.Object, pixels: Pixels, layer: str, notes: list[str]) -> bpy.types.Image:
    """Show (R, R, 4) pixels over the colours of an object, by its UV map `layer`.

    The image is packed, and mixed over what each material had by its alpha. One of an earlier bake
    is replaced. Materials and meshes that others use as well become the object's own; `notes` say
    so.
    """
    own_mesh(obj, notes)
    image = images.add(f"{obj.name} revealed", pixels)
    if not len(obj.material_slots):
        obj.data.materials.append(None)
    known: dict[bpy.types.Material | None, bpy.types.Material] = {}
    for slot in obj.material_slots:
        before = slot.material
        if before not in known:
            known[before] = _own_material(obj, before, notes)
            _wire(known[before], image, layer, notes)
        if slot.material != known[before]:
            slot.material = known[before]
    return image


def _own_material(
    obj: bpy.types.Object, material: bpy.types.Material | None, notes: list[str]
) -> bpy.types.Material:
    """Return a material that only this object uses."""
    if material is None:
        return _usable(bpy.data.materials.new(obj.name))
    users = bpy.data.user_map(subset=[material])[material] - {obj, obj.data}
    real = [user for user in users if not _is_ours(user)]
    if not real and not material.library and not material.override_library:
        return _usable(material)
    copy = material.copy()
    reason = "is linked" if material.library else "is used by others as well"
    notes.append(f"The material '{material.name}' {reason}; '{obj.name}' has '{copy.name}' now.")
    return _usable(copy)


def _is_ours(user: bpy.types.ID) -> bool:
    """Return whether a user of a material is none that shows it, such as a screen."""
    return not isinstance(user, bpy.types.Object | bpy.types.Mesh | bpy.types.Curve)


def _usable(material: bpy.types.Material) -> bpy.types.Material:
    """Have a material use nodes; one that did not keeps its colour."""
    if bpy.app.version >= (5, 0) or material.use_nodes:
        return material
    colour = tuple(material.diffuse_color)
    material.use_nodes = True
    for socket in _colours(material):
        if not socket.is_linked:
            socket.default_value = colour
    return material


def _wire(
    material: bpy.types.Material, image: bpy.types.Image, layer: str, notes: list[str]
) -> None:
    earlier = _ours(material)
    if earlier:
        before, earlier.image = earlier.image, image
        if before and not before.users:
            name = before.name
            bpy.data.images.remove(before)
            image.name = name
        return
    sockets = list(_colours(material))
    if not sockets:
        notes.append(f"The material '{material.name}' has no colour that a texture can go over.")
        return
    tree = material.node_tree
    texture = _texture(tree, image, layer, sockets[0].node)
    for socket in sockets:
        _mix(tree, socket, texture)


def _texture(
    tree: bpy.types.NodeTree, image: bpy.types.Image, layer: str, beside: bpy.types.Node
) -> bpy.types.Node:
    """Add the image texture with the UV map that it goes by, left of a node and below."""
    x, y = beside.location
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.image, texture.label, texture[key] = image, "Revealed", True
    texture.extension = "EXTEND"
    texture.location = (x - 2.2 * apart, y - apart)
    coordinates = tree.nodes.new("ShaderNodeUVMap")
    coordinates.uv_map = layer
    coordinates.location = (x - 3.0 * apart, y - apart)
    tree.links.new(coordinates.outputs["UV"], texture.inputs["Vector"])
    return texture


def _mix(tree: bpy.types.NodeTree, socket: bpy.types.NodeSocket, texture: bpy.types.Node) -> None:
    """Mix the texture over what a colour socket has, by the texture's alpha."""
    mix = tree.nodes.new("ShaderNodeMix")
    mix.data_type, mix.label = "RGBA", "Revealed"
    x, y = socket.node.location
    mix.location = (x - apart, y - 60.0)
    inputs = {entry.identifier: entry for entry in mix.inputs}
    outputs = {entry.identifier: entry for entry in mix.outputs}
    former = socket.links[0].from_socket if socket.is_linked else None
    if former:
        tree.links.new(former, inputs["A_Color"])
    else:
        inputs["A_Color"].default_value = tuple(socket.default_value)
    tree.links.new(texture.outputs["Alpha"], inputs["Factor_Float"])
    tree.links.new(texture.outputs["Color"], inputs["B_Color"])
    tree.links.new(outputs["Result_Color"], socket)


def _ours(material: bpy.types.Material) -> bpy.types.Node | None:
    """Return the image texture node of an earlier bake."""
    nodes = material.node_tree.nodes if material.node_tree else ()
    return next((node for node in nodes if node.type == "TEX_IMAGE" and node.get(key)), None)


def _by(node: bpy.types.Node, layer: str) -> bool:
    """Return whether an image texture is laid out by that UV map and by nothing else."""
    links = node.inputs["Vector"].links
    if not links:
        return True
    above = links[0].from_node
    if above.type == "UVMAP":
        return above.uv_map in ("", layer)
    return above.type == "TEX_COORD" and links[0].from_socket.name == "UV"


def _colours(material: bpy.types.Material) -> Iterator[bpy.types.NodeSocket]:
    """Go through the colour sockets of the shaders that a material's surface comes from."""
    tree = material.node_tree
    output = tree.get_output_node("ALL") if tree else None
    todo = [link.from_node for link in output.inputs["Surface"].links] if output else []
    done: set[str] = set()
    while todo:
        node = todo.pop(0)
        if node.name in done:
            continue
        done.add(node.name)
        found = [s for s in node.inputs if s.type == "RGBA" and s.name in colour_inputs]
        yield from found[:1]
        shaders = [s for s in node.inputs if s.type == "SHADER" or node.type == "REROUTE"]
        todo += [link.from_node for socket in shaders for link in socket.links]
