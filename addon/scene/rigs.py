"""What views of a motion are to be made, kept with the scene."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
)

if TYPE_CHECKING:
    from ..protocol.views import Rig

presets = (
    ("DRAG4D", "Drag4D 8", "From all four sides, level and from 30 degrees above"),
    ("SIDES", "Four Sides", "From all four sides, level"),
    ("RING", "Ring of 12", "From all around in steps of 30 degrees, from 15 degrees above"),
    ("CUSTOM", "Custom", "Any number of azimuths at any number of elevations"),
)
sources = (
    ("RIG", "Rig", "Cameras around the motion, framing all of it"),
    ("VIEWS", "Tug Views", "The cameras of the collection Tug Views as they are now"),
    ("CAMERA", "Active Camera", "The scene's camera"),
)
layers = (
    ("depth", "Depth", "Distance along the camera's axis", 1),
    ("normals", "Normals", "Where surfaces face, in the camera's axes", 2),
    ("instances", "Instances", "Which object is seen", 4),
    ("parts", "Parts", "Which part is seen", 8),
    ("flow", "Flow", "How many pixels what is seen moves until the next frame", 16),
    ("entities", "Entities", "Discs that follow objects and parts", 32),
    ("heat", "Heat", "Gaussians that follow objects and parts", 64),
)
unclear = (
    ("replace", "Replace", "A view along which the motion runs gives way to a clear one"),
    ("split", "Split", "It gives way to a pair of views from both sides"),
    ("keep", "Keep", "It stays"),
)


class ViewsSettings(bpy.types.PropertyGroup):
    """On a scene: from where its motion is seen, and what is written of it."""

    source: EnumProperty(name="Seen By", description="Which cameras look", items=sources)
    preset: EnumProperty(name="Views", description="Where the rig's cameras are", items=presets)
    azimuths: IntProperty(
        name="Azimuths", description="How many directions around", default=4, min=1, max=64
    )
    elevations: IntProperty(
        name="Elevations", description="How many heights", default=2, min=1, max=16
    )
    lowest: FloatProperty(
        name="Lowest",
        description="Elevation of the lowest views",
        subtype="ANGLE",
        min=-math.pi / 2,
        max=math.pi / 2,
    )
    highest: FloatProperty(
        name="Highest",
        description="Elevation of the highest views",
        subtype="ANGLE",
        default=math.pi / 6,
        min=-math.pi / 2,
        max=math.pi / 2,
    )
    width: IntProperty(
        name="Width", description="Of the pictures", subtype="PIXEL", default=256, min=8, max=8192
    )
    height: IntProperty(
        name="Height", description="Of the pictures", subtype="PIXEL", default=256, min=8, max=8192
    )
    layers: EnumProperty(
        name="Layers",
        description="Which images are made of each frame",
        items=layers,
        options={"ENUM_FLAG"},
        default={"depth", "instances", "parts", "flow"},
    )
    fastest: FloatProperty(
        name="Pixels a Frame",
        description="Where something moves faster, the view is cut into clips in which it does not",
        default=32.0,
        min=1.0,
        max=1000.0,
    )
    unclear: EnumProperty(
        name="Unclear",
        description="What becomes of views along which the motion runs",
        items=unclear,
    )
    selected: BoolProperty(
        name="Selected Only",
        description="Follow what is selected; else everything that moves",
    )


def rig_of(settings: ViewsSettings) -> Rig:
    """Return the rig that the settings say."""
    from ..protocol.views import Rig

    azimuths, elevations = _angles(settings)
    return Rig(
        azimuths=tuple(azimuths),
        elevations=tuple(elevations),
        width=settings.width,
        height=settings.height,
    )


def count(settings: ViewsSettings) -> int:
    """Return how many views the rig has."""
    azimuths, elevations = _angles(settings)
    return len(azimuths) * len(elevations)


def _angles(settings: ViewsSettings) -> tuple[list[float], list[float]]:
    match settings.preset:
        case "SIDES":
            return _around(4), [0.0]
        case "RING":
            return _around(12), [math.radians(15.0)]
        case "CUSTOM":
            steps = max(settings.elevations - 1, 1)
            rise = (settings.highest - settings.lowest) / steps
            heights = [settings.lowest + rise * step for step in range(settings.elevations)]
            return _around(settings.azimuths), heights
        case _:
            return _around(4), [0.0, math.pi / 6.0]


def _around(number: int) -> list[float]:
    return [math.tau * step / number for step in range(number)]


def register() -> None:
    bpy.utils.register_class(ViewsSettings)
    bpy.types.Scene.tug_views = PointerProperty(type=ViewsSettings)


def unregister() -> None:
    del bpy.types.Scene.tug_views
    bpy.utils.unregister_class(ViewsSettings)
