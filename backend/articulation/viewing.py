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
from backend.models.dragapart.config import preset
from backend.pictures import dragged, looks, studio
from backend.pictures.variations import Variations
from backend.views.cameras import Pinhole

Values = NDArray[np.float64]
Pictures = NDArray[np.uint8]

most_drags = preset("small").drags  # that the models take
tiny = 0.15  # of the object: a part that reaches no farther is looked at from close by
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
        cameras = tuple(dragged.camera_of(camera, size) for camera in self.cameras)
        shot = studio.shoot(self.actors, cameras, self.light, frames=len(cameras))
        return replace(self, cameras=cameras, before=shot.colour)

    def moved(
        self, k: int, motions: Motions, values: Values, progress: Progress = silent
    ) -> Pictures:
        """Return what view k sees of the part moved by each motion (H,) to its value (H,):
        (H, S, S, 3).
        """
        view = self._stage.before(self.cameras[k], self.light)
        poses = self.poses(motions, values)
        pictures = [view.pictures(poses[:0])]
        for start in range(0, len(poses), batch):
            progress.check()
            pictures.append(view.pictures(poses[start : start + batch]))
        return np.concatenate(pictures)

    def poses(self, motions: Motions, values: Values) -> Values:
        """Return the transforms (H, 4, 4) of the part's actor by each motion at its value (H,)."""
        there = np.eye(4)
        there[:3, :3] = self.turn
        return there @ transforms(motions, values) @ there.T

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


def look_around(subject: Subject, count: int, size: int, *, seed: int) -> Views | None:
    """Return up to `count` views that show the drags well; None where no camera shows them."""
    turn = upright(subject)
    part, body = (_turned(solid.mesh, turn) for solid in (subject.part, subject.body))
    actors = (
        studio.Actor(part, looks.colours(part, seed)),
        studio.Actor(body, looks.colours(body, seed + 1)),
    )
    light = studio.light(seed)
    drags = subject.drags @ turn.T
    framed = _framed(part, body, drags)
    found = dragged.best(actors, light, drags, count, size=size, seed=seed, framed=framed)
    if not found:
        return None
    return Views(
        subject,
        turn,
        actors,
        light,
        tuple(view.camera for view in found),
        np.stack([view.picture for view in found]),
        np.stack([view.drags for view in found]),
    )


def _framed(part: Mesh, body: Mesh, drags: Values) -> list[Mesh]:
    """All of the object; or, where the part would be tiny in the picture, what is around it."""
    points = np.concatenate([part.vertices, drags.reshape(-1, 3)])
    low, high = points.min(axis=0), points.max(axis=0)
    reach = np.linalg.norm(high - low)
    if reach > tiny * np.linalg.norm(np.ptp(np.concatenate([points, body.vertices]), axis=0)):
        return [part, body]
    corners = np.array(np.meshgrid(*zip(low - 0.5 * reach, high + 0.5 * reach, strict=True)))
    return [Mesh(corners.reshape(3, -1).T, np.array([[0, 1, 2], [3, 4, 5], [5, 6, 7]], np.int32))]


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
