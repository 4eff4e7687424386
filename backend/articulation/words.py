"""What the prompt says about the joint: its type, from verbs and nouns (English)."""

from __future__ import annotations

import re

turning = {
    "swing", "swings", "rotate", "rotates", "turn", "turns", "twist", "spin", "hinge", "hinged",
    "revolve", "swivel", "flip", "tilt", "fold", "unfold", "screw", "unscrew", "door", "lid",
    "knob", "wheel", "lever", "handle", "faucet", "tap", "dial", "flap", "hatch", "scissors",
    "blade", "chair", "seat", "laptop", "screen", "gate", "cap", "valve", "crank",
}  # fmt: skip
sliding = {
    "slide", "slides", "sliding", "pull", "push", "press", "extend", "retract", "shift", "drawer",
    "tray", "sash", "button", "key", "rack", "shelf", "slider", "window",
}  # fmt: skip
verbs_of_turning = {
    "swing", "swings", "rotate", "rotates", "turn", "turns", "twist", "spin", "revolve", "swivel",
    "flip", "tilt", "fold", "unfold", "unscrew", "hinge", "hinged",
}  # fmt: skip
verbs_of_sliding = {"slide", "slides", "sliding", "press", "extend", "retract", "shift"}
strong, weak = 2.0, 1.0


def turning_share(prompt: str) -> float:
    """Return how likely the prompt means a turn, in (0, 1); 0.5 where it does not say."""
    words = re.findall(r"[a-z]+", prompt.lower())
    for_turning = sum(_weight(word, verbs_of_turning) for word in words if word in turning)
    for_sliding = sum(_weight(word, verbs_of_sliding) for word in words if word in sliding)
    return (for_turning + 0.5) / (for_turning + for_sliding + 1.0)


def _weight(word: str, verbs: set[str]) -> float:
    return strong if word in verbs else weak
