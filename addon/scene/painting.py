"""Textures that go over the colours that materials have, through ordinary nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from . import images
from .pieces import own_mesh

key = "tug_revealed"  # on an image texture node: it is ours
colour_inputs = ("Base Color", "Color")
apart = 280.0  # between two nodes, side by side
# What points at a material without showing it; whatever else does is taken to show it.
harmless = (bpy.types.Screen, bpy.types.WindowManager, bpy.types.WorkSpace)

Pixels = NDArray[np.uint8]


class Base(NamedTuple):
    """A texture that is the colour of an object: `pixels` (H, W, 4) uint8.

    `ours` was baked before, and is to be painted on in any size.
    """

    pixels: Pixels
    ours: bool


def refusal(obj: bpy.types.Object) -> str:
    """Say in a sentence why an object cannot get a texture; nothing if it can."""
    if obj.library or obj.data.library:
        return f"'{obj.name}' is linked from another file, so it keeps its look; make it local."
    if obj.override_library or obj.data.override_library:
        return f"'{obj.name}' is a library override, so it keeps its look; make it local."
    slots = obj.material_slots
    if len(slots) and not any(_has_colour(slot.material) for slot in slots):
        return f"'{obj.name}' has no colour that a texture can go over, so it keeps its look."
    return ""


def base(obj: bpy.types.Object, layer: str) -> Base | None:
    """Return what is to be painted on: what was baked before, else a texture of its own.

    The latter is square, all the colour of the object, and shown as it is by the UV map `layer`.
    None where there is neither: what is baked then goes over the object's colours without
    knowing them.
    """
    node = _earlier(obj, layer)
    ours = node is not None
    node = node or _only_texture(obj, layer)
    pixels = images.read(node.image) if node else None
    return None if pixels is None else Base(pixels, ours)


def _only_texture(obj: bpy.types.Object, layer: str) -> bpy.types.Node | None:
    materials = {slot.material for slot in obj.material_slots if slot.material}
    if len(materials) != 1:
        return None
    sockets = list(_colours(materials.pop()))
    links = sockets[0].links if len(sockets) == 1 else ()
    node = links[0].from_node if links else None
    if node is None or node.type != "TEX_IMAGE" or node.image is None or not _by(node, layer):
        return None
    return node if node.image.size[0] == node.image.size[1] else None


def _earlier(obj: bpy.types.Object, layer: str) -> bpy.types.Node | None:
    """Return the node of an earlier bake by that UV map, or by one that was renamed since."""
    for slot in obj.material_slots:
        node = _ours(slot.material) if slot.material else None
        if node is None or node.image is None:
            continue
        above = _uv_map(node)
        if _by(node, layer) or (above and above.uv_map not in obj.data.uv_layers):
            return node
    return None


def put(
    obj: bpy.types.Object, pixels: Pixels, layer: str, notes: list[str], onto: bool = True
) -> bpy.types.Image:
    """Show (R, R, 4) pixels over the colours of an object, by its UV map `layer`.

    The image is packed, and mixed over what each material had by its alpha. The one of an earlier
    bake that it was painted `onto` is replaced; any other stays beneath. Materials and meshes that
    others use as well become the object's own; `notes` say so.
    """
    own_mesh(obj, notes)
    node = _earlier(obj, layer) if onto else None
    former = node.image if node else None
    image = images.add(f"{obj.name} revealed", pixels)
    if not len(obj.material_slots):
        obj.data.materials.append(None)
    known: dict[bpy.types.Material | None, bpy.types.Material] = {}
    for slot in obj.material_slots:
        before = slot.material
        if before not in known:
            if before and not _has_colour(before):
                notes.append(f"The material '{before.name}' has no colour, so it stays as it is.")
                known[before] = before
                continue
            known[before] = _own_material(obj, before, notes)
            _wire(known[before], image, layer, former)
        if slot.material != known[before]:
            slot.material = known[before]
    if former and not former.users:
        name = former.name
        bpy.data.images.remove(former)
        image.name = name
    return image


def _own_material(
    obj: bpy.types.Object, material: bpy.types.Material | None, notes: list[str]
) -> bpy.types.Material:
    """Return a material that only this object uses."""
    if material is None:
        return _usable(bpy.data.materials.new(obj.name))
    users = bpy.data.user_map(subset=[material])[material] - {obj, obj.data}
    others = [user for user in users if not isinstance(user, harmless)]
    if not others and not material.library and not material.override_library:
        return _usable(material)
    copy = material.copy()
    reason = "is linked" if material.library else "is used by others as well"
    notes.append(f"The material '{material.name}' {reason}; '{obj.name}' has '{copy.name}' now.")
    return _usable(copy)


def _is_plain(material: bpy.types.Material) -> bool:
    """Return whether a material has one colour and no nodes, which Blender 5 knows no more."""
    return bpy.app.version < (5, 0) and not material.use_nodes


def _has_colour(material: bpy.types.Material | None) -> bool:
    """Return whether a texture can go over the colour of a material."""
    return material is None or _is_plain(material) or any(True for _ in _colours(material))


def _usable(material: bpy.types.Material) -> bpy.types.Material:
    """Have a material use nodes; one that did not keeps its colour."""
    if not _is_plain(material):
        return material
    colour = tuple(material.diffuse_color)
    switched_off = material.node_tree is not None and len(material.node_tree.nodes) > 0
    material.use_nodes = True
    if switched_off:
        add_plain_shader(material.node_tree)
    for socket in _colours(material):
        if not socket.is_linked:
            socket.default_value = colour
    return material


def add_plain_shader(tree: bpy.types.NodeTree) -> None:
    """Have a plain shader be what is seen; the nodes that were there stay aside."""
    shader = tree.nodes.new("ShaderNodeBsdfPrincipled")
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    lowest = min((node.location.y for node in tree.nodes), default=0.0)
    shader.location, output.location = (0.0, lowest - 3.0 * apart), (apart, lowest - 3.0 * apart)
    tree.links.new(shader.outputs["BSDF"], output.inputs["Surface"])
    for other in tree.nodes:
        if other.type == "OUTPUT_MATERIAL":
            other.is_active_output = other == output


def _wire(
    material: bpy.types.Material,
    image: bpy.types.Image,
    layer: str,
    former: bpy.types.Image | None,
) -> None:
    """Have the colours of a material show an image, in the place of the `former` one if any."""
    tree, texture = material.node_tree, _ours(material)
    if texture and (former is None or texture.image != former):
        del texture[key]  # from now on it is what the material had before
        texture = None
    if texture:
        texture.image = image
        above = _uv_map(texture)
        if above:
            above.uv_map = layer
    sockets = [s for s in _colours(material) if not (texture and _reaches(s, texture))]
    for socket in sockets:
        texture = texture or _texture(tree, image, layer, socket.node)
        _mix(tree, socket, texture)


def _reaches(socket: bpy.types.NodeSocket, node: bpy.types.Node) -> bool:
    """Return whether what a socket has comes from a node, among others."""
    todo, done = [socket], set()
    while todo:
        for link in todo.pop().links:
            above = link.from_node
            if above == node:
                return True
            if above.name not in done:
                done.add(above.name)
                todo += above.inputs
    return False


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


def _uv_map(node: bpy.types.Node) -> bpy.types.Node | None:
    """Return the node that names the UV map of an image texture, if there is one."""
    links = node.inputs["Vector"].links
    return links[0].from_node if links and links[0].from_node.type == "UVMAP" else None


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
