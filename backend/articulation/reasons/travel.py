"""What happens on the way: contact, room, slip, and where the part gets out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from backend.articulation.look import Look, Values
from backend.articulation.sweeps import Sweep

pressing = 0.7  # cosine to straight in, from which a slide is a press


def collision(look: Look) -> Values:
    """A share of the part runs into the body on the way."""
    blocked = look.found.forward.blocked(0.95 * look.value)
    return np.where(_pressed(look), 0.0, np.minimum(blocked / 0.03, 4.0))


def coming_off(look: Look) -> Values:
    """The part leaves the body."""
    return look.found.loose


def room(look: Look) -> Values:
    """There is little room ahead: log of the share of a useful range."""
    return np.where(_pressed(look), 0.0, _room(look, look.found.forward.limits()))


def room_back(look: Look) -> Values:
    """The same behind."""
    return _room(look, look.found.backward.limits())


def shut(look: Look) -> Values:
    """It is free ahead and stops at once behind, as what is shut does."""
    least = _useful(look) * 0.06
    ahead, behind = look.found.forward.limits(), look.found.backward.limits()
    return ((behind < least) & (ahead > 3.0 * least)).astype(float)


def jammed(look: Look) -> Values:
    """It stops at once ahead."""
    stopped = look.found.forward.limits() < 0.06 * _useful(look)
    return (stopped & ~_pressed(look)).astype(float)


def slipping(look: Look) -> Values:
    """Part and body slip along each other where they touch."""
    return np.exp(-((look.found.rubbing / 0.25) ** 2))


def guided(look: Look) -> Values:
    """The body guides the slide on all sides."""
    return look.found.guided**3


def clear(look: Look) -> Values:
    """The part looks into the open on the way ahead: share of its speed."""
    return _clearness(look, 1.0)


def clear_back(look: Look) -> Values:
    """The same for the way behind."""
    return _clearness(look, -1.0)


def outward(look: Look) -> Values:
    """The part's middle goes to where the part looks into the open."""
    way = look.scene.outwards
    return look.centre_way @ way / max(float(np.linalg.norm(way)), 1.0)


def lifted(look: Look) -> Values:
    """The part's middle goes up."""
    return look.centre_way @ look.scene.subject.up * float(look.scene.standing)


def _pressed(look: Look) -> NDArray[np.bool_]:
    """Which slides (H,) go in as the words say: few model the room a button is pressed into."""
    if not look.scene.meaning.presses:
        return np.zeros(len(look.found), dtype=bool)
    inwards = look.motions.axis @ look.scene.sides["in"]
    return ~look.motions.hinge & (inwards > pressing)


def _useful(look: Look) -> Values:
    return np.where(look.motions.hinge, np.radians(45.0), 0.35 * look.found.length)


def _room(look: Look, limit: Values) -> Values:
    share = np.minimum(limit, look.found.reach) / np.maximum(_useful(look), 1e-9)
    return np.log(np.clip(share, 0.02, 1.0))


def _clearness(look: Look, sign: float) -> Values:
    """Share (H,) of the part's speed that goes where its samples look past the body."""
    way, speed = look.speeds
    share = np.maximum(sign * (way @ look.scene.ways.T), 0.0) ** 2
    seen = (share * look.scene.openness[None]).sum(axis=2)
    return (seen * speed).sum(axis=1) / np.maximum(speed.sum(axis=1), 1e-9)


def blocked(share: float, *, back: bool = False) -> Callable[[Look], Values]:
    """The reason that the part runs into the body within a share of its sweep."""

    def reason(look: Look) -> Values:
        found = look.found
        sweep: Sweep = found.backward if back else found.forward
        blocked = np.sqrt(np.minimum(sweep.blocked(share * found.reach) / 0.25, 1.0))
        return blocked if back else np.where(_pressed(look), 0.0, blocked)

    reason.__doc__ = f"The part runs into the body {'behind' if back else 'ahead'} within {share}."
    return reason


def loose_soon(look: Look) -> Values:
    """The part leaves the body as soon as it moves."""
    return look.found.loose_soon


def emerging(look: Look) -> Values:
    """The part gets out of the body's box: share of it."""
    box = look.scene.subject.body.box
    there = np.abs((look.moved - box.centre) @ box.axes.T) <= box.half + 1e-3
    here = np.abs(box.local(look.scene.points[: there.shape[1]])) <= box.half + 1e-3
    return here.all(axis=1).mean() - there.all(axis=2).mean(axis=1)


def ahead_shut(look: Look) -> Values:
    """What goes first on a slide is close to the body."""
    return _closeness(look, ahead=True)


def behind_shut(look: Look) -> Values:
    """What goes last on a slide is close to the body."""
    return _closeness(look, ahead=False)


def _closeness(look: Look, *, ahead: bool) -> Values:
    subject = look.scene.subject
    along = subject.part.samples.points[:400] @ look.motions.axis.T
    ranks = np.argsort(-along if ahead else along, axis=0)[:60]
    gap = np.median(subject.gap[:400][ranks], axis=0)
    return np.where(look.motions.hinge, 0.0, np.exp(-gap / 0.02))
