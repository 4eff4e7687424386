"""What somebody new does first, in order, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Step = Literal["start", "object", "pull", "ask", "accept", "open"]
order: tuple[Step, ...] = ("start", "object", "pull", "ask", "accept", "open")
texts: dict[Step, str] = {
    "start": "Start the backend",
    "object": "Have something to open",
    "pull": "Pull a part",
    "ask": "Ask for its joint",
    "accept": "Look, and accept",
    "open": "Open and shut it",
}


@dataclass(frozen=True)
class Facts:
    """What the file and the session have: a connection, something to open, and so on."""

    connected: bool
    has_object: bool
    has_drag: bool
    has_question: bool
    has_joint: bool


def present(facts: Facts) -> Step:
    """Return the step to be taken now. What comes after a step shows that it was taken.

    Without a connection that is the first, unless there is a joint already.
    """
    if facts.has_joint:
        return "open"
    if not facts.connected:
        return "start"
    if facts.has_question:
        return "accept"
    if facts.has_drag:
        return "ask"
    return "pull" if facts.has_object else "object"
