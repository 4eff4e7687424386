"""Eyes and hands of a person at Blender's window: events with mouse travel, screenshots.

All actions are generators: a scenario says `yield from hands.click(point)`. One step of them is
taken at each call of a timer, so that Blender handles what happened before going on.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import bpy
from bpy_extras import view3d_utils
from mathutils import Vector

Steps = Generator[None, None, None]
Point = tuple[float, float]
travel = 24.0  # pixels between two events of a moving mouse
sidebar_step = 9  # pixels between two places where the sidebar is searched for a button
unshifted = {".": "PERIOD", "-": "MINUS", "+": "PLUS", " ": "SPACE"}
digits = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")


class Hands:
    """What a person does at the first window; `shots` is the folder for screenshots."""

    def __init__(self, shots: Path) -> None:
        self.shots = shots
        self.place: Point = (10.0, 10.0)
        self.held: dict[str, bool] = {}

    # Looking

    @property
    def window(self) -> bpy.types.Window:
        """The first window; never keep it, a file load replaces it."""
        return bpy.context.window_manager.windows[0]

    def area(self, number: int = 0) -> bpy.types.Area:
        """Return a 3D viewport."""
        return [a for a in self.window.screen.areas if a.type == "VIEW_3D"][number]

    def region(self, kind: str = "WINDOW", number: int = 0) -> bpy.types.Region:
        """Return a region of the first 3D viewport; `number` tells a quad view's four apart."""
        return [r for r in self.area().regions if r.type == kind][number]

    def view(self, number: int = 0) -> bpy.types.RegionView3D:
        """Return how the first viewport is looked through."""
        space = self.area().spaces.active
        return space.region_quadviews[number] if space.region_quadviews else space.region_3d

    def pixel(self, point: Sequence[float], number: int = 0) -> Point:
        """Return where a world point is seen, in window pixels."""
        region = self.region(number=number)
        seen = view3d_utils.location_3d_to_region_2d(region, self.view(number), Vector(point))
        assert seen is not None, f"{tuple(point)} is behind the viewer"
        return region.x + seen.x, region.y + seen.y

    def modals(self) -> list[str]:
        """Return the ids of the modal operators at work."""
        return [op.bl_idname for op in self.window.modal_operators]

    def override(self, kind: str = "WINDOW"):
        """Return a context as if the mouse were in a region of the first viewport."""
        return bpy.context.temp_override(
            window=self.window, area=self.area(), region=self.region(kind)
        )

    # Waiting

    def wait(self, steps: int = 3) -> Steps:
        """Let Blender go on for a few steps."""
        for _ in range(steps):
            yield

    def until(
        self, condition: Callable[[], object], seconds: float = 60.0, what: str = "it"
    ) -> Steps:
        """Wait until something holds; fail when it does not in time."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not come true in {seconds} s"
            yield

    def shot(self, name: str) -> Steps:
        """Leave a screenshot `name`.png, once everything is drawn."""
        for area in self.window.screen.areas:
            area.tag_redraw()
        yield from self.wait(8)
        file = self.shots / f"{name}.png"
        subprocess.run(["import", "-window", "root", str(file)], check=True)
        assert file.stat().st_size > 10_000, f"{file} shows nothing"
        yield

    # Doing

    def event(self, type: str, value: str = "NOTHING", text: str | None = None) -> None:
        """Send one event where the mouse is, with the modifier keys that are held."""
        x, y = map(round, self.place)
        more = {"unicode": text} if text else {}
        self.window.event_simulate(type=type, value=value, x=x, y=y, **self.held, **more)

    def move(self, to: Point) -> Steps:
        """Move the mouse there, through everything between."""
        start, end = Vector(self.place), Vector(to)
        count = max(1, round((end - start).length / travel))
        for step in range(1, count + 1):
            self.place = tuple(start.lerp(end, step / count))
            self.event("MOUSEMOVE")
            yield
        yield

    def press(self, button: str = "LEFTMOUSE") -> Steps:
        """Press a mouse button."""
        self.event(button, "PRESS")
        yield

    def release(self, button: str = "LEFTMOUSE") -> Steps:
        """Let a mouse button go."""
        self.event(button, "RELEASE")
        yield

    def click(self, at: Point | None = None, button: str = "LEFTMOUSE") -> Steps:
        """Move there (if given) and click."""
        if at is not None:
            yield from self.move(at)
        yield from self.press(button)
        yield from self.release(button)
        yield from self.wait(2)

    def drag(self, start: Point, *via: Point) -> Steps:
        """Press at `start`, move through the other points, release at the last."""
        yield from self.move(start)
        yield from self.press()
        for point in via:
            yield from self.move(point)
        yield from self.release()
        yield from self.wait(2)

    def key(self, name: str, text: str | None = None) -> Steps:
        """Press and release a key, by Blender's name for it."""
        self.event(name, "PRESS", text)
        yield
        self.event(name, "RELEASE")
        yield from self.wait(2)

    def type(self, text: str) -> Steps:
        """Type digits, letters, space, full stop, minus and plus."""
        for letter in text:
            name = digits[int(letter)] if letter.isdigit() else unshifted.get(letter)
            yield from self.key(name or letter.upper(), letter)

    def wheel(self, up: bool, times: int = 1) -> Steps:
        """Turn the mouse wheel."""
        for _ in range(times):
            self.event("WHEELUPMOUSE" if up else "WHEELDOWNMOUSE", "PRESS")
            yield from self.wait(2)

    def hold(self, *modifiers: str) -> None:
        """Hold `shift`, `ctrl`, `alt` from now on; without arguments, none."""
        self.held = dict.fromkeys(modifiers, True)

    # The sidebar

    def open_sidebar(self, tab: str = "Tug") -> Steps:
        """Press N over the viewport and click the tab."""
        region = self.region()
        yield from self.move((region.x + region.width * 0.4, region.y + region.height * 0.5))
        if not self.area().spaces.active.show_region_ui:
            yield from self.key("N")
        yield from self.until(lambda: self.region("UI").width > 1, what="the sidebar")
        yield from self.wait(10)
        sidebar = self.region("UI")
        scale = bpy.context.preferences.system.ui_scale
        step = round(12 * scale)
        for down in range(step, sidebar.height, step):
            if sidebar.active_panel_category == tab:
                return
            right = sidebar.x + sidebar.width - 9 * scale
            yield from self.click((right, sidebar.y + sidebar.height - down))
            yield from self.wait(2)
        assert sidebar.active_panel_category == tab, f"there is no tab {tab}"

    def buttons(self, across: Sequence[float] = (0.25, 0.5, 0.75)) -> Generator[None, None, dict]:
        """Move down the sidebar and return what each button does: {Python command: place}.

        Blender does not tell where buttons are, but copies the command of the one under the mouse.
        """
        found: dict[str, list[Point]] = {}
        sidebar = self.region("UI")
        manager = bpy.context.window_manager
        for share in across:
            for down in range(4, sidebar.height - 4, sidebar_step):
                self.place = (
                    sidebar.x + share * (sidebar.width - 20),
                    sidebar.y + sidebar.height - down,
                )
                self.event("MOUSEMOVE")
                yield
                manager.clipboard = ""
                with self.override("UI"):
                    if bpy.ops.ui.copy_python_command_button.poll():
                        bpy.ops.ui.copy_python_command_button()
                known = found.setdefault(manager.clipboard, [])
                if not known or known[-1][1] - self.place[1] <= sidebar_step:
                    known.append(self.place)  # of two alike, the upper one
        found.pop("", None)
        return {name: places[len(places) // 2] for name, places in found.items()}

    def find_button(self, command: str, across: Sequence[float] = (0.25, 0.5, 0.75)):
        """Return where the button is whose command holds `command`, such as `tug.accept_result`."""
        for share in across:
            found = yield from self.buttons((share,))
            for name, place in found.items():
                if command in name:
                    return place
        raise AssertionError(f"the sidebar has no button for {command}")

    def click_button(self, command: str, across: Sequence[float] = (0.25, 0.5, 0.75)) -> Steps:
        """Find the sidebar's button for `command` and click it."""
        place = yield from self.find_button(command, across)
        yield from self.click(place)
        yield from self.wait(4)

    def find_slider(self, name: str) -> Generator[None, None, tuple[Point, Point]]:
        """Return the left and right end of the sidebar's field for a property, by its name."""
        sidebar = self.region("UI")
        places = [
            (sidebar.x + 0.5 * (sidebar.width - 20), sidebar.y + sidebar.height - down)
            for down in range(4, sidebar.height - 4, sidebar_step)
        ]
        for place in places:
            if not (yield from self._is_field(place, name)):
                continue
            inside = []
            for x in range(sidebar.x, sidebar.x + sidebar.width - 20, 6):
                if (yield from self._is_field((x, place[1] - 3), name)):
                    inside.append((float(x), place[1] - 3))
            return inside[0], inside[-1]
        raise AssertionError(f"the sidebar has no field for {name}")

    def _is_field(self, place: Point, name: str) -> Generator[None, None, bool]:
        """Move the mouse there and return whether the property is the one under it."""
        self.place = place
        self.event("MOUSEMOVE")
        yield
        manager = bpy.context.window_manager
        manager.clipboard = ""
        with self.override("UI"):
            if bpy.ops.ui.copy_data_path_button.poll():
                bpy.ops.ui.copy_data_path_button(full_path=True)
        return manager.clipboard.endswith(name)
