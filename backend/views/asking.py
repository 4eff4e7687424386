"""What rigs and cameras are refused. The gateway asks: nothing heavy is imported here."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from protocol.errors import failure
from protocol.views import Camera, Rig


def check_camera(camera: Camera) -> NDArray[np.float64]:
    """Return a camera's pose (4, 4). Raises TugError bad_input where it is none."""
    pose = np.asarray(camera.pose, np.float64)
    called = f"The camera '{camera.name[:80]}'"
    if not np.isfinite(pose).all() or np.linalg.det(pose[:3, :3]) <= 0.0:
        raise failure("bad_input", f"{called} has a pose that is mirrored or no pose at all.")
    lengths = np.linalg.norm(pose[:3, :3], axis=0)
    turn = pose[:3, :3] / lengths
    if np.abs(turn.T @ turn - np.eye(3)).max() > 1e-4:
        raise failure("bad_input", f"{called} is sheared: apply the scale of what it hangs on.")
    numbers = (*camera.focal, *camera.centre, camera.near, camera.far)
    if not np.isfinite(numbers).all() or min(camera.focal) <= 0.0:
        raise failure("bad_input", f"{called} needs a focal length above 0 and a finite centre.")
    if not 0.0 < camera.near < camera.far:
        raise failure("bad_input", f"{called} needs 0 < near < far.")
    return pose


def check_rig(rig: Rig) -> None:
    """Refuse a rig that cannot be built. Raises TugError bad_input."""
    values = (*rig.azimuths, *rig.elevations, rig.field, rig.margin)
    if not np.isfinite(values).all():
        raise failure("bad_input", "The rig has angles that are NaN or infinite: set them anew.")
    if any(abs(elevation) > 0.5 * math.pi + 1e-9 for elevation in rig.elevations):
        raise failure("bad_input", "A rig's elevations lie between -90 and 90 degrees.")
    if not math.radians(0.1) <= rig.field <= math.radians(170.0):
        raise failure("bad_input", "A rig's angle of view lies between 0.1 and 170 degrees.")
    if not 0.0 <= rig.margin <= 0.45:
        raise failure("bad_input", "A rig's margin lies between 0 and 0.45 of the picture.")
