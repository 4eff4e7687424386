"""What a pick at a place on a surface would take, at the level that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import bpy

from . import looks
from .aiming import Aim
from .looks import Look

if TYPE_CHECKING:
    from ..scene.taking import Pick

kinds = {
    "pulled": "What moves",
    "region": "Region",
    "face_set": "Face set",
    "material": "Material",
    "piece": "Loose piece",
    "object": "Object",
}
items = (
    ("pulled", "Moves When Pulled", "Faces that a model found to move by the object's drags"),
    ("region", "Region", "Faces bounded by sharp edges"),
    ("face_set", "Face Set", "Faces of one face set, as in Sculpt Mode"),
    ("material", "Material", "Faces of one material"),
    ("piece", "Loose Piece", "Faces that hang together"),
    ("object", "Object", "The whole object"),
)


class Pointed(NamedTuple):
    """A place's label at a level of the object's look."""

    obj: bpy.types.Object
    look: Look
    level: str
    label: int

    @property
    def words(self) -> str:
        """Say what is pointed at."""
        name = self.look.materials[self.label] if self.level == "material" else ""
        kind = f"{kinds[self.level]} {name}".strip()
        return self.obj.name if self.level == "object" else f"{kind} of {self.obj.name}"

    def pick(self) -> Pick:
        """Return what is to be written."""
        from ..scene.taking import Pick

        if self.level == "object":
            return Pick(self.obj)
        name = self.look.materials[self.label] if self.level == "material" else ""
        return Pick(self.obj, self.look.labels(self.level) == self.label, name)


def pointed(aim: Aim, wanted: str) -> Pointed:
    """Return what is at a place, looking at the object now where that is needed.

    Raises TugError `bad_input` where there is nothing that could be a part.
    """
    from ..protocol.errors import failure

    require_own(aim)
    look = looks.at(aim.obj)
    look.get_ready(wanted)
    level = look.level(wanted)
    seen = look.seen(level)
    label = int(seen[aim.polygon]) if 0 <= aim.polygon < len(seen) else -1
    if label < 0 and level == "pulled":
        raise failure("bad_input", f"'{aim.obj.name}' does not move here when it is pulled.")
    if label < 0:
        raise failure(
            "bad_input",
            f"A modifier made this face of '{aim.obj.name}' from nothing, so it belongs to no "
            "part; apply the modifier, or pick the whole object.",
        )
    return Pointed(aim.obj, look, level, label)


def require_own(aim: Aim) -> None:
    """Raise TugError `bad_input` where an instance was hit, which has no faces of its own."""
    from ..protocol.errors import failure

    if aim.is_instance:
        raise failure(
            "bad_input",
            f"This is an instance of '{aim.obj.name}'; make instances real "
            "(Object > Apply > Make Instances Real) to pick from it.",
        )
