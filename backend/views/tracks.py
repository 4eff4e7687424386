"""Points that are followed: the middles of bodies and parts, and points spread over surfaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.geometry.mesh import Mesh, areas_and_normals
from backend.views.cameras import Pinhole
from backend.views.raster import Covered
from backend.views.scene import Body, Part, Points, Scene, weights_of

candidates = 4096  # points of a surface, of which the most spread ones are followed
near_enough = 1e-3  # of the depth: what is that close in front is the point's own surface
footprint = 2.0  # pixels of its own part's surface that may be nearer than the point


@dataclass(frozen=True, eq=False)
class Tracks:
    """N points in world at T frames: `ways` (T, N, 3), and what each belongs to.

    `part` counts through all bodies and is -1 for the middle of a whole body. `size` (N,) is
    how much surface a point stands for.
    """

    names: tuple[tuple[str, str, int], ...]
    body: NDArray[np.intp]
    part: NDArray[np.intp]
    ways: Points

    @property
    def middle(self) -> NDArray[np.bool_]:
        """Which are middles, (N,)."""
        return np.array([point == 0 for _, _, point in self.names], bool)

    def of_bodies(self) -> NDArray[np.intp]:
        """The tracks that are middles of bodies."""
        return np.flatnonzero(self.part < 0)

    def of_parts(self) -> NDArray[np.intp]:
        """The tracks that are middles of parts."""
        return np.flatnonzero(self.middle & (self.part >= 0))


def follow(scene: Scene, count: int, seed: int) -> Tracks:
    """The tracks of all tracked bodies, `count` a part."""
    names: list[tuple[str, str, int]] = []
    owners: list[tuple[int, int]] = []
    ways: list[Points] = []
    first = 0
    for k, body in enumerate(scene.bodies):
        if body.tracked and body.parts:
            for name, part, way in _of_body(body, first, count, seed, scene.frames):
                names.append(name)
                owners.append((k, part))
                ways.append(way)
        first += len(body.parts)
    body_of, part_of = np.array(owners, np.intp).reshape(-1, 2).T
    return Tracks(tuple(names), body_of, part_of, np.stack(ways, axis=1))


def _of_body(
    body: Body, first: int, count: int, seed: int, frames: int
) -> Iterator[tuple[tuple[str, str, int], int, Points]]:
    """Name, part and way (T, 3) of each of a body's tracks."""
    middles = [_whole(middle_way(part), frames) for part in body.parts]
    areas = [max(areas_and_normals(part.mesh)[0].sum(), 1e-300) for part in body.parts]
    yield (body.name, "", 0), -1, np.average(middles, axis=0, weights=areas)
    for index, (part, middle) in enumerate(zip(body.parts, middles, strict=True)):
        yield (body.name, part.name, 0), first + index, middle
        spread = _whole(spread_ways(part, count - 1, seed), frames)
        for point in range(count - 1):
            yield (body.name, part.name, point + 1), first + index, spread[:, point]


def _whole(way: Points, frames: int) -> Points:
    """A way over all frames, also of what stands still."""
    return np.broadcast_to(way, (frames, *way.shape[1:]))


def middle_way(part: Part) -> Points:
    """Where the middle of a part's surface is at each frame: (T or 1, 3)."""
    weights = weights_of(part.mesh)[None]
    return part.ways(weights @ part.mesh.vertices, weights)[:, 0]


def spread_ways(part: Part, count: int, seed: int) -> Points:
    """Where points spread over a part's surface are at each frame: (T or 1, count, 3)."""
    if count <= 0:
        return np.zeros((1, 0, 3))
    faces, shares = _scattered(part.mesh, max(candidates, 2 * count), seed)
    points = np.einsum("nk,nkd->nd", shares, part.mesh.vertices[part.mesh.faces[faces]])
    chosen = farthest(points, count, weights_of(part.mesh) @ part.mesh.vertices)
    if part.shapes is None:
        return part.ways(points[chosen])
    corners = part.mesh.faces[faces[chosen]]
    moved = part.shapes[:, corners].astype(np.float64)
    return np.einsum("nk,tnkd->tnd", shares[chosen], moved)


def farthest(points: Points, count: int, middle: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of `count` points, each the farthest from those before it and from the middle."""
    distance = ((points - middle) ** 2).sum(axis=1)
    chosen = np.empty(count, np.intp)
    for k in range(count):
        chosen[k] = distance.argmax()
        distance = np.minimum(distance, ((points - points[chosen[k]]) ** 2).sum(axis=1))
    return chosen


def _scattered(mesh: Mesh, count: int, seed: int) -> tuple[NDArray[np.intp], Points]:
    """Faces (N,) and shares of their corners (N, 3) of points spread over a surface by area."""
    generator = np.random.default_rng(seed)
    areas, _ = areas_and_normals(mesh)
    total = np.cumsum(areas if areas.sum() > 0.0 else np.ones(len(areas)))
    strata = (np.arange(count) + generator.random(count)) / count
    faces = np.minimum(np.searchsorted(total, strata * total[-1], side="right"), len(areas) - 1)
    root, v = np.sqrt(generator.random(count)), generator.random(count)
    return faces, np.stack([1.0 - root, root * (1.0 - v), root * v], axis=1)


def visible(
    camera: Pinhole,
    covered: Covered,
    tracks: Tracks,
    pixels: NDArray[np.float64],
    depth: NDArray[np.float64],
    body_of_part: NDArray[np.intp],
) -> NDArray[np.uint8]:
    """Which tracks (B, N) nothing is in front of, in the frames that are `covered`."""
    found = np.zeros(depth.shape, np.uint8)
    frames, points = np.nonzero(camera.holds(pixels, depth))
    if not len(frames):
        return found
    spot, far = pixels[frames, points], depth[frames, points]
    x, y = np.floor(spot).astype(np.intp).T
    corners, part = covered.planes(frames, y, x)
    front = _depth_there(camera, corners, spot)
    own_part, own_body = tracks.part[points], tracks.body[points]
    same = np.where(own_part < 0, body_of_part[part] == own_body, part == own_part) & (part >= 0)
    slack = near_enough * far + np.where(same, footprint * far / min(camera.focal), 0.0)
    open_way = (part < 0) | (far <= front + slack)
    found[frames, points] = open_way | (same & tracks.middle[points])
    return found


def _depth_there(
    camera: Pinhole, corners: NDArray[np.float64], spot: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How deep the planes of triangles (N, 3, 3) are at pixel positions (N, 2)."""
    x, y = ((spot - camera.centre) / camera.focal).T
    ray = np.stack([x, y, np.ones(len(x))], axis=1)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = (normal * corners[:, 0]).sum(axis=1) / (normal * ray).sum(axis=1)
    low, high = corners[:, :, 2].min(axis=1), corners[:, :, 2].max(axis=1)
    return np.clip(depth, low, high)
