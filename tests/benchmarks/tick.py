"""How long the add-on's timer holds Blender up. Run by run.py, with bpy."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.inside import install_extension, leave, module, scratch
from tests.benchmarks.measure import quantile, table
from tests.conftest import Backend

idle_ticks = 400
megabytes = 100
repeats = 5
patience = 120.0

introduction = """## The timer in Blender

One call of the timer's function, every 50 ms. The goal was no tick above 8 ms. Processor time
leaves out what other programs took from this one.
"""


class Ticks:
    """Seconds by the clock and of the processor for each call of the timer's function."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []
        self.total = 0.0

    def until(self, done: Callable[[], bool]) -> None:
        """Call it as Blender would until `done()`.

        Always with the pause that a busy session asks for, so idle ticks do not take all day.
        """
        runtime = module(".runtime")
        began = time.perf_counter()
        while not done():
            wall, cpu = time.perf_counter(), time.thread_time()
            runtime.tick()
            self.wall.append(time.perf_counter() - wall)
            self.cpu.append(time.thread_time() - cpu)
            assert time.perf_counter() - began < patience
            time.sleep(runtime.busy_interval)
        self.total += time.perf_counter() - began

    def row(self, label: str, times: int) -> list[str]:
        figures = [statistics.median(self.wall), quantile(self.wall, 0.99), max(self.wall)]
        figures += [quantile(self.cpu, 0.99), max(self.cpu)]
        in_ms = [f"{1000 * value:.2f}" for value in figures]
        return [label, str(len(self.wall)), *in_ms, f"{self.total / times:.1f}"]


def connected(backend: Backend) -> Any:
    settings = module(".core.session").Settings(
        mode="local", connection_file=str(backend.connection_file)
    )
    session = module(".runtime").use(settings)
    session.connect()
    assert session.wait(lambda: session.connected, patience)
    return session


def leave_and_return(session: Any, array: np.ndarray, out: Ticks, back: Ticks) -> None:
    """Upload an array for a job, then fetch it again."""
    describe, meshes = module(".protocol.blobs").describe, module(".protocol.meshes")
    tasks = module(".protocol.tasks")
    blob, faces = describe(array), np.array([[0, 1, 2]], np.int32)
    mesh = meshes.Geometry(vertices=blob, faces=describe(faces), moving="all")
    request = tasks.ArticulateRequest(geometry=(mesh,), engine="null")
    job = session.client.submit(request, [array, faces])
    out.until(lambda: job.finished)
    assert job.error is None, job.error
    download = session.client.fetch(blob)
    back.until(lambda: download.finished)
    assert download.error is None, download.error
    job.acknowledge()


def main() -> None:
    install_extension()
    backend = Backend(Path(scratch.name) / "backend", "--null").start()
    session = connected(backend)
    idle, out, back = Ticks(), Ticks(), Ticks()
    idle.until(lambda: len(idle.wall) >= idle_ticks)
    for seed in range(repeats):
        rows = megabytes * 1_000_000 // 12
        array = np.random.default_rng(seed).random((rows, 3), np.float32)
        array.flags.writeable = False
        leave_and_return(session, array, out, back)
    print(introduction)
    headers = ["", "ticks", "median ms", "p99 ms", "max ms", "p99 CPU ms", "max CPU ms", "seconds"]
    rows = [
        idle.row("idle", 1),
        out.row(f"{megabytes} MB leave", repeats),
        back.row(f"{megabytes} MB arrive", repeats),
    ]
    print(table(headers, rows))
    backend.close()
    leave()


if __name__ == "__main__":
    main()
