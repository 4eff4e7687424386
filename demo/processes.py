"""What a demo starts: a backend and a Blender, both with folders of their own."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

root = Path(__file__).resolve().parent.parent
seconds_to_start = 60.0


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of what `build.py demo` passes on."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--blender", required=True, help="a Python that can import bpy")
    parser.add_argument("--extension", required=True, help="the extension's zip")
    parser.add_argument("--out", required=True, help="folder for the results")
    return parser


@contextmanager
def running_backend(folder: Path) -> Iterator[Path]:
    """Start a backend that keeps to `folder`, yield its connection file, stop it."""
    connection = folder / "connection.json"
    command = [sys.executable, "-m", "backend", "serve", "--data", folder / "store"]
    variables = os.environ | {"TUG_HOME": str(folder)}
    command += ["--connection", connection]
    with (folder / "backend.txt").open("w") as said:
        process = subprocess.Popen(command, cwd=root, env=variables, stdout=said, stderr=said)
    try:
        deadline = time.monotonic() + seconds_to_start
        while not connection.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"The backend did not start:\n{(folder / 'backend.txt').read_text()}")
            time.sleep(0.05)
        yield connection
    finally:
        process.terminate()
        process.wait(30)


def in_blender(python: str, script: str, task: dict[str, Any], makes: str) -> Generator[str]:
    """Run a script of this folder in Blender and yield the lines it tells.

    The task's folder `out` holds the task, Blender's user folder, and in the end the file
    that the script `makes`; without that, all its output is shown and this program ends.
    Closing the iterator early kills Blender.
    """
    out = Path(task["out"])
    (out / "task.json").write_text(json.dumps(task), encoding="utf-8")
    variables = os.environ | {"BLENDER_USER_RESOURCES": str(out / "blender")}
    command = [python, root / "demo" / script, out / "task.json"]
    process = subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if line.startswith("demo: "):
                yield line[6:].rstrip()
        if process.wait() or not (out / makes).exists():
            sys.exit(f"{''.join(lines)}\nBlender stopped (exit {process.returncode}).")
    finally:
        process.kill()
        process.wait()
