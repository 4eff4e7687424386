"""What a Blender with a window needs around it: a virtual screen, a backend noted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

root = Path(__file__).parents[2]
size = "1600x1000"
start_options = ("--window-geometry", "0", "0", *size.split("x"))


@contextmanager
def screen(blender: Path) -> Iterator[dict[str, str]]:
    """Have a virtual screen; yields the variables that have a Blender draw on it.

    Where no program makes one, Blender draws on the screen that is there.
    """
    beside = blender.with_name("Xvfb")
    program = beside if beside.exists() else shutil.which("Xvfb")
    if not program:
        yield dict(os.environ)
        return
    command = [program, "-displayfd", "1", "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout
    try:
        display = f":{server.stdout.readline().strip()}"
        yield {**os.environ, "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
    finally:
        server.terminate()
        server.wait(20)


def note_backend(home: Path, backend_python: str) -> None:
    """Note a backend in a TUG_HOME, as `build.py backend` does.

    Where Blender runs inside a root of its own, the backend still runs outside of it. Further
    arguments for `serve`, such as `--null`, may be left in the file `arguments`.
    """
    python = home / "python"
    start = (
        f'exec $TUG_OUTSIDE /usr/bin/env -C "$PWD" "{backend_python}" "$@" '
        '$(cat "$TUG_HOME/arguments" 2>/dev/null)'
    )
    python.write_text(f"#!/bin/sh\n{start}\n", encoding="utf-8")
    python.chmod(0o755)
    note = {"python": str(python), "root": str(root)}
    (home / "backend.json").write_text(json.dumps(note), encoding="utf-8")
