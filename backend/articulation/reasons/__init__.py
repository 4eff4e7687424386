"""Reasons for and against a joint: one number a reason and motion, in the units of a person.

A reason says something of a motion the way round it is: forward is the way in which its values
grow. What it counts is in `weights`; what makes it count more or less in `circumstances`.
"""

from __future__ import annotations

import numpy as np

from backend.articulation.hypotheses import sources
from backend.articulation.look import Look, Reason, Values
from backend.articulation.reasons import grip, place, pulling, saying, shape, travel


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
    "pull": pulling.pull,
    "pull off": pulling.pull_off,
    "pulled past": pulling.pulled_past,
    "collision": travel.collision,
    "coming off": travel.coming_off,
    "loose soon": travel.loose_soon,
    "room": travel.room,
    "room back": travel.room_back,
    "shut": travel.shut,
    "jammed": travel.jammed,
    "blocked early": travel.blocked(0.12),
    "blocked half": travel.blocked(0.4),
    "blocked late": travel.blocked(0.95),
    "blocked back early": travel.blocked(0.12, back=True),
    "blocked back half": travel.blocked(0.4, back=True),
    "blocked back late": travel.blocked(0.95, back=True),
    "emerging": travel.emerging,
    "ahead shut": travel.ahead_shut,
    "behind shut": travel.behind_shut,
    "slipping": travel.slipping,
    "guided": travel.guided,
    "clear": travel.clear,
    "clear back": travel.clear_back,
    "outward": travel.outward,
    "lifted": travel.lifted,
    "lever": grip.lever,
    "grip ahead": grip.grip_ahead,
    "grip off middle": grip.grip_even,
    "grip along": grip.grip_along,
    "handle out": grip.handle_out,
    "handle ahead": grip.handle_ahead,
    "off axis": place.off_axis,
    "below": place.below,
    "at edge": place.at_edge,
    "at middle": place.at_middle,
    "outside": place.outside,
    "leaf": place.leaf,
    "leaf in contact": place.leaf_in_contact,
    "near contact": place.near_contact,
    "in contact": place.in_contact,
    "contact along": place.contact_along,
    "contact spread": place.contact_spread,
    "across contact": place.across_contact,
    "free end": place.free_end,
    "outer": place.outer,
    "part edge": place.part_edge,
    "part corner": place.part_corner,
    "body edge": place.body_edge,
    "body corner": place.body_corner,
    "plate": shape.plate,
    "pinned plate": shape.pinned_plate,
    "flat part": shape.flat_part,
    "round part": shape.round_part,
    "ajar": shape.ajar,
    "in line": shape.in_line,
    "square": shape.square,
    "square to body": shape.square_to_body,
    "enclosed": shape.enclosed,
    "small": shape.small,
    "long": shape.long,
    "wide": shape.wide,
    "along part": shape.along_part,
    "through part": shape.through_part,
    "along body": shape.along_body,
    "through body": shape.through_body,
    "upright": shape.upright,
    "askew": shape.askew,
    "said turning": saying.said_turning,
    "said way": saying.said_way,
    "hinted way": saying.hinted_way,
    "said hinge": saying.said_hinge,
    **{f"source: {name}": supported_by(name) for name in sources},
}
names = tuple(reasons)


def marks(look: Look) -> Values:
    """Return all reasons (H, R) of a look's motions."""
    return np.stack([reason(look) for reason in reasons.values()], axis=1)
