from __future__ import annotations

import math

import bpy

from ..core.names import default_tolerance
from ..scene import trajectories
from ..tools.drawing import ui_scale
from ..tools.placing import Placer, depth_of, placements
from ..tools.trajectory_sketch import Sketch
from ..tools.viewport import Pixel, under
from . import ids
from .reports import allowed, reported

travel = 4.0  # units of the interface before a press becomes a stroke
near = 10.0  # units within which the end of a stroke closes it
spacing = 2.0  # pixels between two samples
moves = ("MOUSEMOVE", "INBETWEEN_MOUSEMOVE")
navigation = (
    "MIDDLEMOUSE",
    "WHEEL",
    "NUMPAD_",
    "TRACKPAD",
    "MOUSEROTATE",
    "MOUSESMARTZOOM",
    "NDOF",
)
keys = {"S": "SURFACE", "G": "GROUND", "V": "VIEW"}
where = {"SURFACE": "the surface", "GROUND": "the ground", "VIEW": "the view plane"}
waiting = "Drag: Draw freehand   |   Click: Add points"
clicking = "Click: Add a point   |   Backspace: Take it back   |   Enter, Double click: Finish"
drawing = "Release: Finish"
closing = "Release here: Close the curve"


class StrokePoint(bpy.types.PropertyGroup):
    """A point of a stroke"""

    location: bpy.props.FloatVectorProperty(name="Location", subtype="TRANSLATION")


class DrawTrajectory(bpy.types.Operator):
    """Draw the way that the selected object takes: press and draw freehand, or click points"""

    bl_idname = ids.draw_trajectory
    bl_label = "Draw Trajectory"
    bl_options = {"REGISTER", "UNDO"}

    placement: bpy.props.EnumProperty(
        name="Draw On", description="Where the stroke goes", items=placements
    )
    offset: bpy.props.FloatProperty(
        name="Offset", description="Distance from the surface or ground", subtype="DISTANCE"
    )
    smoothing: bpy.props.FloatProperty(
        name="Smoothing",
        description="How far the curve may stray from a freehand stroke, in percent of its size",
        subtype="PERCENTAGE",
        default=100.0 * default_tolerance,
        min=0.05,
        max=20.0,
        soft_max=5.0,
        precision=2,
    )
    points: bpy.props.CollectionProperty(
        type=StrokePoint, name="Points", options={"HIDDEN", "SKIP_SAVE"}
    )
    clicked: bpy.props.BoolProperty(
        name="Through Points",
        description="Go through every point, rather than be a smooth fit",
        options={"HIDDEN", "SKIP_SAVE"},
    )
    closed: bpy.props.BoolProperty(
        name="Closed", description="Come back to the start", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context):
        return allowed(cls, context.mode == "OBJECT", "Leave Edit Mode to draw a trajectory")

    def draw(self, _context):
        self.layout.use_property_split = True
        if not self.clicked:
            self.layout.prop(self, "smoothing")
        self.layout.prop(self, "closed")

    @reported
    def execute(self, context):
        """Make the curve of `points` (for scripts and the redo panel)."""
        obj = trajectories.draw(
            [point.location for point in self.points],
            target_of(context),
            tolerance=None if self.clicked else self.smoothing / 100.0,
            closed=self.closed,
            scene=context.scene,
        )
        select(context, obj)
        return {"FINISHED"}

    def invoke(self, context, event):
        if context.area is None or context.area.type != "VIEW_3D":
            self.report({"ERROR"}, "Draw trajectories in a 3D viewport.")
            return {"CANCELLED"}
        self.points.clear()
        self._press = self._last = (0.0, 0.0)
        self._pixels: list[Pixel] = []
        self._state, self._note = "waiting", ""
        self._target = target_of(context)
        self._sketch = Sketch(context.area)
        context.window_manager.modal_handler_add(self)
        if event.type == "LEFTMOUSE" and event.value == "PRESS":
            self._begin(context, event)
        return self._go_on(context)

    def modal(self, context, event):
        if event.type in ("ESC", "RIGHTMOUSE") and event.value == "PRESS":
            return self._end(context, {"CANCELLED"})
        if event.type.startswith("TIMER") or self._navigates(event):
            return {"PASS_THROUGH"}
        if event.value == "PRESS" and event.type in keys and not (event.ctrl or event.alt):
            self.placement = keys[event.type]
            self._place_again(context)
            return self._go_on(context)
        return getattr(self, f"_{self._state}")(context, event)

    def cancel(self, context):
        self._end(context, {"CANCELLED"})

    # What happens in each state

    def _waiting(self, context, event):
        if event.type == "LEFTMOUSE" and event.value in ("PRESS", "DOUBLE_CLICK"):
            self._begin(context, event)
        elif event.type not in moves:
            return {"PASS_THROUGH"}
        return self._go_on(context)

    def _pressed(self, context, event):
        if event.type in moves and self._distance(event, self._press) > travel * ui_scale():
            self._state = "freehand"
            return self._freehand(context, event)
        if event.type == "LEFTMOUSE" and event.value == "RELEASE":
            self._state, self._sketch.clicked = "clicking", True
        return self._go_on(context)

    def _freehand(self, context, event):
        if event.type in moves and self._distance(event, self._last) >= spacing:
            self._add(context, event)
            self._sketch.closing = self._closes(event)
        if event.type == "LEFTMOUSE" and event.value == "RELEASE":
            return self._finish(context)
        return self._go_on(context)

    def _clicking(self, context, event):
        if event.type in moves:
            self._hover(context, event)
        elif event.type == "LEFTMOUSE" and under(context, event) != self._placer.viewport:
            return {"PASS_THROUGH"}
        elif event.type == "LEFTMOUSE" and event.value in ("PRESS", "DOUBLE_CLICK"):
            return self._click(context, event)
        elif event.value == "PRESS" and event.type in ("RET", "NUMPAD_ENTER"):
            self._sketch.closing = False
            return self._finish(context)
        elif event.value == "PRESS" and _takes_back(event):
            self._take_back()
        return self._go_on(context)

    # Steps

    def _click(self, context, event):
        """Add a point; on the first one close the curve, on the last one again finish it."""
        pixel, count = self._placer.viewport.pixel, len(self._sketch.points)
        self._sketch.closing = self._closes(event)
        again = self._distance(event, pixel(self._sketch.points[-1])) <= travel * ui_scale()
        if self._sketch.closing or (again and count > 1):
            return self._finish(context)
        if not again:
            self._add(context, event)
        return self._go_on(context)

    def _begin(self, context, event):
        """Look from where the press was, and put the first point there."""
        from ..scene.selection import with_children

        viewport = under(context, event)
        if viewport is None:
            return
        ignored = with_children([self._target]) if self._target else ()
        self._placer = Placer(viewport, ignored, depth_of(context, self._target))
        self._state = "pressed"
        self._add(context, event)
        self._press = self._last

    def _add(self, context, event):
        self._last = self._mouse(event)
        self._pixels.append(self._last)
        self._add_at(context, self._last)
        self._sketch.hover = None

    def _add_at(self, context, mouse):
        place = self._placed(context, mouse)
        self._placer.depth = place.point
        self._sketch.points.append(place.point)

    def _place_again(self, context):
        """Have all of a freehand stroke lie where it is wanted now; clicked points stay."""
        if self._state in ("pressed", "freehand"):
            self._placer.depth = depth_of(context, self._target)
            self._sketch.points.clear()
            for mouse in self._pixels:
                self._add_at(context, mouse)

    def _placed(self, context, mouse):
        place = self._placer.place(context, mouse, self.placement, self.offset)
        self._note = f"Beside {where[self.placement]}: as deep as the last point   |   "
        self._note = self._note if place.beside else ""
        return place

    def _hover(self, context, event):
        self._sketch.hover = self._placed(context, self._mouse(event)).point
        self._sketch.closing = self._closes(event)

    def _take_back(self):
        self._sketch.points.pop()
        self._pixels.pop()
        if self._sketch.points:
            self._placer.depth = self._sketch.points[-1]
        else:
            self._state, self._sketch.clicked, self._sketch.hover = "waiting", False, None

    def _closes(self, event) -> bool:
        """Return whether the mouse is back at the first point, after a way."""
        points = self._sketch.points
        if len(points) < (3 if self._sketch.clicked else 12):
            return False
        pixel, close = self._placer.viewport.pixel, near * ui_scale()
        first = pixel(points[0])
        reach = max(math.dist(first, pixel(p)) for p in points[:: max(1, len(points) // 50)])
        return reach > 3.0 * close and self._distance(event, first) <= close

    def _finish(self, context):
        self.clicked, self.closed = self._sketch.clicked, self._sketch.closing
        points = self._sketch.points
        if self.closed and not self.clicked:
            points = [*points[:-1], points[0]]
        self.points.clear()
        for point in points:
            self.points.add().location = point
        return self._end(context, self.execute(context))

    def _go_on(self, context):
        self._sketch.changed()
        if self._state == "waiting":
            hint = waiting
        elif self._state == "clicking":
            hint = "Click here: Close the curve" if self._sketch.closing else clicking
        else:
            hint = closing if self._sketch.closing else drawing
        on = f"On {where[self.placement]} (S Surface, G Ground, V View)"
        context.workspace.status_text_set(f"{self._note}{hint}   |   {on}   |   Esc: Cancel")
        return {"RUNNING_MODAL"}

    def _end(self, context, outcome):
        context.workspace.status_text_set(None)
        self._sketch.hide()
        return outcome

    # The mouse

    def _navigates(self, event) -> bool:
        if self._state in ("pressed", "freehand"):
            return event.type.startswith("NDOF")
        if event.type == "NUMPAD_ENTER":
            return False
        return event.type.startswith(navigation) or (event.type == "LEFTMOUSE" and event.alt)

    def _mouse(self, event) -> Pixel:
        return self._placer.viewport.mouse(event)

    def _distance(self, event, place) -> float:
        return math.dist(self._mouse(event), place)


def target_of(context: bpy.types.Context) -> bpy.types.Object | None:
    """Return what a new trajectory is for: the selected active object, or what that one moves."""
    obj = context.active_object
    if obj is None or not obj.select_get():
        return None
    if trajectories.is_trajectory(obj):
        return trajectories.target_of(obj)
    return obj if obj.type not in ("CURVE", "GREASEPENCIL") else None


def select(context: bpy.types.Context, obj: bpy.types.Object) -> None:
    """Have only `obj` selected, and active."""
    for other in context.selected_objects:
        other.select_set(False)
    obj.select_set(True)
    context.view_layer.objects.active = obj


def _takes_back(event: bpy.types.Event) -> bool:
    return event.type == "BACK_SPACE" or (event.type == "Z" and (event.ctrl or event.oskey))
