"""How objects are to be placed, kept with them, and moving them to where they were placed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, EnumProperty, PointerProperty, StringProperty
from mathutils import Matrix, Vector

from .identity import find, identify
from .parts import overridable

if TYPE_CHECKING:
    from numpy.typing import NDArray

fronts = (
    ("-Y", "-Y", "Its front looks along its own -Y, as Blender's front view has it"),
    ("Y", "Y", "Its front looks along its own Y"),
    ("-X", "-X", "Its front looks along its own -X"),
    ("X", "X", "Its front looks along its own X"),
    ("-Z", "-Z", "Its front looks along its own -Z"),
    ("Z", "Z", "Its front looks along its own Z"),
)
wishes = (
    ("HERE", "Where It Is", "On what is below or around the place it has now"),
    ("CURSOR", "3D Cursor", "At the 3D cursor"),
    ("BOX", "Box", "Within an object that serves as a box, such as a cube empty; fitted into it"),
)


class PlacingSettings(bpy.types.PropertyGroup):
    """On an object: how it is to be placed, and which job it has its place from."""

    upright: BoolProperty(
        name="Keep Upright",
        description="Its up stays the scene's up; else it lies as the surface does",
        default=True,
        override=overridable,
    )
    against_wall: BoolProperty(
        name="Against the Wall",
        description="Its back comes to the nearest wall",
        override=overridable,
    )
    locked: BoolProperty(
        name="Locked",
        description="It stays where it is, and what is placed with it heeds it",
        override=overridable,
    )
    front: EnumProperty(
        name="Front",
        description="Which of its own axes its front looks along",
        items=fronts,
        override=overridable,
    )
    job: StringProperty(options={"HIDDEN"}, override=overridable)


def _box_name(settings: WishSettings) -> str:
    obj = find(settings.box)
    return obj.name if obj else ""


def _set_box_name(settings: WishSettings, name: str) -> None:
    obj = bpy.data.objects.get(name)
    settings.box = identify(obj) if obj else ""


class WishSettings(bpy.types.PropertyGroup):
    """On a scene: where what is selected is to be placed."""

    wish: EnumProperty(name="Wish", description="Where it should be", items=wishes)
    box: StringProperty(options={"HIDDEN"})
    box_name: StringProperty(
        name="Box",
        description="The object that serves as a box: a cube empty, or a mesh",
        get=_box_name,
        set=_set_box_name,
    )
    overlay: BoolProperty(
        name="Show Overlay",
        description="Show what touches and what is inside once it was accepted, too",
    )


classes = (PlacingSettings, WishSettings)


def register() -> None:
    for cls in classes:
        bpy.utils.register_class(cls)
    bpy.types.Object.tug_placing = PointerProperty(type=PlacingSettings, override=overridable)
    bpy.types.Scene.tug_placing = PointerProperty(type=WishSettings)


def unregister() -> None:
    del bpy.types.Scene.tug_placing
    del bpy.types.Object.tug_placing
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)


def wholes(objects: Iterable[bpy.types.Object]) -> list[bpy.types.Object]:
    """Return the objects to place for some that are selected, each once, in their order.

    A part that a joint carries stands for the object it is a part of, and what is parented to
    another one of them goes with that.
    """
    found = list(dict.fromkeys(map(_whole, objects)))
    return [obj for obj in found if not any(above in found for above in _parents(obj))]


def _whole(obj: bpy.types.Object) -> bpy.types.Object:
    while obj.parent and (obj.tug.joints or obj.parent.tug.joints):
        obj = obj.parent
    return obj


def _parents(obj: bpy.types.Object) -> list[bpy.types.Object]:
    return [obj.parent, *_parents(obj.parent)] if obj.parent else []


def front_of(obj: bpy.types.Object) -> Vector:
    """Return where an object's front looks, world, length 1."""
    name = obj.tug_placing.front
    axis = Vector([float(letter == name[-1]) for letter in "XYZ"])
    turned = obj.matrix_world.to_quaternion() @ (-axis if name[0] == "-" else axis)
    return turned.normalized()


def box_of(obj: bpy.types.Object) -> tuple[Vector, Vector | None, Any]:
    """Return centre, size and rotation of an object as a box; no size of an empty without one."""
    place, rotation, scale = obj.matrix_world.decompose()
    scale = Vector([abs(value) for value in scale])
    if obj.type == "EMPTY":
        cube = obj.empty_display_type in ("CUBE", "SPHERE")
        return place, 2.0 * obj.empty_display_size * scale if cube else None, rotation
    corners = [Vector(corner) for corner in obj.bound_box]
    low = Vector([min(values) for values in zip(*corners, strict=True)])
    high = Vector([max(values) for values in zip(*corners, strict=True)])
    return obj.matrix_world @ ((low + high) / 2.0), (high - low) * scale, rotation


def is_placed(obj: bpy.types.Object, job: str) -> bool:
    """Return whether an object has its place from a job."""
    return obj.tug_placing.job == job


def put(obj: bpy.types.Object, place: NDArray, job: str) -> list[str]:
    """Move an object to its place (4, 4) in the world; return remarks on what holds it back."""
    obj.matrix_world = Matrix(place.tolist())
    obj.tug_placing.job = job
    bpy.context.view_layer.update()
    return _remarks(obj, place)


def _remarks(obj: bpy.types.Object, place: NDArray) -> list[str]:
    import numpy as np

    from .parenting import world

    held = keyed_channels(obj)
    if held:
        return [
            f"'{obj.name}' has keys of its {' and '.join(held)}: they take it back at the next "
            "frame. Key its new place, or remove them."
        ]
    far = np.abs(world(obj) - place).max() > 1e-4 * max(1.0, float(np.abs(place).max()))
    if far and (len(obj.constraints) or obj.animation_data):
        return [f"Constraints or drivers hold '{obj.name}', so it is not where it was placed."]
    if far:
        return [f"The parent of '{obj.name}' is scaled unevenly, so it is not quite in its place."]
    return []


def keyed_channels(obj: bpy.types.Object) -> list[str]:
    """Return which of location, rotation and scale have keys."""
    from bpy_extras import anim_utils

    animation = obj.animation_data
    if animation is None or animation.action is None:
        return []
    action = animation.action
    channels = anim_utils.action_get_channelbag_for_slot(action, animation.action_slot)
    paths = {curve.data_path.partition("_")[0] for curve in channels.fcurves} if channels else ()
    return [name for name in ("location", "rotation", "scale") if name in paths]
