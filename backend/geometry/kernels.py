"""Every Warp kernel of the project, in one module so that it compiles once.

They are Warp's language in Python's clothes; `surface` is what calls them.
"""

# ruff: noqa: SIM102 (in Warp, `and` asks both sides)
# pyright: reportArgumentType=false, reportIndexIssue=false, reportCallIssue=false
# pyright: reportOperatorIssue=false, reportAttributeAccessIssue=false
# pyright: reportAssignmentType=false, reportGeneralTypeIssues=false

import os
import sys

import warp as wp


def _start() -> None:
    """Start Warp without its banner, and without its library's note that no GPU is here."""
    wp.config.log_level = wp.LOG_ERROR
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        wp.init()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


_start()
wp.set_module_options({"enable_backward": False})

bunch = wp.constant(4)  # steps of a way that are looked at as one box before any ray is cast


@wp.kernel
def closest_kernel(
    mesh: wp.uint64,
    points: wp.array[wp.vec3],
    limit: float,
    distance: wp.array[float],
    nearest: wp.array[wp.vec3],
    face: wp.array[int],
):
    i = wp.tid()
    query = wp.mesh_query_point_no_sign(mesh, points[i], limit)
    if query.result:
        position = wp.mesh_eval_position(mesh, query.face, query.u, query.v)
        distance[i] = wp.length(position - points[i])
        nearest[i] = position
        face[i] = query.face
    else:
        distance[i] = limit
        nearest[i] = points[i]
        face[i] = -1


@wp.kernel
def cast_kernel(
    mesh: wp.uint64,
    starts: wp.array[wp.vec3],
    direction: wp.vec3,
    distance: wp.array[float],
    face: wp.array[int],
):
    i = wp.tid()
    query = wp.mesh_query_ray(mesh, starts[i], direction, 1.0e6)
    if query.result:
        distance[i] = query.t
        face[i] = query.face
    else:
        distance[i] = wp.inf
        face[i] = -1


@wp.func
def crossings(mesh: wp.uint64, point: wp.vec3, direction: wp.vec3):
    start = point
    count = wp.int32(0)
    for _hit in range(24):
        query = wp.mesh_query_ray(mesh, start, direction, 4.0)
        if not query.result:
            break
        count += 1
        start = start + direction * (query.t + 1.0e-5)
    return count


@wp.kernel
def parity_kernel(
    mesh: wp.uint64,
    points: wp.array[wp.vec3],
    directions: wp.array[wp.vec3],
    odd: wp.array[int],
):
    i = wp.tid()
    count = wp.int32(0)
    for k in range(directions.shape[0]):
        count += crossings(mesh, points[i], directions[k]) % 2
    odd[i] = count


@wp.func
def moved(hinge: int, axis: wp.vec3, origin: wp.vec3, value: float, turn: wp.vec2, point: wp.vec3):
    """The point at a value, of which `turn` are cosine and sine."""
    if hinge == 0:
        return point + axis * value
    arm = point - origin
    along = axis * wp.dot(axis, arm)
    radial = arm - along
    return origin + along + radial * turn[0] + wp.cross(axis, radial) * turn[1]


@wp.func
def meets(mesh: wp.uint64, low: wp.vec3, high: wp.vec3):
    """Whether a triangle's box reaches into this box: only then need rays be cast in it."""
    face = wp.int32(0)
    query = wp.mesh_query_aabb(mesh, low, high)
    return wp.mesh_query_aabb_next(query, face)


@wp.kernel
def sweep_kernel(
    mesh: wp.uint64,
    points: wp.array[wp.vec3],
    hinge: wp.array[int],
    axis: wp.array[wp.vec3],
    origin: wp.array[wp.vec3],
    reach: wp.array[float],
    turns: wp.array2d[wp.vec2],
    tolerance: float,
    contact: wp.array2d[float],
):
    h, i = wp.tid()
    steps = turns.shape[1] - 1
    at = points[i]
    crossed = wp.int32(0)
    plane = wp.vec3()
    normal = wp.vec3()
    entered = wp.float32(0.0)
    contact[h, i] = 1.0e9
    met = wp.bool(True)
    for k in range(1, steps + 1):
        value = reach[h] * float(k) / float(steps)
        to = moved(hinge[h], axis[h], origin[h], value, turns[h, k], points[i])
        if (k - 1) % bunch == 0:
            low = wp.min(at, to)
            high = wp.max(at, to)
            for j in range(k + 1, wp.min(k + bunch, steps + 1)):
                value = reach[h] * float(j) / float(steps)
                next = moved(hinge[h], axis[h], origin[h], value, turns[h, j], points[i])
                low = wp.min(low, next)
                high = wp.max(high, next)
            met = meets(mesh, low, high)
        way = to - at
        length = wp.length(way)
        if met and crossed == 0 and length > 1.0e-9:
            query = wp.mesh_query_ray(mesh, at, way / length, length)
            if query.result:
                crossed = 1
                plane = at + way * (query.t / length)
                normal = query.normal
                if wp.dot(normal, way) < 0.0:
                    normal = -normal
                entered = reach[h] * (float(k) - 1.0 + query.t / length) / float(steps)
        if crossed == 1:
            depth = wp.dot(to - plane, normal)
            if depth > tolerance:
                contact[h, i] = wp.abs(entered)
                break
            if depth < 0.0:
                crossed = 0
        at = to


@wp.func
def within(mesh: wp.uint64, point: wp.vec3, directions: wp.array[wp.vec3], needed: int):
    """Whether `needed` of the rays leave through an odd number of walls."""
    odd = wp.int32(0)
    even = wp.int32(0)
    for k in range(directions.shape[0]):
        if crossings(mesh, point, directions[k]) % 2 == 1:
            odd += 1
        else:
            even += 1
        if odd >= needed or even > directions.shape[0] - needed:
            break
    return odd >= needed


@wp.kernel
def depth_kernel(
    boxes: wp.uint64,
    shells: wp.array[wp.uint64],
    needed: wp.array[int],
    directions: wp.array[wp.vec3],
    points: wp.array[wp.vec3],
    poses: wp.array[wp.mat44],
    depth: wp.array2d[float],
):
    k, i = wp.tid()
    point = wp.transform_point(poses[k], points[i])
    deepest = wp.float32(0.0)
    boxes_here = wp.bvh_query_aabb(boxes, point, point)
    shell = wp.int32(0)
    while wp.bvh_query_next(boxes_here, shell):
        if within(shells[shell], point, directions, needed[shell]):
            wall = wp.mesh_query_point_no_sign(shells[shell], point, 4.0)
            if wall.result:
                position = wp.mesh_eval_position(shells[shell], wall.face, wall.u, wall.v)
                deepest = wp.max(deepest, wp.length(position - point))
    depth[k, i] = deepest


@wp.kernel
def deeper_kernel(
    boxes: wp.uint64,
    shells: wp.array[wp.uint64],
    needed: wp.array[int],
    directions: wp.array[wp.vec3],
    points: wp.array[wp.vec3],
    poses: wp.array[wp.mat44],
    limits: wp.array[float],
    deeper: wp.array2d[int],
):
    k, i = wp.tid()
    point = wp.transform_point(poses[k], points[i])
    found = wp.int32(0)
    boxes_here = wp.bvh_query_aabb(boxes, point, point)
    shell = wp.int32(0)
    while wp.bvh_query_next(boxes_here, shell):
        if found == 0:
            wall = wp.mesh_query_point_no_sign(shells[shell], point, limits[i])
            if not wall.result:
                if within(shells[shell], point, directions, needed[shell]):
                    found = 1
    deeper[k, i] = found


@wp.kernel
def crossed_kernel(
    mesh: wp.uint64,
    points: wp.array[wp.vec3],
    poses: wp.array[wp.mat44],
    through: wp.array[int],
):
    i = wp.tid()
    at = wp.transform_point(poses[0], points[i])
    through[i] = 0
    met = wp.bool(True)
    for k in range(1, poses.shape[0]):
        to = wp.transform_point(poses[k], points[i])
        if (k - 1) % bunch == 0:
            low = wp.min(at, to)
            high = wp.max(at, to)
            for j in range(k + 1, wp.min(k + bunch, poses.shape[0])):
                next = wp.transform_point(poses[j], points[i])
                low = wp.min(low, next)
                high = wp.max(high, next)
            met = meets(mesh, low, high)
        way = to - at
        length = wp.length(way)
        if met and length > 1.0e-9:
            query = wp.mesh_query_ray(mesh, at, way / length, length)
            if query.result:
                through[i] = 1
                break
        at = to
