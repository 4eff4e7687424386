"""What the words say of a motion."""

from __future__ import annotations

import numpy as np

from backend.articulation.kinematics import move
from backend.articulation.look import Look, Values, unit


def said_turning(look: Look) -> Values:
    """The words mean this kind of motion: log odds."""
    share = look.scene.meaning.turning
    odds = float(np.log(share / (1.0 - share)))
    return np.where(look.motions.hinge, odds, -odds)


def said_way(look: Look) -> Values:
    """The words say outright that it goes this way."""
    return _said(look) if look.scene.meaning.explicit else np.zeros(len(look.found))


def hinted_way(look: Look) -> Values:
    """The verb implies that it goes this way."""
    return np.zeros(len(look.found)) if look.scene.meaning.explicit else _said(look)


def said_hinge(look: Look) -> Values:
    """The words say that the hinge is on this side."""
    side = look.scene.meaning.hinge
    way = look.scene.sides.get(side) if side else None
    if way is None:
        return np.zeros(len(look.found))
    return np.where(look.motions.hinge, (look.side[0] @ way) * np.minimum(look.side[1], 1.0), 0.0)


def _said(look: Look) -> Values:
    """Agreement (H,) in [-1, 1] with the way the words mean, of which the first counts."""
    meaning = look.scene.meaning
    way = meaning.ways[0] if meaning.ways else None
    if way in ("clockwise", "counterclockwise"):
        away = -look.scene.sides["out"] if way == "clockwise" else look.scene.sides["out"]
        return np.where(look.motions.hinge, look.motions.axis @ away, 0.0)
    if way is None or (way not in ("out", "in") and not look.scene.standing):
        return np.zeros(len(look.found))
    held = (look.held if len(look.held) else look.scene.centre[None])[:1]
    there = move(look.motions, look.found.trial, held)[:, 0]
    return unit(there - held) @ look.scene.sides[way]
