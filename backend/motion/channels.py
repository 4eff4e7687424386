"""The keys of a mover: location, rotation and joints, as few as the tolerance lets.

The tolerance is shared between them: how far a location strays, a rotation at the mover's
farthest corner, and a joint at the end of its arm. It is measured in the end as the way of the
box's corners (or of the arm's end) at whole frames, by reading the keys as Blender does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from backend.motion import fcurve, orientation, steps
from backend.motion.bodies import Body
from backend.motion.keys import reduced
from protocol.animation import ChannelPath, RotationMode

if TYPE_CHECKING:
    from backend.motion.engine import Drive

Floats = NDArray[np.float64]
location_share, rotation_share, joint_share = 0.5, 0.45, 0.95
tries = 10


@dataclass(frozen=True, eq=False)
class Curve:
    """The keys (K, 6) of one number: see `protocol.animation.Channel`."""

    path: ChannelPath
    index: int
    link: int
    keys: Floats


def channels_of(
    drive: Drive, tolerance: float, proceed: Callable[[], None]
) -> tuple[tuple[Curve, ...], float]:
    """Return the keys and how far they stray, as a share of the size."""
    body, frames, whole = drive.body, drive.frames, drive.whole
    basis = Basis(body, drive.root)
    kinks = _kinks(drive)
    allowed = tolerance * body.size
    best: tuple[tuple[Curve, ...], float] | None = None
    share = 2.5  # they seldom stray all together
    whole_kinks = [kink for kink in kinks if abs(kink - round(kink)) < 1e-3]
    for attempt in range(tries):
        cuts = kinks if attempt < tries - 2 else whole_kinks
        curves = _placing(basis, frames, share * allowed, cuts, proceed)
        strays = basis.strays(curves, frames[whole], whole) / body.size
        if best is None or strays < best[1] or strays <= tolerance:
            best = curves, strays
        if strays <= tolerance:
            break
        share *= 0.8
    assert best is not None
    curves, strays = best
    if strays > tolerance:
        curves = _placing(basis, frames[whole], 0.0, [], proceed, basis.at(whole))
        strays = basis.strays(curves, frames[whole], whole) / body.size
    for link in range(len(body.parts)):
        values = drive.joints[:, link]
        if not values.any():
            continue
        proceed()
        reach = max(body.reach(link), 1e-9)
        own = [*kinks, *steps.kinks(body, body.timing, link)]
        keys, off = _joint(frames, values, whole, allowed / reach, own, proceed)
        curves = (*curves, Curve("joint", 0, link, keys))
        strays = max(strays, off * reach / body.size)
    return curves, strays


def _joint(
    frames: Floats,
    values: Floats,
    whole: slice,
    allowed: float,
    kinks: list[float],
    proceed: Callable[[], None],
) -> tuple[Floats, float]:
    """Keys of a joint, and how far they stray; at each frame where fewer will not do."""
    for times in (frames, frames[whole]):
        dense = len(times) == len(frames)
        tolerance = joint_share * allowed if dense else 0.0
        keys = reduced(
            times, values if dense else values[whole], tolerance, kinks if dense else [], proceed
        )
        off = float(np.abs(fcurve.evaluate(keys, frames[whole]) - values[whole]).max())
        if off <= allowed:
            break
    return keys, off


def _kinks(drive: Drive) -> list[float]:
    """When the motion may change its speed at once."""
    timing = drive.body.timing
    times, _ = orientation.crossings(drive.body.way, drive.along, drive.frames)
    found = [timing.start, timing.arrival, *times.tolist()]
    if drive.body.orientation not in ("keep", "look_at"):
        for a, b in orientation.windows(
            *orientation.crossings(drive.body.way, drive.along, drive.frames), drive.frames
        ):
            found += [float(drive.frames[a]), float(drive.frames[b])]
    return found


def _placing(
    basis: Basis,
    frames: Floats,
    allowed: float,
    kinks: list[float],
    proceed: Callable[[], None],
    values: tuple[Floats, Floats] | None = None,
) -> tuple[Curve, ...]:
    """Keys of location and rotation, `allowed` in world units."""
    places, turned_to = values or (basis.location, basis.rotation)
    far = location_share * allowed / basis.stretch / np.sqrt(3.0)
    found = [
        Curve("location", k, 0, reduced(frames, places[:, k], far, kinks, proceed))
        for k in range(3)
    ]
    turned = rotation_share * allowed / max(basis.arm, 1e-12) / np.sqrt(3.0)
    if basis.mode == "quaternion":
        turned *= 0.5
    return (
        *found,
        *(
            Curve("rotation", k, 0, reduced(frames, column, turned, kinks, proceed))
            for k, column in enumerate(turned_to.T)
        ),
    )


class Basis:
    """What Blender keeps of a motion: location (N, 3) and rotation (N, 3 or 4) below a parent."""

    def __init__(self, body: Body, root: Floats) -> None:
        self.body = body
        self.mode: RotationMode = body.rotation
        self.matrix = np.linalg.inv(body.parent) @ root @ body.frame
        self.location = self.matrix[:, :3, 3]
        turned = turned_of(self.matrix)
        self.scale = np.linalg.inv(turned[0]) @ self.matrix[0, :3, :3]
        self.rotation = as_channels(turned, body.rotation)
        self.stretch = max(float(np.linalg.norm(body.parent[:3, :3], 2)), 1e-12)
        at = np.linalg.inv(body.frame)
        self.local = body.corners @ at[:3, :3].T + at[:3, 3]
        self.arm = float(np.linalg.norm(self.local @ self.scale.T, axis=1).max()) * self.stretch

    def at(self, chosen: slice) -> tuple[Floats, Floats]:
        """Location and rotation at some of the frames."""
        return self.location[chosen], self.rotation[chosen]

    def strays(self, curves: tuple[Curve, ...], frames: Floats, whole: slice) -> float:
        """How far the corners of the box come from where they should be at most."""
        values = {(c.path, c.index): fcurve.evaluate(c.keys, frames) for c in curves}
        place = np.stack([values["location", k] for k in range(3)], axis=1)
        count = 4 if self.mode == "quaternion" else 3
        rotation = np.stack([values["rotation", k] for k in range(count)], axis=1)
        turned = as_matrices(rotation, self.mode) @ self.scale
        found = np.einsum("nij,pj->npi", turned, self.local) + place[:, None]
        exact = self.matrix[whole]
        wanted = np.einsum("nij,pj->npi", exact[:, :3, :3], self.local) + exact[:, None, :3, 3]
        off = (found - wanted) @ self.body.parent[:3, :3].T
        return float(np.linalg.norm(off, axis=2).max())


def turned_of(matrices: Floats) -> Floats:
    """The rotations (N, 3, 3) of matrices, as Blender takes scale out of them."""
    columns = matrices[:, :3, :3]
    found = columns / np.maximum(np.linalg.norm(columns, axis=1, keepdims=True), 1e-300)
    found = np.where(np.linalg.det(found)[:, None, None] < 0.0, -found, found)
    u, _, v = np.linalg.svd(found)
    skewed = np.abs(found @ found.transpose(0, 2, 1) - np.eye(3)).max(axis=(1, 2)) > 1e-9
    return np.where(skewed[:, None, None], u @ v, found)


def as_channels(turned: Floats, mode: RotationMode) -> Floats:
    """Angles about x, y, z (N, 3) or quaternions w, x, y, z (N, 4), without jumps."""
    rotation = Rotation.from_matrix(turned)
    if mode == "quaternion":
        found = rotation.as_quat()[:, [3, 0, 1, 2]]
        flips = np.where((found[1:] * found[:-1]).sum(axis=1) < 0.0, -1.0, 1.0)
        found[1:] *= np.cumprod(flips)[:, None]
        return found if found[0, 0] >= 0.0 else -found
    places = ["xyz".index(letter) for letter in mode]
    angles = rotation.as_euler(mode)  # about fixed axes in this order, as Blender's order is
    found = np.empty_like(angles)
    found[:, places] = _unwound(angles)
    return found


def as_matrices(values: Floats, mode: RotationMode) -> Floats:
    """The rotations (N, 3, 3) of channels."""
    if mode == "quaternion":
        return Rotation.from_quat(values[:, [1, 2, 3, 0]]).as_matrix()
    places = ["xyz".index(letter) for letter in mode]
    return Rotation.from_euler(mode, values[:, places]).as_matrix()


def _unwound(angles: Floats) -> Floats:
    """The same rotations (N, 3) with each as near to the one before as its two forms allow."""
    found = angles.copy()
    for i in range(1, len(found)):
        a, b, c = angles[i]
        forms = np.array([[a, b, c], [a + np.pi, np.pi - b, c + np.pi]])
        forms = found[i - 1] + (forms - found[i - 1] + np.pi) % (2.0 * np.pi) - np.pi
        found[i] = forms[np.argmin(np.abs(forms - found[i - 1]).sum(axis=1))]
    return found
