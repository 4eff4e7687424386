"""Motions from where things are frame by frame, and bundles of files."""

from __future__ import annotations

import importlib
import io
import zipfile
from typing import Any

import numpy as np
import pytest

motions: Any = importlib.import_module("tug.core.rigid")
bundle_files: Any = importlib.import_module("tug.core.bundles").bundle_files
write_files: Any = importlib.import_module("tug.core.disk").write_files
TugError: Any = importlib.import_module("tug.protocol.errors").TugError


def turned(angles):
    found = np.tile(np.eye(4), (len(angles), 1, 1))
    for pose, angle in zip(found, angles, strict=True):
        pose[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        pose[:3, 3] = angle, 2.0 * angle, -angle
    return found


def carried(poses, points):
    return np.stack([points @ p[:3, :3].T + p[:3, 3] for p in poses]).astype(np.float32)


def test_the_motion_of_what_is_moved_begins_with_rest():
    home = turned([0.7])[0] @ np.diag([1.0, -2.0, 3.0, 1.0])
    poses = turned([0.0, 0.4, 0.9])
    assert np.allclose(motions.relative(poses @ home), poses)
    assert motions.relative(np.tile(home, (5, 1, 1))) is None


def test_vertices_that_move_as_one_are_a_rigid_motion():
    points = np.random.default_rng(0).normal(10.0, 1.0, size=(5000, 3))
    poses = turned([0.0, 0.3, 2.5, -3.0])
    found = motions.rigid_motion(carried(poses, points))
    assert found is not None and np.allclose(found, poses, atol=1e-5)


@pytest.mark.parametrize("points", [np.eye(3)[:1], np.eye(3)[:2], np.zeros((4, 3))])
def test_few_or_flat_points_move_rigidly_too(points):
    poses = turned([0.0, 1.0])
    shapes = carried(poses, points)
    found = motions.rigid_motion(shapes)
    assert found is not None and np.allclose(carried(found, points), shapes, atol=1e-5)


def test_what_bends_or_is_mirrored_or_stretched_is_not_rigid():
    points = np.random.default_rng(0).normal(size=(50, 3))
    for other in (points * (1.01, 1.0, 1.0), points * (-1.0, 1.0, 1.0)):
        assert motions.rigid_motion(np.stack([points, other]).astype(np.float32)) is None
    one = points.copy()
    one[37] += 0.01
    assert motions.rigid_motion(np.stack([points, one]).astype(np.float32)) is None


def archive(**members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, data in members.items():
            file.writestr(name.replace("__", "/"), data)
    return content.getvalue()


def test_a_bundle_is_a_manifest_and_a_folder_a_view(tmp_path):
    content = archive(**{"depth__0001.png": b"a", "tracks.npz": b"b"})
    files = bundle_files(b"{}", [("front", content), ("left", content)])
    write_files(tmp_path / "manifest.json", files)
    assert (tmp_path / "manifest.json").read_bytes() == b"{}"
    assert (tmp_path / "front/depth/0001.png").read_bytes() == b"a"
    assert (tmp_path / "left/tracks.npz").read_bytes() == b"b"
    assert len(list(tmp_path.rglob("*.*"))) == 5


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/evil", "c:evil", "a\\..\\evil"])
def test_an_archive_that_leads_elsewhere_is_refused_whole(tmp_path, name):
    content = archive(fine=b"", **{name: b"x"})
    with pytest.raises(TugError, match="outside"):
        write_files(tmp_path / "manifest.json", bundle_files(b"{}", [("front", content)]))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("folder", ["..", "/tmp", ""])
def test_a_view_that_leads_elsewhere_is_refused(folder):
    with pytest.raises(TugError, match="outside"):
        bundle_files(b"{}", [(folder, archive(a=b""))])


def test_what_is_no_archive_or_names_a_file_twice_is_refused():
    with pytest.raises(TugError, match="cannot be read"):
        bundle_files(b"{}", [("front", b"no zip")])
    with pytest.raises(TugError, match="same name"):
        bundle_files(b"{}", [("front", archive(a=b"")), ("front", archive(a=b""))])
