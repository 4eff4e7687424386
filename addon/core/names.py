"""What things are called towards artists."""

from __future__ import annotations

from ..protocol.joint import JointType

kinds: dict[JointType, str] = {
    "revolute": "Hinge",
    "prismatic": "Slider",
    "continuous": "Wheel (turns freely)",
    "screw": "Screw",
    "cylindrical": "Turns and slides",
    "fixed": "Does not move",
}
