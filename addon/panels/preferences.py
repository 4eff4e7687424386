"""The add-on's preferences: which backend, and the colours of what is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import runtime
from ..core.backend_process import install_command
from ..operators import ids

if TYPE_CHECKING:
    from ..core.session import Settings

modes = (
    ("managed", "Managed", "Use the backend of this machine and start it when none runs"),
    ("local", "Local", "Use a backend that runs on this machine; never start one"),
    ("remote", "Remote", "Use a backend on another machine, with keys"),
)


def color(name: str, default: tuple[float, float, float, float]) -> bpy.props.FloatVectorProperty:
    return bpy.props.FloatVectorProperty(
        name=name, subtype="COLOR_GAMMA", size=4, min=0.0, max=1.0, default=default
    )


def _use(preferences: Preferences, _context: bpy.types.Context) -> None:
    """Let go of a backend that is not the chosen one any more; Connect goes to the new one."""
    runtime.use(preferences.settings())


class Preferences(bpy.types.AddonPreferences):
    """Where the backend is and how things look"""

    bl_idname = runtime.package

    mode: bpy.props.EnumProperty(name="Backend", items=modes, default="managed", update=_use)
    root: bpy.props.StringProperty(
        name="Tug Sources",
        description=f"Folder of the backend; empty takes what `{install_command}` noted down",
        subtype="DIR_PATH",
        update=_use,
    )
    python: bpy.props.StringProperty(
        name="Python",
        description="Python that runs the backend; empty takes the noted one",
        subtype="FILE_PATH",
        update=_use,
    )
    connection_file: bpy.props.StringProperty(
        name="Connection File",
        description="What `tug serve` wrote, empty takes the usual place; of a remote backend "
        "what `tug keys make` wrote, empty to give addresses and key",
        subtype="FILE_PATH",
        update=_use,
    )
    control: bpy.props.StringProperty(
        name="Control Address", description="Such as tcp://gpu.example.org:7700", update=_use
    )
    bulk: bpy.props.StringProperty(
        name="Bulk Address", description="Such as tcp://gpu.example.org:7701", update=_use
    )
    server_key: bpy.props.StringProperty(
        name="Server Key", description="The backend's public key, 40 characters", update=_use
    )
    joint_color: color("Joint", (1.0, 0.62, 0.1, 1.0))
    ghost_color: color("Ghost", (0.35, 0.8, 1.0, 0.9))
    choice_color: color("Second Choice", (1.0, 0.4, 0.75, 0.9))
    first_steps: bpy.props.BoolProperty(
        name="First Steps",
        description="Show the panel with the first steps in the sidebar",
        default=True,
    )
    drag_color: color("Drags", (0.3, 1.0, 0.45, 1.0))
    part_color: color("Parts", (0.62, 0.42, 1.0, 1.0))
    trajectory_color: color("Trajectories", (1.0, 0.88, 0.25, 1.0))

    def settings(self) -> Settings:
        """Return what the session needs to know."""
        from ..core.session import Settings

        keys = runtime.client_keys()
        return Settings(
            mode=self.mode,
            python=bpy.path.abspath(self.python),
            root=bpy.path.abspath(self.root),
            connection_file=bpy.path.abspath(self.connection_file),
            control=self.control,
            bulk=self.bulk,
            server_key=self.server_key,
            client_public=keys.public,
            client_secret=keys.secret,
            online=bpy.app.online_access,
        )

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.row().prop(self, "mode", expand=True)
        for name in fields[self.mode]:
            layout.prop(self, name)
        if self.mode == "remote" and not self.connection_file:
            for name in ("control", "bulk", "server_key"):
                layout.prop(self, name)
            layout.operator(ids.make_key, icon="COPYDOWN")
        for name in colors:
            layout.prop(self, name)
        layout.prop(self, "first_steps")
        self._draw_logs(layout)

    def _draw_logs(self, layout: bpy.types.UILayout) -> None:
        from ..protocol.keys import data_folder

        capabilities = runtime.session().capabilities
        if capabilities:
            days = capabilities.limits.retention_seconds / 86400.0
            layout.label(text=f"The backend keeps results that you do not fetch for {days:g} days.")
        folder = data_folder() / "store" / "logs"
        if self.mode != "remote" and folder.is_dir():
            layout.operator("wm.path_open", text="Open Logs").filepath = str(folder)


colors = (
    "joint_color",
    "ghost_color",
    "choice_color",
    "drag_color",
    "part_color",
    "trajectory_color",
)
fields = {
    "managed": ("root", "python", "connection_file"),
    "local": ("connection_file",),
    "remote": ("connection_file",),
}
