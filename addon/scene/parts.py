"""Parts and their drags, stored on objects and so in the .blend."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatVectorProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)
from mathutils import Vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..core.drags import Point

sources = (
    ("faces", "Faces", "Marked faces of this mesh"),
    ("vertex_group", "Vertex Group", "Faces whose corners all lie in a vertex group"),
    ("material", "Material", "Faces of one material"),
    ("object", "Object", "This object, with everything parented to it"),
    ("children", "Children", "The objects parented to this one, without itself"),
)
mesh_sources = ("faces", "vertex_group", "material")
overridable = {"LIBRARY_OVERRIDABLE"}
overridable_list = {"LIBRARY_OVERRIDABLE", "USE_INSERTION"}


def _world_end(name: str) -> dict:
    """Getter and setter of a drag's point in world space."""

    def read(drag: DragSettings) -> Point:
        return tuple(drag.id_data.matrix_world @ Vector(getattr(drag, name)))

    def write(drag: DragSettings, point: Sequence[float]) -> None:
        setattr(drag, name, _to_local(drag.id_data, point))

    return {"get": read, "set": write}


class DragSettings(bpy.types.PropertyGroup):
    """A pull from a point on the part to where that point should go."""

    start: FloatVectorProperty(name="Start", subtype="XYZ", override=overridable)
    end: FloatVectorProperty(name="End", subtype="XYZ", override=overridable)
    world_start: FloatVectorProperty(
        name="Start",
        description="Point on the part where the pull begins, in world space",
        subtype="TRANSLATION",
        **_world_end("start"),
    )
    world_end: FloatVectorProperty(
        name="End",
        description="Where that point should go, in world space",
        subtype="TRANSLATION",
        **_world_end("end"),
    )


class PartSettings(bpy.types.PropertyGroup):
    """Something that should move: which faces or objects, how it is pulled, its joint."""

    uid: StringProperty(override=overridable)
    name: StringProperty(name="Name", override=overridable)
    source: EnumProperty(name="Source", items=sources, override=overridable)
    source_name: StringProperty(
        name="Source Name",
        description="Name of the face attribute, vertex group or material that marks the part",
        override=overridable,
    )
    prompt: StringProperty(
        name="Prompt",
        description="What the part is and how it moves, in words; may be empty",
        override=overridable,
    )
    drags: CollectionProperty(type=DragSettings, override=overridable_list)
    drag_index: IntProperty(override=overridable)
    accepted: StringProperty(override=overridable)
    by_words: BoolProperty(
        description="Whether a prompt found it, so that another prompt may find another",
        override=overridable,
    )


class JointSettings(bpy.types.PropertyGroup):
    """On a control: the joint it carries and what is needed to take it away again."""

    part: StringProperty()
    owner: StringProperty()
    bone: StringProperty()
    joint: StringProperty()
    former: StringProperty()


class ObjectSettings(bpy.types.PropertyGroup):
    """What Tug keeps on an object."""

    uid: StringProperty(override=overridable)
    parts: CollectionProperty(type=PartSettings, override=overridable_list)
    part_index: IntProperty(name="Part", override=overridable)
    prompt: StringProperty(
        name="Prompt",
        description="Which part should move and how, in words, such as: open the left door",
        override=overridable,
    )
    joints: CollectionProperty(type=JointSettings, override=overridable_list)


classes = (DragSettings, PartSettings, JointSettings, ObjectSettings)


def register() -> None:
    for cls in classes:
        bpy.utils.register_class(cls)
    bpy.types.Object.tug = PointerProperty(type=ObjectSettings, override=overridable)


def unregister() -> None:
    del bpy.types.Object.tug
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)


def add_part(
    obj: bpy.types.Object,
    source: str = "object",
    name: str = "",
    *,
    faces: Iterable[int] | NDArray | None = None,
    source_name: str = "",
    prompt: str = "",
) -> PartSettings:
    """Add a part to `obj`, make it the active one and return its settings.

    `source` is one of `sources`. For "faces", `faces` are polygon indices or a boolean mask
    of the mesh as it is edited (before modifiers); without it the selected faces are taken.
    "vertex_group" and "material" need `source_name`. A name that another part of `obj` has gets
    a number. Raises TugError `bad_input`.
    """
    from ..protocol.errors import failure

    name = _free_name(obj, name or source_name or obj.name)
    if source in mesh_sources and obj.type != "MESH":
        raise failure("bad_input", f"'{obj.name}' is no mesh; convert it to a mesh first.")
    if source == "faces":
        source_name = _mark_faces(obj, name, faces)
    _check_source(obj, source, source_name)
    part = obj.tug.parts.add()
    part.uid, part.name, part.source = uuid.uuid4().hex, name, source
    part.source_name, part.prompt = source_name, prompt
    obj.tug.part_index = len(obj.tug.parts) - 1
    return part


def set_faces(obj: bpy.types.Object, part: PartSettings, faces: NDArray) -> None:
    """Have a part be other polygons of the mesh, (N,) indices or a mask; it becomes one of faces.

    Raises TugError `bad_input` for none or all of them. Call in object mode.
    """
    attribute = obj.data.attributes.get(part.source_name) if part.source == "faces" else None
    if attribute is None or obj.data.library:
        part.source_name = _mark_faces(obj, part.name, faces)
        part.source = "faces"
        return
    mask = _checked_mask(obj, faces, len(obj.data.polygons))
    attribute.data.foreach_set("value", mask)
    obj.data.update()


def remove_part(obj: bpy.types.Object, part: PartSettings) -> None:
    """Forget a part, its drags and its face attribute. A joint it has got stays."""
    if part.source == "faces" and obj.type == "MESH" and obj.mode == "OBJECT":
        attribute = obj.data.attributes.get(part.source_name)
        if attribute:
            obj.data.attributes.remove(attribute)
    obj.tug.parts.remove(list(obj.tug.parts).index(part))
    obj.tug.part_index = max(0, min(obj.tug.part_index, len(obj.tug.parts) - 1))


def find_part(obj: bpy.types.Object, uid: str) -> PartSettings | None:
    """Return the part of that uid on `obj`."""
    return next((part for part in obj.tug.parts if part.uid == uid), None)


def active_part(obj: bpy.types.Object | None) -> PartSettings | None:
    """Return the part that is selected in the list."""
    if obj is None or not 0 <= obj.tug.part_index < len(obj.tug.parts):
        return None
    return obj.tug.parts[obj.tug.part_index]


def add_drag(
    obj: bpy.types.Object, part: PartSettings, start: Sequence[float], end: Sequence[float]
) -> DragSettings:
    """Add a drag between two world points. Raises TugError when the object is flattened."""
    local = _to_local(obj, start), _to_local(obj, end)
    drag = part.drags.add()
    drag.start, drag.end = local
    part.drag_index = len(part.drags) - 1
    return drag


def remove_drag(part: PartSettings, index: int) -> None:
    """Remove a drag by its place in the list."""
    part.drags.remove(index)
    part.drag_index = max(0, min(part.drag_index, len(part.drags) - 1))


def drags_world(obj: bpy.types.Object, part: PartSettings) -> list[tuple[Point, Point]]:
    """Return (start, end) of each drag in world space."""
    matrix = obj.matrix_world
    return [(tuple(matrix @ Vector(d.start)), tuple(matrix @ Vector(d.end))) for d in part.drags]


def _free_name(obj: bpy.types.Object, name: str) -> str:
    taken = {part.name for part in obj.tug.parts}
    names = itertools.chain([name], (f"{name} {i}" for i in itertools.count(2)))
    return next(free for free in names if free not in taken)


def _to_local(obj: bpy.types.Object, point: Sequence[float]) -> Vector:
    from ..protocol.errors import failure

    if abs(obj.matrix_world.determinant()) < 1e-30:
        raise failure("bad_input", f"'{obj.name}' has a scale of zero; give it a size first.")
    return obj.matrix_world.inverted() @ Vector(point)


def _check_source(obj: bpy.types.Object, source: str, name: str) -> None:
    from ..protocol.errors import failure

    if source == "vertex_group" and name not in obj.vertex_groups:
        raise failure("bad_input", f"'{obj.name}' has no vertex group '{name}'; choose one it has.")
    if source == "material" and name not in [slot.name for slot in obj.material_slots]:
        raise failure("bad_input", f"'{obj.name}' has no material '{name}'; choose one it has.")
    if source == "children" and not obj.children:
        raise failure("bad_input", f"Nothing is parented to '{obj.name}'; choose another source.")


def _mark_faces(obj: bpy.types.Object, name: str, faces: Iterable[int] | NDArray | None) -> str:
    """Write a boolean face attribute and return the name it got."""
    from ..protocol.errors import failure

    if obj.data.library:
        raise failure(
            "bad_input", f"The mesh of '{obj.name}' is linked; make it local to mark its faces."
        )
    mark = _mark_in_edit_mode if obj.mode == "EDIT" else _mark_in_object_mode
    return mark(obj, f"Tug {name}", _as_array(faces))


def _as_array(faces: Iterable[int] | NDArray | None) -> NDArray | None:
    import numpy as np

    return faces if faces is None or isinstance(faces, np.ndarray) else np.asarray(list(faces))


def _mark_in_object_mode(obj: bpy.types.Object, name: str, faces: NDArray | None) -> str:
    import numpy as np

    mesh = obj.data
    if faces is None:
        faces = np.empty(len(mesh.polygons), bool)
        mesh.polygons.foreach_get("select", faces)
    mask = _checked_mask(obj, faces, len(mesh.polygons))
    attribute = mesh.attributes.new(name, "BOOLEAN", "FACE")
    attribute.data.foreach_set("value", mask)
    mesh.update()
    return attribute.name


def _mark_in_edit_mode(obj: bpy.types.Object, name: str, faces: NDArray | None) -> str:
    import bmesh
    import numpy as np

    mesh = bmesh.from_edit_mesh(obj.data)
    if faces is None:
        faces = np.fromiter((face.select for face in mesh.faces), bool)
    mask = _checked_mask(obj, faces, len(mesh.faces))
    attribute = obj.data.attributes.new(name, "BOOLEAN", "FACE")
    mesh = bmesh.from_edit_mesh(obj.data)
    layer = mesh.faces.layers.bool[attribute.name]
    for face, marked in zip(mesh.faces, mask, strict=True):
        face[layer] = bool(marked)
    bmesh.update_edit_mesh(obj.data, loop_triangles=False, destructive=False)
    return layer.name


def _checked_mask(obj: bpy.types.Object, faces: NDArray, count: int) -> NDArray[np.bool_]:
    import numpy as np

    from ..protocol.errors import failure

    mask = np.zeros(count, bool)
    try:
        if len(faces) and faces.dtype != bool and faces.min() < 0:
            raise IndexError
        mask[faces if len(faces) else slice(0)] = True
    except IndexError:
        raise failure(
            "bad_input", f"'{obj.name}' has {count} faces; some of those chosen are not among them."
        ) from None
    if not mask.any():
        raise failure("bad_input", f"No faces of '{obj.name}' are chosen; select the part's faces.")
    if mask.all():
        raise failure(
            "bad_input",
            f"All faces of '{obj.name}' are chosen, so nothing stays behind; choose fewer, "
            "or use the whole object as the part.",
        )
    return mask
