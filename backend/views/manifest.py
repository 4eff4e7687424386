"""manifest.json: all that one must know to read a bundle of views without Tug."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from backend.views.cameras import Pinhole
from backend.views.engine import Prepared, View
from protocol import version

conventions = {
    "world": "right-handed, z up, lengths in Blender units",
    "pixels": "x right, y down, from the outer corner of the top left pixel, whose middle is "
    "(0.5, 0.5); images are rows from the top",
    "camera_blender": "camera_to_world: columns x right, y up, z back (the camera looks along -z)",
    "lens_blender": "the settings of a Blender camera and, pixel_aspect, of the scene's render",
    "camera_opencv": "world_to_camera: x right, y down, z ahead; pixel = K (x/z, y/z, 1)",
    "frames": "file NNNN.ext is frame NNNN; arrays have frame `first` at index 0",
    "tracks": "tracks.npz: tracks (T, N, 2) pixels, NaN behind the camera; depths (T, N) along "
    "the camera's axis; visible (T, N) 0 or 1; world (T, N, 3); body, part, point (N,) say what "
    "each follows, point 0 the middle, part empty for a whole body; clipK_frames (S,) the frame "
    "numbers that are shown of clip K and clipK_tracks (S, N, 2) where the tracks are then",
    "depth": "layers/NNNN.exr, channel depth.Z, 32 bit float: distance along the camera's axis "
    "in Blender units, infinity where nothing is",
    "normals": "layers/NNNN.exr, channels normals.X, .Y, .Z, 16 bit float: unit normal of the "
    "face seen, towards the camera, in the camera's axes x right, y up, z back; 0 where nothing is",
    "flow": "layers/NNNN.exr, channels flow.X, .Y, 16 bit float: pixels (x right, y down) that "
    "what is seen there moves until the next frame; 0 in the last frame and where nothing moves",
    "instances": "layers/NNNN.exr, channel instances.id, 32 bit integer, and instances/NNNN.png, "
    "16 bit grey: the `id` of the body seen, 0 where nothing is",
    "parts": "layers/NNNN.exr, channel parts.id, 32 bit integer, and parts/NNNN.png, 16 bit "
    "grey: the `id` of the part seen, 0 where nothing is",
    "entities": "entities_bodies/NNNN.png and entities_parts/NNNN.png, 16 bit grey: discs of the "
    "`id` about the middles of tracked bodies and of their parts, radius that of the largest "
    "circle in the mask, at most 50 pixels in a picture of 320 rows; later ones lie over earlier",
    "heat": "heat_bodies/NNNN.png and heat_parts/NNNN.png, 8 bit grey, 0 to 255: Gaussians in the "
    "same discs, of deviation 0.4 times the radius",
    "clips": "frames `first` to `last` of a view, each clip beginning at the frame that the one "
    "before ended at; shown `slower` times as slow, that is with every step between two frames "
    "spread over `slower` shown ones, no track goes more than `fastest` pixels a shown frame",
    "along": "angle in radians between the motion and the camera's axis, pi/2 the clearest",
}


def manifest(
    prepared: Prepared, views: Sequence[View], notes: Sequence[str], *, folders: bool
) -> dict[str, Any]:
    """The manifest of these views, each in a folder of its own or (a single one) in none."""
    scene, wish = prepared.scene, prepared.wish
    return {
        "format": "tug views",
        "version": 1,
        "software": f"{version.product} {version.software}",
        "frames": {
            "first": scene.first,
            "last": scene.first + scene.frames - 1,
            "count": scene.frames,
            "fps": scene.fps,
        },
        "layers": list(wish.layers),
        "conventions": conventions,
        "bodies": _bodies(prepared),
        "tracks": [
            {"body": body, "part": part, "point": point}
            for body, part, point in prepared.tracks.names
        ],
        "asked": {
            "unclear": wish.unclear,
            "clear": float(wish.clear),
            "fastest": wish.fastest,
            "tracks": wish.tracks,
            "seed": wish.seed,
        },
        "views": [_view(view, view.camera.name if folders else "") for view in views],
        "notes": list(notes),
    }


def _bodies(prepared: Prepared) -> list[dict[str, Any]]:
    found, part_id = [], 0
    for index, body in enumerate(prepared.scene.bodies):
        parts = []
        for part in body.parts:
            part_id += 1
            parts.append({"name": part.name, "id": part_id})
        row = {"name": body.name, "id": index + 1, "tracked": body.tracked, "parts": parts}
        found.append(row)
    return found


def _view(view: View, folder: str) -> dict[str, Any]:
    return {
        "name": view.camera.name,
        "folder": folder,
        "replaces": view.replaces,
        "along": view.along,
        "fastest": view.fastest,
        "clips": [
            {"first": clip.first, "last": clip.last, "slower": clip.slower} for clip in view.clips
        ],
        "camera": described(view.camera),
    }


def described(camera: Pinhole) -> dict[str, Any]:
    """A camera in OpenCV's and in Blender's terms."""
    fx, fy = camera.focal
    cx, cy = camera.centre
    return {
        "width": camera.width,
        "height": camera.height,
        "near": camera.near,
        "far": camera.far,
        "K": [[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]],
        "opencv": {"world_to_camera": camera.view.tolist()},
        "blender": {
            "camera_to_world": camera.pose.tolist(),
            **_lens(camera),
        },
    }


def _lens(camera: Pinhole) -> dict[str, Any]:
    """Blender's settings of the same lens."""
    (fx, fy), (cx, cy) = camera.focal, camera.centre
    return {
        "sensor_fit": "HORIZONTAL",
        "angle": 2.0 * math.atan(0.5 * camera.width / fx),
        "shift_x": (0.5 * camera.width - cx) / camera.width,
        "shift_y": (cy - 0.5 * camera.height) / camera.width * (fx / fy),
        "pixel_aspect_x": max(1.0, fy / fx),
        "pixel_aspect_y": max(1.0, fx / fy),
    }
