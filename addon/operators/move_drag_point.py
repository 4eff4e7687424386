from __future__ import annotations

import bpy

from ..scene.parts import active_part, drags_world
from ..tools.arrows import Preview
from ..tools.pulling import Pulling, own_axes, part_of, viewport_for
from . import ids
from .reports import allowed, chosen_part, reported


class MoveDragPoint(Pulling, bpy.types.Operator):
    """Move this end of the drag: the start along the part's surface, the end anywhere"""

    bl_idname = ids.move_drag_point
    bl_label = "Move Drag Point"
    bl_options = {"REGISTER", "UNDO"}

    index: bpy.props.IntProperty(name="Drag", description="Place in the part's list", min=0)
    point: bpy.props.EnumProperty(name="Point", items=(("start", "Start", ""), ("end", "End", "")))
    place: bpy.props.FloatVectorProperty(
        name="Place", description="In world space", subtype="TRANSLATION"
    )

    @classmethod
    def poll(cls, context):
        part = active_part(context.active_object)
        return allowed(cls, part and part.drags, "The active part has no drag")

    @reported
    def execute(self, context):
        """Put the point at the place, a start at the surface nearest to it."""
        from ..core.pulling import is_nothing
        from ..protocol.errors import failure
        from ..scene.pulled import writable
        from ..scene.surfaces import on_part

        obj, part = chosen_part(context)
        drag = self._drag(part)
        writable(obj)
        place = tuple(self.place)
        if self.point == "start":
            near = on_part(obj, part, place)
            place = near.point if near else place
        other = drag.world_end if self.point == "start" else drag.world_start
        if is_nothing(place, other):
            raise failure("bad_input", "The drag would have no length; choose another place.")
        setattr(drag, f"world_{self.point}", place)
        part.drag_index = self.index
        return {"FINISHED"}

    def invoke(self, context, event):
        import numpy as np

        from ..core.pulling import Pull
        from ..protocol.errors import TugError
        from ..scene.pulled import writable
        from ..scene.surfaces import on_part

        try:
            seen = viewport_for(context, event)
            obj, part = chosen_part(context)
            self._drag(part)
            writable(obj)
        except TugError as problem:
            self.report({"WARNING"}, problem.error.message)
            return {"CANCELLED"}
        self.on_surface = self.point == "start"
        self._part = part.uid
        self._start, self._end = map(np.array, drags_world(obj, part)[self.index])
        begun = self._start if self.on_surface else self._end
        near = on_part(obj, part, tuple(self._start))
        pulled = self._end - self._start
        across = np.array(near.normal) if near else pulled / np.linalg.norm(pulled)
        level = None if self.on_surface else begun
        pull = Pull(self._start, begun, across, own_axes(obj), level)
        return self.begin(context, event, seen, pull, obj)

    def preview(self):
        pull, which = self.pull, (self._part, self.index)
        if self.on_surface:
            return Preview.of(pull, self._landed(), self._end, which)
        return Preview.of(pull, self._start, pull.place, which)

    def accepts(self, hit):
        from ..scene.pulled import holds

        if self.point == "end":
            return True
        obj, part = part_of(self.target, self._part)
        return holds(obj, part, hit.obj, hit.face)

    def clicked(self, context):
        """A click that moves nothing makes the drag the active one."""
        _, part = part_of(self.target, self._part)
        part.drag_index = min(self.index, len(part.drags) - 1)
        self.let_go(context)
        return {"FINISHED"}

    def finish(self, context):
        from ..protocol.errors import failure

        obj, part = part_of(self.target, self._part)
        if context.active_object != obj or active_part(obj) != part:
            raise failure("bad_input", "Another part was made active meanwhile; pull again.")
        self.place = self._landed() if self.on_surface else self.pull.place
        return self.execute(context)

    def _landed(self):
        """Return where on the part's surface a start is put that a constraint or number moved."""
        import numpy as np

        from ..scene.surfaces import on_part

        place = self.pull.place
        near = on_part(*part_of(self.target, self._part), tuple(place))
        return np.array(near.point) if near else place

    def _drag(self, part):
        from ..protocol.errors import failure

        if not 0 <= self.index < len(part.drags):
            raise failure("bad_input", f"'{part.name}' has no drag {self.index + 1}.")
        return part.drags[self.index]
