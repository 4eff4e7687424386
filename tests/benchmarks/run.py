"""Run all benchmarks and print docs/benchmarks.md: `python tests/benchmarks/run.py`.

Takes any Python from 3.11 and sets up what it needs, as build.py does. Progress goes to
standard error; `--only transport tick` runs some of them.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

root = Path(__file__).parents[2]
sys.path.insert(0, str(root))

from building import extension  # noqa: E402
from building.environments import blenders, ensure, find_python  # noqa: E402
from tests.gui.screen import note_backend, screen, start_options  # noqa: E402

in_blender = ("blender_mesh", "transport", "tick", "views", "pictures")
in_backend = ("articulation", "models")
by_blender = ("startup", "hover", "idle")  # the program that BLENDER names
in_window = ("hover", "idle")

introduction = """# Benchmarks

Printed by `python tests/benchmarks/run.py`. The figures are ratios measured side by side in one
run, the alternatives taking turns, medians quoted; milliseconds are there for scale and belong to
the machine: {machine}.
"""
headings = {
    "articulation": """## Articulation

A cabinet's door pulled open, its boards cut ever finer. The goal was 100,000 triangles within a
second on two cores.

"""
}


def machine() -> str:
    """This machine in words."""
    processor = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        processor = models[0] if models else processor
    return f"{processor}, {os.cpu_count()} cores, {platform.system()}"


def environment() -> dict[str, str]:
    """Variables that tell the benchmarks where backend and extension are."""
    with contextlib.redirect_stdout(sys.stderr):
        python = ensure("backend")
        package = os.environ.get("TUG_EXTENSION_ZIP") or str(extension.zip_for_this_machine())
    return {**os.environ, "TUG_BACKEND_PYTHON": str(python), "TUG_EXTENSION_ZIP": package}


def blender_python() -> tuple[str, Path]:
    """A Blender's version and the Python that has it as a module."""
    version = next(name for name, python in blenders().items() if find_python(python))
    with contextlib.redirect_stdout(sys.stderr):
        return version, ensure(f"blender-{version}")


def section(name: str, python: Path | str, variables: dict[str, str]) -> str:
    """Run one benchmark; return its heading and what it printed from there or its table on."""
    print(f"{name} ...", file=sys.stderr)
    ran = subprocess.run(
        [python, "-m", f"tests.benchmarks.{name}"],
        cwd=root,
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    lines = ran.stdout.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(("## ", "| ")))
    return headings.get(name, "") + "\n".join(lines[start:]).strip()


def window_section(name: str, variables: dict[str, str]) -> str:
    """Run one benchmark in Blender's window; return its heading and what it printed."""
    print(f"{name} ...", file=sys.stderr)
    blender = Path(variables["BLENDER"])
    with tempfile.TemporaryDirectory(prefix="tug-") as home, screen(blender) as shown:
        note_backend(Path(home), variables["TUG_BACKEND_PYTHON"])
        folders = {"TUG_HOME": home, "BLENDER_USER_RESOURCES": f"{home}/resources"}
        script = root / "tests" / "benchmarks" / f"{name}.py"
        ran = subprocess.run(
            [blender, "--factory-startup", *start_options, "--python", script],
            env={**shown, **variables, **folders, "DISPLAY": shown.get("DISPLAY", "")},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return ran.stdout[ran.stdout.index("## ") :].strip()


def _program() -> str:
    """The Blender with a window that BLENDER names; nothing where there is none."""
    return shutil.which(os.environ.get("BLENDER", "")) or ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = (*in_blender, *in_backend, *by_blender)
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    chosen = parser.parse_args().only
    variables = environment()
    version, inside = blender_python()
    print(introduction.format(machine=f"{machine()}, Blender {version}"))
    program = _program()
    for name in chosen:
        if name in by_blender and not program:
            print(f"{name}: NOT RUN, BLENDER names no Blender", file=sys.stderr)
            continue
        variables["BLENDER"] = program
        if name in in_window:
            print(window_section(name, variables), end="\n\n", flush=True)
            continue
        python = inside if name in in_blender else variables["TUG_BACKEND_PYTHON"]
        print(section(name, python, variables), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
