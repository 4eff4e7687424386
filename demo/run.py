"""The demo: a backend, a Blender and a cabinet; what comes out is checked against the truth.

Run by `python build.py demo`, in the backend's environment.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from pictures import write_film, write_picture

from backend.datasets import sample, write_glb
from protocol.joint import Joint

root = Path(__file__).resolve().parent.parent
axis_tolerance = np.radians(2.0)
line_tolerance = 0.01
stray_tolerance = 1e-4
seconds_to_start = 60.0


def main() -> None:
    """Run it and exit with 1 when a part does not move as it was built to."""
    chosen = _arguments()
    out = Path(chosen.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    cabinet = sample()
    true = {link.name: link.joint for link in cabinet.links if link.joint}
    with tempfile.TemporaryDirectory(prefix="tug-demo-") as name:
        folder = Path(name)
        write_glb(cabinet, folder / "cabinet.glb")
        with running_backend(folder) as connection:
            task = {
                "extension": str(Path(chosen.extension).resolve()),
                "model": str(folder / "cabinet.glb"),
                "connection": str(connection),
                "out": str(folder),
                "parts": [_part(link) for link in cabinet.links if link.joint],
            }
            (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
            run_blender(chosen.blender, folder)
        found = json.loads((folder / "found.json").read_text(encoding="utf-8"))
        (folder / "demo.blend").replace(out / "demo.blend")
        write_picture(folder, out / "demo.png")
        write_film(folder, out / "demo.webp")
    _print_table(true, found)
    if wrong := [name for name, joint in true.items() if _faults(joint, found[name])]:
        sys.exit(f"Not as built: {', '.join(wrong)}.")
    print(f"\nLook at {out / 'demo.png'} and {out / 'demo.webp'} (any browser plays it),")
    print(f"then open {out / 'demo.blend'} in Blender and press the space bar.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blender", required=True, help="a Python that can import bpy")
    parser.add_argument("--extension", required=True, help="the extension's zip")
    parser.add_argument("--out", required=True, help="folder for the results")
    return parser.parse_args()


def _part(link: Any) -> dict[str, Any]:
    drag = [[float(value) for value in point] for point in link.drag]
    return {"name": link.name, "prompt": link.prompt, "drag": drag}


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


def run_blender(python: str, folder: Path) -> None:
    """Run scene.py in a Blender whose user folder is new; show all its output when it fails."""
    variables = os.environ | {"BLENDER_USER_RESOURCES": str(folder / "blender")}
    command = [python, root / "demo" / "scene.py", folder / "task.json"]
    process = subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("demo: "):
            print(f"  {line[6:]}", end="", flush=True)
    if process.wait() or not (folder / "demo.blend").exists():
        sys.exit(f"{''.join(lines)}\nBlender stopped (exit {process.returncode}).")


def _faults(true: Joint, found: dict[str, Any]) -> list[str]:
    """Say in words what is wrong with a found joint."""
    joint = msgspec.convert(found["joint"], Joint)
    checks = {
        "type": joint.type == true.type,
        "axis": axis_error(true, joint) <= axis_tolerance,
        "line": line_error(true, joint) <= line_tolerance,
        "range": 0.6 * true.upper <= joint.upper <= 1.6 * true.upper,
        "motion": found["stray"] <= stray_tolerance,
    }
    return [name for name, passed in checks.items() if not passed]


def axis_error(true: Joint, found: Joint) -> float:
    """Return the angle between the directed axes in radians."""
    return float(np.arccos(np.clip(np.dot(true.axis, found.axis), -1.0, 1.0)))


def line_error(true: Joint, found: Joint) -> float:
    """Return how far the hinge lines are apart in metres; sliders have no line."""
    if true.type == "prismatic":
        return 0.0
    between = np.subtract(found.origin, true.origin)
    return float(np.linalg.norm(between - np.dot(between, true.axis) * np.asarray(true.axis)))


def _print_table(true: dict[str, Joint], found: dict[str, Any]) -> None:
    row = "  {:15} {:10} {:>8} {:>11} {:>11} {:>11}  {}"
    print()
    print(row.format("part", "joint", "axis off", "line off", "opens to", "true limit", ""))
    for name, joint in true.items():
        got = msgspec.convert(found[name]["joint"], Joint)
        faults = _faults(joint, found[name])
        print(
            row.format(
                name,
                got.type,
                f"{np.degrees(axis_error(joint, got)):.2f}°",
                "" if joint.type == "prismatic" else f"{1000 * line_error(joint, got):.1f} mm",
                _amount(got),
                _amount(joint),
                "wrong: " + ", ".join(faults) if faults else "as built",
            )
        )


def _amount(joint: Joint) -> str:
    if joint.type == "prismatic":
        return f"{100 * joint.upper:.1f} cm"
    return f"{np.degrees(joint.upper):.0f}°"


if __name__ == "__main__":
    main()
