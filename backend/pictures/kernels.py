"""The Warp kernels that colour what was covered; `studio` is what calls them.

Triangles are carried and covered by the kernels of `backend.views`. Colours are linear until
a pixel is written.
"""

# pyright: reportArgumentType=false, reportIndexIssue=false, reportCallIssue=false
# pyright: reportOperatorIssue=false, reportAttributeAccessIssue=false
# pyright: reportAssignmentType=false, reportGeneralTypeIssues=false

import warp as wp

from backend.views.kernels import nothing, shares

wp.set_module_options({"enable_backward": False})

steep = wp.constant(6.0)  # beyond that what is in front is too far away to darken what is behind


@wp.func
def texel(
    tables: wp.array3d[int],
    texels: wp.array[wp.vec3],
    image: int,
    level: int,
    u: float,
    v: float,
):
    """The colour of an image, repeated, at a level of its pyramid; v goes up."""
    start = tables[image, level, 0]
    width = tables[image, level, 1]
    height = tables[image, level, 2]
    x = wp.min(int((u - wp.floor(u)) * float(width)), width - 1)
    y = wp.min(int((1.0 - (v - wp.floor(v))) * float(height)), height - 1)
    return texels[start + y * width + x]


@wp.func
def display(value: float):
    """A linear share as a byte of sRGB."""
    share = wp.clamp(value, 0.0, 1.0)
    if share <= 0.0031308:
        return wp.uint8(12.92 * share * 255.0 + 0.5)
    return wp.uint8((1.055 * wp.pow(share, 1.0 / 2.4) - 0.055) * 255.0 + 0.5)


@wp.func
def ray_of(lens: wp.vec4d, y: int, x: int):
    """Through the centre of a pixel."""
    half = wp.float64(0.5)
    u = (wp.float64(x) + half - lens[2]) / lens[0]
    v = (wp.float64(y) + half - lens[3]) / lens[1]
    return wp.vec3d(u, v, wp.float64(1.0))


@wp.func
def nearness(keys: wp.array3d[wp.uint64], b: int, y: int, x: int):
    """One by the depth of what a key sees, 0 where that is nothing or no key is there."""
    if y < 0 or x < 0 or y >= keys.shape[1] or x >= keys.shape[2]:
        return 0.0
    key = keys[b, y, x]
    if (key & nothing) == nothing:
        return 0.0
    return 1.0 / wp.cast(wp.uint32(key >> wp.uint64(32)), wp.float32)


@wp.func
def sunk(
    keys: wp.array3d[wp.uint64], b: int, y: int, x: int, dy: int, dx: int, here: float, step: float
):
    """How far a key lies behind the line between its neighbours, by their distance, 0 to 1.

    One by depth is linear on a plane, so that a plane is nowhere sunk.
    """
    a = nearness(keys, b, y + dy, x + dx)
    c = nearness(keys, b, y - dy, x - dx)
    slope = (0.5 * (a + c) / here - 1.0) / step
    if slope > steep:
        return steep / slope
    return wp.clamp(slope, 0.0, 1.0)


@wp.kernel
def shade_kernel(
    seen: wp.array2d[wp.vec3d],
    faces: wp.array2d[int],
    actor: wp.array[int],
    normals: wp.array[wp.vec3],
    colours: wp.array[wp.vec3],
    image: wp.array[int],
    uv: wp.array2d[wp.vec2],
    density: wp.array[float],
    tables: wp.array3d[int],
    texels: wp.array[wp.vec3],
    turns: wp.array2d[wp.mat33],
    suns: wp.array[wp.vec3],
    strengths: wp.array[wp.vec4],
    reach: wp.array[float],
    lens: wp.vec4d,
    fine: int,
    apart: int,
    keys: wp.array3d[wp.uint64],
    pictures: wp.array4d[wp.uint8],
):
    """Colour pixels, each the mean of `fine` by `fine` keys, lit by a sun, a sky and a ground.

    `strengths` are those of sun, sky, ground and of the shade in hollows, which is told by
    keys `apart` from each other; `reach` is the width of a key at depth 1.
    """
    b, y, x = wp.tid()
    total = wp.vec3(0.0, 0.0, 0.0)
    for j in range(fine):
        for i in range(fine):
            row = y * fine + j
            column = x * fine + i
            key = keys[b, row, column]
            f = int(key & nothing)
            if (key & nothing) == nothing:
                total += wp.vec3(1.0, 1.0, 1.0)
            else:
                p0 = seen[b, faces[f, 0]]
                p1 = seen[b, faces[f, 1]]
                p2 = seen[b, faces[f, 2]]
                normal = turns[b, actor[f]] * normals[f]
                if wp.dot(p0, wp.cross(p1, p2)) > wp.float64(0.0):
                    normal = -normal
                depth = wp.cast(wp.uint32(key >> wp.uint64(32)), wp.float32)
                base = colours[f]
                if image[f] >= 0:
                    w = shares(p0, p1, p2, ray_of(lens, row, column))
                    at = (
                        uv[f, 0] * wp.float32(w[0])
                        + uv[f, 1] * wp.float32(w[1])
                        + uv[f, 2] * wp.float32(w[2])
                    )
                    blur = wp.log2(wp.max(density[f] * depth * reach[b], 1.0))
                    level = wp.min(int(blur + 0.5), tables.shape[1] - 1)
                    base = texel(tables, texels, image[f], level, at[0], at[1])
                above = 0.5 + 0.5 * normal[2]
                light = strengths[b][0] * wp.max(wp.dot(normal, suns[b]), 0.0)
                light += strengths[b][1] * above + strengths[b][2] * (1.0 - above)
                here = 1.0 / depth
                step = reach[b] * float(apart)
                hollow = sunk(keys, b, row, column, 0, apart, here, step)
                hollow += sunk(keys, b, row, column, apart, 0, here, step)
                hollow += sunk(keys, b, row, column, apart, apart, here, 1.41 * step)
                hollow += sunk(keys, b, row, column, apart, -apart, here, 1.41 * step)
                light = light * (1.0 - 0.25 * strengths[b][3] * hollow)
                total += wp.vec3(
                    wp.min(base[0] * light, 1.0),
                    wp.min(base[1] * light, 1.0),
                    wp.min(base[2] * light, 1.0),
                )
    total = total / float(fine * fine)
    for channel in range(3):
        pictures[b, y, x, channel] = display(total[channel])


@wp.kernel
def layers_kernel(
    seen: wp.array2d[wp.vec3d],
    later: wp.array2d[wp.vec3d],
    faces: wp.array2d[int],
    actor: wp.array[int],
    lens: wp.vec4d,
    keys: wp.array3d[wp.uint64],
    found: wp.array3d[int],
    parts: wp.array3d[wp.uint16],
    depths: wp.array3d[wp.float32],
    flow: wp.array4d[wp.float32],
):
    """Which triangle of whom is in a pixel, how far away, and its way in pixels to `later`."""
    b, y, x = wp.tid()
    key = keys[b, y, x]
    if (key & nothing) == nothing:
        return
    f = int(key & nothing)
    found[b, y, x] = f
    parts[b, y, x] = wp.uint16(actor[f] + 1)
    depths[b, y, x] = wp.cast(wp.uint32(key >> wp.uint64(32)), wp.float32)
    i0 = faces[f, 0]
    i1 = faces[f, 1]
    i2 = faces[f, 2]
    w = shares(seen[b, i0], seen[b, i1], seen[b, i2], ray_of(lens, y, x))
    q = later[b, i0] * w[0] + later[b, i1] * w[1] + later[b, i2] * w[2]
    half = wp.float64(0.5)
    if q[2] > wp.float64(0.0):
        to_x = lens[0] * q[0] / q[2] + lens[2]
        to_y = lens[1] * q[1] / q[2] + lens[3]
        flow[b, y, x, 0] = wp.float32(to_x - wp.float64(x) - half)
        flow[b, y, x, 1] = wp.float32(to_y - wp.float64(y) - half)
    else:
        flow[b, y, x, 0] = wp.nan
        flow[b, y, x, 1] = wp.nan
