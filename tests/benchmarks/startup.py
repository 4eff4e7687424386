"""What the enabled extension adds to Blender's start. Run by run.py with BLENDER."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import table

rounds = 15
prepare = """
import bpy
bpy.ops.extensions.package_install_files(
    filepath={archive!r}, repo="user_default", enable_on_install={enabled})
bpy.ops.wm.save_userpref()
"""

introduction = """## Start-up

Blender started in the background with the user's own preferences, Tug installed in both cases, and
enabled in one. The goal was 30 ms more. Processor time leaves out what other programs took.
"""


def start(folder: Path, *arguments: str) -> tuple[float, float]:
    """Start Blender with a user folder; return its seconds by the clock and of the processor."""
    command = [os.environ["BLENDER"], "--background", *arguments]
    began, used = time.perf_counter(), _used()
    subprocess.run(
        command,
        env={**os.environ, "BLENDER_USER_RESOURCES": str(folder), "TUG_HOME": str(folder / "tug")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began, _used() - used


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def user_folder(place: Path, enabled: bool) -> Path:
    """Make a user folder with the extension in it."""
    folder = place / ("enabled" if enabled else "disabled")
    folder.mkdir()
    script = place / "prepare.py"
    archive = str(Path(os.environ["TUG_EXTENSION_ZIP"]).resolve())
    script.write_text(prepare.format(archive=archive, enabled=enabled), encoding="utf-8")
    start(folder, "--python-exit-code", "3", "--python", str(script))
    return folder


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tug-startup-") as scratch:
        folders = [user_folder(Path(scratch), enabled) for enabled in (False, True)]
        times = [[start(folder) for folder in folders] for _ in range(rounds + 1)][1:]
    print(introduction)
    rows = []
    for label, index in (("by the clock", 0), ("processor", 1)):
        without, with_tug = (
            statistics.median(1000 * turn[folder][index] for turn in times) for folder in (0, 1)
        )
        more = statistics.median(1000 * (turn[1][index] - turn[0][index]) for turn in times)
        figures = [f"{value:.0f}" for value in (without, with_tug, more)]
        rows.append([label, *figures, f"{with_tug / without:.2f}"])
    print(table(["", "disabled, ms", "enabled, ms", "more, ms", "ratio"], rows))


if __name__ == "__main__":
    main()
