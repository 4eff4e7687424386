"""What this machine must have that packages cannot bring: system libraries, a GPU driver."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Callable

from .environments import SetupError

# What bpy loads: file name, Debian and Ubuntu package, Fedora package.
libraries = (
    ("libX11.so.6", "libx11-6", "libX11"),
    ("libXrender.so.1", "libxrender1", "libXrender"),
    ("libXfixes.so.3", "libxfixes3", "libXfixes"),
    ("libXi.so.6", "libxi6", "libXi"),
    ("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    ("libSM.so.6", "libsm6", "libSM"),
    ("libGL.so.1", "libgl1", "libglvnd-glx"),
    ("libEGL.so.1", "libegl1", "libglvnd-egl"),
)


def require_libraries(load: Callable[[str], object] = ctypes.CDLL) -> None:
    """Raise SetupError naming each library Blender would miss and the command that installs it."""
    missing = [row for row in libraries if sys.platform == "linux" and not _loads(row[0], load)]
    if not missing:
        return
    names = ", ".join(name for name, _, _ in missing)
    apt = " ".join(package for _, package, _ in missing)
    dnf = " ".join(package for _, _, package in missing)
    raise SetupError(
        f"Blender needs system libraries that are not installed: {names}.\n"
        f"  Debian, Ubuntu:  sudo apt-get install {apt}\n"
        f"  Fedora:          sudo dnf install {dnf}"
    )


def _loads(name: str, load: Callable[[str], object]) -> bool:
    try:
        load(name)
    except OSError:
        return False
    return True


def cuda_device() -> str:
    """Return the GPU and its driver in words; SetupError when there is none to use."""
    if not (program := shutil.which("nvidia-smi")):
        raise SetupError(
            "There is no NVIDIA driver here (nvidia-smi is not on the PATH). "
            "Install the driver, or use --accelerator cpu."
        )
    asked = [program, "--query-gpu=name,driver_version", "--format=csv,noheader"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)
    if said.returncode or not said.stdout.strip():
        raise SetupError(f"The NVIDIA driver does not answer: {said.stdout}{said.stderr}".strip())
    return said.stdout.strip()
