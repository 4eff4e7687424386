"""Examines an installation and says in plain words what it finds."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from protocol import version
from protocol.errors import TugError
from protocol.keys import read_connection

if TYPE_CHECKING:
    from backend.models.card import Card

packages = (  # name to install, name to import
    ("pyzmq", "zmq"),
    ("msgpack", "msgpack"),
    ("msgspec", "msgspec"),
    ("platformdirs", "platformdirs"),
    ("numpy", "numpy"),
    ("scipy", "scipy"),
    ("trimesh", "trimesh"),
    ("networkx", "networkx"),
    ("pillow", "PIL"),
    ("defusedxml", "defusedxml"),
    ("mujoco-core", "mujoco"),
    ("openexr", "OpenEXR"),
    ("pycollada", "collada"),
    ("usd-core", "pxr"),
    ("warp-lang", "warp"),
)
oldest_python, newest_python = (3, 11), (3, 14)
room_wanted = 2_000_000_000  # bytes
answer_seconds = 5.0
install = "python build.py backend"


@dataclass(frozen=True)
class Finding:
    """One thing looked at. A `note` is neither good nor bad."""

    subject: str
    state: Literal["ok", "note", "problem"]
    text: str
    fix: str = ""


def examine(data: Path, connection: Path) -> list[Finding]:
    """Look at everything; `data` and `connection` are those of `serve`."""
    return [
        _python(),
        *(_package(*names) for names in packages),
        *_devices(),
        *_models(),
        _data_folder(data),
        *_backend(connection),
    ]


def _python() -> Finding:
    text = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if oldest_python <= sys.version_info[:2] <= newest_python:
        return Finding("python", "ok", text)
    wanted = f"{oldest_python[0]}.{oldest_python[1]} to {newest_python[0]}.{newest_python[1]}"
    return Finding("python", "problem", f"{text}, but Tug needs {wanted}.", install)


def _package(name: str, module: str) -> Finding:
    try:
        importlib.import_module(module)
        return Finding(name, "ok", importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "problem", "is not properly installed.", install)
    except Exception as error:  # a broken package may raise anything
        return Finding(name, "problem", f"cannot be imported ({error}).", install)


def _devices() -> Iterator[Finding]:
    try:
        from backend.tasks.articulate import devices

        for device in devices():
            memory = f"{device.memory_bytes / 1e9:.1f} GB"
            yield Finding("device", "ok", f"{device.kind} {device.name}, {memory}")
    except Exception as error:  # drivers fail in their own ways
        yield Finding("device", "problem", f"Warp does not start ({error}).", install)


def _models() -> Iterator[Finding]:
    """Learned models are an extra: without them the rest works."""
    from backend.models import places, registry

    lacking = registry.lacking_packages()
    if lacking:
        text = f"{', '.join(lacking)} are not installed: no learned models."
        yield Finding("torch", "note", text, registry.install)
        return
    yield _torch()
    try:
        places.chosen()
        for card in registry.cards():
            yield _model(card)
    except TugError as problem:
        yield Finding("models", "problem", str(problem), problem.error.fix)


def _torch() -> Finding:
    try:
        import torch

        text = f"{torch.__version__}, "
        if not torch.cuda.is_available():
            return Finding("torch", "ok", text + "models run on the CPU")
        free, whole = torch.cuda.mem_get_info()
        name = torch.cuda.get_device_name()
        memory = f"{free / 1e9:.1f} of {whole / 1e9:.1f} GB free"
        return Finding("torch", "ok", f"{text}models run on {name}, {memory}")
    except Exception as error:  # a broken installation or driver may raise anything
        return Finding("torch", "problem", f"does not start ({error}).", install)


def _model(card: Card) -> Finding:
    from backend.models import registry

    subject = f"model {card.name}"
    try:
        registry.require(card)
    except TugError as problem:
        return Finding(subject, "note", str(problem), problem.error.fix)
    return Finding(subject, "ok", card.about)


def _data_folder(folder: Path) -> Finding:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    text = f"{folder}, {free / 1e9:.1f} GB free"
    if not os.access(existing, os.W_OK):
        return Finding(
            "data folder",
            "problem",
            f"{existing} cannot be written by this user.",
            "tug serve --data DIR",
        )
    if free < room_wanted:
        return Finding(
            "data folder", "problem", f"{text}: that is little.", "make room, or serve with --data"
        )
    return Finding("data folder", "ok", text)


def _backend(file: Path) -> Iterator[Finding]:
    if not file.exists():
        yield Finding("backend", "note", "none is running here.", "tug serve")
        return
    try:
        connection = read_connection(file)
    except TugError as problem:
        yield Finding("connection file", "problem", str(problem), problem.error.fix)
        return
    yield Finding("connection file", "ok", f"{file}, readable by its owner only")
    yield _answer(file, connection.control)


def _answer(file: Path, address: str) -> Finding:
    from protocol.client import Client

    client = Client(file, "doctor")
    try:
        client.wait(lambda: bool(client.capabilities or client.error), answer_seconds)
        if client.welcome and client.capabilities:
            return _running(client.welcome.software, client.welcome.protocol, address)
        fix = client.error.fix if client.error else ""
        return Finding("backend", "problem", client.reason, fix or "start it again")
    finally:
        client.close()


def _running(software: str, spoken: str, address: str) -> Finding:
    text = f"Tug {software} answers at {address}, protocol {spoken}"
    if software == version.software:
        return Finding("backend", "ok", text)
    return Finding("backend", "note", f"{text}; this installation is {version.software}.")
