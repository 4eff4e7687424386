"""What things are called, and other choices that are known before anything is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..protocol.joint import JointType

kinds: dict[JointType, str] = {
    "revolute": "Hinge",
    "prismatic": "Slider",
    "continuous": "Wheel (turns freely)",
    "screw": "Screw",
    "cylindrical": "Turns and slides",
    "fixed": "Does not move",
}

# How a joint is switched to another type.
order: tuple[JointType, ...] = (
    "revolute",
    "prismatic",
    "continuous",
    "screw",
    "cylindrical",
    "fixed",
)

# How much of a surface belongs together, from the least to the most.
levels = ("pulled", "region", "face_set", "material", "piece", "object")

default_tolerance = 0.01  # of a stroke's size: how far its curve may be from it
