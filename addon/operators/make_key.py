from __future__ import annotations

import bpy

from .. import runtime
from . import ids


class MakeKey(bpy.types.Operator):
    """Copy your public key for the owner of the remote backend, making a key pair at first"""

    bl_idname = ids.make_key
    bl_label = "Copy My Public Key"
    bl_options = {"INTERNAL"}

    def execute(self, context):
        import msgspec

        from ..protocol.keys import new_keys, write_private

        if not runtime.key_file().exists():
            write_private(runtime.key_file(), msgspec.json.encode(new_keys()._asdict()))
        context.window_manager.clipboard = runtime.client_keys().public
        self.report({"INFO"}, "Copied. The backend's owner runs `tug keys authorise YOU KEY`.")
        return {"FINISHED"}
