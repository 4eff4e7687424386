"""Warp kernels of placing: how far things may go along a direction before they touch.

`obstacles` is what calls them.
"""

# pyright: reportArgumentType=false, reportIndexIssue=false, reportCallIssue=false
# pyright: reportOperatorIssue=false, reportAttributeAccessIssue=false
# pyright: reportAssignmentType=false, reportGeneralTypeIssues=false

from backend.geometry.kernels import wp  # Warp, told to be quiet

wp.set_module_options({"enable_backward": False})


@wp.kernel
def reach_kernel(
    mesh: wp.uint64,
    points: wp.array[wp.vec3],
    poses: wp.array[wp.mat44],
    ways: wp.array[wp.vec3],
    lifts: wp.array[float],
    most: float,
    clearance: wp.array2d[float],
    face: wp.array2d[int],
):
    """From `lift` before each posed point along the way; in lengths of the way."""
    k, i = wp.tid()
    way = ways[k]
    length = wp.length(way)
    start = wp.transform_point(poses[k], points[i]) - way * lifts[k]
    query = wp.mesh_query_ray(mesh, start, way / length, (most + lifts[k]) * length)
    if query.result:
        clearance[k, i] = query.t / length - lifts[k]
        face[k, i] = query.face
    else:
        clearance[k, i] = wp.inf
        face[k, i] = -1


@wp.kernel
def edges_kernel(
    boxes: wp.uint64,
    tails: wp.array[wp.vec3],
    heads: wp.array[wp.vec3],
    own_tails: wp.array[wp.vec3],
    own_heads: wp.array[wp.vec3],
    poses: wp.array[wp.mat44],
    ways: wp.array[wp.vec3],
    across: wp.array[wp.vec3],
    lifts: wp.array[float],
    most: float,
    clearance: wp.array2d[float],
    touch: wp.array2d[wp.vec3],
):
    """How far each posed edge may go along the way before it meets another edge."""
    k, i = wp.tid()
    a = wp.transform_point(poses[k], own_tails[i])
    b = wp.transform_point(poses[k], own_heads[i])
    way = ways[k]
    u = across[k]
    v = wp.cross(way, u)
    low = wp.min(wp.min(a, b), wp.min(a + way * most, b + way * most))
    high = wp.max(wp.max(a, b), wp.max(a + way * most, b + way * most))
    back = way * lifts[k]
    low = wp.min(low, wp.min(a - back, b - back))
    high = wp.max(high, wp.max(a - back, b - back))
    least = wp.float32(wp.inf)
    where = a
    query = wp.bvh_query_aabb(boxes, low, high)
    other = wp.int32(0)
    ab = b - a
    while wp.bvh_query_next(query, other):
        c = tails[other]
        cd = heads[other] - c
        ac = c - a
        abu = wp.dot(ab, u)
        abv = wp.dot(ab, v)
        cdu = wp.dot(cd, u)
        cdv = wp.dot(cd, v)
        acu = wp.dot(ac, u)
        acv = wp.dot(ac, v)
        det = cdu * abv - abu * cdv
        size = wp.sqrt((abu * abu + abv * abv) * (cdu * cdu + cdv * cdv))
        if wp.abs(det) > 1.0e-4 * size and size > 0.0:
            s = (cdu * acv - acu * cdv) / det
            t = (abu * acv - acu * abv) / det
            if s >= 0.0 and s <= 1.0 and t >= 0.0 and t <= 1.0:
                gap = wp.dot(ac + cd * t - ab * s, way)
                if gap >= -lifts[k] and gap < least:
                    least = gap
                    where = a + ab * s
    clearance[k, i] = least
    touch[k, i] = where


@wp.func
def away(mesh: wp.uint64, point: wp.vec3):
    query = wp.mesh_query_point_no_sign(mesh, point, 8.0)
    if query.result:
        return wp.length(wp.mesh_eval_position(mesh, query.face, query.u, query.v) - point)
    return 8.0


@wp.kernel
def cut_kernel(
    mesh: wp.uint64,
    tails: wp.array[wp.vec3],
    heads: wp.array[wp.vec3],
    poses: wp.array[wp.mat44],
    depth: wp.array2d[float],
):
    """How far each posed edge is through a surface: on the side where less of it is."""
    k, i = wp.tid()
    a = wp.transform_point(poses[k], tails[i])
    b = wp.transform_point(poses[k], heads[i])
    way = b - a
    length = wp.length(way)
    depth[k, i] = 0.0
    if length > 1.0e-9:
        way = way / length
        before = wp.float32(0.0)
        even = wp.float32(0.0)
        odd = wp.float32(0.0)
        count = wp.int32(0)
        for _hit in range(8):
            start = before + 1.0e-6
            query = wp.mesh_query_ray(mesh, a + way * start, way, length - start)
            if not query.result:
                break
            at = start + query.t
            point = a
            if count > 0:
                point = a + way * (0.5 * (before + at))
            if count % 2 == 0:
                even = wp.max(even, away(mesh, point))
            else:
                odd = wp.max(odd, away(mesh, point))
            before = at
            count += 1
        if count > 0:
            if count % 2 == 0:
                even = wp.max(even, away(mesh, b))
            else:
                odd = wp.max(odd, away(mesh, b))
            depth[k, i] = wp.min(even, odd)


@wp.kernel
def near_kernel(
    mesh: wp.uint64,
    points: wp.array[wp.vec3],
    poses: wp.array[wp.mat44],
    limit: float,
    distance: wp.array2d[float],
    nearest: wp.array2d[wp.vec3],
    face: wp.array2d[int],
):
    """The nearest point of a surface to each posed point, in the surface's frame."""
    k, i = wp.tid()
    point = wp.transform_point(poses[k], points[i])
    query = wp.mesh_query_point_no_sign(mesh, point, limit)
    if query.result:
        position = wp.mesh_eval_position(mesh, query.face, query.u, query.v)
        distance[k, i] = wp.length(position - point)
        nearest[k, i] = position
        face[k, i] = query.face
    else:
        distance[k, i] = limit
        nearest[k, i] = point
        face[k, i] = -1
