"""What shape part and body have about an axis, and how the axis lies to them."""

from __future__ import annotations

import numpy as np

from backend.articulation.hypotheses import sources
from backend.articulation.look import Look, Values
from backend.geometry.boxes import Box


def plate(look: Look) -> Values:
    """The part is a plate and the axis goes through it."""
    flat, normal = look.scene.plate
    return flat * np.clip(2.0 * np.abs(look.motions.axis @ normal) - 1.0, 0.0, 1.0)


def pinned_plate(look: Look) -> Values:
    """The same where a pin, a shaft or a round hole goes through it."""
    seen = look.found.support[:, [sources.index(name) for name in ("shared axis", "pin")]]
    return plate(look) * seen.any(axis=1)


def flat_part(look: Look) -> Values:
    """How much of a plate the part is."""
    return np.full(len(look.found), look.scene.plate[0])


def round_part(look: Look) -> Values:
    """The part is round about this axis."""
    return np.exp(-((look.found.round / 0.2) ** 2))


def ajar(look: Look) -> Values:
    """The part is askew to the body, and this axis is one they share: it has turned about it."""
    part, body = look.scene.subject.part.box.axes, look.scene.subject.body.box.axes
    shared = _parallel(look.motions.axis, part) * _parallel(look.motions.axis, body)
    return shared * look.scene.askew


def in_line(look: Look) -> Values:
    """Round pieces of part and body share an axis this way: a bolt in its ring."""
    columns = [sources.index("shared axis")]
    lines = look.motions.axis[look.found.support[:, columns].any(axis=1)]
    if not len(lines):
        return np.zeros(len(look.found))
    return _parallel(look.motions.axis, lines)


def square(look: Look) -> Values:
    """The axis is parallel to a side of the part's box."""
    return _parallel(look.motions.axis, look.scene.subject.part.box.axes)


def square_to_body(look: Look) -> Values:
    """The axis is parallel to a side of the body's box."""
    return _parallel(look.motions.axis, look.scene.subject.body.box.axes)


def enclosed(look: Look) -> Values:
    """The body is all around the part."""
    return np.full(len(look.found), look.scene.enclosed)


def small(look: Look) -> Values:
    """The part is small for its object: log of the diagonals."""
    return np.full(len(look.found), -np.log(look.scene.subject.part.box.diagonal))


def long(look: Look) -> Values:
    """The part is long along the axis, over its diagonal."""
    return look.found.length / look.scene.subject.part.box.diagonal


def upright(look: Look) -> Values:
    """The axis is upright."""
    return np.where(look.scene.standing & (_rise(look) > 0.995), 1.0, 0.0)


def askew(look: Look) -> Values:
    """The axis is neither upright nor level."""
    rise = _rise(look)
    return np.where(look.scene.standing & (rise > 0.06) & (rise < 0.995), 1.0, 0.0)


def _parallel(axis: Values, others: Values) -> Values:
    return (np.abs(axis @ others.T).max(axis=1) > np.cos(np.radians(3.0))).astype(float)


def _rise(look: Look) -> Values:
    return np.abs(look.motions.axis @ look.scene.subject.up)


def wide(look: Look) -> Values:
    """The part reaches far from the axis, over its diagonal."""
    reach = look.arms.max(axis=1)
    size = look.scene.subject.part.box.diagonal
    return np.where(look.motions.hinge, np.minimum(reach / size, 2.0), 0.0)


def along_part(look: Look) -> Values:
    """The axis runs the part's long way."""
    return _aligned(look, look.scene.subject.core, longest=True)


def through_part(look: Look) -> Values:
    """The axis runs the part's thin way."""
    return _aligned(look, look.scene.subject.core, longest=False)


def along_body(look: Look) -> Values:
    """The axis runs the body's long way."""
    return _aligned(look, look.scene.subject.body.box, longest=True)


def through_body(look: Look) -> Values:
    """The axis runs the body's thin way."""
    return _aligned(look, look.scene.subject.body.box, longest=False)


def _aligned(look: Look, box: Box, *, longest: bool) -> Values:
    k = int(np.argmax(box.half) if longest else np.argmin(box.half))
    return np.abs(look.motions.axis @ box.axes[k])
