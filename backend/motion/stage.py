"""The scene that movers move in: what is below a point, and what is in a mover's way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.geometry.mesh import Mesh, areas_and_normals, without_slivers

Floats = NDArray[np.float64]
most_layers = 12  # surfaces above each other that are looked at
walkable = 0.5  # cosine of the steepest ground


@dataclass(frozen=True, eq=False)
class Piece:
    """A named part of the scene."""

    name: str
    mesh: Mesh


class Stage:
    """Pieces in a frame that Warp's float32 likes: `centre` is zero there and `scale` one."""

    def __init__(self, pieces: Sequence[Piece], up: ArrayLike, around: Floats) -> None:
        self.pieces = tuple(piece for piece in pieces if len(piece.mesh.faces))
        self.up = np.asarray(up, np.float64)
        meshes = [piece.mesh for piece in self.pieces]
        starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
        vertices = np.concatenate([np.zeros((0, 3)), *(mesh.vertices for mesh in meshes)])
        faces = [mesh.faces + np.int32(start) for mesh, start in zip(meshes, starts, strict=False)]
        whole = Mesh(vertices, np.concatenate([np.zeros((0, 3), np.int32), *faces]))
        owner = np.repeat(np.arange(len(meshes)), [len(mesh.faces) for mesh in meshes])
        areas, normals = areas_and_normals(whole)
        good = without_slivers(whole, areas)
        self.mesh = Mesh(whole.vertices, whole.faces[good])
        self.owner, self.normals, self.areas = owner[good], normals[good], areas[good]
        points = np.concatenate([around, self.mesh.corners.reshape(-1, 3)])
        low, high = points.min(axis=0), points.max(axis=0)
        self.centre = 0.5 * (low + high)
        self.scale = max(float((high - low).max()), 1e-12)
        self.top = float((points @ self.up).max())

    def __len__(self) -> int:
        return len(self.mesh.faces)

    def inside(self, points: Floats) -> Floats:
        """Return world points in the frame of the queries."""
        return (points - self.centre) / self.scale

    def scaled(self, poses: Floats) -> Floats:
        """Return world transforms (N, 4, 4) between points of the frame of the queries."""
        found = poses.copy()
        turned = poses[:, :3, :3] @ self.centre
        found[:, :3, 3] = (poses[:, :3, 3] + turned - self.centre) / self.scale
        return found

    @cached_property
    def surface(self):
        """All of it, for rays and nearest points."""
        from backend.geometry.surface import Surface

        return Surface(Mesh(self.inside(self.mesh.vertices), self.mesh.faces))

    def below(self, points: Floats) -> tuple[Floats, NDArray[np.int32]]:
        """Return the heights (N,) of what is first below points, and its faces; -inf and -1."""
        if not len(self):
            return np.full(len(points), -np.inf), np.full(len(points), -1, np.int32)
        gone, face = self.surface.cast(self.inside(points), -self.up)
        return np.where(face >= 0, points @ self.up - gone * self.scale, -np.inf), face

    def layers(self, points: Floats) -> Floats:
        """Return the heights (N, K) of all ground above and below points; -inf fills up."""
        lift = self.top + 0.01 * self.scale - points @ self.up
        starts = points + lift[:, None] * self.up
        found = []
        for _ in range(most_layers):
            heights, face = self.below(starts)
            if (face < 0).all():
                break
            level = np.abs(self.normals[face] @ self.up) > walkable
            found.append(np.where((face >= 0) & level, heights, -np.inf))
            drop = np.where(face >= 0, starts @ self.up - heights + 2e-5 * self.scale, 0.0)
            starts = starts - drop[:, None] * self.up
            starts[face < 0] -= 10.0 * self.scale * self.up
        return np.stack(found, axis=1) if found else np.full((len(points), 1), -np.inf)
