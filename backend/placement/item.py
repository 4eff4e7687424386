"""What is asked: objects with their joints, and where they should be."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from backend.formats.model import Model
from backend.geometry.mesh import Mesh
from backend.placement.body import Points
from protocol.errors import failure
from protocol.placement import Wish


@dataclass(frozen=True, eq=False)
class Item:
    """An object to place, in world; see `protocol.placement.PlaceItem`."""

    model: Model
    wish: Wish = field(default_factory=Wish)
    upright: bool = True
    against_wall: bool = False
    front: Points = field(default_factory=lambda: np.array([0.0, -1.0, 0.0]))
    locked: bool = False

    @property
    def name(self) -> str:
        return self.model.name[:80]


@dataclass(frozen=True, eq=False)
class Part:
    """A named mesh of the scene, in world."""

    name: str
    mesh: Mesh


def check(items: tuple[Item, ...], scene: tuple[Part, ...], up: Points) -> None:
    """Refuse what has no answer. Raises TugError bad_input."""
    if not items:
        raise failure("bad_input", "There is nothing to place: choose an object.")
    if not any(len(part.mesh.faces) for part in scene):
        raise failure(
            "bad_input",
            "The scene has no faces, so there is nothing to stand on: choose a floor or a table.",
        )
    if not np.isfinite(up).all() or not np.linalg.norm(up) > 0.0:
        raise failure("bad_input", "The direction that is up has no length.")
    for part in scene:
        _finite(part.mesh, f"'{part.name[:80]}'" if part.name else "the scene")
    for item in items:
        _check(item)


def _check(item: Item) -> None:
    wish, name = item.wish, item.name
    for link in item.model.links:
        for shape in link.shapes:
            _finite(shape.mesh, f"'{name}'")
        joint = link.joint
        if joint is None:
            continue
        numbers = (*joint.axis, *joint.origin, joint.lower, joint.upper, joint.pitch, *joint.slide)
        if not np.isfinite(numbers).all() or not np.linalg.norm(joint.axis) > 0.0:
            raise failure(
                "bad_input",
                f"The joint of '{link.name[:80]}' of '{name}' has an axis "
                "without length, or numbers that are not finite.",
            )
    for what, numbers in (("spot", wish.spot), ("centre", wish.centre), ("turn", wish.turn)):
        if numbers is not None and not np.isfinite(numbers).all():
            raise failure("bad_input", f"The {what} wished for '{name}' is not finite.")
    if wish.size is not None and not (np.isfinite(wish.size).all() and max(wish.size) > 0.0):
        raise failure("bad_input", f"The box wished for '{name}' has no size: draw it larger.")
    if wish.size is not None and min(wish.size) < 0.0:
        raise failure("bad_input", f"The box wished for '{name}' has a negative size.")
    if wish.turn is not None and not np.linalg.norm(wish.turn) > 1e-6:
        raise failure("bad_input", f"The turn wished for '{name}' is no rotation.")
    if item.against_wall and not (
        np.isfinite(item.front).all() and np.linalg.norm(item.front) > 0.0
    ):
        raise failure("bad_input", f"The front of '{name}' has no direction.")


def _finite(mesh: Mesh, name: str) -> None:
    if not np.isfinite(mesh.vertices).all():
        raise failure(
            "bad_input",
            f"{name} has vertices whose coordinates are NaN or infinite: "
            "delete or repair them first.",
        )
    if len(mesh.faces) and (mesh.faces.min() < 0 or mesh.faces.max() >= len(mesh.vertices)):
        raise failure("bad_input", f"{name} has triangles that name vertices it does not have.")
