"""The Warp kernels of motion; `stage` is what calls them."""

# pyright: reportArgumentType=false, reportIndexIssue=false, reportCallIssue=false
# pyright: reportOperatorIssue=false, reportAttributeAccessIssue=false
# pyright: reportAssignmentType=false, reportGeneralTypeIssues=false

from backend.geometry.kernels import wp  # Warp, told to be quiet

wp.set_module_options({"enable_backward": False})


@wp.kernel
def segments_kernel(
    mesh: wp.uint64,
    starts: wp.array[wp.vec3],
    ends: wp.array[wp.vec3],
    poses: wp.array[wp.mat44],
    depth: wp.array2d[float],
    face: wp.array2d[int],
):
    """How far beyond the surface a moved segment goes, on its shorter side, and where."""
    k, i = wp.tid()
    start = wp.transform_point(poses[k], starts[i])
    way = wp.transform_point(poses[k], ends[i]) - start
    length = wp.length(way)
    depth[k, i] = 0.0
    face[k, i] = -1
    if length > 1.0e-9:
        query = wp.mesh_query_ray(mesh, start, way / length, length)
        if query.result:
            across = wp.abs(wp.dot(query.normal, way / length))
            depth[k, i] = across * wp.min(query.t, length - query.t)
            face[k, i] = query.face
