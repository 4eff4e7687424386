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
patience = 120.0


def ticks(until: Callable[[int], bool]) -> tuple[list[float], float]:
    """Call the timer's function as Blender would; return the seconds of each call and in all.

    Always with the pause that a busy session asks for, so idle ticks do not take all day.
    """
    runtime = module(".runtime")
    took: list[float] = []
    began = time.perf_counter()
    while not until(len(took)):
        start = time.perf_counter()
        runtime.tick()
        took.append(time.perf_counter() - start)
        assert time.perf_counter() - began < patience
        time.sleep(runtime.busy_interval)
    return took, time.perf_counter() - began


def connected(backend: Backend) -> Any:
    settings = module(".core.session").Settings(
        mode="local", connection_file=str(backend.connection_file)
    )
    session = module(".runtime").use(settings)
    session.connect()
    assert session.wait(lambda: session.connected, patience)
    return session


def leaving(session: Any, array: np.ndarray) -> tuple[Any, tuple[list[float], float]]:
    """Ticks while an array is uploaded for a job; also its blob."""
    describe, tasks = module(".protocol.blobs").describe, module(".protocol.tasks")
    blob, faces = describe(array), np.array([[0, 1, 2]], np.int32)
    mesh = tasks.Geometry(vertices=blob, faces=describe(faces), moving="all")
    request = tasks.ArticulateRequest(geometry=(mesh,), engine="null")
    job = session.client.submit(request, [array, faces])
    measured = ticks(lambda _: job.finished)
    assert job.error is None, job.error
    return blob, measured


def arriving(session: Any, blob: Any) -> tuple[list[float], float]:
    """Ticks while the array comes back."""
    download = session.client.fetch(blob)
    measured = ticks(lambda _: download.finished)
    assert download.error is None, download.error
    return measured


def row(label: str, measured: tuple[list[float], float]) -> list[str]:
    took, total = measured
    figures = (statistics.median(took), quantile(took, 0.99), max(took))
    return [label, str(len(took)), *(f"{1000 * value:.2f}" for value in figures), f"{total:.1f}"]


def main() -> None:
    install_extension()
    backend = Backend(Path(scratch.name) / "backend", "--null").start()
    session = connected(backend)
    array = np.random.default_rng(0).random((megabytes * 1_000_000 // 12, 3), np.float32)
    array.flags.writeable = False
    idle = ticks(lambda count: count >= idle_ticks)
    blob, out = leaving(session, array)
    back = arriving(session, blob)
    print("## The timer in Blender\n\nTime of one tick, called every 50 ms.\n")
    headers = ["", "ticks", "median ms", "p99 ms", "max ms", "seconds in all"]
    rows = [
        row("idle", idle),
        row(f"while {megabytes} MB leave", out),
        row(f"while {megabytes} MB arrive", back),
    ]
    print(table(headers, rows))
    backend.close()
    leave()


if __name__ == "__main__":
    main()
