"""A process that writes jobs is killed at random points: what it said was written is there."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.gateway.store import JobStore
from tests.conftest import root

writer = """
import sys
from pathlib import Path
from backend.gateway.jobs import Job
from backend.gateway.store import JobStore

store = JobStore(Path(sys.argv[1]))
for number in range(100_000):
    job = Job(str(number), "test", "articulate", created=1.0)
    store.add(job, {"number": number}, [f"{number:064}"])
    print("accepted", number, flush=True)
    job.state = "done"
    store.save(job, {"answer": number}, [f"{number + 1:064}"])
    print("done", number, flush=True)
"""


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.integers(1, 60))
def test_nothing_that_was_written_is_lost(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("store")
    process = subprocess.Popen(
        [sys.executable, "-c", writer, str(folder)], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert process.stdout
    said = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    said += process.stdout.readlines()
    process.wait(20)
    assert said[lines - 1], "the writer ended by itself"
    check(folder, [line.split() for line in said if line.endswith("\n")])


def check(folder, said):
    store = JobStore(folder)
    states = {job.id: job.state for job in store.jobs()}
    for what, number in said:
        assert store.request(number) == {"number": int(number)}
        if what == "done":
            assert states[number] == "done"
            assert store.result(number) == {"answer": int(number)}
    store.close()
