"""The reasons for a joint in sentences, gathered under the names that the protocol has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from backend.articulation import circumstances, pulls, reasons, weights
from backend.articulation.hypotheses import sources
from backend.articulation.look import Look, Reason, Values
from backend.articulation.reasons import grip, pulling, saying, shape, travel
from protocol.joint import Evidence

learned = "dragapart"  # what models that imagine pictures say, under the name of the method


@dataclass(frozen=True)
class Kind:
    """A kind of evidence: the reasons and circumstances that belong to it, a mark in [0, 1]
    and a sentence.

    `mark` takes the look and a motion's index; `text` the same and may be empty.
    """

    reasons: tuple[str, ...]
    mark: Callable[[Look, int], float]
    text: Callable[[Look, int], str]


def in_words(look: Look, chosen: Sequence[int]) -> list[tuple[Evidence, ...]]:
    """Return the evidence of each chosen motion, that which speaks for or against it most first."""
    shares = {name: (added - added.mean())[chosen] for name, added in contributions(look).items()}
    few = look.take(np.asarray(chosen))
    return [
        _told(few, k, {name: share[k] for name, share in shares.items()})
        for k in range(len(few.found))
    ]


def _told(look: Look, h: int, share: dict[str, float]) -> tuple[Evidence, ...]:
    told = []
    for name, kind in kinds.items():
        text = kind.text(look, h)
        if text:
            score = float(np.clip(kind.mark(look, h), 0.0, 1.0))
            told.append((share[name], Evidence(name=name, score=score, text=text)))
    for one in look.imagined:
        heard = Evidence(name=learned, score=one.mark(h), text=one.text(h))
        told.append((share[learned], heard))
    return tuple(evidence for _, evidence in sorted(told, key=lambda pair: -abs(pair[0])))


def reasons_of(without: Collection[str]) -> frozenset[str]:
    """Return the reasons that belong to the named kinds; other names say nothing."""
    return frozenset(r for name in without if name in kinds for r in kinds[name].reasons)


def contributions(look: Look) -> dict[str, Values]:
    """Return what each kind adds to the score of each motion (H,): what it loses without it."""
    judge = weights.judge(look.pulled)
    seen = reasons.marks(look), look.motions.hinge, circumstances.of(look)
    whole = judge(*seen)
    found = {name: whole - judge(*seen, kind.reasons) for name, kind in kinds.items()}
    if look.imagined:
        found[learned] = np.sum([one.score for one in look.imagined], axis=0)
    return found


def _drag(look: Look, h: int) -> str:
    if not look.pulled:
        return ""
    off = float(pulls.residual(look.motions, look.scene.subject.drags)[h])
    if off > 0.3 and _mark(pulling.pull, 3.0)(look, h) > 0.3:
        return "The pull points to where the part goes later on."
    return f"Carries the pull to within {off:.0%} of its length."


def _penetration(look: Look, h: int) -> str:
    blocked = _blocked(look)[h]
    if blocked < 0.005:
        return "Moves freely along the pull." if look.pulled else "Moves freely."
    return f"On the way {blocked:.0%} of it would run into the body."


def _detachment(look: Look, h: int) -> str:
    return "Stays on the body." if look.found.loose[h] < 0.1 else "Comes off the body as it moves."


def _origin(look: Look, h: int) -> str:
    if not look.motions.hinge[h]:
        return ""
    near = look.found.off_axis[h] < 0.05
    where = "sits" if near else "is away from"
    return f"The hinge {where} where part and body meet."


def _hardware(look: Look, h: int) -> str:
    seen = [name for k, name in enumerate(sources) if look.found.support[h, k]]
    for name, text in seen_as.items():
        if name in seen:
            return text
    return ""


seen_as = {
    "shared axis": "Round pieces of part and body share this axis.",
    "pin": "A round piece has this axis.",
    "round part": "The part is round about this axis.",
    "shared edge": "Part and body are joined along this line.",
}


def _contact(look: Look, h: int) -> str:
    return "Part and body slip along each other." if look.found.rubbing[h] < 0.15 else ""


def _reach(look: Look, h: int) -> str:
    if not look.motions.hinge[h] or not len(look.held):
        return ""
    held = "Pulled" if look.pulled else "The grip is"
    far = grip.lever(look)[h] > 0.5
    return f"{held} well away from the hinge." if far else f"{held} close to the hinge."


def _grip(look: Look, h: int) -> str:
    ahead = grip.grip_ahead(look)[h]
    if abs(ahead) < 0.5:
        return ""
    return "The grip points the way it opens." if ahead > 0 else "The grip points the other way."


def _guidance(look: Look, h: int) -> str:
    if look.motions.hinge[h]:
        return ""
    return (
        "The body guides the slide." if look.found.guided[h] > 0.6 else "Little guides the slide."
    )


def _shape(look: Look, h: int) -> str:
    odd = look.motions.hinge[h] and shape.plate(look)[h] > 0.7
    held = shape.pinned_plate(look)[h] > 0 or shape.round_part(look)[h] > 0.5
    return "Would swing flat in its own plane, with no pin to hold it." if odd and not held else ""


def _travel(look: Look, h: int) -> str:
    return "Has room to move." if travel.room(look)[h] > -0.7 else "Has hardly any room to move."


def _clearance(look: Look, h: int) -> str:
    ahead, behind = travel.clear(look)[h], travel.clear_back(look)[h]
    return "Goes where it is in the open." if ahead > behind + 0.1 else ""


def _text(look: Look, h: int) -> str:
    said = saying.said_turning(look)[h] + saying.said_way(look)[h] + saying.said_hinge(look)[h]
    if abs(said) < 0.2:
        return ""
    return "Fits the words of the prompt." if said > 0 else "The prompt sounds like another joint."


def _convention(look: Look, h: int) -> str:
    if not look.scene.standing:
        return ""
    askew = shape.askew(look)[h] > 0
    return "Runs askew, as few joints do." if askew else "Upright or level, as most joints are."


def _mark(reason: Reason, scale: float) -> Callable[[Look, int], float]:
    """A log score as a mark: 1 at 0, small far below."""
    return lambda look, h: float(np.exp(reason(look)[h] / scale))


def _blocked(look: Look) -> Values:
    return look.found.forward.blocked(0.95 * look.value)


kinds: dict[str, Kind] = {
    "drag": Kind(
        ("pull", "pull off", "pulled past", "pull length"), _mark(pulling.pull, 1.0), _drag
    ),
    "penetration": Kind(
        ("collision", "jammed", "blocked early", "blocked half", "blocked late",
         "blocked back early", "blocked back half", "blocked back late"),
        lambda k, h: float(np.exp(-_blocked(k)[h] / 0.03)),
        _penetration,
    ),
    "detachment": Kind(
        ("coming off", "loose soon", "apart"), lambda k, h: 1.0 - k.found.loose[h], _detachment
    ),
    "origin": Kind(
        ("off axis", "near contact", "in contact", "contact along", "contact spread", "at edge",
         "leaf in contact", "at middle", "outside", "part edge", "part corner", "body edge",
         "body corner", "outer"),
        lambda k, h: float(np.exp(-k.found.off_axis[h] / 0.08)),
        _origin,
    ),
    "hardware": Kind(
        (*(f"source: {name}" for name in sources), "round part", "roundness"),
        lambda k, h: float(bool(_hardware(k, h))),
        _hardware,
    ),
    "contact": Kind(
        ("slipping", "in line", "across contact", "free end", "ahead shut", "behind shut",
         "touching", "places"),
        lambda k, h: travel.slipping(k)[h],
        _contact,
    ),
    "reach": Kind(("lever", "handle out"), lambda k, h: grip.lever(k)[h], _reach),
    "grip": Kind(
        ("grip ahead", "grip off middle", "grip along", "handle ahead", "has grip", "has handle"),
        lambda k, h: 0.5 + 0.5 * grip.grip_ahead(k)[h],
        _grip,
    ),
    "guidance": Kind(
        ("guided", "enclosed", "enclosure"), lambda k, h: k.found.guided[h], _guidance
    ),
    "shape": Kind(
        ("plate", "pinned plate", "ajar", "leaf", "flat part", "small", "long", "wide", "square",
         "square to body", "along part", "through part", "along body", "through body", "flatness",
         "slenderness", "body flatness", "body slenderness", "size", "is askew"),
        lambda k, h: 1.0 - shape.plate(k)[h],
        _shape,
    ),
    "travel": Kind(
        ("room", "room back", "shut"), lambda k, h: float(np.exp(travel.room(k)[h])), _travel
    ),
    "clearance": Kind(
        ("clear", "clear back", "outward", "emerging", "exposed", "aside"),
        lambda k, h: travel.clear(k)[h],
        _clearance,
    ),
    "text": Kind(
        ("said turning", "said way", "hinted way", "said hinge",
         *(name for name in circumstances.names if name.startswith("called "))),
        lambda k, h: float(1.0 / (1.0 + np.exp(-saying.said_turning(k)[h]))),
        _text,
    ),
    "convention": Kind(
        ("upright", "askew", "lifted", "below", "standing"),
        lambda k, h: 1.0 - shape.askew(k)[h],
        _convention,
    ),
}  # fmt: skip
