"""Environments: the pins are complete, and what is broken is found and repaired."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from building import environments
from building.environments import SetupError, blenders, envs, pins, root, script_of, settings

made = [
    name for name in ("backend", *(f"blender-{v}" for v in blenders())) if (envs / name).exists()
]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment of small packages in a folder of its own; return where they are."""
    monkeypatch.setitem(settings()["dependency-groups"], "small", [])
    tools = envs / "tools"
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    monkeypatch.setattr(environments, "envs", tmp_path)
    (tmp_path / "tools").symlink_to(tools, target_is_directory=True)
    monkeypatch.setattr(environments, "version_for", lambda name: running)
    environments.ensure("small")
    return next((tmp_path / "small").glob("**/site-packages"))


@pytest.mark.parametrize("name", made)
def test_the_pins_are_all_there_is_to_install(name: str) -> None:
    command = [script_of("tools", "uv"), "pip", "check", "--python", environments.python_of(name)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    problems = [line for line in said.stderr.splitlines() if line.startswith("The package")]
    # The wheels of bpy 4.5 and 5.0 carry the tag of another Python in their metadata.
    known = "The package `bpy` was built for a different platform"
    assert not [line for line in problems if line != known]
    assert environments.audit(name) == []


def test_every_pin_is_one_exact_version() -> None:
    everything = [pin for name in ("tools", "backend") for pin in pins(name)]
    everything += [pin for version in blenders() for pin in pins(f"blender-{version}")]
    assert [pin for pin in everything if not re.fullmatch(r"[a-z0-9-]+==[0-9.]+", pin)] == []


def test_a_second_run_installs_nothing(small: Path, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    environments.ensure("small")
    assert capfd.readouterr().out == ""


def test_a_deleted_file_is_found_and_put_back(small: Path) -> None:
    lost = small / "iniconfig" / "exceptions.py"
    lost.unlink()
    assert environments.audit("small") == ["iniconfig"]
    environments.ensure("small")
    assert lost.exists()


def test_a_cut_off_file_is_found_and_put_back(small: Path) -> None:
    cut = small / "iniconfig" / "exceptions.py"
    text = cut.read_bytes()
    cut.unlink()
    cut.write_bytes(text[:10])
    environments.ensure("small")
    assert cut.read_bytes() == text


def test_a_missing_python_is_found_and_the_environment_made_anew(small: Path) -> None:
    python = environments.python_of("small")
    python.unlink()
    assert environments.ensure("small") == python
    assert environments.audit("small") == []


def test_an_interrupted_set_up_is_completed(small: Path, capfd: pytest.CaptureFixture[str]) -> None:
    stamp = small.parents[2] / "tug-pins.json"
    finished = stamp.read_text()
    stamp.write_text("incomplete")
    environments.ensure("small")
    assert "interrupted" in capfd.readouterr().out
    assert stamp.read_text() == finished


def test_the_stamp_says_incomplete_until_the_last_step(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = small.parents[2] / "tug-pins.json"
    (small / "iniconfig" / "exceptions.py").unlink()
    monkeypatch.setattr(environments, "_install_pins", lambda *_: sys.exit("power cut"))
    with pytest.raises(SystemExit):
        environments.ensure("small")
    assert stamp.read_text() == "incomplete"


def test_what_cannot_be_repaired_is_an_error_that_names_the_folder(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small / "iniconfig" / "exceptions.py").unlink()
    monkeypatch.setattr(environments, "_install_pins", lambda *_: None)
    with pytest.raises(SetupError, match=r"iniconfig .*small.* delete it"):
        environments.ensure("small")


def test_a_python_that_does_not_run_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert environments.find_python("3.99") is None


def test_no_suitable_python_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "find_python", lambda version: None)
    with pytest.raises(SetupError, match=r"backend needs Python 3\.11 or 3\.13"):
        environments.version_for("backend")


def test_an_old_python_is_refused_in_a_sentence() -> None:
    source = (root / "build.py").read_text().replace("(3, 11)", "(99, 0)")
    ran = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert re.fullmatch(r"Tug needs Python 3\.11 or newer, and this one is 3\.\d+\.\n", ran.stderr)
