"""The Warp kernels of textures: which texels triangles cover, and what cameras see of them.

A triangle's plane in a camera's frame is kept as the vector g with g . (u, v, 1) = 1 / depth,
where u and v are a pixel's slopes: inverse depth is linear in the picture.
"""

# ruff: noqa: SIM102 (in Warp, `and` asks both sides)
# pyright: reportArgumentType=false, reportIndexIssue=false, reportCallIssue=false
# pyright: reportOperatorIssue=false, reportAttributeAccessIssue=false
# pyright: reportAssignmentType=false, reportGeneralTypeIssues=false

import warp as wp

import backend.geometry.kernels  # noqa: F401 (starts Warp)

wp.set_module_options({"enable_backward": False})

edge = wp.constant(wp.float64(1.0e-9))  # of a triangle, so that no texel falls between two
creased = wp.constant(wp.float64(0.766))  # cosine between the normals at a crease, 40 degrees
far_behind = wp.constant(wp.float64(1.02))
enough = wp.constant(wp.uint8(2))  # views that must see a point: one may be a coincidence
least_facing = wp.constant(0.08)  # cosine under which a surface is not seen well enough
pure = wp.constant(1.5)  # pixels off a jump or crease, where another surface's colour is mixed in


@wp.func
def side(a: wp.vec2d, b: wp.vec2d, p: wp.vec2d):
    """Twice the signed area of a triangle."""
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


@wp.kernel
def cover_kernel(
    corners: wp.array2d[wp.vec2d],
    owner: wp.array2d[int],
    inside: wp.array2d[wp.uint8],
):
    """The first triangle over each texel's middle, and how many have it well inside them."""
    f = wp.tid()
    a = corners[f, 0]
    b = corners[f, 1]
    c = corners[f, 2]
    area = side(a, b, c)
    if wp.abs(area) < wp.float64(1.0e-12):
        return
    size = wp.float64(owner.shape[0])
    half = wp.float64(0.5)
    one = wp.float64(1.0)
    low = wp.min(a, wp.min(b, c))
    high = wp.max(a, wp.max(b, c))
    x0 = int(wp.ceil(wp.clamp(low[0] - half, wp.float64(0.0), size)))
    x1 = int(wp.floor(wp.clamp(high[0] - half, -one, size - one)))
    y0 = int(wp.ceil(wp.clamp(low[1] - half, wp.float64(0.0), size)))
    y1 = int(wp.floor(wp.clamp(high[1] - half, -one, size - one)))
    for y in range(y0, y1 + 1):
        for x in range(x0, x1 + 1):
            p = wp.vec2d(wp.float64(x) + half, wp.float64(y) + half)
            least = wp.min(side(b, c, p) / area, side(c, a, p) / area)
            least = wp.min(least, side(a, b, p) / area)
            if least >= -edge:
                wp.atomic_min(owner, y, x, f)
                if least > wp.float64(1.0e-4) and inside[y, x] < wp.uint8(2):
                    inside[y, x] = inside[y, x] + wp.uint8(1)


@wp.kernel
def place_kernel(
    place: wp.array[int],
    face: wp.array[int],
    corners: wp.array2d[wp.vec2d],
    solid: wp.array2d[wp.vec3d],
    size: int,
    points: wp.array[wp.vec3d],
):
    """Where the middles of texels are in the world, from the corners of their triangles."""
    i = wp.tid()
    f = face[i]
    half = wp.float64(0.5)
    p = wp.vec2d(wp.float64(place[i] % size) + half, wp.float64(place[i] / size) + half)
    a = corners[f, 0]
    b = corners[f, 1]
    c = corners[f, 2]
    area = side(a, b, c)
    u = side(b, c, p) / area
    v = side(c, a, p) / area
    w = wp.float64(1.0) - u - v
    points[i] = solid[f, 0] * u + solid[f, 1] * v + solid[f, 2] * w


@wp.func
def depth_of(plane: wp.vec3d, u: wp.float64, v: wp.float64):
    """The inverse depth of a plane in the direction of a pixel."""
    return plane[0] * u + plane[1] * v + plane[2]


@wp.func
def holds(a: wp.vec3d, b: wp.vec3d, c: wp.vec3d, ray: wp.vec3d):
    """Whether a ray from the camera goes through a triangle."""
    x = wp.dot(wp.cross(b, c), ray)
    y = wp.dot(wp.cross(c, a), ray)
    z = wp.dot(wp.cross(a, b), ray)
    least = -(wp.abs(x) + wp.abs(y) + wp.abs(z)) * wp.float64(1.0e-9)
    return (x >= least and y >= least and z >= least) or (
        x <= -least and y <= -least and z <= -least
    )


@wp.func
def bare(
    at: wp.vec3d,
    face: int,
    lens: wp.vec4d,
    near: wp.float64,
    slack: wp.float64,
    corners: wp.array2d[wp.vec3d],
    own: wp.array[wp.vec3d],
    seen: wp.array2d[int],
):
    """The pixel, column and row, that sees a point of the camera's frame, or -1, -1.

    The triangles that the four pixels around the point see are asked whether they are really in
    front of it. Where none of them is at the point at all, as on dense meshes, it is the plane of
    what its own pixel sees that must not be in front.
    """
    nowhere = wp.vec2i(-1, -1)
    if at[2] < near:
        return nowhere
    half = wp.float64(0.5)
    one = wp.float64(1.0)
    u = at[0] / at[2]
    v = at[1] / at[2]
    x = lens[0] * u + lens[2]
    y = lens[1] * v + lens[3]
    column = int(wp.floor(x))
    row = int(wp.floor(y))
    if column < 0 or row < 0 or column >= seen.shape[1] or row >= seen.shape[0]:
        return nowhere
    ray = wp.vec3d(u, v, one)
    limit = (one + slack) / at[2]
    met = wp.bool(False)
    before = wp.int32(-1)
    for k in range(4):
        i = wp.clamp(int(wp.floor(x - half)) + k % 2, 0, seen.shape[1] - 1)
        j = wp.clamp(int(wp.floor(y - half)) + k / 2, 0, seen.shape[0] - 1)
        f = seen[j, i]
        if f == face:
            met = wp.bool(True)
        elif f >= 0 and f != before:
            before = f
            if holds(corners[f, 0], corners[f, 1], corners[f, 2], ray):
                if depth_of(own[f], u, v) > limit:
                    return nowhere
                met = wp.bool(True)
    f = seen[row, column]
    if not met and f >= 0 and depth_of(own[f], u, v) > limit:
        return nowhere
    return wp.vec2i(column, row)


@wp.func
def apart(p: wp.float64, q: wp.float64, slope_p: wp.float64, slope_q: wp.float64, step: wp.float64):
    """Whether the surfaces of neighbouring pixels do not meet between them.

    `p` and `q` are their inverse depths, the slopes those from the first pixel to the second,
    `step` the slope of a ray from pixel to pixel.
    """
    begin = p - (q - slope_q)
    way = slope_p - slope_q
    half = wp.float64(0.5)
    if wp.abs(begin + half * way) <= step * wp.max(p, q):
        return False
    where = -begin / way
    return not (where >= -half and where <= wp.float64(1.5))


@wp.kernel
def jump_kernel(
    lens: wp.vec4d,
    own: wp.array[wp.vec3d],
    seen: wp.array2d[int],
    jumps: wp.array2d[wp.uint8],
):
    """Mark pixels beside a crease (1), or a jump in depth on its near side (2), far side (3)."""
    y, x = wp.tid()
    half = wp.float64(0.5)
    zero = wp.vec3d()
    f = seen[y, x]
    plane = zero
    if f >= 0:
        plane = own[f]
    u = (wp.float64(x) + half - lens[2]) / lens[0]
    v = (wp.float64(y) + half - lens[3]) / lens[1]
    here = depth_of(plane, u, v)
    jump = wp.int32(0)
    for k in range(4):
        axis = k % 2
        way = 2 * (k / 2) - 1
        i = x
        j = y
        step = wp.float64(way) / lens[axis]
        if axis == 0:
            i = x + way
        else:
            j = y + way
        if i < 0 or j < 0 or i >= seen.shape[1] or j >= seen.shape[0]:
            continue
        g = seen[j, i]
        if g == f:
            continue
        if f < 0 or g < 0:
            jump = wp.max(jump, wp.where(f < 0, 3, 2))
            continue
        other = own[g]
        slope = other[axis] * step
        there = depth_of(other, u, v) + slope
        if apart(here, there, plane[axis] * step, slope, wp.abs(step)):
            jump = wp.max(jump, wp.where(here < there, 3, 2))
        elif wp.dot(plane, other) < creased * wp.length(plane) * wp.length(other):
            jump = wp.max(jump, 1)
    jumps[y, x] = wp.uint8(jump)


@wp.kernel
def plane_kernel(corners: wp.array2d[wp.vec3d], own: wp.array[wp.vec3d]):
    """The planes of triangles of the camera's frame; zeros where they are seen edge on."""
    f = wp.tid()
    a = corners[f, 0]
    normal = wp.cross(corners[f, 1] - a, corners[f, 2] - a)
    distance = wp.dot(normal, a)
    if distance != wp.float64(0.0):
        own[f] = normal / distance


@wp.func
def deep(at: wp.vec3d, lens: wp.vec4d, own: wp.array[wp.vec3d], seen: wp.array2d[int]):
    """Whether a point is so far behind what its pixel sees that nothing else need be asked."""
    u = at[0] / at[2]
    v = at[1] / at[2]
    column = int(wp.floor(lens[0] * u + lens[2]))
    row = int(wp.floor(lens[1] * v + lens[3]))
    if column < 0 or row < 0 or column >= seen.shape[1] or row >= seen.shape[0]:
        return True
    f = seen[row, column]
    return f >= 0 and depth_of(own[f], u, v) * at[2] > far_behind


@wp.kernel
def notice_kernel(
    points: wp.array[wp.vec3d],
    face: wp.array[int],
    view: wp.mat44d,
    lens: wp.vec4d,
    near: wp.float64,
    slack: wp.float64,
    corners: wp.array2d[wp.vec3d],
    own: wp.array[wp.vec3d],
    seen: wp.array2d[int],
    jumps: wp.array2d[wp.uint8],
    noticed: wp.array[wp.uint8],
):
    """Count the views that see a point, up to `enough`; not beside what is nearer."""
    i = wp.tid()
    if noticed[i] >= enough:
        return
    at = wp.transform_point(view, points[i])
    if deep(at, lens, own, seen):
        return
    spot = bare(at, face[i], lens, near, slack, corners, own, seen)
    if spot[0] >= 0:
        if jumps[spot[1], spot[0]] != wp.uint8(3):
            noticed[i] = noticed[i] + wp.uint8(1)


@wp.func
def smooth(value: float):
    """From 0 to 1 without a kink."""
    t = wp.clamp(value, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


@wp.func
def colour_at(picture: wp.array2d[wp.vec3], x: float, y: float):
    """Between the middles of four pixels."""
    left = wp.floor(x - 0.5)
    top = wp.floor(y - 0.5)
    a = x - 0.5 - left
    b = y - 0.5 - top
    x0 = wp.clamp(int(left), 0, picture.shape[1] - 1)
    x1 = wp.clamp(int(left) + 1, 0, picture.shape[1] - 1)
    y0 = wp.clamp(int(top), 0, picture.shape[0] - 1)
    y1 = wp.clamp(int(top) + 1, 0, picture.shape[0] - 1)
    upper = picture[y0, x0] * (1.0 - a) + picture[y0, x1] * a
    lower = picture[y1, x0] * (1.0 - a) + picture[y1, x1] * a
    return upper * (1.0 - b) + lower * b


@wp.kernel
def shoot_kernel(
    points: wp.array[wp.vec3d],
    face: wp.array[int],
    view: wp.mat44d,
    lens: wp.vec4d,
    near: wp.float64,
    slack: wp.float64,
    corners: wp.array2d[wp.vec3d],
    own: wp.array[wp.vec3d],
    seen: wp.array2d[int],
    border: wp.array2d[wp.float32],
    fineness: int,
    feather: float,
    picture: wp.array2d[wp.vec3],
    weight: wp.array[wp.float32],
    colour: wp.array[wp.vec3],
):
    """How well a picture shows each point, 0 not at all, and its colour there.

    The square of pixels an area times the cosine to the camera, squared, so that the best
    picture prevails; it falls smoothly to 0 towards jumps in depth, creases and the frame.
    `border` is in pixels of the picture, of which what is seen has `fineness` for each.
    """
    i = wp.tid()
    weight[i] = 0.0
    at = wp.transform_point(view, points[i])
    spot = bare(at, face[i], lens, near, slack, corners, own, seen)
    steep = wp.length(own[face[i]])
    if spot[0] < 0 or steep == wp.float64(0.0):
        return
    facing = float(wp.float64(1.0) / (steep * wp.length(at)))
    kept = smooth((border[spot[1], spot[0]] - pure) / feather)
    kept *= smooth((facing - least_facing) / 0.2)
    if kept <= 0.0:
        return
    scale = 1.0 / float(fineness)
    x = float(lens[0] * at[0] / at[2] + lens[2]) * scale
    y = float(lens[1] * at[1] / at[2] + lens[3]) * scale
    density = float(lens[0] * lens[1] / (at[2] * at[2])) * scale * scale * facing
    weight[i] = kept * density * density * facing * facing
    colour[i] = colour_at(picture, x, y)


@wp.kernel
def bleed_kernel(
    image: wp.array2d[wp.vec3],
    state: wp.array2d[wp.uint8],
    spread: wp.array2d[wp.vec3],
    new_state: wp.array2d[wp.uint8],
):
    """Free texels (0) beside painted ones (1) become the mean of those; 2 stays as it is."""
    y, x = wp.tid()
    spread[y, x] = image[y, x]
    new_state[y, x] = state[y, x]
    if state[y, x] != wp.uint8(0):
        return
    total = wp.vec3(0.0, 0.0, 0.0)
    count = wp.float32(0.0)
    for row in range(wp.max(y - 1, 0), wp.min(y + 2, state.shape[0])):
        for column in range(wp.max(x - 1, 0), wp.min(x + 2, state.shape[1])):
            if state[row, column] == wp.uint8(1):
                total += image[row, column]
                count += 1.0
    if count > 0.0:
        spread[y, x] = total / count
        new_state[y, x] = wp.uint8(1)
