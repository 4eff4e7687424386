"""The keys that decide on a proposal while the mouse is over the viewport, and their legend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Key:
    """A key that calls an operator (by its name after `tug.`) with some properties."""

    operator: str
    type: str
    shift: bool = False
    properties: dict[str, Any] = field(default_factory=dict)


here = {"at_mouse": True}
keys: tuple[Key, ...] = (
    Key("show_alternative", "TAB", properties={"step": 1}),
    Key("show_alternative", "TAB", shift=True, properties={"step": -1}),
    Key("show_alternative", "WHEELDOWNMOUSE", properties={"step": 1, **here}),
    Key("show_alternative", "WHEELUPMOUSE", properties={"step": -1, **here}),
    Key("flip_part", "TAB", properties={"step": 1}),
    Key("flip_part", "TAB", shift=True, properties={"step": -1}),
    Key("flip_part", "WHEELDOWNMOUSE", properties={"step": 1}),
    Key("flip_part", "WHEELUPMOUSE", properties={"step": -1}),
    Key("flip_axis", "F"),
    Key("flip_axis", "F", shift=True, properties={"limits": "mirror"}),
    Key("switch_joint_type", "Y", properties={"step": 1}),
    Key("switch_joint_type", "Y", shift=True, properties={"step": -1}),
    Key("snap_origin", "E"),
    Key("lock_joint", "L", properties={"field": "menu"}),
    Key("ask_again", "RET", shift=True),
    Key("ask_again", "NUMPAD_ENTER", shift=True),
    Key("accept_result", "RET"),
    Key("accept_result", "NUMPAD_ENTER"),
    Key("accept_all", "RET"),
    Key("accept_all", "NUMPAD_ENTER"),
    Key("reject_result", "ESC"),
    Key("accept_placement", "RET"),
    Key("accept_placement", "NUMPAD_ENTER"),
    Key("reject_placement", "ESC"),
    Key("accept_animation", "RET"),
    Key("accept_animation", "NUMPAD_ENTER"),
    Key("reject_animation", "ESC"),
)

Entries = tuple[tuple[str, str], ...]

of_joint: Entries = (
    ("Tab", "Next"),
    ("F", "Flip"),
    ("Shift F", "Other Way"),
    ("Y", "Type"),
    ("E", "Snap Origin"),
    ("L", "Lock"),
    ("Shift Enter", "Ask Again"),
    ("Enter", "Accept"),
    ("Esc", "Reject"),
)
of_choice = (("Tab", "Choose"), ("Esc", "Reject"))
of_object = (
    ("Tab", "Next for the part under the mouse"),
    ("Enter", "Accept All"),
    ("Esc", "Reject"),
)
of_place_or_motion = (("Enter", "Accept"), ("Esc", "Reject"))
always = ("Next", "Choose", "Accept", "Accept All", "Reject")


def legend(entries: Entries, width: Callable[[str], float], room: float) -> str:
    """Return the line that tells the keys, as much of it as there is room for; maybe none."""
    short = tuple(entry for entry in entries if entry[1] in always)
    for some in (entries, short):
        text = "     ".join(f"{key}  {what}" for key, what in some)
        if width(text) <= room:
            return text
    return ""
