"""How articulation grows with the mesh, and where its time goes.

    python tests/benchmarks/articulation.py [--largest 1000000]

One cabinet with a hinged door, its boards cut ever finer, pulled open the same way: times as
ratios to the smallest, so that they compare between machines.
"""

from __future__ import annotations

import argparse
import resource
import sys
from pathlib import Path

import numpy as np
import trimesh

root = Path(__file__).parents[2]
sys.path.insert(0, str(root))

from backend.articulation.engine import Answer, articulate, stages  # noqa: E402
from backend.articulation.problem import Problem  # noqa: E402
from backend.geometry.mesh import Mesh  # noqa: E402

sizes = (1_000, 10_000, 100_000, 1_000_000)
rounds = 3


def finer(mesh: Mesh, faces: int) -> Mesh:
    """Cut triangles in four until there are `faces`, wavy enough to be no plane."""
    vertices, triangles = mesh.vertices, mesh.faces
    while (missing := (faces - len(triangles)) // 3) > 0:
        some = np.arange(min(missing, len(triangles)))
        vertices, triangles = trimesh.remesh.subdivide(vertices, triangles, some)[:2]
    ripple = 2e-5 * np.sin(vertices[:, [1, 2, 0]] * 37.0)
    return Mesh(vertices + ripple, triangles.astype(np.int32))


def door(faces: int) -> Problem:
    from tests.backend.articulation import shapes

    made = shapes.door()
    share = len(made.part.faces) / (len(made.part.faces) + len(made.body.faces))
    part, body = finer(made.part, int(share * faces)), finer(made.body, int((1 - share) * faces))
    return Problem(part, body, made.problem().drags)


def quickest(problem: Problem) -> Answer:
    return min((articulate(problem) for _ in range(rounds)), key=lambda a: sum(a.seconds.values()))


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=sizes[-1])
    largest = parser.parse_args().largest
    articulate(door(sizes[0]))  # compiles the kernels
    print("| triangles | time to 1k | seconds | " + " | ".join(stages) + " | peak MB |")
    print("|---|---|---|" + "---|" * (len(stages) + 1))
    base = 0.0
    for size in (size for size in sizes if size <= largest):
        problem = door(size)
        answer = quickest(problem)
        total = sum(answer.seconds.values())
        base = base or total
        shares = " | ".join(f"{answer.seconds[name] / total:.0%}" for name in stages)
        count = len(problem.part.faces) + len(problem.body.faces)
        print(f"| {count:,} | {total / base:.1f} | {total:.2f} | {shares} | {megabytes():.0f} |")


if __name__ == "__main__":
    main()
