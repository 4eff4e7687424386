"""Get a Blender with a window on a bare Debian machine: `python tests/gui/obtain.py`.

Needs root. A small Debian root with the newest packaged Blender, a virtual screen and ImageMagick
goes to .envs/gui; nothing of it is mounted but in the processes that run inside. Prints the
program to name in BLENDER.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

project = Path(__file__).parents[2]
place = project / ".envs" / "gui"
root = place / "root"
suite = "sid"
packages = (
    "blender",
    "python3-cattr",
    "python3-numpy",
    "python3-requests",
    "libgl1",
    "libgl1-mesa-dri",
    "libegl1",
    "xvfb",
    "xdotool",
    "imagemagick",
    "ca-certificates",
)
oldest = (5, 2)

runner = """#!/bin/sh
# Run a program inside the root beside this file. What it mounts goes away with the program.
set -e
export TUG_OUTSIDE={place}/outside
exec unshare --mount sh -c '
  root=$1; shift
  for folder in proc sys dev tmp {project}; do
    mkdir -p "$root/$folder" && mount --rbind "/$folder" "$root/$folder"
  done
  mkdir -p "$root/host" && mount --rbind / "$root/host"
  exec chroot "$root" "$@"
' sh {root} {program}"$@"
"""
outside = """#!/bin/sh
# From inside the root, run a program of the machine around it.
exec chroot /host "$@"
"""


class CannotObtain(Exception):
    """Why there is no way to a Blender here, in words."""


def obtain() -> Path:
    """Return the program, making what it needs at first. Raises CannotObtain."""
    program = place / "blender"
    if not program.exists():
        _require_debian()
        _make_root()
        _write(place / "run", runner, "")
        _write(place / "Xvfb", runner, "Xvfb ")
        _write(place / "outside", outside, "")
        _write(program, runner, "blender ")
    version = _version(program)
    if version < oldest:
        raise CannotObtain(f"Debian {suite} has Blender {version}, older than {oldest}.")
    return program


def _require_debian() -> None:
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        raise CannotObtain("Making one takes root on Debian; name an installed one in BLENDER.")


def _make_root() -> None:
    """Lay the root out beside its final name, so that an interrupted one is not taken for it."""
    unfinished = place / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.rmtree(root, ignore_errors=True)
    place.mkdir(parents=True, exist_ok=True)
    if not shutil.which("mmdebstrap"):
        _run("apt-get", "update", "--quiet")
        _run("apt-get", "install", "--quiet", "--yes", "--no-install-recommends", "mmdebstrap")
    options = ("Apt::Install-Recommends false", "Acquire::Check-Valid-Until false")
    _run(
        "mmdebstrap",
        "--variant=apt",
        *(f'--aptopt={name} "{value}"' for name, _, value in (o.partition(" ") for o in options)),
        f"--include={','.join(packages)}",
        suite,
        str(unfinished),
        f"deb {_mirror()} {suite} main",
    )
    unfinished.rename(root)


def _mirror() -> str:
    """Return where this machine gets Debian's packages."""
    said = _run("apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)")
    found = re.search(r"^Debian (\S+/debian)/?$", said, re.MULTILINE)
    if not found:
        raise CannotObtain("apt knows no Debian mirror here; run `apt-get update` first.")
    return found[1]


def _write(file: Path, text: str, program: str) -> None:
    names = {"{place}": place, "{project}": project, "{root}": root, "{program}": program}
    for name, value in names.items():
        text = text.replace(name, str(value))
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def _version(program: Path) -> tuple[int, ...]:
    said = _run(str(program), "--version")
    found = re.search(r"Blender (\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0, 0)


def _run(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        tail = "\n".join(f"{ran.stdout}{ran.stderr}".strip().splitlines()[-5:])
        raise CannotObtain(f"`{command[0]}` failed (exit {ran.returncode}): {tail}")
    return ran.stdout


if __name__ == "__main__":
    try:
        print(obtain())
    except CannotObtain as problem:
        sys.exit(str(problem))
