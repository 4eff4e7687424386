"""Reasons for and against a joint: one number a reason and motion, in the units of a person.

A reason says something of a motion the way round it is: forward is the way in which its values
grow. What it counts is in `weights`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.articulation import pulls
from backend.articulation.findings import Findings, velocities
from backend.articulation.hypotheses import sources
from backend.articulation.kinematics import arms, move
from backend.articulation.scene import Scene
from backend.geometry.surface import Motions

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Look:
    """H motions of a scene with what was measured of them."""

    scene: Scene
    found: Findings

    @property
    def motions(self) -> Motions:
        return self.found.motions

    @property
    def pulled(self) -> bool:
        return len(self.scene.subject.drags) > 0

    @cached_property
    def value(self) -> Values:
        """The value (H,) at which the motion is judged: where it is pulled to, or a trial."""
        if not self.pulled:
            return self.found.trial
        value = np.maximum(pulls.value(self.motions, self.scene.subject.drags), 0.0)
        return np.clip(value, 0.3 * self.found.trial, self.found.reach)

    @cached_property
    def speeds(self) -> tuple[Values, Values]:
        """Unit velocities (H, N, 3) of the part's samples, and their speeds (H, N)."""
        way = velocities(self.motions, self.scene.points)
        speed = np.linalg.norm(way, axis=2)
        return way / np.maximum(speed, 1e-9)[:, :, None], speed

    @cached_property
    def centre_way(self) -> Values:
        """The unit velocity (H, 3) of the part's middle."""
        return _unit(velocities(self.motions, self.scene.centre[None])[:, 0])

    @cached_property
    def side(self) -> tuple[Values, Values]:
        """The way (H, 3) from the part's middle to the hinge, and how far out that is (H,):
        0 at the middle, 1 at the part's own edge on that side."""
        arm = self.motions.origin - self.scene.centre
        arm = arm - (arm * self.motions.axis).sum(axis=1, keepdims=True) * self.motions.axis
        way = _unit(arm)
        extent = ((self.scene.points - self.scene.centre) @ way.T).max(axis=0)
        return way, np.linalg.norm(arm, axis=1) / np.maximum(extent, 1e-3)

    @cached_property
    def held(self) -> Values:
        """Where the part is pulled or would be taken hold of, (K, 3)."""
        subject = self.scene.subject
        return subject.drags[:, 0] if self.pulled else subject.grip


Reason = Callable[[Look], Values]


def pull(look: Look) -> Values:
    """The pull goes where this motion takes its start."""
    if not look.pulled:
        return np.zeros(len(look.found))
    return pulls.likelihood(look.motions, look.scene.subject.drags)


def collision(look: Look) -> Values:
    """A share of the part runs into the body on the way."""
    blocked = look.found.forward.blocked(0.95 * look.value)
    return np.minimum(blocked / 0.03, 4.0)


def coming_off(look: Look) -> Values:
    """The part leaves the body."""
    return look.found.loose


def room(look: Look) -> Values:
    """There is little room ahead: log of the share of a useful range."""
    return _room(look, look.found.forward.limits())


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
    return (look.found.forward.limits() < 0.06 * _useful(look)).astype(float)


def off_axis(look: Look) -> Values:
    """The hinge line is away from part and body."""
    return np.minimum(look.found.off_axis / 0.08, 4.0)


def slipping(look: Look) -> Values:
    """Part and body slip along each other where they touch."""
    return np.exp(-((look.found.rubbing / 0.25) ** 2))


def guided(look: Look) -> Values:
    """The body guides the slide on all sides."""
    return look.found.guided**3


def lever(look: Look) -> Values:
    """The part is held well away from the hinge."""
    if not len(look.held):
        return np.full(len(look.found), 0.5)
    longest = arms(look.motions, look.scene.points).max(axis=1)
    share = arms(look.motions, look.held).max(axis=1) / np.maximum(longest, 1e-9)
    return np.where(look.motions.hinge, np.clip(share, 0.0, 1.0), 0.0)


def grip_ahead(look: Look) -> Values:
    """The grip moves in the way it sticks out of the part."""
    way = look.scene.grip_way
    if not way.any():
        return np.zeros(len(look.found))
    moved = _unit(velocities(look.motions, look.scene.subject.grip)[:, 0])
    return moved @ way


def grip_even(look: Look) -> Values:
    """The grip is off the middle, measured along a hinge or across a slide."""
    grip, core = look.scene.subject.grip, look.scene.subject.core
    if not len(grip):
        return np.zeros(len(look.found))
    arm = grip[0] - core.centre
    along = np.abs(look.motions.axis @ arm)
    across = np.sqrt(np.maximum(arm @ arm - along**2, 0.0))
    size = np.linalg.norm((look.motions.axis @ core.axes.T) * core.half, axis=1)
    wide = np.sqrt(np.maximum((core.half**2).sum() - size**2, 1e-9))
    off = np.where(look.motions.hinge, along / np.maximum(size, 1e-6), across / wide)
    return np.minimum(off, 1.0)


def grip_along(look: Look) -> Values:
    """The grip is a bar along this axis: door handles run along their hinges."""
    return np.abs(look.motions.axis @ look.scene.grip_bar)


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


def below(look: Look) -> Values:
    """The hinge is below the middle of the part rather than above."""
    rise = look.side[0] @ look.scene.subject.up * np.minimum(look.side[1], 1.0)
    return np.where(look.motions.hinge & look.scene.standing, -rise, 0.0)


def round_part(look: Look) -> Values:
    """The part is round about this axis."""
    return np.exp(-((look.found.round / 0.2) ** 2))


def at_edge(look: Look) -> Values:
    """The hinge is at an edge of the part."""
    return np.where(look.motions.hinge, np.exp(-(((look.side[1] - 1.0) / 0.2) ** 2)), 0.0)


def leaf(look: Look) -> Values:
    """The part is a plate that swings about one of its edges, as doors and lids do."""
    flat, normal = look.scene.plate
    return flat * at_edge(look) * (np.abs(look.motions.axis @ normal) < 0.2)


def leaf_in_contact(look: Look) -> Values:
    """The same where that edge touches the body."""
    return leaf(look) * in_contact(look)


def at_middle(look: Look) -> Values:
    """The hinge is in the middle of the part."""
    return np.where(look.motions.hinge, np.exp(-((look.side[1] / 0.2) ** 2)), 0.0)


def outside(look: Look) -> Values:
    """The hinge is beside the part."""
    return np.where(look.motions.hinge, np.clip(look.side[1] - 1.1, 0.0, 2.0), 0.0)


def square(look: Look) -> Values:
    """The axis is parallel to a side of the part's box."""
    return _parallel(look.motions.axis, look.scene.subject.part.box.axes)


def square_to_body(look: Look) -> Values:
    """The axis is parallel to a side of the body's box."""
    return _parallel(look.motions.axis, look.scene.subject.body.box.axes)


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


def enclosed(look: Look) -> Values:
    """The body is all around the part."""
    return np.full(len(look.found), look.scene.enclosed)


def small(look: Look) -> Values:
    """The part is small for its object: log of the diagonals."""
    return np.full(len(look.found), -np.log(look.scene.subject.part.box.diagonal))


def near_contact(look: Look) -> Values:
    """Part and body touch around the hinge rather than far from it: mean arms, contact to part."""
    subject = look.scene.subject
    touching = subject.nearest[subject.contact][:300]
    if not len(touching):
        return np.ones(len(look.found))
    contact = arms(look.motions, touching).mean(axis=1)
    part = arms(look.motions, look.scene.points).mean(axis=1)
    return np.clip(contact / np.maximum(part, 1e-9), 0.0, 2.0) * look.motions.hinge


def in_contact(look: Look) -> Values:
    """Part and body touch at the hinge itself: nearest contact, over a tenth of the part."""
    subject = look.scene.subject
    touching = subject.nearest[subject.contact][:300]
    if not len(touching):
        return np.zeros(len(look.found))
    nearest = np.percentile(arms(look.motions, touching), 5.0, axis=1)
    near = np.exp(-nearest / (0.05 * subject.part.box.diagonal))
    return np.where(look.motions.hinge, near, 0.0)


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


def lifted(look: Look) -> Values:
    """The part's middle goes up."""
    return look.centre_way @ look.scene.subject.up * float(look.scene.standing)


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


def supported_by(source: str) -> Reason:
    """The reason that this source proposed the motion."""
    column = sources.index(source)

    def reason(look: Look) -> Values:
        return look.found.support[:, column].astype(float)

    reason.__doc__ = f"Proposed by: {source}."
    return reason


def constant(look: Look) -> Values:
    """What slides have ahead of hinges."""
    return np.ones(len(look.found))


reasons: dict[str, Reason] = {
    "constant": constant,
    "pull": pull,
    "collision": collision,
    "coming off": coming_off,
    "room": room,
    "room back": room_back,
    "shut": shut,
    "jammed": jammed,
    "off axis": off_axis,
    "slipping": slipping,
    "guided": guided,
    "lever": lever,
    "grip ahead": grip_ahead,
    "grip off middle": grip_even,
    "grip along": grip_along,
    "ajar": ajar,
    "in line": in_line,
    "below": below,
    "plate": plate,
    "pinned plate": pinned_plate,
    "flat part": flat_part,
    "round part": round_part,
    "at edge": at_edge,
    "leaf": leaf,
    "leaf in contact": leaf_in_contact,
    "at middle": at_middle,
    "outside": outside,
    "square": square,
    "square to body": square_to_body,
    "clear": clear,
    "clear back": clear_back,
    "outward": outward,
    "enclosed": enclosed,
    "small": small,
    "near contact": near_contact,
    "in contact": in_contact,
    "long": long,
    "upright": upright,
    "askew": askew,
    "lifted": lifted,
    "said turning": said_turning,
    "said way": said_way,
    "hinted way": hinted_way,
    "said hinge": said_hinge,
    **{f"source: {name}": supported_by(name) for name in sources},
}
names = tuple(reasons)

# What can only speak for a joint, or only against it, whatever a fit would like to believe.
for_it = {
    "pull", "room", "shut", "grip along", "ajar", "slipping", "guided", "lever", "grip ahead",
    "pinned plate", "leaf", "leaf in contact", "square", "square to body", "clear", "outward",
    "in contact",
    "said turning", "said way", "hinted way", "said hinge", "source: shared axis", "source: pin",
    "source: round part", "source: shared edge",
}  # fmt: skip
against_it = {
    "collision", "coming off", "jammed", "room back", "off axis", "outside", "near contact",
    "askew",
    "source: drag",
}  # fmt: skip


def features(look: Look) -> Values:
    """Return all reasons (H, 2R): for hinges in the first R columns, for slides in the others."""
    marks = np.stack([reason(look) for reason in reasons.values()], axis=1)
    hinge = look.motions.hinge[:, None]
    return np.concatenate([np.where(hinge, marks, 0.0), np.where(hinge, 0.0, marks)], axis=1)


def _unit(vectors: Values) -> Values:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def _useful(look: Look) -> Values:
    return np.where(look.motions.hinge, np.radians(45.0), 0.35 * look.found.length)


def _room(look: Look, limit: Values) -> Values:
    share = np.minimum(limit, look.found.reach) / np.maximum(_useful(look), 1e-9)
    return np.log(np.clip(share, 0.02, 1.0))


def _parallel(axis: Values, others: Values) -> Values:
    return (np.abs(axis @ others.T).max(axis=1) > np.cos(np.radians(3.0))).astype(float)


def _rise(look: Look) -> Values:
    return np.abs(look.motions.axis @ look.scene.subject.up)


def _clearness(look: Look, sign: float) -> Values:
    """Share (H,) of the part's speed that goes where its samples look past the body."""
    way, speed = look.speeds
    share = np.maximum(sign * (way @ look.scene.ways.T), 0.0) ** 2
    seen = (share * look.scene.openness[None]).sum(axis=2)
    return (seen * speed).sum(axis=1) / np.maximum(speed.sum(axis=1), 1e-9)


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
    return _unit(there - held) @ look.scene.sides[way]
