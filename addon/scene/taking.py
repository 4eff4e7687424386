"""What a pick in the viewport does to an object's parts."""

from __future__ import annotations

from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ..protocol.errors import failure
from .parts import PartSettings, active_part, mesh_sources, set_faces
from .pulled import activate, writable
from .selection import marked_faces, require_marking
from .targets import of_faces, of_source, resolve


class Pick(NamedTuple):
    """What is pointed at: all of an object, or the polygons `faces` (a mask) of its own mesh.

    `material` names what these have in common, if that is what was picked.
    """

    obj: bpy.types.Object
    faces: NDArray[np.bool_] | None = None
    material: str = ""


def take(pick: Pick) -> tuple[PartSettings, bool]:
    """Mark what is picked as a part, or find the part that it is; also return whether it is new.

    It becomes the active part, and its object the active and only selected one. Raises TugError
    `bad_input`.
    """
    obj = pick.obj
    writable(obj)
    known = {part.uid for part in obj.tug.parts}
    if pick.faces is None:
        _, part = resolve(obj, obj)
    elif pick.material:
        part = of_source(obj, "material", pick.material)
    else:
        part = of_faces(obj, pick.faces, "Part")
    activate(bpy.context, obj, part)
    return part, part.uid not in known


def change(pick: Pick, add: bool) -> PartSettings | None:
    """Add what is picked to the active part, or remove it; return the part, None if unchanged.

    A part marked otherwise becomes one of faces. Raises TugError `bad_input`.
    """
    obj = pick.obj
    writable(obj)
    part = require_part(obj, add)
    here = marked_faces(obj, obj.data, part)
    picked = np.ones_like(here) if pick.faces is None else pick.faces
    wanted = here | picked if add else here & ~picked
    if np.array_equal(wanted, here):
        return None
    set_checked(obj, part, wanted)
    activate(bpy.context, obj, part)
    return part


def set_checked(obj: bpy.types.Object, part: PartSettings, faces: NDArray[np.bool_]) -> None:
    """Have a part be these polygons. Raises TugError `bad_input` for none or all of them."""
    if not faces.any():
        raise failure(
            "bad_input",
            f"These are the last faces of '{part.name}'; remove the part in the list instead.",
        )
    set_faces(obj, part, faces)


def require_part(obj: bpy.types.Object, add: bool) -> PartSettings:
    """Return the active part if faces of `obj` can be added to or removed from it.

    Raises TugError `bad_input`.
    """
    active = bpy.context.view_layer.objects.active
    part = active_part(active)
    if part is None:
        raise failure("bad_input", "There is no active part to change; click one first.")
    if active != obj:
        raise failure(
            "bad_input",
            f"'{part.name}' is a part of '{active.name}', and a part lies in one object; click "
            f"'{obj.name}' alone to begin a part there.",
        )
    if part.source not in mesh_sources:
        raise failure(
            "bad_input",
            f"'{part.name}' is all of '{obj.name}' already; click a piece of it to begin another "
            "part."
            if add
            else f"'{part.name}' is a whole object, of which no faces can be removed; click a "
            "piece of it to begin another part.",
        )
    require_marking(obj, part)
    return part
