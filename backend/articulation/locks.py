"""What the user fixed of a joint, and what that leaves to be found.

Everything is sought among the joints that comply: `hypotheses` brings its proposals in line with
the lock or drops them, `refine` moves only what is free, and at the end the answer gets the
locked numbers exactly as they were sent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from protocol.errors import failure
from protocol.joint import Evidence, Joint, JointType, flipped
from protocol.tasks import Lock

Values = NDArray[np.float64]
unit_tolerance = 1e-4
as_signed = 2.0  # log odds that values grow the way of a locked axis, where nobody pulls


@dataclass(frozen=True, eq=False)
class Held:
    """A lock in the object's frame; None where a parameter is free."""

    lock: Lock | None = None
    axis: Values | None = None  # (3,) unit
    origin: Values | None = None  # (3,)

    @property
    def places(self) -> bool:
        """Whether it says where the joint is."""
        return self.axis is not None or self.origin is not None

    @property
    def one_way(self) -> bool:
        """Whether it says outright to which side the part goes."""
        return self.axis is not None and self.lock is not None and "range" in self.lock.fields

    def agreement(self, axes: Values) -> Values:
        """Return what speaks (H,) for the way round of axes (H, 3) by the sign that is locked."""
        if self.axis is None:
            return np.zeros(len(axes))
        return 0.5 * as_signed * np.sign(axes @ self.axis)


def held(
    lock: Lock | None, local: Callable[[Values], Values], turned: Callable[[Values], Values]
) -> Held:
    """Return a lock in a frame; `local` maps points to it, `turned` directions."""
    if lock is None:
        return Held()
    axis, origin = (np.asarray(v, float) for v in (lock.joint.axis, lock.joint.origin))
    return Held(
        lock,
        turned(axis / np.linalg.norm(axis)) if "axis" in lock.fields else None,
        local(origin) if "origin" in lock.fields else None,
    )


def check(lock: Lock | None) -> None:
    """Raise TugError `bad_input` with a sentence about what to change."""
    if lock is None:
        return
    joint = lock.joint
    if not lock.fields:
        raise failure("bad_input", "A lock holds nothing: lock type, axis, origin or range.")
    numbers = (*joint.axis, *joint.origin, joint.lower, joint.upper, joint.pitch, *joint.slide)
    if not all(map(math.isfinite, numbers)):
        raise failure("bad_input", "The locked joint has values that are NaN or infinite.")
    if "axis" in lock.fields and abs(math.hypot(*joint.axis) - 1.0) > unit_tolerance:
        raise failure("bad_input", "The locked axis is no unit vector: give it length 1.")
    if "range" in lock.fields:
        low, high = joint.slide
        if joint.lower > joint.upper or low > high:
            raise failure("bad_input", "The locked range ends before it begins: swap its limits.")


def type_of(lock: Lock | None) -> JointType | None:
    """Return the type that every answer has; None where it is free."""
    if lock is None or {"type", "range"}.isdisjoint(lock.fields):
        return None
    return lock.joint.type


def upheld(joint: Joint, lock: Lock | None) -> Joint:
    """Return an answer with what is locked exactly as it was sent, and a word about that."""
    if lock is None:
        return joint
    given, fields = lock.joint, lock.fields
    changes: dict[str, object] = {"evidence": (_said(lock), *joint.evidence)}
    if "axis" in fields:
        if sum(a * b for a, b in zip(joint.axis, given.axis, strict=True)) < 0.0:
            joint = flipped(joint)
        changes["axis"] = given.axis
    if "origin" in fields:
        changes["origin"] = given.origin
    if "range" in fields:
        changes |= {name: getattr(given, name) for name in ("lower", "upper", "pitch", "slide")}
    return msgspec.structs.replace(joint, **changes)


def _said(lock: Lock) -> Evidence:
    names = [name for name in ("type", "axis", "origin", "range") if name in lock.fields]
    listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    them = "it" if len(names) == 1 else "them"
    return Evidence(name="lock", score=1.0, text=f"{listed.capitalize()} as you fixed {them}.")
