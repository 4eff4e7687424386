from __future__ import annotations

import bpy

from .. import runtime
from . import ids
from .reports import allowed, reported

text_name = "Tug log"


class ShowLog(bpy.types.Operator):
    """Put the end of the backend's log into the text "Tug log" (Text Editor)"""

    bl_idname = ids.show_log
    bl_label = "Show Log"
    bl_options = {"INTERNAL"}

    job: bpy.props.StringProperty(description="Only the lines of this job")

    @classmethod
    def poll(cls, _context):
        return allowed(cls, runtime.session().connected, "Connect first: the backend has the log")

    @reported
    def execute(self, _context):
        session, texts = runtime.session(), []
        session.fetch_log(texts.append, job=self.job)
        if not session.wait(lambda: bool(texts), timeout=5.0):
            self.report({"ERROR"}, "The backend did not send its log in time; try again.")
            return {"CANCELLED"}
        write_text(texts[0])
        self.report({"INFO"}, f'The log is in the text "{text_name}".')
        return {"FINISHED"}

    def invoke(self, _context, _event):
        runtime.session().fetch_log(write_text, job=self.job)
        self.report({"INFO"}, f'The log comes into the text "{text_name}".')
        return {"FINISHED"}


def write_text(content: str) -> None:
    text = bpy.data.texts.get(text_name) or bpy.data.texts.new(text_name)
    text.from_string(content or "The log is empty.\n")
