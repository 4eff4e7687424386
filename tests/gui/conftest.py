"""A virtual screen, a home with a backend noted in it, and Blender's window on them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import backend_python, root

here = Path(__file__).parent
size = "1600x1000"
patience = 280.0  # seconds for a scenario
shots = Path(os.environ.get("TUG_GUI_SHOTS") or root / "out" / "gui")


@pytest.fixture(scope="session")
def blender() -> Path:
    """The program that BLENDER names."""
    named = shutil.which(os.environ.get("BLENDER", ""))
    if not named:
        pytest.skip("NOT RUN: BLENDER names no Blender; `python tests/gui/obtain.py` gets one")
    if not os.environ.get("TUG_EXTENSION_ZIP"):
        pytest.exit("TUG_EXTENSION_ZIP names no zip; run `python build.py test`.", 2)
    return Path(named)


@pytest.fixture(scope="session")
def display(blender: Path) -> Iterator[str]:
    """A virtual screen; the one that is there where no program makes one."""
    beside = blender.with_name("Xvfb")
    program = beside if beside.exists() else shutil.which("Xvfb")
    if not program:
        yield os.environ.get("DISPLAY", "")
        return
    command = [program, "-displayfd", "1", "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    screen = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert screen.stdout
    yield f":{screen.stdout.readline().strip()}"
    screen.terminate()
    screen.wait(20)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A TUG_HOME where a backend is noted, as `build.py backend` does; whatever runs there ends."""
    folder = tmp_path / "home"
    folder.mkdir()
    python = folder / "python"
    # Where Blender runs inside a root of its own, the backend still runs outside of it.
    # A scenario may leave further arguments for `serve`, such as `--null`.
    start = (
        f'exec $TUG_OUTSIDE /usr/bin/env -C "$PWD" "{backend_python()}" "$@" '
        '$(cat "$TUG_HOME/arguments" 2>/dev/null)'
    )
    python.write_text(f"#!/bin/sh\n{start}\n", encoding="utf-8")
    python.chmod(0o755)
    note = {"python": str(python), "root": str(root)}
    (folder / "backend.json").write_text(json.dumps(note), encoding="utf-8")
    yield folder
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get("TUG_HOME") == str(folder):
            process.kill()


@pytest.fixture
def play(blender: Path, display: str, home: Path, tmp_path: Path):
    """Run a scenario by its name in a new Blender; fail with what it printed."""

    def run(name: str) -> None:
        shots.mkdir(parents=True, exist_ok=True)
        program = [blender, "--factory-startup", "--enable-event-simulate"]
        program += ["--window-geometry", "0", "0", *size.split("x"), "--python-exit-code", "3"]
        program += ["--python", here / "inside" / "drive.py", "--"]
        settings = {
            "DISPLAY": display,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "BLENDER_USER_RESOURCES": str(tmp_path / "resources"),
            "TUG_HOME": str(home),
        }
        log = tmp_path / "output.txt"
        with log.open("w") as output:
            ran = subprocess.run(
                [*program, here / "scenarios" / f"{name}.py", shots],
                env={**os.environ, **settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=patience,
                check=False,
            )
        said = log.read_text(encoding="utf-8", errors="replace")
        assert ran.returncode == 0 and "scenario: done" in said, f"{name}:\n{said[-6000:]}"

    return run
