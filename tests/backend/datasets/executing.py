"""Does a generated joint execute? Exact checks on solid links, shell by shell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import KDTree

from backend.datasets.object import ArticulatedObject, Link
from protocol.joint import motion


@dataclass(frozen=True, eq=False)
class Shell:
    """One closed shell: its triangles (F, 3, 3) and bounds."""

    triangles: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


class Assembly:
    """An object prepared for the checks: points and shells of each link at rest."""

    def __init__(self, item: ArticulatedObject) -> None:
        self.item = item
        self.points = [_samples(link) for link in item.links]
        self.shells = [_shells(link) for link in item.links]

    def penetration(self, index: int, values: NDArray[np.float64]) -> float:
        """Return how deep a link with its children dips into the rest at worst, in metres."""
        part, body = self._split(index)
        part_points, part_shells = self._gathered(part)
        body_points, body_shells = self._gathered(body)
        worst = 0.0
        for there in self._poses(index, values):
            worst = max(worst, _deepest(_move(part_points, there), body_shells))
            worst = max(worst, _deepest(_move(body_points, _inverse(there)), part_shells))
        return worst

    def separation(self, index: int, values: NDArray[np.float64]) -> float:
        """Return the widest gap that opens between a link and the rest, in metres."""
        _, body = self._split(index)
        rest = KDTree(np.concatenate([self.points[i] for i in body]))
        gaps = [
            rest.query(_move(self.points[index], there))[0].min()
            for there in self._poses(index, values)
        ]
        return max(gaps)

    def _split(self, index: int) -> tuple[list[int], list[int]]:
        part = self.item.moving(index)
        return part, [i for i in range(len(self.item.links)) if i not in part]

    def _gathered(self, links: list[int]) -> tuple[NDArray[np.float64], list[Shell]]:
        points = np.concatenate([self.points[i] for i in links])
        return points, [shell for i in links for shell in self.shells[i]]

    def _poses(self, index: int, values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        joint = self.item.links[index].joint
        assert joint is not None
        return [motion(joint, value) for value in values]


def _deepest(points: NDArray[np.float64], shells: list[Shell]) -> float:
    """Depth of the points inside any of the shells, measured to that shell's surface."""
    worst = 0.0
    for shell in shells:
        near = points[((points > shell.low) & (points < shell.high)).all(axis=1)]
        inside = near[_winding(near, shell.triangles) > 0.5]
        if len(inside):
            worst = max(worst, float(_distances(inside, shell.triangles).max()))
    return worst


def _winding(points: NDArray[np.float64], triangles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Winding number of a closed surface about each point, by the triangles' solid angles."""
    numbers = np.zeros(len(points))
    for start in range(0, len(points), 2000):
        a, b, c = (triangles[None] - points[start : start + 2000, None, None]).transpose(2, 0, 1, 3)
        la, lb, lc = (np.linalg.norm(v, axis=-1) for v in (a, b, c))
        top = np.einsum("pfi,pfi->pf", a, np.cross(b, c))
        bottom = la * lb * lc + ((a * b).sum(-1) * lc + (b * c).sum(-1) * la + (c * a).sum(-1) * lb)
        numbers[start : start + 2000] = np.arctan2(top, bottom).sum(axis=1) / (2 * np.pi)
    return numbers


def _distances(points: NDArray[np.float64], triangles: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array(
        [
            np.linalg.norm(
                trimesh.triangles.closest_point(triangles, np.tile(p, (len(triangles), 1))) - p,
                axis=1,
            ).min()
            for p in points
        ]
    )


def _shells(link: Link) -> list[Shell]:
    mesh = trimesh.Trimesh(link.vertices, link.faces, process=False)
    shells = []
    for faces in trimesh.graph.connected_components(mesh.face_adjacency, min_len=1):
        triangles = link.vertices[link.faces[faces]]
        shells.append(Shell(triangles, triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))))
    return shells


def _samples(link: Link, count: int = 4000) -> NDArray[np.float64]:
    """Vertices, middles of edges and faces, and points spread over the surface."""
    triangles = link.vertices[link.faces]
    mesh = trimesh.Trimesh(link.vertices, link.faces, process=False)
    spread = trimesh.sample.sample_surface(mesh, count, seed=0)[0]
    edges = (triangles + np.roll(triangles, 1, axis=1)).reshape(-1, 3) / 2
    return np.concatenate([link.vertices, triangles.mean(axis=1), edges, spread])


def _inverse(transform: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.linalg.inv(transform).astype(np.float64)


def _move(points: NDArray[np.float64], transform: NDArray[np.float64]) -> NDArray[np.float64]:
    return points @ transform[:3, :3].T + transform[:3, 3]
