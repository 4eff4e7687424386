"""Joints of a part within one mesh: a bone on the axis and full weights."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix, Vector
from numpy.typing import NDArray

from ..core.opening import axis_frame
from ..protocol.errors import failure
from ..protocol.joint import Joint
from . import controls, drivers, keyframes, pieces
from .empties import link_beside
from .modes import edit_mode, object_mode
from .parenting import below, inverted, put_back, world
from .parts import JointSettings, PartSettings
from .selection import marked_faces, require_marking

along = 1  # bones point along their local Y
bone_length = 0.3  # of the part's diagonal
modifier_name = "Tug Joints"


def apply(
    obj: bpy.types.Object,
    part: PartSettings,
    joint: Joint,
    notes: list[str],
    onto: tuple[bpy.types.Object, str] | None = None,
) -> tuple[bpy.types.Object, str]:
    """Give the part a bone on the joint's axis; return the armature object and the bone's name.

    The part's faces are cut from the rest, so that it moves rigidly. The parts of a mesh share
    one armature, which follows the mesh object; `onto` may be another bone of it. Raises
    TugError `bad_input`.
    """
    with object_mode():
        _check(obj, part)
        pieces.own_mesh(obj, notes)
        vertices = pieces.separate(obj, part, notes)
        old = controls.of(obj, part)
        if old:
            pieces.move(obj.data, vertices, _deformation(obj, old))
            remove(old)
        armature = _armature_of(obj) or _new_armature(obj)
        bone = _add_bone(obj, armature, part, joint, pieces.extent(obj, vertices))
        if onto and onto[0] not in (obj, armature):
            notes.append(
                f"'{part.name}' is within the mesh of '{obj.name}' and goes with that, not with "
                f"'{onto[0].name}'; make it an object of its own to change that."
            )
        elif onto and onto[1]:
            _hang_bone(armature, bone, onto[1])
        pieces.bind(obj, vertices, bone, _other_groups(armature, bone))
        _add_modifier(obj, armature)
        drivers.rig(armature.pose.bones[bone], joint, along)
        controls.write(armature, bone, obj, part, joint)
    return armature, bone


def remove(record: JointSettings) -> None:
    """Delete the bone and its vertex group; with the last bone, armature and modifier go too."""
    armature, bone = record.id_data, record.bone
    posed = armature.pose.bones[bone]
    drivers.unrig(posed, controls.joint(record), along)
    keyframes.forget(armature, drivers.property_paths(posed))
    controls.erase(record)
    last = not armature.tug.joints
    for obj in bpy.data.objects:
        for modifier in [m for m in obj.modifiers if _deforms(m, armature)]:
            if bone in obj.vertex_groups:
                obj.vertex_groups.remove(obj.vertex_groups[bone])
            if last:
                obj.modifiers.remove(modifier)
    if last:
        _delete_armature(armature)
    else:
        _delete_bone(armature, bone)


def _check(obj: bpy.types.Object, part: PartSettings) -> None:
    if obj.library or obj.override_library or obj.data.library:
        raise failure(
            "bad_input",
            f"'{obj.name}' or its mesh is linked from a library; make it local, then accept again.",
        )
    if obj.name not in bpy.context.view_layer.objects or not obj.visible_get():
        raise failure("bad_input", f"'{obj.name}' is hidden; show it, then accept again.")
    inverted(world(obj), obj)
    require_marking(obj, part)
    if not marked_faces(obj, obj.data, part).any():
        raise failure(
            "bad_input",
            f"'{part.name}' marks no faces of '{obj.name}' itself, only what its modifiers make; "
            "apply them, then accept again.",
        )


def _deformation(obj: bpy.types.Object, record: JointSettings) -> NDArray[np.float64]:
    """Return (4, 4), in the mesh's own frame: what the part's bone does to it now."""
    armature = record.id_data
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    posed = np.array(evaluated.pose.bones[record.bone].matrix, np.float64)
    rest = np.array(armature.data.bones[record.bone].matrix_local, np.float64)
    to_armature = inverted(world(armature), armature) @ world(obj)
    return np.linalg.inv(to_armature) @ posed @ np.linalg.inv(rest) @ to_armature


def _armature_of(obj: bpy.types.Object) -> bpy.types.Object | None:
    """Return the object's armature of ours, if its frame is still rigid."""
    for modifier in obj.modifiers:
        armature = modifier.object if modifier.type == "ARMATURE" else None
        if armature and controls.belongs_to(armature, obj) and _rigid(armature):
            return armature
    return None


def _deforms(modifier: bpy.types.Modifier, armature: bpy.types.Object) -> bool:
    return modifier.type == "ARMATURE" and modifier.object == armature


def _rigid(obj: bpy.types.Object) -> bool:
    axes = world(obj)[:3, :3]
    return np.allclose(axes.T @ axes, np.eye(3), atol=1e-5) and np.linalg.det(axes) > 0


def _new_armature(obj: bpy.types.Object) -> bpy.types.Object:
    """Make an armature at the object's place, rigid in world whatever the object's scale."""
    name = f"Tug Joints · {obj.name}"
    armature = bpy.data.objects.new(name, bpy.data.armatures.new(name))
    link_beside(armature, obj)
    place = np.eye(4)
    place[:3, 3] = world(obj)[:3, 3]
    put_back(armature, below(obj), np.linalg.inv(world(obj)) @ place)
    armature.data.display_type = "STICK"
    armature.show_in_front = True
    bpy.context.view_layer.update()
    return armature


def _add_bone(
    obj: bpy.types.Object,
    armature: bpy.types.Object,
    part: PartSettings,
    joint: Joint,
    extent: float,
) -> str:
    axis = np.linalg.inv(world(armature)) @ axis_frame(joint.axis, joint.origin, along)
    with edit_mode(armature):
        bone = armature.data.edit_bones.new(_free_name(part.name, obj, armature))
        bone.head = Vector(axis[:3, 3])
        bone.tail = Vector(axis[:3, 3] + axis[:3, along] * (bone_length * extent or 1.0))
        bone.matrix = Matrix(axis.tolist())
        bone.select = bone.select_head = bone.select_tail = True  # or timelines hide its keys
        name = bone.name
    # Y must not be the middle angle, which reaches only a quarter turn each way.
    armature.pose.bones[name].rotation_mode = "YZX"
    return name


def _hang_bone(armature: bpy.types.Object, bone: str, parent: str) -> None:
    with edit_mode(armature):
        bones = armature.data.edit_bones
        bones[bone].parent = bones[parent]


def _free_name(part: str, obj: bpy.types.Object, armature: bpy.types.Object) -> str:
    """Return a name free among both bones and vertex groups, which must agree."""
    taken = {*obj.vertex_groups.keys(), *armature.data.bones.keys()}
    stem = f"Tug Joint · {part}".encode()[:56].decode(errors="ignore")
    names = [stem, *(f"{stem}.{i:03}" for i in range(1, 1000))]
    return next(name for name in names if name not in taken)


def _other_groups(armature: bpy.types.Object, bone: str) -> list[str]:
    return [record.bone for record in armature.tug.joints if record.bone != bone]


def _add_modifier(obj: bpy.types.Object, armature: bpy.types.Object) -> None:
    if not any(_deforms(m, armature) for m in obj.modifiers):
        modifier = obj.modifiers.new(modifier_name, "ARMATURE")
        modifier.object = armature


def _delete_bone(armature: bpy.types.Object, bone: str) -> None:
    with object_mode(), edit_mode(armature):
        armature.data.edit_bones.remove(armature.data.edit_bones[bone])


def _delete_armature(armature: bpy.types.Object) -> None:
    data = armature.data
    bpy.data.objects.remove(armature)
    bpy.data.armatures.remove(data)
