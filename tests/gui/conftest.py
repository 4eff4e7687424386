"""A virtual screen, a home with a backend noted in it, and Blender's window on them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import backend_python, root
from tests.gui.screen import note_backend, screen, start_options

here = Path(__file__).parent
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
def window(blender: Path) -> Iterator[dict[str, str]]:
    """The variables that have Blender draw on a virtual screen."""
    with screen(blender) as variables:
        yield variables


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A TUG_HOME where a backend is noted, as `build.py backend` does; whatever runs there ends."""
    folder = tmp_path / "home"
    folder.mkdir()
    note_backend(folder, backend_python())
    yield folder
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get("TUG_HOME") == str(folder):
            process.kill()


@pytest.fixture
def play(
    blender: Path,
    window: dict[str, str],
    home: Path,
    tmp_path: Path,
    random_network: dict[str, str],
):
    """Run a scenario by its name in a new Blender; fail with what it printed."""

    def run(name: str) -> None:
        shots.mkdir(parents=True, exist_ok=True)
        program = [blender, "--factory-startup", "--enable-event-simulate", *start_options]
        program += ["--python-exit-code", "3"]
        program += ["--python", here / "inside" / "drive.py", "--"]
        settings = {
            "BLENDER_USER_RESOURCES": str(tmp_path / "resources"),
            "TUG_HOME": str(home),
        }
        log = tmp_path / "output.txt"
        with log.open("w") as output:
            ran = subprocess.run(
                [*program, here / "scenarios" / f"{name}.py", shots],
                env={**window, **random_network, **settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=patience,
                check=False,
            )
        said = log.read_text(encoding="utf-8", errors="replace")
        assert ran.returncode == 0 and "scenario: done" in said, f"{name}:\n{said[-6000:]}"

    return run
