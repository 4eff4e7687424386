"""The Warp kernels of the rasteriser; `raster` is what calls them.

A pixel's ray is asked which triangles it meets, in homogeneous form (Olano and Greer 1997):
nothing is clipped, depth is that of perspective, and what is behind the camera drops out.
"""

# pyright: reportArgumentType=false, reportIndexIssue=false, reportCallIssue=false
# pyright: reportOperatorIssue=false, reportAttributeAccessIssue=false
# pyright: reportAssignmentType=false, reportGeneralTypeIssues=false

import warp as wp

import backend.geometry.kernels  # noqa: F401 (starts Warp)

wp.set_module_options({"enable_backward": False})

nothing = wp.constant(wp.uint64(0xFFFFFFFF))  # in the lower half of a key: no triangle of this pass
slack = wp.constant(wp.float64(0.01))  # pixels
edge = wp.constant(wp.float64(1.0e-9))  # of a triangle, so that no pixel falls between two


@wp.kernel
def carry_kernel(
    points: wp.array[wp.vec3d],
    owner: wp.array[int],
    poses: wp.array2d[wp.mat44d],
    seen: wp.array2d[wp.vec3d],
):
    """Rigid parts at each frame, in the camera's frame."""
    b, v = wp.tid()
    seen[b, v] = wp.transform_point(poses[b, owner[v]], points[v])


@wp.kernel
def bend_kernel(
    shapes: wp.array2d[wp.vec3],
    view: wp.mat44d,
    start: int,
    seen: wp.array2d[wp.vec3d],
):
    """What bends at each frame, in the camera's frame."""
    b, v = wp.tid()
    point = shapes[b, v]
    exact = wp.vec3d(wp.float64(point[0]), wp.float64(point[1]), wp.float64(point[2]))
    seen[b, start + v] = wp.transform_point(view, exact)


@wp.kernel
def spot_kernel(
    seen: wp.array2d[wp.vec3d],
    lens: wp.vec4d,
    near: wp.float64,
    spots: wp.array2d[wp.vec2d],
):
    """Where vertices are in the picture."""
    b, v = wp.tid()
    p = seen[b, v]
    if p[2] >= near:
        spots[b, v] = wp.vec2d(lens[0] * p[0] / p[2] + lens[2], lens[1] * p[1] / p[2] + lens[3])


@wp.func
def crossing(p: wp.vec3d, q: wp.vec3d, lens: wp.vec4d, near: wp.float64):
    """Where an edge through the near plane goes through it, in the picture."""
    share = (near - p[2]) / (q[2] - p[2])
    x = p[0] + (q[0] - p[0]) * share
    y = p[1] + (q[1] - p[1]) * share
    return wp.vec2d(lens[0] * x / near + lens[2], lens[1] * y / near + lens[3])


@wp.func
def around(
    p0: wp.vec3d,
    p1: wp.vec3d,
    p2: wp.vec3d,
    s0: wp.vec2d,
    s1: wp.vec2d,
    s2: wp.vec2d,
    lens: wp.vec4d,
    near: wp.float64,
):
    """The box in the picture around what of a triangle is beyond the near plane."""
    low = wp.vec2d(wp.float64(1.0e9), wp.float64(1.0e9))
    high = wp.vec2d(wp.float64(-1.0e9), wp.float64(-1.0e9))
    if p0[2] >= near:
        low = wp.min(low, s0)
        high = wp.max(high, s0)
    if p1[2] >= near:
        low = wp.min(low, s1)
        high = wp.max(high, s1)
    if p2[2] >= near:
        low = wp.min(low, s2)
        high = wp.max(high, s2)
    if (p0[2] >= near) != (p1[2] >= near):
        at = crossing(p0, p1, lens, near)
        low = wp.min(low, at)
        high = wp.max(high, at)
    if (p1[2] >= near) != (p2[2] >= near):
        at = crossing(p1, p2, lens, near)
        low = wp.min(low, at)
        high = wp.max(high, at)
    if (p2[2] >= near) != (p0[2] >= near):
        at = crossing(p2, p0, lens, near)
        low = wp.min(low, at)
        high = wp.max(high, at)
    return wp.vec4d(low[0], low[1], high[0], high[1])


@wp.kernel
def cover_kernel(
    seen: wp.array2d[wp.vec3d],
    spots: wp.array2d[wp.vec2d],
    faces: wp.array2d[int],
    lens: wp.vec4d,
    near: wp.float64,
    far: wp.float64,
    left: int,
    top: int,
    keys: wp.array3d[wp.uint64],
):
    """Leave in each pixel the key of the nearest triangle: its depth, then its index.

    The keys are those of a window of the picture, whose first pixel is `left`, `top`.
    """
    b, f = wp.tid()
    i0 = faces[f, 0]
    i1 = faces[f, 1]
    i2 = faces[f, 2]
    p0 = seen[b, i0]
    p1 = seen[b, i1]
    p2 = seen[b, i2]
    box = around(p0, p1, p2, spots[b, i0], spots[b, i1], spots[b, i2], lens, near)
    half = wp.float64(0.5)
    none = wp.float64(0.0)
    first_x = wp.float64(left)
    first_y = wp.float64(top)
    end_x = first_x + wp.float64(keys.shape[2])
    end_y = first_y + wp.float64(keys.shape[1])
    one = wp.float64(1.0)
    x0 = wp.ceil(wp.clamp(box[0] - half - slack, first_x, end_x))
    x1 = wp.floor(wp.clamp(box[2] - half + slack, first_x - one, end_x - one))
    y0 = wp.ceil(wp.clamp(box[1] - half - slack, first_y, end_y))
    y1 = wp.floor(wp.clamp(box[3] - half + slack, first_y - one, end_y - one))
    if x0 > x1 or y0 > y1:
        return
    a0 = wp.cross(p1, p2)
    a1 = wp.cross(p2, p0)
    a2 = wp.cross(p0, p1)
    volume = wp.dot(p0, a0)
    if volume == none:
        return
    if volume < none:
        volume = -volume
        a0 = -a0
        a1 = -a1
        a2 = -a2
    u0 = (x0 + half - lens[2]) / lens[0]
    step = one / lens[0]
    for y in range(int(y0), int(y1) + 1):
        v = (wp.float64(y) + half - lens[3]) / lens[1]
        e0 = a0[0] * u0 + a0[1] * v + a0[2]
        e1 = a1[0] * u0 + a1[1] * v + a1[2]
        e2 = a2[0] * u0 + a2[1] * v + a2[2]
        for x in range(int(x0), int(x1) + 1):
            total = e0 + e1 + e2
            least = -edge * total
            if total > none and e0 >= least and e1 >= least and e2 >= least:
                depth = volume / total
                if depth >= near and depth <= far:
                    bits = wp.uint64(wp.cast(wp.float32(depth), wp.uint32))
                    key = (bits << wp.uint64(32)) | wp.uint64(f)
                    wp.atomic_min(keys, b, y - top, x - left, key)
            e0 += a0[0] * step
            e1 += a1[0] * step
            e2 += a2[0] * step


@wp.func
def shares(p0: wp.vec3d, p1: wp.vec3d, p2: wp.vec3d, ray: wp.vec3d):
    """How much of each corner the point has in which a ray meets a triangle's plane."""
    e0 = wp.dot(wp.cross(p1, p2), ray)
    e1 = wp.dot(wp.cross(p2, p0), ray)
    e2 = wp.dot(wp.cross(p0, p1), ray)
    return wp.vec3d(e0, e1, e2) / (e0 + e1 + e2)


@wp.func
def rounded(value: wp.float64):
    return wp.int8(wp.round(value * wp.float64(127.0)))


@wp.kernel
def resolve_kernel(
    seen: wp.array2d[wp.vec3d],
    faces: wp.array2d[int],
    owner: wp.array[int],
    part: wp.array[int],
    body: wp.array[int],
    lens: wp.vec4d,
    moves: int,
    left: int,
    top: int,
    keys: wp.array3d[wp.uint64],
    depths: wp.array3d[wp.float32],
    normals: wp.array4d[wp.int8],
    bodies: wp.array3d[wp.uint16],
    parts: wp.array3d[wp.uint16],
    flow: wp.array4d[wp.float16],
):
    """Write what a pass sees in each pixel that it covers; empty arrays are not wanted."""
    b, row, column = wp.tid()
    key = keys[b, row, column]
    if (key & nothing) == nothing:
        return
    y = row + top
    x = column + left
    f = int(key & nothing)
    if depths.shape[0] > 0:
        depths[b, y, x] = wp.cast(wp.uint32(key >> wp.uint64(32)), wp.float32)
    k = owner[faces[f, 0]]
    if parts.shape[0] > 0:
        parts[b, y, x] = wp.uint16(part[k] + 1)
    if bodies.shape[0] > 0:
        bodies[b, y, x] = wp.uint16(body[k] + 1)
    if normals.shape[0] == 0 and flow.shape[0] == 0:
        return
    p0 = seen[b, faces[f, 0]]
    p1 = seen[b, faces[f, 1]]
    p2 = seen[b, faces[f, 2]]
    half = wp.float64(0.5)
    u = (wp.float64(x) + half - lens[2]) / lens[0]
    v = (wp.float64(y) + half - lens[3]) / lens[1]
    ray = wp.vec3d(u, v, wp.float64(1.0))
    if normals.shape[0] > 0:
        n = wp.normalize(wp.cross(p1 - p0, p2 - p0))
        if wp.dot(n, ray) > wp.float64(0.0):
            n = -n
        normals[b, y, x, 0] = rounded(n[0])
        normals[b, y, x, 1] = rounded(-n[1])
        normals[b, y, x, 2] = rounded(-n[2])
    if flow.shape[0] > 0:
        if b < moves:
            w = shares(p0, p1, p2, ray)
            q = (
                seen[b + 1, faces[f, 0]] * w[0]
                + seen[b + 1, faces[f, 1]] * w[1]
                + seen[b + 1, faces[f, 2]] * w[2]
            )
            if q[2] > wp.float64(0.0):
                to_x = lens[0] * q[0] / q[2] + lens[2]
                to_y = lens[1] * q[1] / q[2] + lens[3]
                flow[b, y, x, 0] = wp.float16(to_x - wp.float64(x) - half)
                flow[b, y, x, 1] = wp.float16(to_y - wp.float64(y) - half)
            else:
                flow[b, y, x, 0] = wp.float16(wp.nan)
                flow[b, y, x, 1] = wp.float16(wp.nan)
        else:
            flow[b, y, x, 0] = wp.float16(0.0)
            flow[b, y, x, 1] = wp.float16(0.0)
