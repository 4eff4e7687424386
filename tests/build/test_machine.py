"""What the machine lacks is said with the command that mends it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from building import live, machine
from building.environments import SetupError


def test_a_missing_library_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load(name: str) -> None:
        if name in {"libEGL.so.1", "libXi.so.6"}:
            raise OSError(name)

    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(SetupError) as caught:
        machine.require_libraries(load)
    assert "libXi.so.6, libEGL.so.1" in str(caught.value)
    assert "sudo apt-get install libxi6 libegl1" in str(caught.value)


def test_libraries_that_are_there_are_not_asked_for() -> None:
    machine.require_libraries(lambda name: None)


def test_only_linux_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr("sys.platform", "darwin")
    machine.require_libraries(load)


def test_no_gpu_driver_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SetupError, match="no NVIDIA driver"):
        machine.cuda_device()


def test_dev_says_when_there_is_no_blender(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="--blender"):
        live.link_into(str(tmp_path / "blender"))


def test_dev_links_into_the_user_folder_of_that_blender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blender = tmp_path / "blender"
    blender.write_text("#!/bin/sh\necho 'Blender 5.2.3 LTS'\n")
    blender.chmod(0o755)
    monkeypatch.delenv("BLENDER_USER_RESOURCES", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("building.extension.dist", tmp_path / "dist")
    monkeypatch.setattr("sys.platform", "linux")
    for _ in range(2):  # again over its own link
        live.link_into(str(blender))
    linked = tmp_path / "config" / "blender" / "5.2" / "extensions" / "user_default" / "tug"
    assert (linked / "__init__.py").exists()
    assert (linked / "blender_manifest.toml").exists()
