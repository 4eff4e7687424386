from __future__ import annotations

import bpy
import numpy as np

from ..core.pulling import Pull
from ..protocol.errors import TugError, failure
from ..scene.parts import active_part, add_drag, drags_world
from ..scene.pulled import activate, pulled_at, writable
from ..tools.arrows import Preview
from ..tools.pulling import Pulling, own_axes, part_of, viewport_for
from . import ids
from .reports import allowed, chosen_part, reported


class DuplicateDrag(Pulling, bpy.types.Operator):
    """Copy the selected drag and put the copy where you click, on this part or another"""

    bl_idname = ids.duplicate_drag
    bl_label = "Duplicate Drag"
    bl_options = {"REGISTER", "UNDO"}

    on_surface = True
    offset: bpy.props.FloatVectorProperty(
        name="Offset", description="From the drag to its copy", subtype="TRANSLATION"
    )
    object: bpy.props.StringProperty(
        name="Object", description="Whose surface the copy starts on; empty for the same part"
    )
    face: bpy.props.IntProperty(default=-1, min=-1, options={"HIDDEN"})

    @classmethod
    def poll(cls, context):
        part = active_part(context.active_object)
        return allowed(cls, part and part.drags, "The active part has no drag")

    @reported
    def execute(self, context):
        """Add the copy, to the part that it starts on; one is marked there if there is none."""
        obj, part = chosen_part(context)
        start, end = (np.add(p, self.offset) for p in drags_world(obj, part)[part.drag_index])
        if self.object:
            surface = bpy.data.objects.get(self.object)
            if surface is None:
                raise failure("bad_input", f"There is no object '{self.object}' in this file.")
            obj, part = pulled_at(surface, self.face).require()
        writable(obj)
        add_drag(obj, part, start, end)
        activate(context, obj, part)
        return {"FINISHED"}

    def invoke(self, context, event):
        try:
            seen = viewport_for(context, event)
            obj, part = chosen_part(context)
            writable(obj)
        except TugError as problem:
            self.report({"WARNING"}, problem.error.message)
            return {"CANCELLED"}
        self._part = part.uid
        self._start, self._end = map(np.array, drags_world(obj, part)[part.drag_index])
        self._surface = "", -1
        pull = Pull(self._start, self._start, np.array((0.0, 0.0, 1.0)), own_axes(obj))
        outcome = self.begin(context, event, seen, pull, obj)
        self.clicking = True
        return outcome

    def preview(self):
        start = self.pull.place
        return Preview.of(self.pull, start, start + self._end - self._start)

    def accepts(self, hit):
        self._surface = hit.obj.name, hit.face
        return True

    def finish(self, context):
        part_of(self.target, self._part)
        self.offset = self.pull.place - self._start
        self.object, self.face = self._surface if self.pull.line is None else ("", -1)
        if not any(self.offset):
            raise failure("bad_input", "The copy was put nowhere; click where it should start.")
        return self.execute(context)
