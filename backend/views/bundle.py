"""A view as files: OpenEXR frames, PNG masks, tracks as npz. Whoever reads them needs no Tug."""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray
from PIL import Image

from backend.views.clips import shown, shown_frames
from backend.views.engine import Prepared, Progress, View, silent

exr: Any = OpenEXR  # it has no types
discs = {"entities": ("entities_bodies", "entities_parts"), "heat": ("heat_bodies", "heat_parts")}
masks = ("instances", "parts")
most_shown = 4_000_000  # points of tracks that are written out for a clip


def files(
    prepared: Prepared, view: View, progress: Progress = silent
) -> Iterator[tuple[str, bytes]]:
    """Yield a view's files, path and content, without its manifest. Raises Cancelled."""
    yield "tracks.npz", tracks_file(prepared, view)
    with tempfile.TemporaryDirectory(prefix="tug-") as folder:
        draft = Path(folder) / "frame.exr"
        for frame in range(prepared.scene.frames):
            progress.check()
            name = f"{prepared.scene.first + frame:04d}"
            if channels := channels_of(view.images, frame):
                yield f"layers/{name}.exr", _exr(channels, draft)
            for path, image in pictures(view.images, frame):
                yield f"{path}/{name}.png", _png(image)


def tracks_file(prepared: Prepared, view: View) -> bytes:
    """tracks.npz: see the manifest's conventions."""
    names = prepared.tracks.names
    content = io.BytesIO()
    slowed = {}
    for k, clip in enumerate(view.clips):
        if (clip.last - clip.first) * clip.slower * len(names) > most_shown:
            continue
        slowed[f"clip{k}_frames"] = shown_frames(clip)
        slowed[f"clip{k}_tracks"] = shown(clip, view.tracks, prepared.scene.first)
    np.savez_compressed(
        content,
        tracks=view.tracks,
        depths=view.depths,
        visible=view.visible,
        world=prepared.tracks.ways.astype(np.float32),
        body=np.array([body for body, _, _ in names]),
        part=np.array([part for _, part, _ in names]),
        point=np.array([point for _, _, point in names], np.int32),
        clips=np.array([(clip.first, clip.last, clip.slower) for clip in view.clips], float),
        **slowed,
    )
    return content.getvalue()


def channels_of(images: Mapping[str, NDArray], frame: int) -> dict[str, NDArray]:
    """The channels of a frame's EXR file."""
    found: dict[str, NDArray] = {}
    if "depth" in images:
        found["depth.Z"] = images["depth"][frame]
    if "normals" in images:
        normals = images["normals"][frame].astype(np.float32)
        length = np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1.0)
        for axis, letter in enumerate("XYZ"):
            found[f"normals.{letter}"] = (normals / length)[..., axis].astype(np.float16)
    if "flow" in images:
        found["flow.X"], found["flow.Y"] = np.moveaxis(images["flow"][frame], 2, 0)
    for name in masks:
        if name in images:
            found[f"{name}.id"] = images[name][frame].astype(np.uint32)
    return {name: np.ascontiguousarray(channel) for name, channel in found.items()}


def pictures(images: Mapping[str, NDArray], frame: int) -> Iterator[tuple[str, NDArray]]:
    """The frame's grey images by folder."""
    for name in masks:
        if name in images:
            yield name, images[name][frame]
    for name, folders in discs.items():
        if name in images:
            for which, folder in enumerate(folders):
                yield folder, np.ascontiguousarray(images[name][frame, :, :, which])


def zipped(
    prepared: Prepared, view: View, manifest: Mapping[str, Any], progress: Progress = silent
) -> NDArray[np.uint8]:
    """A view's archive with its manifest, as bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:  # the files are compressed as they are
        _add(archive, "manifest.json", as_json(manifest))
        for path, data in files(prepared, view, progress):
            _add(archive, path, data)
    return np.frombuffer(content.getbuffer(), np.uint8)


def write(prepared: Prepared, view: View, folder: Path, progress: Progress = silent) -> None:
    """Write a view's files into a folder, without its manifest."""
    for path, data in files(prepared, view, progress):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def as_json(manifest: Mapping[str, Any]) -> bytes:
    return json.dumps(manifest, indent=1).encode()


def _add(archive: zipfile.ZipFile, path: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))  # same views, same bytes
    archive.writestr(entry, data)


def _exr(channels: Mapping[str, NDArray], draft: Path) -> bytes:
    header = {"compression": exr.ZIP_COMPRESSION, "type": exr.scanlineimage}
    with exr.File(header, dict(channels)) as file:
        file.write(os.fspath(draft))
    return draft.read_bytes()


def _png(image: NDArray) -> bytes:
    content = io.BytesIO()
    Image.fromarray(image).save(content, "PNG", compress_level=3)
    return content.getvalue()
