"""Does a generated joint execute? Exact checks on solid links, shell by shell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from backend.datasets.object import ArticulatedObject, Link
from protocol.joint import motion


@dataclass(frozen=True, eq=False)
class Shell:
    """One closed shell: its triangles (F, 3, 3) and bounds."""

    triangles: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def penetration(item: ArticulatedObject, index: int, values: NDArray[np.float64]) -> float:
    """Return how deep, in metres, a link with its children dips into the rest at the worst value."""
    moving = item.moving(index)
    link = item.links[index]
    assert link.joint is not None
    part = [item.links[i] for i in moving]
    body = [other for i, other in enumerate(item.links) if i not in moving]
    part_points, body_points = _samples(part), _samples(body)
    part_shells, body_shells = _shells(part), _shells(body)
    worst = 0.0
    for value in values:
        there = motion(link.joint, value)
        back = np.linalg.inv(there)
        worst = max(worst, _deepest(_move(part_points, there), body_shells))
        worst = max(worst, _deepest(_move(body_points, back), part_shells))
    return worst


def separation(item: ArticulatedObject, index: int, values: NDArray[np.float64]) -> float:
    """Return the widest gap, in metres, that opens between a link and the rest."""
    moving = item.moving(index)
    link = item.links[index]
    assert link.joint is not None
    part = _samples([item.links[index]], 6000)
    body = cKDTree(_samples([o for i, o in enumerate(item.links) if i not in moving], 20000))
    return max(body.query(_move(part, motion(link.joint, v)))[0].min() for v in values)


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


def _shells(links: list[Link]) -> list[Shell]:
    shells = []
    for link in links:
        mesh = trimesh.Trimesh(link.vertices, link.faces, process=False)
        for faces in trimesh.graph.connected_components(mesh.face_adjacency, min_len=1):
            triangles = link.vertices[link.faces[faces]]
            shells.append(Shell(triangles, triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))))
    return shells


def _samples(links: list[Link], count: int = 1500) -> NDArray[np.float64]:
    """Vertices, middles of edges and faces, and points spread over the surface."""
    points = []
    for link in links:
        triangles = link.vertices[link.faces]
        mesh = trimesh.Trimesh(link.vertices, link.faces, process=False)
        spread = trimesh.sample.sample_surface(mesh, count, seed=0)[0]
        edges = (triangles + np.roll(triangles, 1, axis=1)).reshape(-1, 3) / 2
        points += [link.vertices, triangles.mean(axis=1), edges, spread]
    return np.concatenate(points)


def _move(points: NDArray[np.float64], transform: NDArray[np.float64]) -> NDArray[np.float64]:
    return points @ transform[:3, :3].T + transform[:3, 3]
