"""The whole test suite: style, types, and tests here and inside every Blender."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from . import extension
from .environments import blenders, ensure, find_python, root, say, script_of
from .machine import require_libraries

plain_tests = ("protocol", "backend", "addon", "build", "test_imports.py")


class Outcome(NamedTuple):
    """How a step ended: its name, whether it passed, seconds."""

    name: str
    passed: bool
    seconds: float


def run_suite() -> bool:
    """Run every step that can run on this machine, sum up, and return whether all passed."""
    here = [version for version, python in blenders().items() if find_python(python)]
    if here:
        require_libraries()
    python = ensure("backend")
    package = extension.zip_for_this_machine() if here else None
    shared = {"TUG_BACKEND_PYTHON": str(python), "TUG_EXTENSION_ZIP": str(package or "")}
    outcomes = [*_style(), _step("tests", [python, "-m", "pytest", *_tests(plain_tests)], shared)]
    outcomes += [_inside_blender(version, shared) for version in here]
    return _summary(outcomes, [version for version in blenders() if version not in here])


def _style() -> list[Outcome]:
    ruff = script_of("backend", "ruff")
    return [
        _step("ruff check", [ruff, "check", "--quiet", "."]),
        _step("ruff format", [ruff, "format", "--quiet", "--check", "."]),
        _step("pyright", [script_of("backend", "pyright"), "--warnings"]),
    ]


def _inside_blender(version: str, shared: dict[str, str]) -> Outcome:
    """Run tests/blender with the built zip in a Blender whose user folder is new and empty."""
    python = ensure(f"blender-{version}")
    with tempfile.TemporaryDirectory(prefix="tug-blender-") as folder:
        variables = {**shared, "BLENDER_USER_RESOURCES": folder}
        command = [python, "-m", "pytest", *_tests(["blender"])]
        return _step(f"Blender {version}", command, variables)


def _tests(names: Sequence[str]) -> list[Path]:
    return [path for name in names if (path := Path("tests") / name) and (root / path).exists()]


def _step(
    name: str, command: Sequence[str | Path], variables: dict[str, str] | None = None
) -> Outcome:
    say(name)
    began = time.monotonic()
    ran = subprocess.run(
        command, cwd=root, stdin=subprocess.DEVNULL, env=os.environ | (variables or {})
    )
    return Outcome(name, ran.returncode == 0, time.monotonic() - began)


def _summary(outcomes: list[Outcome], absent: list[str]) -> bool:
    print("\nSummary")
    for outcome in outcomes:
        print(
            f"  {'passed' if outcome.passed else 'FAILED'} {outcome.seconds:6.0f} s  {outcome.name}"
        )
    for version in absent:
        print(
            f"  NOT RUN           Blender {version}: there is no Python {blenders()[version]} here"
        )
    return all(outcome.passed for outcome in outcomes)
