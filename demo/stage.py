"""A light studio around an object, and the arrows that explain a joint."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import bmesh
import bpy
from mathutils import Matrix, Quaternion, Vector

drag_colour = (0.90, 0.16, 0.05)
axis_colour = (0.02, 0.25, 0.85)
axis_radius = 0.0045
drag_radius = 0.008
look_right = Vector((1.0, -0.62, 0.0)).normalized()
look_ahead = (Vector((0.62, 1.0, 0.0)).normalized() + Vector((0.0, 0.0, -0.36))).normalized()


def build(scene: bpy.types.Scene, corners: Sequence[Vector]) -> None:
    """Add floor, lights and a camera that frames the world-space `corners`."""
    into = _collection(scene, "studio")
    _floor(into)
    _world(scene)
    _light(into, "key", (-1.6, -2.4, 3.2), size=2.2, power=95)
    _light(into, "fill", (2.6, -1.8, 1.6), size=2.5, power=28)
    _camera(scene, into, corners)


def build_sheet(scene: bpy.types.Scene, view: dict[str, float]) -> None:
    """Add floor, sun and a camera without perspective that sees `width` from above, at `tilt`.

    Its picture begins, left and up, where the world's origin is seen.
    """
    into = _collection(scene, "studio")
    _floor(into)
    _world(scene)
    sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
    sun.data.energy, sun.data.angle = 2.2, math.radians(12)
    sun.rotation_euler = Vector((0.55, 0.5, -1.0)).to_track_quat("-Z", "Y").to_euler()
    into.objects.link(sun)
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.type, camera.data.ortho_scale = "ORTHO", view["width"]
    turn = Matrix.Rotation(math.pi / 2 - view["tilt"], 4, "X")
    middle = Vector((view["width"] / 2, -view["height"] / 2, 2 * view["width"]))
    camera.matrix_world = turn @ Matrix.Translation(middle)
    into.objects.link(camera)
    scene.camera = camera


def draw_joint(scene: bpy.types.Scene, name: str, joint, corners: Sequence[Vector]) -> None:
    """Draw a joint: a hinge as its line and the turn it allows, a slider as the way it goes.

    `corners` are the part's box corners at rest, in world space.
    """
    into = _collection(scene, "arrows")
    axis, origin = Vector(joint.axis), Vector(joint.origin)
    if joint.type == "prismatic":
        start = _near_corner(corners, axis) - 0.02 * look_right
        _arrow(into, f"axis {name}", [start, start + axis * joint.upper], axis_radius, axis_colour)
        return
    along = [(corner - origin) @ axis for corner in corners]
    low, high = min(along) - 0.07, max(along) + 0.13
    ends = [_above_floor(origin + axis * low), _above_floor(origin + axis * high)]
    _arrow(into, f"axis {name}", ends, axis_radius, axis_colour)
    reach = sum(corners, Vector()) / len(corners) - origin
    towards = 0.11 * (reach - axis * (reach @ axis)).normalized()
    centre = max((origin + axis * (low + 0.02), origin + axis * (high - 0.05)), key=lambda at: at.z)
    turns = [Quaternion(axis, joint.upper * i / 24) for i in range(25)]
    points = [centre + turn @ towards for turn in turns]
    _arrow(into, f"turn {name}", points, 0.6 * axis_radius, axis_colour)


def draw_drag(scene: bpy.types.Scene, name: str, start: Vector, end: Vector) -> None:
    """Draw a drag: a ball where it was taken, an arrow head where it was let go."""
    into = _collection(scene, "arrows")
    _arrow(into, f"drag {name}", [start, end], drag_radius, drag_colour)
    ball = _mesh_object(into, f"drag {name} start", drag_colour, Matrix.Translation(start))
    _fill(ball, lambda mesh: bmesh.ops.create_icosphere(mesh, subdivisions=3, radius=0.016))


def _above_floor(point: Vector) -> Vector:
    return Vector((point.x, point.y, max(point.z, 0.01)))


def _near_corner(corners: Sequence[Vector], axis: Vector) -> Vector:
    """The corner in front, seen along the axis, that the camera has at its upper left."""
    return max(corners, key=lambda corner: 10 * axis @ corner - look_right @ corner + corner.z)


def corners_of(objects: Iterable[bpy.types.Object]) -> list[Vector]:
    """Return the world-space corners of the objects' boxes at the current frame."""
    graph = bpy.context.evaluated_depsgraph_get()
    evaluated = [item.evaluated_get(graph) for item in objects]
    return [item.matrix_world @ Vector(corner) for item in evaluated for corner in item.bound_box]


def _arrow(
    into: bpy.types.Collection,
    name: str,
    points: Sequence[Vector],
    radius: float,
    colour: tuple[float, float, float],
) -> None:
    head = 5.5 * radius
    ahead = (points[-1] - points[-2]).normalized()
    _tube(into, name, [*points[:-1], points[-1] - 0.9 * head * ahead], radius, colour)
    turned = ahead.to_track_quat("Z", "Y").to_matrix().to_4x4()
    place = Matrix.Translation(points[-1] - 0.5 * head * ahead) @ turned
    cone = _mesh_object(into, f"{name} head", colour, place)
    _fill(
        cone,
        lambda mesh: bmesh.ops.create_cone(
            mesh, cap_ends=True, segments=32, radius1=2.4 * radius, radius2=0.0, depth=head
        ),
    )


def _tube(
    into: bpy.types.Collection,
    name: str,
    points: Sequence[Vector],
    radius: float,
    colour: tuple[float, float, float],
) -> None:
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions = "3D"
    curve.bevel_depth = radius
    curve.use_fill_caps = True
    spline = curve.splines.new("POLY")
    spline.points.add(len(points) - 1)
    for target, point in zip(spline.points, points, strict=True):
        target.co = (*point, 1.0)
    curve.materials.append(_paint(colour))
    into.objects.link(bpy.data.objects.new(name, curve))


def _mesh_object(
    into: bpy.types.Collection, name: str, colour: tuple[float, float, float], place: Matrix
) -> bpy.types.Object:
    made = bpy.data.objects.new(name, bpy.data.meshes.new(name))
    made.data.materials.append(_paint(colour))
    made.matrix_world = place
    into.objects.link(made)
    return made


def _fill(target: bpy.types.Object, make) -> None:
    mesh = bmesh.new()
    make(mesh)
    mesh.to_mesh(target.data)
    mesh.free()
    target.data.shade_smooth()


def _paint(colour: tuple[float, float, float]) -> bpy.types.Material:
    """A matt colour with a little light of its own, so that it reads in shadow too."""
    name = "arrow {:.2f} {:.2f} {:.2f}".format(*colour)
    if found := bpy.data.materials.get(name):
        return found
    material = bpy.data.materials.new(name)
    material.diffuse_color = (*colour, 1.0)
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Emission Color"].default_value = (*colour, 1.0)
    shader.inputs["Emission Strength"].default_value = 0.55
    shader.inputs["Roughness"].default_value = 0.6
    return material


def _collection(scene: bpy.types.Scene, name: str) -> bpy.types.Collection:
    if name not in scene.collection.children:
        scene.collection.children.link(bpy.data.collections.new(name))
    return scene.collection.children[name]


def _floor(into: bpy.types.Collection) -> None:
    floor = _mesh_object(into, "floor", (0.85, 0.85, 0.85), Matrix.Identity(4))
    floor.active_material.node_tree.nodes["Principled BSDF"].inputs[
        "Emission Strength"
    ].default_value = 0.25
    _fill(floor, lambda mesh: bmesh.ops.create_grid(mesh, size=40))


def _world(scene: bpy.types.Scene) -> None:
    world = bpy.data.worlds.new("studio")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.94, 0.96, 1.0, 1.0)
    world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.75
    scene.world = world


def _light(
    into: bpy.types.Collection,
    name: str,
    place: tuple[float, float, float],
    size: float,
    power: float,
) -> None:
    light = bpy.data.lights.new(name, "AREA")
    light.size, light.energy = size, power
    made = bpy.data.objects.new(name, light)
    made.location = place
    made.rotation_euler = (Vector((0, 0, 0.5)) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
    into.objects.link(made)


def _camera(scene: bpy.types.Scene, into: bpy.types.Collection, corners: Sequence[Vector]) -> None:
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.angle = math.radians(28)
    camera.rotation_euler = look_ahead.to_track_quat("-Z", "Y").to_euler()
    into.objects.link(camera)
    scene.camera = camera
    bpy.context.view_layer.update()
    flat = [value for corner in corners for value in corner]
    place, _ = camera.camera_fit_coords(bpy.context.evaluated_depsgraph_get(), flat)
    camera.location = place - 0.25 * look_ahead
