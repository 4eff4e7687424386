"""How deep movers are in the scene and in each other.

Points on the one are looked for inside the other, both ways round. In an open surface nothing is
inside: there it counts how far a mover reaches through it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.geometry.mesh import Mesh, areas_and_normals, sample, without_slivers
from backend.motion.bodies import Body, box_corners, moved
from backend.motion.stage import Stage

Floats = NDArray[np.float64]
Depths = NDArray[np.float64]
most_points = 400
piece_points = 600
shallow = 0.005  # of the size: less is a touch
skirt = 0.08  # of the height: what is lower may touch what it stands on


class Probe:
    """A mover ready for questions; everything in the frame of the stage's queries."""

    def __init__(self, body: Body, stage: Stage) -> None:
        self.body, self.stage = body, stage
        areas = [float(areas_and_normals(part.mesh)[0].sum()) for part in body.parts]
        total = max(sum(areas), 1e-300)
        self.meshes = [
            Mesh(stage.inside(part.mesh.vertices), part.mesh.faces) for part in body.parts
        ]
        self.points = [
            spread(mesh, max(24, int(most_points * area / total)))
            for mesh, area in zip(self.meshes, areas, strict=True)
        ]
        self._solids: dict[int, Any] = {}
        self.size = body.size / stage.scale

    def solid(self, link: int) -> Any:
        """What a link fills."""
        if link not in self._solids:
            from backend.geometry.solid import Solid

            self._solids[link] = (
                Solid(_clean(self.meshes[link])) if len(self.meshes[link].faces) else None
            )
        return self._solids[link]

    @cached_property
    def standing(self) -> list[NDArray[np.bool_]]:
        """Which of the points are so low that they may touch the ground."""
        up, stage = self.body.up, self.stage
        low = float((self.body.points @ up).min())
        height = float(np.ptp(self.body.points @ up))
        limit = low + max(skirt * height, 0.01 * self.body.size)
        return [(points * stage.scale + stage.centre) @ up < limit for points in self.points]


class Pieces:
    """The scene's pieces, each as a solid of its own."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.meshes = [
            Mesh(stage.inside(piece.mesh.vertices), piece.mesh.faces) for piece in stage.pieces
        ]
        self.boxes = [
            (mesh.vertices[mesh.faces].min(axis=(0, 1)), mesh.vertices[mesh.faces].max(axis=(0, 1)))
            for mesh in self.meshes
        ]
        self._solids: dict[int, Any] = {}
        self._points: dict[int, Floats] = {}

    def solid(self, piece: int) -> Any:
        if piece not in self._solids:
            from backend.geometry.solid import Solid

            self._solids[piece] = Solid(_clean(self.meshes[piece]))
        return self._solids[piece]

    def points(self, piece: int) -> Floats:
        if piece not in self._points:
            self._points[piece] = spread(self.meshes[piece], piece_points)
        return self._points[piece]


def spread(mesh: Mesh, count: int) -> Floats:
    """Points (N, 3) on a mesh: some by area, and some of its vertices."""
    if not len(mesh.faces):
        return np.zeros((0, 3))
    mesh = _clean(mesh)
    areas, normals = areas_and_normals(mesh)
    used = mesh.vertices[np.unique(mesh.faces)] if len(mesh.faces) else np.zeros((0, 3))
    picked = used[:: max(1, len(used) // max(count // 2, 1))]
    if not areas.sum() > 0.0:
        return picked
    return np.concatenate(
        [picked, sample(mesh, areas, normals, count, np.random.default_rng(0)).points]
    )


def with_scene(
    probe: Probe, pieces: Pieces, poses: Floats, stands: set[int], proceed: Callable[[], None]
) -> dict[int, Depths]:
    """Return how deep (N,) the mover is in each piece that it comes into; `poses` (L, N, 4, 4).

    On the pieces in `stands` it stands.
    """
    stage = probe.stage
    scaled = [stage.scaled(own) for own in poses]
    boxes = [_boxes(mesh, own) for mesh, own in zip(probe.meshes, scaled, strict=True)]
    found: dict[int, Depths] = {}
    for k, (low, high) in enumerate(pieces.boxes):
        deepest = np.zeros(poses.shape[1])
        for link, box in enumerate(boxes):
            if box is None:
                continue
            near = ((box[0] <= high) & (box[1] >= low)).all(axis=1)
            if not near.any():
                continue
            proceed()
            points = probe.points[link]
            if k in stands:
                points = points[~probe.standing[link]]
            depth = _in_piece(points, pieces, k, scaled[link][near])
            if k not in stands:
                depth = np.maximum(
                    depth, _piece_in(pieces.points(k), probe, link, scaled[link][near])
                )
            deepest[near] = np.maximum(deepest[near], depth)
        deepest[deepest < shallow * probe.size] = 0.0
        if deepest.any():
            found[k] = deepest * stage.scale
    return found


def between(
    a: Probe, b: Probe, poses_a: Floats, poses_b: Floats, proceed: Callable[[], None]
) -> Depths:
    """Return how deep (N,) two movers are in each other."""
    stage = a.stage
    ours = [stage.scaled(own) for own in poses_a]
    theirs = [stage.scaled(own) for own in poses_b]
    boxes_a = [_boxes(mesh, own) for mesh, own in zip(a.meshes, ours, strict=True)]
    boxes_b = [_boxes(mesh, own) for mesh, own in zip(b.meshes, theirs, strict=True)]
    deepest = np.zeros(poses_a.shape[1])
    for i, box_a in enumerate(boxes_a):
        for j, box_b in enumerate(boxes_b):
            if box_a is None or box_b is None:
                continue
            near = ((box_a[0] <= box_b[1]) & (box_a[1] >= box_b[0])).all(axis=1)
            if not near.any():
                continue
            proceed()
            relative = _reversed(theirs[j][near]) @ ours[i][near]
            depth = np.maximum(
                _deepest(b.solid(j), a.points[i], relative),
                _deepest(a.solid(i), b.points[j], _reversed(relative)),
            )
            deepest[near] = np.maximum(deepest[near], depth)
    deepest[deepest < shallow * min(a.size, b.size)] = 0.0
    return deepest * stage.scale


def _in_piece(points: Floats, pieces: Pieces, k: int, poses: Floats) -> Depths:
    solid = pieces.solid(k)
    depth = _deepest(solid, points, poses)
    if solid.sheets is not None and len(points):
        depth = np.maximum(depth, _through(solid.sheets, points, poses))
    return depth


def _piece_in(points: Floats, probe: Probe, link: int, poses: Floats) -> Depths:
    return _deepest(probe.solid(link), points, _reversed(poses))


def _deepest(solid: Any, points: Floats, poses: Floats) -> Depths:
    if solid is None or not len(points):
        return np.zeros(len(poses))
    return solid.depth(points, poses).max(axis=1).astype(float)


def _through(sheets: Any, points: Floats, poses: Floats) -> Depths:
    """How far points reach through an open surface, seen from their middle."""
    from backend.geometry.solid import matrices
    from backend.geometry.surface import vectors
    from backend.motion.kernels import segments_kernel, wp

    middle = np.broadcast_to(0.5 * (points.min(axis=0) + points.max(axis=0)), points.shape)
    depth = wp.empty((len(poses), len(points)), dtype=float)
    face = wp.empty((len(poses), len(points)), dtype=int)
    inputs = [
        sheets.id,
        vectors(points, "cpu"),
        vectors(middle, "cpu"),
        matrices(poses, "cpu"),
        depth,
        face,
    ]
    wp.launch(segments_kernel, dim=depth.shape, inputs=inputs, device="cpu")
    return depth.numpy().max(axis=1).astype(float)


def _reversed(poses: Floats) -> Floats:
    return np.asarray(np.linalg.inv(poses), np.float64)


def _boxes(mesh: Mesh, poses: Floats) -> tuple[Floats, Floats] | None:
    """Boxes around a moved mesh, low and high (N, 3) each."""
    if not len(mesh.faces):
        return None
    corners = moved(poses, box_corners(mesh.vertices[np.unique(mesh.faces)]))
    return corners.min(axis=1), corners.max(axis=1)


def _clean(mesh: Mesh) -> Mesh:
    areas, _ = areas_and_normals(mesh)
    return Mesh(mesh.vertices, mesh.faces[without_slivers(mesh, areas)])
