"""How far a motion is from the truth, measured from what comes out and by other means than the
engine's own: formulas of the ways, splines through whole frames, the height field, solid
obstacles by formula, and Bezier keys read by sampling.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from backend.evaluation.trajectory_cases import Case
from backend.evaluation.trajectory_ways import TrueWay
from backend.geometry.mesh import Mesh
from backend.motion.bodies import Body
from backend.motion.engine import Track
from protocol.joint import motion

Floats = NDArray[np.float64]
turning = 5.5  # frames about a corner within which the heading turns
within = 24  # samples of a frame
touch = 0.005  # of the size


def speed_error(body: Body, track: Track, found: TrueWay, share) -> float:
    """The largest error of the way gone in a frame, as a share of its largest one."""
    frames = track.first + np.arange(len(track.poses))
    places = _flat(_pivots(body, track), body)
    true = _flat(found.at(share(frames) * found.length), body)
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    wanted = np.linalg.norm(np.diff(true, axis=0), axis=1)
    return float(np.abs(steps - wanted).max() / max(wanted.max(), 1e-12))


def place_error(body: Body, track: Track, found: TrueWay, share) -> float:
    """How far the pivot is from where it should be at most, as a share of the way."""
    frames = track.first + np.arange(len(track.poses))
    places = _flat(_pivots(body, track), body)
    true = _flat(found.at(share(frames) * found.length), body)
    return float(np.linalg.norm(places - true, axis=1).max() / found.length)


def heading_error(body: Body, track: Track, found: TrueWay, share) -> float:
    """The largest angle between the mover's forward and the way, in degrees; level on ground.

    Frames in which it turns at a corner are left out.
    """
    frames = track.first + np.arange(len(track.poses))
    along = share(frames) * found.length
    ahead = track.poses[:, :3, :3] @ (body.forward / np.linalg.norm(body.forward))
    true = found.direction(along)
    level = body.on_ground or body.orientation == "upright"
    if level:
        ahead, true = (_flat(vectors, body, also=True) for vectors in (ahead, true))
    cross = np.linalg.norm(np.cross(ahead, true), axis=1)
    angles = np.degrees(np.arctan2(cross, (ahead * true).sum(axis=1)))
    good = np.linalg.norm(true, axis=1) > (0.02 if level else 0.0)
    for corner in found.corners:
        good &= np.abs(along - corner) > 1e-3 * found.length
        dense = np.linspace(frames[0], frames[-1], 20 * len(frames))
        side = np.sign(share(dense) * found.length - corner)
        for time in dense[1:][side[1:] != side[:-1]]:
            good &= np.abs(frames - time) > turning
    return float(angles[good].max()) if good.any() else 0.0


def slip(body: Body, track: Track) -> float:
    """The way that wheels' contact points slide, as a share of the way of their hubs.

    Poses and joints are splines through whole frames; contact is straight below the hub.
    """
    frames = np.arange(len(track.poses), dtype=float)
    if len(frames) < 8:
        return 0.0
    dense = np.linspace(0.0, frames[-1], within * (len(frames) - 1) + 1)
    step = 1.0 / within
    slid = gone = 0.0
    for index, part in enumerate(body.parts):
        if not part.name.endswith("wheel") or part.joint is None:
            continue
        poses = _link_poses(body, track, part.parent)
        axis, hub = np.asarray(part.joint.axis), np.asarray(part.joint.origin)
        reach = np.linalg.norm(np.cross(part.mesh.vertices - hub, axis), axis=1).max()
        centres = CubicSpline(frames, poses[:, :3, :3] @ hub + poses[:, :3, 3])
        axes = CubicSpline(frames, poses[:, :3, :3] @ axis)
        tips = CubicSpline(frames, poses[:, :3, :3] @ np.cross(axis, [0.1, 0.2, 1.0]))
        spin = CubicSpline(frames, track.joints[:, index])(dense, 1)
        a = axes(dense)
        a /= np.linalg.norm(a, axis=1, keepdims=True)
        below = -(body.up - a * (a @ body.up)[:, None])
        below *= reach / np.linalg.norm(below, axis=1, keepdims=True)
        # the turning of the link itself from two of its directions: w = sum d x d' / 2 about them
        turn = _spin_of(a, axes(dense, 1), tips(dense), tips(dense, 1)) + spin[:, None] * a
        speed = centres(dense, 1)
        sliding = speed + np.cross(turn, below)
        sliding -= np.outer(sliding @ body.up, body.up)
        slid += float(np.linalg.norm(sliding, axis=1).sum()) * step
        gone += float(np.linalg.norm(speed, axis=1).sum()) * step
    return slid / gone if gone > 0.0 else 0.0


def _spin_of(a: Floats, da: Floats, b: Floats, db: Floats) -> Floats:
    """The angular velocity of a frame from two of its directions, square to each other."""
    b = b - a * (a * b).sum(axis=1, keepdims=True)
    length = np.linalg.norm(b, axis=1, keepdims=True)
    b, db = b / length, db / length
    about = np.cross(a, b)
    return np.cross(a, da) + a * ((db * about).sum(axis=1, keepdims=True))


def ground_gap(case: Case, body: Body, track: Track) -> float:
    """How far wheels are off the ground or in it at most (a base: in it, or all off it), as a
    share of the size, over every vertex and points
    on the faces.
    """
    wheels = [i for i, part in enumerate(body.parts) if part.name.endswith("wheel")]
    clouds, worst = _cloud(body), 0.0
    for frame in range(len(track.poses)):
        lows = []
        for index, part in enumerate(body.parts):
            if not len(part.mesh.faces) or (wheels and index not in wheels):
                continue
            pose = track.poses[frame] @ _offset(body, track.joints[frame], index)
            points = clouds[index] @ pose[:3, :3].T + pose[:3, 3]
            lows.append(float((points[:, 2] - heights(case, points)).min()))
        worst = max(worst, *(abs(low) for low in (lows if wheels else [min(lows)])))
    return worst / body.size


def heights(case: Case, points: Floats) -> Floats:
    """The height of the ground below points, by its triangles."""
    if case.flat or case.ground is None:
        return np.zeros(len(points))
    return _field_heights(case.ground, points)


def _field_heights(ground: Mesh, points: Floats) -> Floats:
    cells = round(math.sqrt(len(ground.vertices))) - 1
    z = ground.vertices[:, 2].reshape(cells + 1, cells + 1)
    low, high = ground.vertices[0, :2], ground.vertices[-1, :2]
    place = (points[:, :2] - low) / (high - low) * cells
    k = np.clip(place.astype(int), 0, cells - 1)
    u, v = np.clip(place - k, 0.0, 1.0).T
    i, j = k.T
    a, b, c, d = z[i, j], z[i + 1, j], z[i + 1, j + 1], z[i, j + 1]
    return np.where(u >= v, a + u * (b - a) + v * (c - b), a + v * (d - a) + u * (c - d))


def strays(body: Body, track: Track) -> float:
    """How far the box's corners stray with the keys, as a share of the size."""
    frames = track.first + np.arange(len(track.poses), dtype=float)
    columns = {(c.path, c.index): read_keys(c.keys, frames) for c in track.curves}
    place = np.stack([columns["location", k] for k in range(3)], axis=1)
    count = sum(path == "rotation" for path, _ in columns)
    turn = np.stack([columns["rotation", k] for k in range(count)], axis=1)
    if count == 4:
        turned = Rotation.from_quat(turn[:, [1, 2, 3, 0]]).as_matrix()
    else:
        x, y, z = turn.T
        turned = _about(2, z) @ _about(1, y) @ _about(0, x)  # Blender's XYZ
    points = np.concatenate([part.mesh.vertices for part in body.parts])
    ends = np.stack([points.min(axis=0), points.max(axis=0)])
    corners = np.array([ends[[i, j, k], [0, 1, 2]] for i, j, k in np.ndindex(2, 2, 2)])
    found = np.einsum("nij,pj->npi", turned, corners) + place[:, None]
    wanted = np.einsum("nij,pj->npi", track.poses[:, :3, :3], corners) + track.poses[:, None, :3, 3]
    return float(np.linalg.norm(found - wanted, axis=2).max() / body.size)


def read_keys(keys: Floats, frames: Floats) -> Floats:
    """The values of Bezier keys at frames, by drawing the curve densely."""
    if len(keys) == 1:
        return np.full(len(frames), keys[0, 1])
    t = np.linspace(0.0, 1.0, 4001)
    w = np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3], axis=1)
    found = np.where(frames <= keys[0, 0], keys[0, 1], keys[-1, 1])
    for left, right in pairwise(keys):
        inside = (frames >= left[0]) & (frames <= right[0])
        x = w @ np.array([left[0], left[4], right[2], right[0]])
        y = w @ np.array([left[1], left[5], right[3], right[1]])
        found[inside] = np.interp(frames[inside], x, y)
    return found


def reduction(track: Track) -> float:
    """How many times fewer keys than frames there are."""
    count = sum(len(curve.keys) for curve in track.curves)
    return len(track.poses) * len(track.curves) / count


def free_frames(case: Case, tracks: tuple[Track, ...]) -> tuple[int, int]:
    """In how many frames movers are in nothing and no other mover, and how many there are."""
    bodies = case.plan.bodies
    first = min(track.first for track in tracks)
    last = max(track.first + len(track.poses) for track in tracks)
    hulls = [_hulls(body) for body in bodies] if len(bodies) > 1 else []
    clouds = [_cloud(body) for body in bodies]
    free = 0
    for frame in range(first, last):
        poses = []
        for body, track in zip(bodies, tracks, strict=True):
            k = int(np.clip(frame - track.first, 0, len(track.poses) - 1))
            poses.append(
                [track.poses[k] @ _offset(body, track.joints[k], i) for i in range(len(body.parts))]
            )
        free += not (
            _in_obstacle(case, clouds, poses) or _in_each_other(bodies, clouds, hulls, poses)
        )
    return free, last - first


def _in_obstacle(case: Case, clouds: list, poses: list) -> bool:
    for body, cloud, own in zip(case.plan.bodies, clouds, poses, strict=True):
        for points, pose in zip(cloud, own, strict=True):
            there = points @ pose[:3, :3].T + pose[:3, 3]
            for obstacle in case.obstacles:
                if len(there) and obstacle.depth(there).max() > touch * body.size:
                    return True
    return False


def _in_each_other(bodies: tuple, clouds: list, hulls: list, poses: list) -> bool:
    for a in range(len(bodies)):
        for b in range(len(bodies)):
            if a == b or not hulls:
                continue
            limit = touch * min(bodies[a].size, bodies[b].size)
            for points, pose in zip(clouds[a], poses[a], strict=True):
                there = points @ pose[:3, :3].T + pose[:3, 3]
                for hull, other in zip(hulls[b], poses[b], strict=True):
                    if hull is None or not len(there):
                        continue
                    local = (there - other[:3, 3]) @ other[:3, :3]
                    depth = -(local @ hull[:, :3].T + hull[:, 3]).max(axis=1)
                    if depth.max() > limit:
                        return True
    return False


def _hulls(body: Body) -> list:
    """The planes of each link's convex hull."""
    return [
        ConvexHull(part.mesh.vertices[np.unique(part.mesh.faces)]).equations
        if len(part.mesh.faces)
        else None
        for part in body.parts
    ]


def _cloud(body: Body) -> list[Floats]:
    """Points on each link: its vertices, and some on its faces."""
    rng = np.random.default_rng(1)
    found = []
    for part in body.parts:
        corners = part.mesh.corners
        if not len(corners):
            found.append(np.zeros((0, 3)))
            continue
        area = np.linalg.norm(
            np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
        )
        pick = rng.choice(len(corners), 1500, p=area / area.sum())
        w = rng.dirichlet([1, 1, 1], 1500)
        found.append(
            np.concatenate([part.mesh.vertices, np.einsum("nk,nkd->nd", w, corners[pick])])
        )
    return found


def _offset(body: Body, joints: Floats, index: int) -> Floats:
    """What a link's joints and those above it add to the first link's pose."""
    found = np.eye(4)
    while index > 0:
        part = body.parts[index]
        if part.joint is not None:
            found = motion(part.joint, float(joints[index])) @ found
        index = part.parent
    return found


def _link_poses(body: Body, track: Track, index: int) -> Floats:
    return np.stack(
        [
            pose @ _offset(body, joints, index)
            for pose, joints in zip(track.poses, track.joints, strict=True)
        ]
    )


def _pivots(body: Body, track: Track) -> Floats:
    return track.poses[:, :3, :3] @ body.pivot + track.poses[:, :3, 3]


def _flat(vectors: Floats, body: Body, *, also: bool = False) -> Floats:
    """The level parts of vectors where the ground decides the rest."""
    if not body.on_ground and not also:
        return vectors
    return vectors - np.outer(vectors @ body.up, body.up)


def _about(axis: int, angles: Floats) -> Floats:
    vectors = np.zeros((len(angles), 3))
    vectors[:, axis] = angles
    return Rotation.from_rotvec(vectors).as_matrix()
