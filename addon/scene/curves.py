"""Curve objects: read as points along them in the world, written, reversed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import bpy
import numpy as np
from numpy.typing import NDArray

from ..core.fitting import Bezier
from ..core.geometry import transformed
from ..core.splines import along_bezier, along_nurbs, along_poly
from ..core.strokes import Floats, arcs
from ..protocol.errors import failure

free, automatic, aligned = 0, 1, 3  # Blender's numbers for kinds of handles
of_bezier = ("co", "handle_left", "handle_right")


class Along(NamedTuple):
    """World points (N, 3) along a spline, and its place among the curve's splines."""

    points: Floats
    spline: int


def read(obj: bpy.types.Object) -> list[Along]:
    """Return the splines of a curve as they are now, in edit mode too; the longest first.

    Splines without points are left out, and so is what is not finite.
    """
    bpy.context.view_layer.update()
    matrix = np.array(obj.matrix_world, np.float64)
    with _splines(obj) as splines:
        found = [Along(transformed(matrix, _points(s)), i) for i, s in enumerate(splines)]
    sound = [along for along in found if len(along.points) and np.isfinite(along.points).all()]
    return sorted(sound, key=lambda along: -float(arcs(along.points)[-1]))


def is_closed(obj: bpy.types.Object, spline: int) -> bool:
    """Return whether a spline comes back to its first point."""
    return obj.data.splines[spline].use_cyclic_u


def tilts(obj: bpy.types.Object, spline: int, count: int) -> Floats | None:
    """Return the tilt (count,) at the points that `read` gives of a spline; None without any.

    Between control points it goes evenly, and that of a NURBS is taken as evenly spread.
    """
    source = obj.data.splines[spline]
    points = source.bezier_points if source.type == "BEZIER" else source.points
    found = _values(points, "tilt")[:, 0]
    if not found.any():
        return None
    found = np.r_[found, found[:1]] if source.use_cyclic_u else found
    return np.interp(np.linspace(0.0, 1.0, count), np.linspace(0.0, 1.0, len(found)), found)


def add(name: str, bezier: Bezier, scene: bpy.types.Scene) -> bpy.types.Object:
    """Add a curve object that has its origin at the spline's first knot, world."""
    return _added(name, bezier.knots, bezier.closed, scene, lambda s: _shape(s, bezier))


def add_through(
    name: str, points: Floats, closed: bool, scene: bpy.types.Scene
) -> bpy.types.Object:
    """Add a curve object through (N, 3) world points, with handles that keep it smooth."""

    def write(spline: bpy.types.Spline) -> None:
        for kind in ("handle_left_type", "handle_right_type"):
            spline.bezier_points.foreach_set(kind, np.full(len(points), automatic, np.int32))
        spline.bezier_points[0].handle_left_type = "AUTO"  # has Blender compute them all

    return _added(name, points, closed, scene, write)


def reverse(obj: bpy.types.Object, index: int) -> None:
    """Have a spline go the other way. Raises TugError where Blender would not keep up."""
    if obj.data.library:
        raise failure("bad_input", f"The curve of '{obj.name}' is linked; make it local first.")
    if obj.data.shape_keys:
        raise failure(
            "bad_input", f"'{obj.name}' has shape keys; remove them to reverse the curve."
        )
    spline = obj.data.splines[index]
    if spline.type == "BEZIER":
        _reverse(spline.bezier_points, _bezier_swaps)
    else:
        _reverse(spline.points, _point_swaps)
    obj.data.update_tag()


_bezier_swaps = {
    "co": ("co", 3, np.float32),
    "handle_left": ("handle_right", 3, np.float32),
    "handle_right": ("handle_left", 3, np.float32),
    "handle_left_type": ("handle_right_type", 1, np.int32),
    "handle_right_type": ("handle_left_type", 1, np.int32),
    "radius": ("radius", 1, np.float32),
    "tilt": ("tilt", 1, np.float32),
}
_point_swaps = {
    "co": ("co", 4, np.float32),
    "weight": ("weight", 1, np.float32),
    "radius": ("radius", 1, np.float32),
    "tilt": ("tilt", 1, np.float32),
}


def _reverse(points: bpy.types.bpy_prop_collection, swaps: dict) -> None:
    read = {name: _values(points, *source) for name, source in swaps.items()}
    kinds = [name for name in read if name.endswith("_type")]
    for name in kinds:  # aligned handles would follow each other while they are written
        points.foreach_set(name, np.zeros(len(points), np.int32))
    for name in (*(name for name in read if name not in kinds), *kinds):
        points.foreach_set(name, read[name][::-1].reshape(-1))


@contextmanager
def _splines(obj: bpy.types.Object) -> Iterator[bpy.types.bpy_prop_collection]:
    """Give the splines with modifiers and shape keys applied, where there are any."""
    shaped = obj.data.shape_keys or any(modifier.show_viewport for modifier in obj.modifiers)
    if not shaped or obj.mode == "EDIT":
        yield obj.data.splines
        return
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    yield evaluated.to_curve(bpy.context.evaluated_depsgraph_get(), apply_modifiers=True).splines
    evaluated.to_curve_clear()


def _points(spline: bpy.types.Spline) -> Floats:
    """Return local points along a spline of any type."""
    if spline.type == "BEZIER":
        knots, left, right = (_values(spline.bezier_points, name, 3) for name in of_bezier)
        return along_bezier(knots, left, right, spline.use_cyclic_u) if len(knots) else knots
    points = _values(spline.points, "co", 4)[: spline.point_count_u]
    if spline.type == "POLY" or not len(points):
        return along_poly(points[:, :3], spline.use_cyclic_u)
    return along_nurbs(
        points[:, :3],
        points[:, 3],
        spline.order_u,
        spline.use_cyclic_u,
        spline.use_endpoint_u,
        spline.use_bezier_u,
    )


def _values(
    points: bpy.types.bpy_prop_collection, name: str, size: int = 1, kind: type = np.float32
) -> NDArray:
    values = np.empty((len(points), size), kind)
    points.foreach_get(name, values.reshape(-1))
    return values.astype(np.float64) if kind is np.float32 else values


def _added(name, knots, closed, scene, write) -> bpy.types.Object:
    data = bpy.data.curves.new(name, "CURVE")
    data.dimensions, data.resolution_u = "3D", 24
    spline = data.splines.new("BEZIER")
    spline.use_cyclic_u = closed
    spline.bezier_points.add(len(knots) - 1)
    obj = bpy.data.objects.new(name, data)
    obj.location = knots[0]
    local = (knots - knots[0]).astype(np.float32)
    for place in of_bezier:
        spline.bezier_points.foreach_set(place, local.reshape(-1))
    write(spline)
    scene.collection.objects.link(obj)
    data.update_tag()
    return obj


def _shape(spline: bpy.types.Spline, bezier: Bezier) -> None:
    """Write the handles of a fitted spline: aligned ones, but at corners."""
    points, origin = spline.bezier_points, bezier.knots[0]
    kinds = np.where(bezier.corners, free, aligned).astype(np.int32)
    for side in ("left", "right"):
        handles = (getattr(bezier, side) - origin).astype(np.float32)
        points.foreach_set(f"handle_{side}", handles.reshape(-1))
    for side in ("left", "right"):
        points.foreach_set(f"handle_{side}_type", kinds)
