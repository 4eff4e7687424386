"""A frame that is dragged sideways or typed: the start or the end of a motion."""

from __future__ import annotations

from dataclasses import dataclass

pixels_a_frame = 6.0
fine = 5.0  # times slower
sign, erase = "-", "BACK_SPACE"


@dataclass
class FrameDrag:
    """One end of a motion while it is changed.

    `frame` is where it was, `other` the other end's frame, `second` how many frames make one.
    """

    frame: int
    other: int
    is_start: bool
    second: float
    typed: str = ""
    way: float = 0.0  # in frames

    def pull(self, units: float, slowly: bool = False) -> None:
        """Move on by units of the interface, to the right if positive."""
        self.way += units / (pixels_a_frame * (fine if slowly else 1.0))

    def type(self, key: str) -> bool:
        """Take a digit, a minus (changes the sign) or the back space; return whether it was one."""
        if key == erase:
            self.typed = self.typed[:-1]
        elif key == sign:
            self.typed = self.typed[1:] if self.typed.startswith(sign) else sign + self.typed
        elif key.isdecimal() and key.isascii() and len(self.typed) < 7:
            self.typed += key
        else:
            return False
        return True

    def wanted(self, whole_seconds: bool = False) -> int:
        """Return the frame meant, whether the other end allows it or not.

        With `whole_seconds` the motion takes a whole number of seconds, at least one.
        """
        if self.typed.strip(sign):
            return int(self.typed)
        frame = round(self.frame + self.way)
        if not whole_seconds:
            return frame
        seconds = max(1, round(abs(self.other - frame) / self.second))
        return self.other + round(seconds * self.second) * (-1 if self.is_start else 1)

    def now(self, whole_seconds: bool = False) -> int:
        """Return the frame; the start stays before the end."""
        frame = self.wanted(whole_seconds)
        return min(frame, self.other - 1) if self.is_start else max(frame, self.other + 1)

    def said(self, whole_seconds: bool = False) -> str:
        """Say in a few words how it stands."""
        frame, name = self.now(whole_seconds), "Start" if self.is_start else "End"
        seconds = abs(self.other - frame) / self.second
        text = f"{name} frame {frame}, {seconds:.2f} s in all"
        if frame != self.wanted(whole_seconds):
            limit = f"before the end at {self.other}" if self.is_start else ""
            text += f": it stays {limit or f'after the start at {self.other}'}"
        return text + (f"   |   Typed: {self.typed}" if self.typed else "")
