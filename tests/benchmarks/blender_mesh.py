"""Reading a million vertices and their triangles out of Blender. Run by run.py, with bpy."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.inside import install_extension, leave, million_vertices, module
from tests.benchmarks.measure import compared, interleaved, seconds

rounds = 9


def main() -> None:
    install_extension()
    read, mesh = module(".scene.meshes").read, million_vertices()

    def timed(action):
        def run(_: int) -> float:
            mesh.update()  # drops the triangles that Blender has cached
            return seconds(action)

        return run

    def vertices() -> np.ndarray:
        positions = np.empty((len(mesh.vertices), 3), np.float32)
        mesh.vertices.foreach_get("co", positions.reshape(-1))
        return positions

    def usual() -> tuple[np.ndarray, ...]:
        mesh.calc_loop_triangles()
        triangles = np.empty((len(mesh.loop_triangles), 3), np.int32)
        mesh.loop_triangles.foreach_get("vertices", triangles.reshape(-1))
        polygons = np.empty(len(mesh.loop_triangles), np.int32)
        mesh.loop_triangles.foreach_get("polygon_index", polygons)
        return vertices(), triangles, polygons

    for ours, theirs in zip(read(mesh), usual(), strict=True):
        assert np.array_equal(ours, theirs)
    medians = interleaved(
        {
            "vertices.foreach_get": timed(vertices),
            "Tug's reader: vertices, triangles, their polygons": timed(lambda: read(mesh)),
            "the same by vertices and loop_triangles.foreach_get": timed(usual),
        },
        rounds,
    )
    print("## Reading a mesh from Blender\n\nThe same mesh: one million vertices in quads.\n")
    print(compared(medians, "vertices.foreach_get"))
    leave()


if __name__ == "__main__":
    main()
