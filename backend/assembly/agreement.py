"""What twins say together: each one's ranked joints seen in one frame, and chosen jointly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.assembly.twins import Relation, Twins
from protocol.joint import Evidence, Joint

Values = NDArray[np.float64]

floor = 0.02  # the confidence of a joint that a part does not name
same_angle = 8.0  # degrees between axes of one joint
same_line = 0.06  # of the part's size between their lines
clearly = 0.1  # more shared belief, for which a mirroring is preferred to a shift
same_range = 0.25  # of the range: limits that differ by less are made equal
same_room = 0.9  # how well the surroundings of twins fit that have the same room
same_room_range = 0.6  # of the range, for those


@dataclass(frozen=True)
class Voice:
    """What one part answers by itself: joints best first. `weight` says how much it counts.

    `size` is the part's, in world; it says how far apart the lines of one joint may be.
    """

    joints: tuple[Joint, ...]
    weight: float
    size: float


@dataclass(frozen=True)
class Choice:
    """Joints of a group in the frame of its first member, best first, with their confidence.

    `own[c][k]` is the index of joint c in the list of member k, None where it is not there;
    `ways[k]` is the relation from member k to the first one that was settled on.
    """

    joints: tuple[Joint, ...]
    confidence: tuple[float, ...]
    own: tuple[tuple[int | None, ...], ...]
    ways: tuple[Relation, ...]

    def ranked(self, k: int, joints: Sequence[Joint]) -> tuple[Joint, ...]:
        """Return member k's own joints in the group's order, with the group's confidence."""
        places = [(row[k], sure) for row, sure in zip(self.own, self.confidence, strict=True)]
        return tuple(
            msgspec.structs.replace(joints[place], confidence=sure)
            for place, sure in places
            if place is not None
        )


def choose(twins: Twins, voices: Sequence[Voice]) -> Choice:
    """Return what the twins agree on: the weighted mean of log confidences decides.

    A mean, not a sum: twins see the same geometry, so they are no independent witnesses.
    """
    ways = tuple(
        _settled(voices[0], voice, some) for voice, some in zip(voices, twins.ways, strict=True)
    )
    seen = [
        [way.joint(joint) for joint in voice.joints]
        for voice, way in zip(voices, ways, strict=True)
    ]
    size = max(voice.size for voice in voices)
    leads, own = _gathered(seen, voices, size)
    belief = np.array(
        [[_confidence(v, k) for v, k in zip(voices, row, strict=True)] for row in own]
    )
    weight = np.array([voice.weight for voice in voices])
    share = np.exp(np.log(belief) @ weight / weight.sum())
    share = share / max(float(share.sum()), 1.0)
    order = np.argsort(-share, kind="stable")
    return Choice(
        joints=tuple(leads[c] for c in order),
        confidence=tuple(float(share[c]) for c in order),
        own=tuple(own[c] for c in order),
        ways=ways,
    )


def alike(one: Joint, other: Joint, size: float) -> bool:
    """Whether two joints are the same up to small differences and their ranges."""
    if one.type != other.type:
        return False
    if one.type == "fixed":
        return True
    cosine = float(np.dot(one.axis, other.axis))
    if one.type == "continuous":
        cosine = abs(cosine)
    if cosine < np.cos(np.radians(same_angle)):
        return False
    arm = np.array(one.origin) - np.array(other.origin)
    off = np.linalg.norm(np.cross(arm, other.axis))
    return one.type == "prismatic" or bool(off < same_line * size)


def ranges(joints: Sequence[Joint], weights: Sequence[float], fits: Sequence[float]) -> list[Joint]:
    """Return the joints with limits made equal to the smallest of those that nearly are.

    The heaviest joint leads. One that is stopped much earlier or later than it keeps its own
    limit, unless its surroundings are the same (`fits`): then what differs is not the room.
    """
    lead = joints[int(np.argmax(weights))]
    span = max(lead.upper - lead.lower, 1e-12)
    slack = [span * (same_room_range if fit > same_room else same_range) for fit in fits]
    both = list(zip(joints, slack, strict=True))
    lower = [abs(joint.lower - lead.lower) <= off for joint, off in both]
    upper = [abs(joint.upper - lead.upper) <= off for joint, off in both]
    least = max(joint.lower for joint, close in zip(joints, lower, strict=True) if close)
    most = min(joint.upper for joint, close in zip(joints, upper, strict=True) if close)
    return [
        msgspec.structs.replace(
            joint, lower=least if low else joint.lower, upper=most if high else joint.upper
        )
        for joint, low, high in zip(joints, lower, upper, strict=True)
    ]


def explained(joint: Joint, others: Sequence[str]) -> Joint:
    """Return a joint with one more reason: that the twins of those names move alike."""
    reason = Evidence(name="twins", score=joint.confidence, text=f"Moves like {_listed(others)}.")
    return msgspec.structs.replace(joint, evidence=(reason, *joint.evidence))


def _settled(first: Voice, voice: Voice, ways: Sequence[Relation]) -> Relation:
    """The first relation, unless the two agree clearly better under another one."""

    def shared(way: Relation) -> float:
        seen = [way.joint(joint) for joint in voice.joints]
        return sum(
            mine.confidence * theirs.confidence
            for mine in first.joints
            for theirs in seen
            if alike(mine, theirs, first.size)
        )

    best = max(ways, key=shared)
    return best if shared(best) > shared(ways[0]) + clearly else ways[0]


def _gathered(
    seen: list[list[Joint]], voices: Sequence[Voice], size: float
) -> tuple[list[Joint], list[tuple[int | None, ...]]]:
    """The distinct joints, and where each member has them."""
    leads: list[Joint] = []
    own: list[list[int | None]] = []
    heard = [
        (-voices[m].weight * joint.confidence, m, k)
        for m, joints in enumerate(seen)
        for k, joint in enumerate(joints)
    ]
    for _, m, k in sorted(heard):
        joint = seen[m][k]
        same = [c for c, lead in enumerate(leads) if own[c][m] is None and alike(joint, lead, size)]
        if same:
            own[same[0]][m] = k
        else:
            leads.append(joint)
            own.append([None] * len(seen))
            own[-1][m] = k
    return leads, [tuple(row) for row in own]


def _confidence(voice: Voice, k: int | None) -> float:
    return floor if k is None else max(voice.joints[k].confidence, floor)


def _listed(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} others"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
