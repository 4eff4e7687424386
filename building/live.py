"""A live link: the add-on as it stands in this folder, inside an installed Blender."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from . import extension
from .environments import SetupError, root, say


def link_into(blender: str) -> None:
    """Link the working tree into the user folder of a Blender program, wheels included."""
    folder = extension.dist / "live"
    extension.stage(folder, link=True)
    target = _user_folder(_program(blender)) / "extensions" / "user_default" / "tug"
    if target.is_symlink() or _is_junction(target):
        target.unlink() if target.is_symlink() else target.rmdir()
    elif target.exists():
        raise SetupError(f"{target} holds an installed Tug: remove it in Blender first.")
    target.parent.mkdir(parents=True, exist_ok=True)
    extension.link_to(folder, target)
    say(f"linked {target.parent.parent.parent} to {root}")
    print(
        "Open Blender > Edit > Preferences > Add-ons, and enable Tug. Restart Blender after edits."
    )


def _program(blender: str) -> str:
    found = shutil.which(blender)
    if not found:
        raise SetupError(f"There is no Blender at `{blender}`: name the program with --blender.")
    return found


def _user_folder(program: str) -> Path:
    """Ask Blender for its version, and say where that version keeps its user files."""
    if chosen := os.environ.get("BLENDER_USER_RESOURCES"):
        return Path(chosen)
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"Blender (\d+\.\d+)", said.stdout)
    if not version:
        raise SetupError(f"{program} does not say which Blender it is: {said.stdout}{said.stderr}")
    home = {
        "win32": Path(os.environ.get("APPDATA", "")) / "Blender Foundation" / "Blender",
        "darwin": Path.home() / "Library" / "Application Support" / "Blender",
    }.get(
        sys.platform, Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "blender"
    )
    return home / version[1]


def _is_junction(path: Path) -> bool:
    return os.name == "nt" and path.is_dir() and path.resolve() != path.absolute()
