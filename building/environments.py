"""Local Python environments under .envs, made by uv from the exact pins in pyproject.toml."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

root = Path(__file__).resolve().parent.parent
envs = root / ".envs"
started = time.monotonic()
incomplete = "incomplete"


class SetupError(Exception):
    """What is wrong on this machine and what to do, in words."""


def say(text: str) -> None:
    print(f"[{time.monotonic() - started:6.1f} s] {text}", flush=True)


@functools.cache
def settings() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def blenders() -> dict[str, str]:
    """Return the Python each tested Blender needs: {"5.0.1": "3.11", ...}."""
    return settings()["tool"]["tug"]["blenders"]


def pins(environment: str) -> list[str]:
    """Return every `name==version` of the environment `tools`, `backend` or `blender-VERSION`."""
    groups = settings()["dependency-groups"]
    if environment == "tools":
        return groups["tools"]
    tests = groups["tests"] + (groups["tests-windows"] if os.name == "nt" else [])
    if environment == "backend":
        project = settings()["project"]
        own = project["dependencies"] + project["optional-dependencies"]["models"]
        return own + groups["tests-backend"] + groups["checks"] + tests
    return groups[environment] + tests


def python_of(environment: str) -> Path:
    """Return where the environment's Python stands, made or not."""
    return envs / environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def script_of(environment: str, name: str) -> Path:
    """Return where a console script of the environment stands."""
    return python_of(environment).with_name(name + (".exe" if os.name == "nt" else ""))


@functools.cache
def find_python(version: str) -> Path | None:
    """Return a Python of that `major.minor` that really runs, or None."""
    return next((found for found in _candidates(version) if _version_of(found) == version), None)


def _candidates(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    name = f"python{version}" + (".exe" if os.name == "nt" else "")
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder and (Path(folder) / name).exists():
            yield Path(folder) / name
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for folder in sorted(pyenv.glob(f"{version}*"), reverse=True):
        yield folder / ("python.exe" if os.name == "nt" else "bin/python")
    if launcher := shutil.which("py"):
        program = [launcher, f"-{version}", "-c", "import sys; print(sys.executable)"]
        found = subprocess.run(program, capture_output=True, text=True, check=False)
        if found.returncode == 0:
            yield Path(found.stdout.strip())


def _version_of(python: Path) -> str:
    """Return `major.minor`, or nothing when it does not run (a shim of a version not installed)."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        ran = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""


def version_for(environment: str) -> str:
    """Return the Python version an environment is made with; SetupError when there is none."""
    if environment.startswith("blender-"):
        wanted = [blenders()[environment.removeprefix("blender-")]]
    else:
        wanted = sorted(set(blenders().values()))
    for version in wanted:
        if find_python(version):
            return version
    names = " or ".join(wanted)
    raise SetupError(f"{environment} needs Python {names}, and this machine has none: install it.")


def ensure(environment: str) -> Path:
    """Make, complete or repair an environment and return its Python.

    Quick when all is well. Raises SetupError when it cannot be made.
    """
    version = version_for(environment)
    wanted = json.dumps({"python": version, "place": str(root), "pins": pins(environment)})
    stamp = envs / environment / "tug-pins.json"
    if _version_of(python_of(environment)) != version:
        _make(environment, version)
    said = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
    if said != wanted or audit(environment):
        if said == incomplete:
            say(f"{environment}: the last set-up was interrupted, completing it")
        stamp.write_text(incomplete, encoding="utf-8")
        _install(environment)
        stamp.write_text(wanted, encoding="utf-8")
    return python_of(environment)


def audit(environment: str) -> list[str]:
    """Return the names of the pinned packages that are absent, other or damaged."""
    program = [python_of(environment), "-I", root / "building" / "audit.py", *pins(environment)]
    return json.loads(run(program, quiet=True))


def _make(environment: str, version: str) -> None:
    say(f"{environment}: new environment with Python {version}")
    python = str(find_python(version))
    folder = envs / environment
    if environment == "tools":
        shutil.rmtree(folder, ignore_errors=True)
        run([python, "-m", "venv", folder])
    else:
        uv("venv", "--quiet", "--clear", "--no-project", "--python", python, folder)


def _install(environment: str) -> None:
    """Install what is absent, then reinstall what is damaged."""
    for again in ([], ["--reinstall"]):
        if broken := audit(environment):
            say(f"{environment}: {'repairing' if again else 'installing'} {_listed(broken)}")
            _install_pins(
                environment, [pin for pin in pins(environment) if _name(pin) in broken], again
            )
    if environment == "backend":
        uv("pip", "install", "--quiet", "--no-deps", *_into(environment), "--editable", root)
    if left := audit(environment):
        raise SetupError(f"{_listed(left)} in {envs / environment} cannot be repaired: delete it.")
    say(f"{environment}: ready")


def _install_pins(environment: str, chosen: list[str], again: list[str]) -> None:
    if environment == "tools":
        pip = [python_of("tools"), "-m", "pip", "install", "--quiet", "--no-deps"]
        run([*pip, *(["--force-reinstall"] if again else []), *chosen])
        return
    plain = [pin for pin in chosen if _name(pin) != "torch"]
    if plain:
        uv("pip", "install", "--no-deps", *_into(environment), *again, *plain)
    for pin in chosen:
        if pin not in plain:
            _install_torch(environment, pin)


def _install_torch(environment: str, pin: str) -> None:
    """Install the build of torch for processors: one at hand, which pip is told of, or its own.

    The build on PyPI is for CUDA on Linux and several GB with what it needs.
    """
    ensure("tools")
    pip = [python_of("tools"), "-m", "pip", *_into(environment), "install", "--quiet", "--no-deps"]
    at_hand = [*pip, "--no-index", "--force-reinstall", pin]
    ran = subprocess.run(at_hand, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if ran.returncode:
        uv("pip", "install", "--no-deps", *_into(environment), "--torch-backend", "cpu", pin)


def use_cuda() -> None:
    """Give the backend the build of torch for this machine's GPU, with what that needs."""
    program = "import torch; print(torch.version.cuda or '')"
    if run([python_of("backend"), "-c", program], quiet=True).strip():
        return
    pin = next(pin for pin in pins("backend") if _name(pin) == "torch")
    say("backend: the build of torch for GPUs, some GB")
    chosen = ["--torch-backend", "auto", "--reinstall-package", "torch", pin]
    uv("pip", "install", *_into("backend"), *chosen)


def _into(environment: str) -> list[str | Path]:
    return ["--python", python_of(environment)]


def _name(pin: str) -> str:
    return pin.partition("==")[0]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def uv(*arguments: str | Path) -> None:
    """Run the pinned uv, setting it up first when it is not there."""
    ensure("tools")
    settled = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "" if sys.stdout.isatty() else "1"}
    run([script_of("tools", "uv"), *arguments], settled)


def run(
    command: Sequence[str | Path], extra: dict[str, str] | None = None, quiet: bool = False
) -> str:
    """Run a command showing its output, or returning it when quiet; SetupError when it fails."""
    pipe = subprocess.PIPE if quiet else None
    environment = {**os.environ, **(extra or {})}
    ran = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environment, text=True
    )
    if ran.returncode:
        line = " ".join(str(word) for word in command[:8])
        said = f"{ran.stdout or ''}{ran.stderr or ''}".strip()
        raise SetupError(f"`{line} ...` failed (exit {ran.returncode}). {said}".strip())
    return ran.stdout or ""
