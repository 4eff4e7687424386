"""Files of a model are written all or none, and nowhere else."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

disk: Any = importlib.import_module("tug.core.disk")
errors: Any = importlib.import_module("tug.protocol.errors")

files = [("model.urdf", b"<robot/>"), ("model_meshes/door.obj", memoryview(b"v 0 0 0"))]


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}


def test_the_main_file_gets_the_chosen_name_and_the_others_keep_theirs(tmp_path):
    written = disk.write_files(tmp_path / "cabinet.urdf", files)
    assert tree(tmp_path) == {"cabinet.urdf": b"<robot/>", "model_meshes/door.obj": b"v 0 0 0"}
    assert written == [tmp_path / "cabinet.urdf", tmp_path / "model_meshes" / "door.obj"]


def test_what_was_there_is_replaced(tmp_path):
    disk.write_files(tmp_path / "cabinet.urdf", [("m", b"old"), files[1]])
    disk.write_files(tmp_path / "cabinet.urdf", files)
    assert (tmp_path / "cabinet.urdf").read_bytes() == b"<robot/>"


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    disk.write_files(tmp_path / "cabinet.urdf", [("m", b"old"), ("model_meshes/door.obj", b"old")])
    before, write = tree(tmp_path), Path.write_bytes

    def fails_at_the_second(path, content):
        if bytes(content).startswith(b"v"):
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", fails_at_the_second)
    with pytest.raises(errors.TugError, match=r"No space left.*make room") as raised:
        disk.write_files(tmp_path / "cabinet.urdf", files)
    assert raised.value.error.code == "storage_full"
    assert tree(tmp_path) == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"no folder")
    with pytest.raises(errors.TugError, match=r"cannot be written to .*choose another place"):
        disk.write_files(tmp_path / "file" / "cabinet.urdf", files)


def test_a_folder_in_the_way_is_named_and_nothing_is_written(tmp_path):
    (tmp_path / "cabinet.urdf").mkdir()
    with pytest.raises(errors.TugError, match="a folder of that name"):
        disk.write_files(tmp_path / "cabinet.urdf", files)
    assert [path.name for path in tmp_path.iterdir()] == ["cabinet.urdf"]


def test_another_models_files_are_left_alone(tmp_path):
    disk.write_files(tmp_path / "other.urdf", files)
    before = tree(tmp_path)
    with pytest.raises(errors.TugError, match=r"another model has a file door.obj"):
        disk.write_files(tmp_path / "cabinet.urdf", [files[0], ("model_meshes/door.obj", b"mine")])
    assert tree(tmp_path) == before


@pytest.mark.parametrize("path", ["../evil", "/etc/evil", "a/../../evil", "C:evil", "a\\evil"])
def test_nothing_is_written_outside_the_folder(tmp_path, path):
    with pytest.raises(errors.TugError, match="outside"):
        disk.write_files(tmp_path / "in" / "cabinet.urdf", [files[0], (path, b"x")])
    assert list(tmp_path.iterdir()) == []
