"""What is looked at: bodies of parts that stand still, move rigidly or bend, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.geometry.mesh import Mesh, areas_and_normals
from protocol.errors import failure

Points = NDArray[np.float64]
chunk_points = 1_000_000  # that are looked at in one go


@dataclass(frozen=True, eq=False)
class Part:
    """A mesh in the world as sent, and how it moves.

    `motion` (T, 4, 4) moves it rigidly; of what bends, `shapes` (T, V, 3) are its vertices in
    world at each frame.
    """

    name: str
    mesh: Mesh
    motion: NDArray[np.float64] | None = None
    shapes: NDArray[np.float32] | None = None

    @cached_property
    def span(self) -> Points:
        """The vertices that span its convex hull."""
        return outermost(used(self.mesh))

    @cached_property
    def moves(self) -> bool:
        """Whether it is anywhere else at any frame."""
        way = self.motion if self.shapes is None else self.shapes
        return way is not None and bool((way[1:] != way[:1]).any())

    def at(self, frame: int) -> Points:
        """Its vertices in world at a frame, (V, 3)."""
        if self.shapes is not None:
            return self.shapes[frame].astype(np.float64)
        return carried(self.motion, self.mesh.vertices, frame)

    def ways(self, points: Points, weights: NDArray[np.float64] | None = None) -> Points:
        """Where points on it are at each frame, (T, N, 3); T is 1 where it stands still.

        Of what bends, `weights` (N, V) say how its vertices make up the points.
        """
        if self.shapes is not None and weights is not None:
            return np.stack([weights @ shape.astype(np.float64) for shape in self.shapes])
        if self.motion is None:
            return points[None]
        turned = np.einsum("tij,nj->tni", self.motion[:, :3, :3], points)
        return turned + self.motion[:, None, :3, 3]


@dataclass(frozen=True, eq=False)
class Body:
    """An object; what is not `tracked` is scenery."""

    name: str
    parts: tuple[Part, ...]
    tracked: bool = True


@dataclass(frozen=True, eq=False)
class Scene:
    """Bodies over `frames` frames, the first of which has the number `first`."""

    bodies: tuple[Body, ...]
    frames: int
    first: int = 1
    fps: float = 24.0

    @property
    def parts(self) -> list[tuple[int, Part]]:
        """All parts with the index of their body, in the order in which they are counted."""
        return [(k, part) for k, body in enumerate(self.bodies) for part in body.parts]

    @property
    def faces(self) -> int:
        return sum(len(part.mesh.faces) for _, part in self.parts)

    def extent(self) -> tuple[Points, Points]:
        """The corners of a box around everything at any frame, (3,) and (3,)."""
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        for _, part in self.parts:
            for points in swept(part) if part.moves else [part.at(0)]:
                low = np.minimum(low, points.min(axis=0))
                high = np.maximum(high, points.max(axis=0))
        return low, high


def carried(motion: NDArray[np.float64] | None, points: Points, frame: int) -> Points:
    """Where a motion has carried points by a frame."""
    if motion is None:
        return points
    return points @ motion[frame, :3, :3].T + motion[frame, :3, 3]


def swept(part: Part) -> Iterator[Points]:
    """Points whose convex hull holds the part at all frames, (N, 3) at a time."""
    if part.shapes is not None:
        step = max(1, chunk_points // max(1, part.shapes.shape[1]))
        for start in range(0, len(part.shapes), step):
            yield part.shapes[start : start + step].astype(np.float64).reshape(-1, 3)
        return
    points = part.span
    if part.motion is None:
        yield points
        return
    step = max(1, chunk_points // max(1, len(points)))
    for start in range(0, len(part.motion), step):
        poses = part.motion[start : start + step]
        turned = np.einsum("tij,nj->tni", poses[:, :3, :3], points) + poses[:, None, :3, 3]
        yield turned.reshape(-1, 3)


def used(mesh: Mesh) -> Points:
    """The vertices that faces use."""
    return mesh.vertices[np.unique(mesh.faces)]


def outermost(points: Points) -> Points:
    """Those of the points that span their convex hull; all where they lie in a plane."""
    from scipy.spatial import ConvexHull, QhullError

    if len(points) < 32:
        return points
    try:
        return points[ConvexHull(points).vertices]
    except QhullError:
        return points


def weights_of(mesh: Mesh) -> NDArray[np.float64]:
    """How much of the surface each vertex stands for, (V,), 1 in all."""
    areas, _ = areas_and_normals(mesh)
    if areas.sum() <= 0.0:
        areas = np.ones(len(mesh.faces))
    weights = np.bincount(
        mesh.faces.ravel(), np.repeat(areas / 3.0, 3), minlength=len(mesh.vertices)
    )
    return weights / weights.sum()


def checked(scene: Scene) -> Scene:
    """The scene itself. Raises TugError bad_input where it has nothing to follow or NaN."""
    if not any(body.tracked and body.parts for body in scene.bodies):
        raise failure(
            "bad_input",
            "Nothing is tracked: choose at least one object whose motion is to be seen.",
        )
    for body in scene.bodies:
        for part in body.parts:
            _check_part(body, part, scene.frames)
    return scene


def _check_part(body: Body, part: Part, frames: int) -> None:
    name = f"'{part.name[:80]}' of '{body.name[:80]}'"
    if not len(part.mesh.faces):
        raise failure("bad_input", f"{name} has no faces: leave it out, or give it some.")
    if not np.isfinite(part.mesh.vertices).all():
        raise failure("bad_input", f"{name} has vertices that are NaN or infinite: repair them.")
    for way, what in ((part.motion, "motion"), (part.shapes, "shapes")):
        if way is None:
            continue
        if len(way) != frames:
            raise failure(
                "bad_input",
                f"The {what} of {name} has {len(way)} frames and should have {frames}.",
            )
        if not np.isfinite(way).all():
            raise failure(
                "bad_input", f"The {what} of {name} has NaN or infinite values: animate it anew."
            )
    if part.shapes is not None and part.shapes.shape[1] != len(part.mesh.vertices):
        raise failure(
            "bad_input",
            f"The shapes of {name} have {part.shapes.shape[1]} vertices and its mesh has "
            f"{len(part.mesh.vertices)}.",
        )
