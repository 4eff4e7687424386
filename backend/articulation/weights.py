"""Every number that weighs one reason against another, in one place.

A joint's score is sum(weight * ln(evidence)) + ln(source): evidence lies in (0, 1] with 1 the
best, so a weight is how many times a piece of evidence counts.
"""

from __future__ import annotations

floor = 0.002  # no single piece of evidence rules a joint out for good

evidence = {
    "drag": 1.5,
    "penetration": 1.5,
    "detachment": 1.5,
    "origin": 1.0,
    "contact": 0.6,
    "reach": 0.8,
    "guidance": 1.4,
    "shape": 1.0,
    "travel": 0.7,
    "text": 1.5,
    "convention": 0.4,
}

# How often a source is right when it speaks, in relative terms.
sources = {
    "shared axis": 2.5,
    "pin": 1.3,
    "round part": 1.2,
    "shared edge": 1.0,
    "contact line": 0.8,
    "contact slip": 0.7,
    "contact circle": 0.7,
    "contact centre": 0.6,
    "contact box": 0.6,
    "part box": 0.8,
    "core box": 0.8,
    "centre": 0.5,
    "main direction": 0.7,
    "drag": 0.03,
}

pinned = ["shared axis", "pin", "round part"]  # sources that see the hinge itself

temperature = 1.5  # of the softmax that turns scores into confidence
most_sure = 0.99  # the most confidence that is told
