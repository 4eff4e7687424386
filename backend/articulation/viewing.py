"""Views of part and body: what a learned model is shown, and how motions look in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.articulation.kinematics import transforms
from backend.articulation.problem import Progress, silent
from backend.articulation.subject import Subject
from backend.geometry.mesh import Mesh
from backend.geometry.surface import Motions
from backend.pictures import looks, studio
from backend.pictures.variations import Variations
from backend.views.cameras import Pinhole

Values = NDArray[np.float64]
Pictures = NDArray[np.uint8]

candidates = 5  # cameras that are tried for each that is wanted
most_drags = 10  # that a model takes
hidden = 0.02  # of the object's diagonal: what is this far behind a surface is not seen
clear_length = 0.15  # of the picture: a drag this long says enough
clear_share = 0.03  # of the picture: a part this large does
batch = 160  # frames between two checks for cancel


@dataclass(frozen=True, eq=False)
class Views:
    """K square pictures of a subject, standing upright, with its drags in them.

    `before` (K, S, S, 3) uint8 is the rest pose, `drags` (K, D, 4) are (x0, y0, x1, y1) as
    shares of the picture. `turn` (3, 3) takes the subject's frame to the upright one, in which
    the cameras and actors stand; sizes are the subject's.
    """

    subject: Subject
    turn: Values
    actors: tuple[studio.Actor, studio.Actor]  # part, body
    light: studio.Light
    cameras: tuple[Pinhole, ...]
    before: Pictures
    drags: Values

    def __len__(self) -> int:
        return len(self.cameras)

    def at(self, size: int) -> Views:
        """Return the same views in pictures of another size."""
        cameras = tuple(resized(camera, size) for camera in self.cameras)
        shot = studio.shoot(self.actors, cameras, self.light, frames=len(cameras))
        return replace(self, cameras=cameras, before=shot.colour)

    def moved(
        self, k: int, motions: Motions, values: Values, progress: Progress = silent
    ) -> Pictures:
        """Return what view k sees of the part moved by each motion (H,) to its value (H,):
        (H, S, S, 3).
        """
        view = self._stage.before(self.cameras[k], self.light)
        poses = _about(self.turn, transforms(motions, values))
        pictures = [view.pictures(poses[:0])]
        for start in range(0, len(poses), batch):
            progress.check()
            pictures.append(view.pictures(poses[start : start + batch]))
        return np.concatenate(pictures)

    @cached_property
    def _stage(self) -> Variations:
        part, body = self.actors
        return Variations(part, [body])

    @cached_property
    def in_world(self) -> tuple[Pinhole, ...]:
        """The cameras in world."""
        return tuple(self._in_world(camera) for camera in self.cameras)

    def _in_world(self, camera: Pinhole) -> Pinhole:
        frame = self.subject.frame
        pose = np.eye(4)
        pose[:3, :3] = frame.axes.T @ self.turn.T @ camera.pose[:3, :3]
        pose[:3, 3] = frame.world(self.turn.T @ camera.pose[:3, 3])
        near, far = camera.near * frame.scale, camera.far * frame.scale
        return replace(camera, pose=pose, near=near, far=far)


def look_around(subject: Subject, count: int, size: int, *, look: str, seed: int) -> Views | None:
    """Return `count` views in which the part is seen and the drags can be, or fewer, or None.

    Of several times as many random cameras those stay that see the drags' starts and see the
    drags long: none looks along them.
    """
    turn = upright(subject)
    part, body = (_turned(solid.mesh, turn) for solid in (subject.part, subject.body))
    actors = _actor(part, look, seed), _actor(body, look, seed + 1)
    light = studio.light(seed)
    cameras = studio.cameras_around([part, body], candidates * count, seed, size)
    drags = subject.drags[:most_drags] @ turn.T
    shots = _tried(actors, cameras, light, drags)
    best = sorted(shots, key=lambda shot: -shot.worth)[:count]
    if not best:
        return None
    return Views(
        subject,
        turn,
        actors,
        light,
        tuple(shot.camera for shot in best),
        np.stack([shot.picture for shot in best]),
        np.stack([shot.drags for shot in best]),
    )


@dataclass(frozen=True, eq=False)
class _Shot:
    camera: Pinhole
    picture: Pictures
    drags: Values
    worth: float


def _tried(
    actors: tuple[studio.Actor, studio.Actor],
    cameras: list[Pinhole],
    light: studio.Light,
    drags: Values,
) -> list[_Shot]:
    """The shots of cameras before which all drags end, and how much of the drags they show."""
    projected = [camera.project(drags) for camera in cameras]
    frames = len(cameras)
    shot = studio.shoot(actors, cameras, light, frames=frames, layers=("parts", "depth"))
    assert shot.parts is not None and shot.depth is not None
    found = []
    for k, (spots, depth) in enumerate(projected):
        if not (depth > cameras[k].near).all():
            continue
        size = cameras[k].width
        covers = float((shot.parts[k] == 1).mean())
        seen = _seen(shot.depth[k], spots[:, 0], depth[:, 0])
        length = np.linalg.norm(spots[:, 1] - spots[:, 0], axis=1) / size
        worth = seen.mean() + _enough(length / clear_length).mean() + _enough(covers / clear_share)
        found.append(
            _Shot(cameras[k], shot.colour[k], (spots / size).reshape(-1, 4), float(worth))
        )
    return found


def _enough(amount: Values | float) -> Values:
    """How much of enough there is: up to 1, with a little for more."""
    return np.minimum(amount, 1.0) + 0.1 * np.log1p(amount)


def _seen(depths: Values, spots: Values, depth: Values) -> NDArray[np.bool_]:
    """Whether points (D,) are on the surface that the picture shows around their pixels."""
    size = len(depths)
    column, row = np.clip(np.floor(spots).astype(int), 0, size - 1).T
    around = np.pad(depths, 1, mode="edge")
    farthest = np.max([around[row + i, column + j] for i in range(3) for j in range(3)], axis=0)
    return depth <= farthest + hidden


def upright(subject: Subject) -> Values:
    """Return the rotation (3, 3) of the subject's frame to one like world in which up is +z."""
    up = subject.frame.world_direction(subject.up)
    return _raising(up) @ subject.frame.axes.T


def _raising(up: Values) -> Values:
    """The least rotation that takes a unit vector to +z; none where there is no vector."""
    sine, cosine = np.linalg.norm(up[:2]), up[2]
    if sine < 1e-9:
        return np.eye(3) if cosine >= 0.0 else np.diag([1.0, -1.0, -1.0])
    about = np.array([up[1], -up[0], 0.0]) / sine
    cross = np.cross(np.eye(3), about)
    return np.eye(3) + sine * cross + (1.0 - cosine) * cross @ cross


def _turned(mesh: Mesh, turn: Values) -> Mesh:
    return Mesh(mesh.vertices @ turn.T, mesh.faces)


def _actor(mesh: Mesh, look: str, seed: int) -> studio.Actor:
    return studio.Actor(mesh, looks.clay(mesh) if look == "clay" else looks.colours(mesh, seed))


def _about(turn: Values, poses: Values) -> Values:
    """Transforms (H, 4, 4) of the subject's frame as those of the upright one."""
    there = np.eye(4)
    there[:3, :3] = turn
    return there @ poses @ there.T


def resized(camera: Pinhole, size: int) -> Pinhole:
    """Return a square camera with pictures of another size."""
    share = size / camera.width
    (fx, fy), (x, y) = camera.focal, camera.centre
    focal, centre = (fx * share, fy * share), (x * share, y * share)
    return replace(camera, focal=focal, centre=centre, width=size, height=size)
