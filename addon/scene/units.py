"""Lengths in the scene's units."""

from __future__ import annotations

import bpy

from ..core.lengths import Typed, inches, round_step

metres = {
    "KILOMETERS": 1e3,
    "METERS": 1.0,
    "CENTIMETERS": 1e-2,
    "MILLIMETERS": 1e-3,
    "MICROMETERS": 1e-6,
    "MILES": 1609.344,
    "FEET": 0.3048,
    "INCHES": 0.0254,
    "THOU": 2.54e-5,
}


def length(value: float) -> str:
    """Say a length as the scene's units have it."""
    units = bpy.context.scene.unit_settings
    value = round(value * units.scale_length, 6) + 0.0
    if units.system == "NONE":
        return f"{value:.3g}"
    return bpy.utils.units.to_string(units.system, "LENGTH", value, precision=3)


def typed_length(typed: Typed) -> float | None:
    """Return in Blender units what was typed; a number alone is in the scene's unit."""
    units = bpy.context.scene.unit_settings
    scale = units.scale_length or 1.0
    default = 0.3048 if units.system == "IMPERIAL" else 1.0
    bare = scale if units.system == "NONE" else metres.get(units.length_unit, default)
    found = typed.metres(bare)
    return None if found is None else found / scale


def length_step(least: float) -> float:
    """Return a length of at least `least`, in Blender units, that is round in the scene's."""
    units = bpy.context.scene.unit_settings
    scale = units.scale_length or 1.0
    return round_step(least * scale, inches if units.system == "IMPERIAL" else ()) / scale
