"""Run by the backend's Python: what cameras see of a scene in JSON, as npz.

    python -m tests.blender.views_by_backend SCENE.json OUT.npz [FRAME.exr ...]

Writes each view's tracks, camera settings and images, and the passes of Blender's frames.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import OpenEXR

from backend.geometry.mesh import Mesh
from backend.views.cameras import Pinhole
from backend.views.engine import Wish, prepare, render
from backend.views.manifest import described
from backend.views.scene import Body, Part, Scene
from protocol.views import Rig


def scene_of(tree: dict) -> Scene:
    bodies = [
        Body(
            body["name"],
            (
                Part(
                    body["name"],
                    Mesh(np.array(body["vertices"]), np.array(body["faces"], np.int32)),
                    np.array(body["motion"]) if body["motion"] else None,
                ),
            ),
            bool(body["motion"]),
        )
        for body in tree["bodies"]
    ]
    return Scene(tuple(bodies), tree["frames"])


def cameras_of(tree: dict) -> tuple[Pinhole, ...]:
    return tuple(
        Pinhole(c["name"], np.array(c["pose"]), c["focal"], c["centre"], c["width"], c["height"])
        for c in tree["cameras"]
    )


def passes(path: str) -> dict[str, np.ndarray]:
    """Depth and object index of a frame that Blender has written."""
    with OpenEXR.File(path, separate_channels=True) as file:
        channels = {
            name: np.array(channel.pixels)
            for part in file.parts
            for name, channel in part.channels.items()
        }
    depth = next(image for name, image in channels.items() if name.endswith("Depth.Z"))
    index = next(
        image for name, image in channels.items() if "IndexOB" in name or "Object Index" in name
    )
    return {"depth": depth, "index": index}


def main(source: str, out: str, *frames: str) -> None:
    tree = json.loads(Path(source).read_text())
    cameras = cameras_of(tree)
    rig = Rig(width=96, height=64) if tree["rig"] else None
    wish = Wish(cameras, rig, ("depth", "instances"), unclear="keep", tracks=6)
    prepared = prepare(scene_of(tree), wish)
    found: dict[str, np.ndarray] = {"world": prepared.tracks.ways}
    settings = []
    for k, view in enumerate(render(prepared)):
        found |= {f"{name}_{k}": image for name, image in view.images.items()}
        found[f"tracks_{k}"] = view.tracks
        settings.append(described(view.camera))
    for k, path in enumerate(frames):
        found |= {f"blender_{name}_{k}": image for name, image in passes(path).items()}
    found["settings"] = np.array(json.dumps(settings))
    np.savez(out, **found)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(*sys.argv[1:])
