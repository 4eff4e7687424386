"""How articulation grows with the mesh, where its time goes, and what its sweeps save.

    python tests/benchmarks/articulation.py [--largest 1000000]

One cabinet with a hinged door, its boards cut ever finer, pulled open the same way: times as
ratios to the smallest, so that they compare between machines. Each size runs in a process of
its own, whose memory at the end is its peak. Then the same sweep of the door, once by Tug's
kernel and once by trimesh's ray and closest point queries.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import trimesh

root = Path(__file__).parents[2]
sys.path.insert(0, str(root))

from backend.articulation.clearance import poses  # noqa: E402
from backend.articulation.engine import Answer, articulate, stages  # noqa: E402
from backend.articulation.problem import Problem, silent  # noqa: E402
from backend.articulation.subject import Subject, prepare  # noqa: E402
from backend.geometry.mesh import Mesh  # noqa: E402
from backend.geometry.surface import Motions  # noqa: E402
from tests.benchmarks.measure import compared, interleaved, seconds  # noqa: E402

sizes = (1_000, 10_000, 100_000, 1_000_000)
rounds = 3
sweep_faces, sweep_steps, sweep_turn = 10_000, 24, np.radians(100.0)


@dataclass(frozen=True)
class Measured:
    """One size: triangles, seconds of each stage, and megabytes at the peak."""

    faces: int
    stages: dict[str, float]
    megabytes: float

    @property
    def seconds(self) -> float:
        return sum(self.stages.values())


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


def measured(faces: int) -> Measured:
    """Measure one size; memory counts Python and the libraries, as any process has them."""
    problem = door(faces)
    articulate(door(sizes[0]))  # loads the kernels
    answer = quickest(problem)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(len(problem.part.faces) + len(problem.body.faces), answer.seconds, peak)


def in_own_process(faces: int) -> Measured:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measured, (faces,))


def told(results: list[Measured]) -> None:
    print("| triangles | time to 1k | seconds | " + " | ".join(stages) + " | peak MB |")
    print("|---|---|---|" + "---|" * (len(stages) + 1))
    for result in results:
        shares = " | ".join(f"{result.stages[name] / result.seconds:.0%}" for name in stages)
        print(
            f"| {result.faces:,} | {result.seconds / results[0].seconds:.1f} "
            f"| {result.seconds:.2f} | {shares} | {result.megabytes:.0f} |"
        )
    if len(results) == len(sizes):
        print(f"\n1M to 100k triangles: {results[-1].seconds / results[-2].seconds:.1f} times.")


def sweeps() -> dict[str, Callable[[int], float]]:
    """The door's probes swept past the cabinet, by the project's kernel and by trimesh."""
    problem = door(sweep_faces)
    subject = prepare(problem, silent)
    axis = subject.frame.local_direction(np.array([0.0, 0.0, -1.0]))
    corner = problem.part.vertices[problem.part.vertices.sum(axis=1).argmin()]
    motion = Motions(np.array([True]), axis[None], subject.frame.local(corner)[None])
    body = trimesh.Trimesh(subject.body.mesh.vertices, subject.body.mesh.faces, process=False)
    points = subject.part.probes.points[:400]

    def kernel() -> None:
        reach = np.array([sweep_turn])
        subject.body.surface.sweep(points, motion, reach, sweep_steps, subject.tolerance)

    return {
        "Tug's sweep": lambda _: seconds(kernel),
        "trimesh, rays": lambda _: seconds(lambda: _by_rays(body, subject, points, motion)),
        "trimesh, closest points": lambda _: seconds(lambda: _by_distance(body, points, motion)),
    }


def _by_rays(body: trimesh.Trimesh, subject: Subject, points: np.ndarray, motion: Motions) -> None:
    """Whether each step's way meets the cabinet, until a point is through."""
    there = _carried(points, motion)
    free = np.ones(len(points), dtype=bool)
    for at, to in pairwise(there):
        ways = (to - at)[free]
        length = np.linalg.norm(ways, axis=1)
        hits, rays, _ = body.ray.intersects_location(at[free], ways / length[:, None])
        met = np.linalg.norm(hits.reshape(-1, 3) - at[free][rays], axis=1) <= length[rays]
        free[np.flatnonzero(free)[rays[met]]] = False


def _by_distance(body: trimesh.Trimesh, points: np.ndarray, motion: Motions) -> None:
    """How far each point is inside the cabinet at each step."""
    for there in _carried(points, motion):
        trimesh.proximity.signed_distance(body, there)


def _carried(points: np.ndarray, motion: Motions) -> np.ndarray:
    turns = poses(motion, np.linspace(0.0, sweep_turn, sweep_steps + 1))
    return np.einsum("kij,nj->kni", turns[:, :3, :3], points) + turns[:, None, :3, 3]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=sizes[-1])
    largest = parser.parse_args().largest
    told([in_own_process(size) for size in sizes if size <= largest])
    print("\nThe same sweep: 400 points of the door, 24 steps of a turn, 10,000 triangles.\n")
    print(compared(interleaved(sweeps(), rounds), "Tug's sweep"))


if __name__ == "__main__":
    main()
