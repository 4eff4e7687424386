"""The whole test suite: style, types, and tests here and inside every Blender."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from . import extension
from .environments import blenders, ensure, find_python, python_of, root, say, script_of
from .machine import require_libraries

plain_tests = ("protocol", "backend", "addon", "test_imports.py")
two_files = ("-n", "2", "--dist", "loadfile")  # at a time: much of a test is waiting
two_tests = ("-n", "2", "--dist", "load")
one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # or all wait for all


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
    outcomes = [
        *_style(),
        _step(
            "tests",
            [python, "-m", "pytest", *two_files, *_tests(plain_tests)],
            shared | one_thread,
        ),
        _step("tests of build.py", [python, "-m", "pytest", *_tests(["build"])], shared),
    ]
    outcomes += [_inside_blender(version, shared) for version in here]
    absent = {
        f"Blender {version}": f"there is no Python {needed} here"
        for version, needed in blenders().items()
        if version not in here
    }
    program, reason = _blender_with_a_window()
    if program and package:
        outcomes.append(_in_a_window(program, shared))
    else:
        absent["Blender's window"] = reason or "the extension could not be packed here"
    return _summary(outcomes, absent)


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


def _blender_with_a_window() -> tuple[str, str]:
    """Return the program that BLENDER names or that can be obtained, and else why there is none."""
    if named := os.environ.get("BLENDER"):
        found = shutil.which(named)
        return (found, "") if found else ("", f"BLENDER names {named}, which is no program")
    say("Blender's window: BLENDER names none, looking for one")
    obtain = [sys.executable, root / "tests" / "gui" / "obtain.py"]
    ran = subprocess.run(obtain, capture_output=True, text=True, check=False)
    return (ran.stdout.strip(), "") if ran.returncode == 0 else ("", ran.stderr.strip())


def _in_a_window(program: str, shared: dict[str, str]) -> Outcome:
    """Run tests/gui: a real window, clicked by simulated events."""
    command = [python_of("backend"), "-m", "pytest", *two_tests, *_tests(["gui"])]
    return _step("Blender's window", command, {**shared, "BLENDER": program})


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


def _summary(outcomes: list[Outcome], absent: dict[str, str]) -> bool:
    print("\nSummary")
    for outcome in outcomes:
        print(
            f"  {'passed' if outcome.passed else 'FAILED'} {outcome.seconds:6.0f} s  {outcome.name}"
        )
    for name, reason in absent.items():
        print(f"  NOT RUN           {name}: {reason}")
    return all(outcome.passed for outcome in outcomes)
