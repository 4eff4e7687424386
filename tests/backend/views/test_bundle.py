"""Bundles, read back by what others read such files with."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from PIL import Image

from backend.views import bundle
from backend.views.engine import Wish, prepare, render
from backend.views.manifest import manifest
from protocol.views import Rig
from tests.backend.views.things import box_mesh, moving, turns

every = ("depth", "normals", "instances", "parts", "flow", "entities", "heat")
rig = Rig(azimuths=(0.4,), elevations=(0.5,), width=72, height=48)


@pytest.fixture(scope="module")
def shot():
    floor = box_mesh((-2, -2, -2), (2, 2, -0.6))
    scene = moving(turns(3, 1.0, (0.8, 0.2, 0.0)), None, floor, first=11)
    prepared = prepare(scene, Wish(rig=rig, layers=every, tracks=3))
    (view,) = render(prepared)
    return prepared, view


@pytest.fixture(scope="module")
def archive(shot):
    prepared, view = shot
    tree = manifest(prepared, [view], ["A note."], folders=False)
    return zipfile.ZipFile(io.BytesIO(bundle.zipped(prepared, view, tree).tobytes()))


def png(archive, path):
    return np.asarray(Image.open(io.BytesIO(archive.read(path))))


def test_exr_layers_come_back_exactly(shot, archive, tmp_path: Path):
    _, view = shot
    for frame, number in enumerate(("0011", "0012", "0013")):
        path = tmp_path / f"{number}.exr"
        path.write_bytes(archive.read(f"layers/{number}.exr"))
        with OpenEXR.File(str(path), separate_channels=True) as file:
            layers = {name: channel.pixels for name, channel in file.channels().items()}
        assert layers["depth.Z"].dtype == np.float32
        assert np.array_equal(layers["depth.Z"], view.images["depth"][frame])
        assert np.isinf(layers["depth.Z"]).any()
        for k, letter in enumerate("XY"):
            assert np.array_equal(layers[f"flow.{letter}"], view.images["flow"][frame, ..., k])
        for name in ("instances", "parts"):
            assert layers[f"{name}.id"].dtype == np.uint32
            assert np.array_equal(layers[f"{name}.id"], view.images[name][frame])
        normals = np.stack([layers[f"normals.{letter}"] for letter in "XYZ"], -1).astype(float)
        seen = view.images["parts"][frame] > 0
        assert np.abs(np.linalg.norm(normals[seen], axis=-1) - 1.0).max() < 2e-3
        off = normals[seen] - view.images["normals"][frame][seen] / 127.0
        assert np.abs(off).max() < 0.01


def test_masks_entities_and_heat_come_back_exactly(shot, archive):
    _, view = shot
    for frame, number in enumerate(("0011", "0012", "0013")):
        for name in ("instances", "parts"):
            assert np.array_equal(png(archive, f"{name}/{number}.png"), view.images[name][frame])
        for k, whose in enumerate(("bodies", "parts")):
            for name in ("entities", "heat"):
                image = png(archive, f"{name}_{whose}/{number}.png")
                assert np.array_equal(image, view.images[name][frame, ..., k])
                assert image.any()


def test_tracks_come_back_with_their_names(shot, archive):
    prepared, view = shot
    stored = np.load(io.BytesIO(archive.read("tracks.npz")), allow_pickle=False)
    assert np.array_equal(stored["tracks"], view.tracks)
    assert np.array_equal(stored["depths"], view.depths)
    assert np.array_equal(stored["visible"], view.visible)
    assert stored["clip0_frames"].tolist() == [11, 12, 13]
    assert np.array_equal(stored["clip0_tracks"], view.tracks)
    names = zip(
        stored["body"].tolist(), stored["part"].tolist(), stored["point"].tolist(), strict=True
    )
    assert tuple(names) == prepared.tracks.names


def test_the_manifest_is_enough_to_project(shot, archive):
    """World points go to their pixels by the cameras of the manifest, either way."""
    _, view = shot
    tree = json.loads(archive.read("manifest.json"))
    camera = tree["views"][0]["camera"]
    world = np.load(io.BytesIO(archive.read("tracks.npz")))["world"].astype(float)
    points = np.concatenate([world, np.ones((*world.shape[:2], 1))], -1)
    seen = points @ np.array(camera["opencv"]["world_to_camera"]).T
    pixels = seen[..., :3] / seen[..., 2:3] @ np.array(camera["K"]).T
    assert np.abs(pixels[..., :2] - view.tracks).max() < 1e-3
    local = points @ np.linalg.inv(np.array(camera["blender"]["camera_to_world"])).T
    assert np.allclose(local[..., :3] * [1, -1, -1], seen[..., :3])
    assert tree["frames"] == {"first": 11, "last": 13, "count": 3, "fps": 24.0}
    assert tree["notes"] == ["A note."] and set(every) <= set(tree["conventions"])
    assert [(b["id"], b["tracked"]) for b in tree["bodies"]] == [(1, True), (2, False)]
    assert [p["id"] for b in tree["bodies"] for p in b["parts"]] == [1, 2]


def test_every_file_is_of_a_layer_that_was_asked_for(shot, archive):
    prepared, view = shot
    names = {name.split("/")[0] for name in archive.namelist()}
    assert names == {
        "manifest.json", "tracks.npz", "layers", "instances", "parts",
        "entities_bodies", "entities_parts", "heat_bodies", "heat_parts",
    }  # fmt: skip
    less = replace(view, images={"instances": view.images["instances"]})
    assert {path.split("/")[0] for path, _ in bundle.files(prepared, less)} == {
        "tracks.npz",
        "layers",
        "instances",
    }


def test_same_views_same_bytes(shot):
    prepared, view = shot
    first, second = (bundle.zipped(prepared, view, {}) for _ in range(2))
    assert np.array_equal(first, second)
