from __future__ import annotations

import bpy
import numpy as np

from ..core.pulling import Pull, is_nothing, towards_viewer
from ..protocol.errors import TugError, failure
from ..scene.parts import add_drag
from ..scene.pulled import Pulled, activate, pulled_at
from ..scene.surfaces import nearest
from ..tools.arrows import Preview
from ..tools.outlines import outline
from ..tools.picking import cast
from ..tools.pulling import Pulling, own_axes, snapped, viewport_for
from . import ids
from .reports import reported


class DrawDrag(Pulling, bpy.types.Operator):
    """Press on a part and pull it to where it should go"""

    bl_idname = ids.draw_drag
    bl_label = "Draw Drag"
    bl_options = {"REGISTER", "UNDO"}

    start: bpy.props.FloatVectorProperty(
        name="Start", description="On the surface, in world space", subtype="TRANSLATION"
    )
    end: bpy.props.FloatVectorProperty(
        name="End", description="Where that point should go, in world space", subtype="TRANSLATION"
    )
    object: bpy.props.StringProperty(
        name="Object", description="Whose surface is pulled; empty for the active object"
    )
    face: bpy.props.IntProperty(
        name="Face",
        description="Polygon that is pulled, as modifiers leave it; -1 for the nearest",
        default=-1,
        min=-1,
        options={"HIDDEN"},
    )

    @reported
    def execute(self, context):
        """Add the drag to the part that is pulled there, marking one if there is none."""
        if is_nothing(self.start, self.end):
            raise failure("bad_input", "The drag has no length; give it another end.")
        obj = bpy.data.objects.get(self.object) if self.object else context.active_object
        if obj is None:
            raise failure("bad_input", "There is nothing to pull; name an object of this file.")
        pulled = pulled_at(obj, self._face(obj))
        part = self._write(context, pulled)
        if pulled.part is None:
            self.report({"INFO"}, f"'{part.name}' is a part now: {pulled.words}.")
        return {"FINISHED"}

    def invoke(self, context, event):
        try:
            seen = viewport_for(context, event)
            mouse = seen.mouse(event)
            hit = cast(context, seen, mouse)
            if hit is None:
                raise failure("bad_input", "There is nothing under the mouse; press on a part.")
            pulled = pulled_at(hit.obj, hit.face)
        except TugError as problem:
            self.report({"WARNING"}, problem.error.message)
            return {"CANCELLED"}
        self.start = snapped(hit, seen, mouse) if event.ctrl else hit.point
        self.object, self.face = hit.obj.name, hit.face
        self._outline = outline(pulled)
        start = np.array(self.start)
        normal = towards_viewer(hit.normal, seen.ray(mouse))
        pull = Pull(start, start, normal, own_axes(hit.obj), level=start)
        return self.begin(context, event, seen, pull, hit.obj)

    def preview(self):
        return Preview.of(self.pull, self.pull.anchor, self.pull.place, outline=self._outline)

    def finish(self, context):
        self.end = self.pull.place
        return self.execute(context)

    def _face(self, obj):
        """Return the polygon that is pulled; where none is named, the one nearest to the start."""
        found = nearest([obj], tuple(self.start)) if self.face < 0 else []
        return found[0].face if found else self.face

    def _write(self, context, pulled: Pulled):
        obj, part = pulled.require()
        add_drag(obj, part, self.start, self.end)
        activate(context, obj, part)
        return part
