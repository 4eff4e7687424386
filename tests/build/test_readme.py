"""What the README tells people to type and to look at exists."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from building.environments import root, script_of

readme = (root / "README.md").read_text("utf-8")
build_commands = sorted(set(re.findall(r"python build\.py ([a-z]+)", readme)))
tug_commands = sorted(set(re.findall(r"(?m)(?:^|[`$] ?)tug ((?:keys )?[a-z_]+)", readme)))


@pytest.mark.parametrize("command", build_commands)
def test_a_build_command_exists(command: str) -> None:
    asked = [sys.executable, root / "build.py", command, "--help"]
    assert subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("command", tug_commands)
def test_a_tug_command_exists(command: str) -> None:
    asked = [script_of("backend", "tug"), *command.split(), "--help"]
    assert subprocess.run(asked, capture_output=True, check=False).returncode == 0


def test_every_command_of_build_py_is_in_the_readme() -> None:
    assert build_commands == ["backend", "demo", "dev", "extension", "test"]


def test_files_and_pictures_it_links_to_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", readme)
    assert links
    assert not [link for link in links if not (root / link).exists()]
