"""The demo: a backend, a Blender and a cabinet; what comes out is checked against the truth.

Run by `python build.py demo`, in the backend's environment.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from pictures import write_film, write_picture
from processes import arguments, in_blender, running_backend

from backend.datasets import sample, write_glb
from backend.metrics.joints import axis_error, line_distance
from protocol.joint import Joint

axis_tolerance = 2.0  # degrees
line_tolerance = 0.01
stray_tolerance = 1e-4


def main() -> None:
    """Run it and exit with 1 when a part does not move as it was built to."""
    chosen = arguments(__doc__).parse_args()
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
            for line in in_blender(chosen.blender, "scene.py", task, "demo.blend"):
                print(f"  {line}", flush=True)
        found = json.loads((folder / "found.json").read_text(encoding="utf-8"))
        (folder / "demo.blend").replace(out / "demo.blend")
        write_picture(folder, out / "demo.png")
        write_film(folder, out / "demo.webp")
    _print_table(true, found)
    if wrong := [name for name, joint in true.items() if _faults(joint, found[name])]:
        sys.exit(f"Not as built: {', '.join(wrong)}.")
    print(f"\nLook at {out / 'demo.png'} and {out / 'demo.webp'} (any browser plays it),")
    print(f"then open {out / 'demo.blend'} in Blender and press the space bar.")


def _part(link: Any) -> dict[str, Any]:
    drag = [[float(value) for value in point] for point in link.drag]
    return {"name": link.name, "prompt": link.prompt, "drag": drag}


def _faults(true: Joint, found: dict[str, Any]) -> list[str]:
    """Say in words what is wrong with a found joint."""
    joint = msgspec.convert(found["joint"], Joint)
    checks = {
        "type": joint.type == true.type,
        "axis": axis_error(joint, true) <= axis_tolerance,
        "line": _line_error(joint, true) <= line_tolerance,
        "range": 0.6 * true.upper <= joint.upper <= 1.6 * true.upper,
        "motion": found["stray"] <= stray_tolerance,
    }
    return [name for name, passed in checks.items() if not passed]


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
                f"{axis_error(got, joint):.2f}°",
                "" if joint.type == "prismatic" else f"{1000 * _line_error(got, joint):.1f} mm",
                _amount(got),
                _amount(joint),
                "wrong: " + ", ".join(faults) if faults else "as built",
            )
        )


def _line_error(found: Joint, true: Joint) -> float:
    """Return how far the hinge's line is off beside the part, in metres; slides have none."""
    return 0.0 if true.type == "prismatic" else line_distance(found, true, found.origin)


def _amount(joint: Joint) -> str:
    if joint.type == "prismatic":
        return f"{100 * joint.upper:.1f} cm"
    return f"{np.degrees(joint.upper):.0f}°"


if __name__ == "__main__":
    main()
