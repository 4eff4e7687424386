"""The extension: its wheels, its folder, its zips and the static repository of them."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .environments import (
    SetupError,
    blenders,
    ensure,
    envs,
    find_python,
    pins,
    python_of,
    root,
    run,
    say,
    settings,
)

dist = root / "dist"
zips = dist / "extensions"
wheel_cache = envs / "wheels"


def build() -> list[Path]:
    """Build, validate and list one zip per platform; return them."""
    folder = dist / "tug"
    stage(folder)
    fresh = dist / "extensions.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    blender("build", "--source-dir", folder, "--output-dir", fresh, "--split-platforms")
    built = sorted(fresh.glob("*.zip"))
    for package in built:
        blender("validate", package)
    blender("server-generate", "--repo-dir", fresh, "--html")
    shutil.rmtree(zips, ignore_errors=True)
    fresh.rename(zips)
    say(f"extension: {len(built)} zips and their index in {zips}")
    return [zips / package.name for package in built]


def zip_for_this_machine() -> Path:
    """Build the extension and return the zip for this platform; SetupError where there is none."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, sys.platform)
    name = f"{system}_{machine}.zip"
    for package in build():
        if package.name.endswith(name):
            return package
    raise SetupError(f"There is no extension for {system} on {machine}: Blender has none either.")


def stage(folder: Path, *, link: bool = False) -> None:
    """Lay the extension out in `folder`: add-on, protocol, licence, wheels, finished manifest.

    With `link`, code is linked instead of copied, so that an edit is live at the next start.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    code = [path for path in sorted((root / "addon").iterdir()) if _ships(path)]
    for source in [*code, root / "protocol", root / "LICENSE"]:
        _place(source, folder / source.name, link)
    (folder / "wheels").mkdir()
    for wheel in wheels():
        shutil.copy(wheel, folder / "wheels")
    (folder / "blender_manifest.toml").write_text(manifest(), encoding="utf-8")


def _ships(path: Path) -> bool:
    return path.name not in {"__pycache__", "blender_manifest.toml"}


def _place(source: Path, target: Path, link: bool) -> None:
    if link:
        link_to(source, target)
    elif source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def link_to(source: Path, target: Path) -> None:
    """Make `target` a link to `source`; on Windows, where links need rights, a junction."""
    if os.name != "nt":
        target.symlink_to(source, target_is_directory=source.is_dir())
    elif source.is_dir():
        run(["cmd", "/c", "mklink", "/J", target, source])
    else:
        target.hardlink_to(source)


def manifest() -> str:
    """Return the manifest with its platforms and wheels filled in."""
    text = (root / "addon" / "blender_manifest.toml").read_text(encoding="utf-8")
    names = [f"./wheels/{wheel.name}" for wheel in wheels()]
    platforms = list(settings()["tool"]["tug"]["extension_platforms"])
    for key, values in (("platforms", platforms), ("wheels", names)):
        text = text.replace(f"{key} = []", f"{key} = {json.dumps(values, indent=4)}")
    return text


def wheels() -> list[Path]:
    """Return the wheels of every platform and Python, downloading what is not cached."""
    wanted = json.dumps([settings()["tool"]["tug"], _wheel_pins()], sort_keys=True)
    record = wheel_cache / "record.json"
    if record.exists():
        said = json.loads(record.read_text(encoding="utf-8"))
        found = [wheel_cache / name for name in said["names"]]
        if said["wanted"] == wanted and all(map(zipfile.is_zipfile, found)):
            return found
    names = _download_wheels()
    record.write_text(json.dumps({"wanted": wanted, "names": names}), encoding="utf-8")
    return [wheel_cache / name for name in names]


def _wheel_pins() -> list[str]:
    packages = settings()["tool"]["tug"]["extension_packages"]
    return [pin for pin in pins("backend") if pin.partition("==")[0] in packages]


def _download_wheels() -> list[str]:
    chosen = settings()["tool"]["tug"]
    targets = [
        (python, tags)
        for python in chosen["extension_pythons"]
        for tags in chosen["extension_platforms"].values()
    ]
    say(f"extension: fetching wheels for {len(targets)} pairs of Python and platform")
    shutil.rmtree(wheel_cache, ignore_errors=True)
    wheel_cache.mkdir(parents=True)
    ensure("tools")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda target: _download(*target), targets))
    return sorted(path.name for path in wheel_cache.glob("*.whl"))


def _download(python: str, tags: list[str]) -> None:
    """Fetch one wheel of each package; SetupError names what has none."""
    target = ["--python-version", python, *(word for tag in tags for word in ("--platform", tag))]
    pip = [python_of("tools"), "-m", "pip", "--quiet", "download", "--dest", wheel_cache]
    run([*pip, "--no-deps", "--only-binary=:all:", *target, *_wheel_pins()], quiet=True)


def blender(*arguments: str | Path) -> None:
    """Run `blender --command extension ...`, the official packer, as it comes with bpy."""
    version = next((name for name, python in blenders().items() if find_python(python)), None)
    if version is None:
        raise SetupError(f"Packing needs Python {' or '.join(sorted(set(blenders().values())))}.")
    python = ensure(f"blender-{version}")
    inside = "**/site-packages/bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"
    program = next((envs / f"blender-{version}").glob(inside))
    run([python, program, *arguments], quiet=True)
