"""Queries against a triangle surface: closest points, inside tests and swept contact (Warp)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import warp
from numpy.typing import NDArray

from backend.geometry import kernels
from backend.geometry.mesh import Mesh

wp: Any = warp  # its stubs do not follow its own array types

Result = TypeVar("Result")
_pool = ThreadPoolExecutor(2)  # kernels on the CPU use one core each
far = 1e9  # "no contact on the way": larger than any joint value

# Irregular directions, so that no ray runs along the walls of axis-aligned models.
probe_directions = np.array(
    [
        [0.61, 0.37, 0.70],
        [-0.52, 0.79, 0.33],
        [0.23, -0.91, 0.34],
        [-0.71, -0.28, -0.65],
        [0.35, 0.52, -0.78],
    ]
)
probe_directions /= np.linalg.norm(probe_directions, axis=1, keepdims=True)


@dataclass(frozen=True, eq=False)
class Motions:
    """H one-parameter motions: `hinge` (H,) bool, unit `axis` (H, 3), `origin` (H, 3)."""

    hinge: NDArray[np.bool_]
    axis: NDArray[np.float64]
    origin: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.hinge)

    def take(self, chosen: Any) -> Motions:
        return Motions(self.hinge[chosen], self.axis[chosen], self.origin[chosen])


def stacked(pieces: Sequence[Motions]) -> Motions:
    """Return the motions of all pieces in one."""
    return Motions(
        np.concatenate([piece.hinge for piece in pieces]),
        np.concatenate([piece.axis for piece in pieces]),
        np.concatenate([piece.origin for piece in pieces]),
    )


def repeated(motion: Motions, count: int) -> Motions:
    """Return a single motion `count` times."""
    return motion.take(np.zeros(count, dtype=int))


def together(*jobs: Callable[[], Result]) -> Iterator[Result]:
    """Return the results of jobs that are mostly kernels and run at the same time, in order.

    A job must not call this itself.
    """
    started = [_pool.submit(job) for job in jobs]
    return (job.result() for job in started)


class Surface:
    """A mesh ready for queries. Keep its size near 1: Warp computes in float32."""

    def __init__(self, mesh: Mesh, device: str = "cpu") -> None:
        self.device = device
        self._mesh = wp.Mesh(
            points=vectors(mesh.vertices, device),
            indices=wp.array(mesh.faces.ravel(), dtype=wp.int32, device=device),
        )

    @property
    def id(self) -> Any:
        """What kernels call the mesh."""
        return self._mesh.id

    def closest(
        self, points: NDArray[np.float64], limit: float = 10.0
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int32]]:
        """Return distance (N,), nearest point (N, 3), face (N,); `limit` and -1 where farther."""
        count = len(points)
        distance = wp.empty(count, dtype=float, device=self.device)
        nearest = wp.empty(count, dtype=wp.vec3, device=self.device)
        face = wp.empty(count, dtype=int, device=self.device)
        inputs = [self.id, vectors(points, self.device), limit, distance, nearest, face]
        wp.launch(kernels.closest_kernel, dim=count, inputs=inputs, device=self.device)
        return distance.numpy().astype(float), nearest.numpy().astype(float), face.numpy()

    def cast(
        self, starts: NDArray[np.float64], direction: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Return how far rays from `starts` (N, 3) go along the unit `direction` (3,), and the
        face each hits: (N,), (N,); infinity and -1 where there is none.
        """
        distance = wp.empty(len(starts), dtype=float, device=self.device)
        face = wp.empty(len(starts), dtype=int, device=self.device)
        way = wp.vec3(*(float(value) for value in direction))
        inputs = [self.id, vectors(starts, self.device), way, distance, face]
        wp.launch(kernels.cast_kernel, dim=len(starts), inputs=inputs, device=self.device)
        return distance.numpy().astype(float), face.numpy()

    def odd_crossings(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share of rays from each point that leave through an odd number of walls.

        1 = inside a closed surface whichever way its normals point, 0 = outside it.
        """
        odd = wp.empty(len(points), dtype=int, device=self.device)
        directions = vectors(probe_directions, self.device)
        inputs = [self.id, vectors(points, self.device), directions, odd]
        wp.launch(kernels.parity_kernel, dim=len(points), inputs=inputs, device=self.device)
        return odd.numpy() / len(probe_directions)

    def sweep(
        self,
        points: NDArray[np.float64],
        motions: Motions,
        reach: NDArray[np.float64],
        steps: int,
        tolerance: float,
    ) -> NDArray[np.float32]:
        """Return the joint value (H, N) at which each moved point first goes through the surface.

        Motion h runs from 0 to `reach[h]` (negative: backwards; values come back positive).
        A point counts once it is deeper than `tolerance` behind the wall it crossed; one that
        comes back before that, or never crosses, is `far`.
        """
        half = (len(motions) + 1) // 2 if self.device == "cpu" else len(motions)
        parts = [slice(0, half), slice(half, len(motions))]
        shared = vectors(points, self.device)

        def run(part: slice) -> NDArray[np.float32]:
            return self._sweep(shared, motions.take(part), reach[part], steps, tolerance)

        if half == len(motions):
            return run(parts[0])
        return np.concatenate(list(together(lambda: run(parts[0]), lambda: run(parts[1]))))

    def _sweep(
        self,
        points: Any,
        motions: Motions,
        reach: NDArray[np.float64],
        steps: int,
        tolerance: float,
    ) -> NDArray[np.float32]:
        contact = wp.empty((len(motions), len(points)), dtype=float, device=self.device)
        values = np.linspace(0.0, reach, steps + 1, axis=1)
        turns = np.stack([np.cos(values), np.sin(values)], axis=2, dtype=np.float32)
        inputs = [
            self.id,
            points,
            wp.array(motions.hinge.astype(np.int32), dtype=int, device=self.device),
            vectors(motions.axis, self.device),
            vectors(motions.origin, self.device),
            wp.array(reach.astype(np.float32), dtype=float, device=self.device),
            wp.array(turns, dtype=wp.vec2, device=self.device),
            tolerance,
            contact,
        ]
        wp.launch(kernels.sweep_kernel, dim=contact.shape, inputs=inputs, device=self.device)
        return contact.numpy()


def vectors(values: NDArray[np.float64], device: str) -> Any:
    """Return (N, 3) values as Warp's array of float32 vectors."""
    return wp.array(np.ascontiguousarray(values, dtype=np.float32), dtype=wp.vec3, device=device)
