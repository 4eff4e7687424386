"""Kills lose nothing that was accepted and nothing that was found."""

from __future__ import annotations

import subprocess

import psutil
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.blobs import describe
from protocol.client import Client
from protocol.codec import to_map
from tests.conftest import backend_python, root, until


def finished(client, jobs, seconds=60):
    assert client.wait(lambda: all(job.finished for job in jobs), seconds), [
        job.status for job in jobs
    ]
    return [job.status.state for job in jobs]


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(delay=st.floats(0.0, 0.6), jobs=st.integers(1, 6))
def test_a_gateway_killed_at_any_time_finishes_every_accepted_job(
    make_backend, make_raw, connect, ask, delay, jobs
):
    backend = make_backend("--null", name=f"tug-{delay}-{jobs}").start()
    first = connect(backend)
    asked = [first.submit(*ask("null:done=0.15", seed=seed)) for seed in range(jobs)]
    first.wait(lambda: False, delay)
    accepted = [job.id for job in asked if job.status.sequence or job.status.task]
    found = {job.id: job.result for job in asked if job.result}
    backend.kill()
    first.close()

    backend.start()
    second = connect(backend, "somebody-else")
    again = second.attach(accepted)
    assert finished(second, again) == ["done"] * len(accepted)
    for job in again:
        assert job.result == found.get(job.id, job.result)
        assert job.result.seed == asked[[a.id for a in asked].index(job.id)].request.seed
    second.close()
    backend.kill()


def test_the_same_client_goes_on_after_a_kill(make_backend, ask):
    backend = make_backend("--null").start()
    client = Client(backend.connection_file, "same")
    job = client.submit(*ask("null:done=2"))
    assert client.wait(lambda: job.status.stage != "", 20)
    before, told = client.server_session, job.status.sequence
    backend.kill()
    backend.start()
    assert finished(client, [job]) == ["done"]
    assert client.server_session != before
    assert job.status.sequence // 1_000_000 > told // 1_000_000, "a run reuses old sequences"
    client.close()


def test_a_job_that_never_lets_the_gateway_live_is_given_up(make_backend, connect, ask):
    backend = make_backend("--null").start()
    client = connect(backend)
    job = client.submit(*ask("null:done=60")).id
    for _ in range(3):
        (remote,) = client.attach([job]) if job not in client.jobs else (client.jobs[job],)
        assert client.wait(lambda remote=remote: remote.status.state == "running", 30)
        backend.kill()
        client.close()
        backend.start()
        client = connect(backend)
    (remote,) = client.attach([job])
    assert finished(client, [remote]) == ["failed"]
    assert remote.error.code == "worker_crashed"
    assert "3 times" in remote.error.message


def test_a_clean_stop_is_no_failed_attempt(make_backend, connect, ask):
    backend = make_backend("--null").start()
    client = connect(backend)
    job = client.submit(*ask("null:done=1.5")).id
    for _ in range(4):
        (remote,) = (client.jobs[job],) if job in client.jobs else client.attach([job])
        assert client.wait(lambda remote=remote: remote.status.state == "running", 30)
        assert backend.stop() == 0
        client.close()
        backend.start()
        client = connect(backend)
    (remote,) = client.attach([job])
    assert finished(client, [remote]) == ["done"]


def test_connection_file_goes_with_a_clean_stop(make_backend):
    backend = make_backend("--null").start()
    assert backend.connection_file.stat().st_mode & 0o077 == 0
    assert backend.stop() == 0
    assert not backend.connection_file.exists()


def test_a_second_gateway_in_the_same_folder_is_refused_in_words(backend, make_backend):
    second = subprocess.run(
        [backend_python(), "-m", "backend", "serve", "--null", "--data", str(backend.data)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert "Another Tug backend is using" in second.stderr
    assert "Traceback" not in second.stderr
    assert backend.connection_file.exists()


def test_workers_go_with_a_killed_gateway(backend, connect):
    assert backend.process
    workers = until(psutil.Process(backend.process.pid).children, what="a worker")
    backend.kill()
    until(lambda: not any(worker.is_running() for worker in workers), what="the workers' end")


def test_dropped_clients_come_back_and_get_their_result(backend, connect, ask):
    client = connect(backend)
    job = client.submit(*ask("null:disconnect=1"))
    assert finished(client, [job]) == ["done"]


def test_two_clients_have_their_own_jobs(backend, connect, ask):
    one, two = connect(backend, "one"), connect(backend, "two")
    mine = one.submit(*ask("null:slow=30"))
    theirs = two.submit(*ask("null", seed=5))
    assert one.wait(lambda: mine.status.state == "running", 20)
    two.pump()
    mine.cancel()
    assert finished(two, [theirs]) == ["done"]
    assert theirs.result.seed == 5
    assert finished(one, [mine]) == ["cancelled"]
    assert mine.id not in two.jobs


def test_a_job_of_another_client_can_be_followed_by_id(backend, connect, ask):
    """Blender closed and reopened with its preferences lost."""
    one = connect(backend, "one")
    job = one.submit(*ask("null:slow=1"))
    assert one.wait(lambda: job.status.state == "running", 20)
    one.close()
    two = connect(backend, "two")
    (again,) = two.attach([job.id])
    assert finished(two, [again]) == ["done"]
    assert to_map(again.result)["engine"] == "null"


def test_arrays_stay_for_the_next_drag(backend, connect, make_raw, ask):
    client = connect(backend)
    asked = ask("null")
    job = client.submit(*asked)
    finished(client, [job])
    job.acknowledge()
    bulk = make_raw(backend, "bulk")
    digests = [describe(array).digest for array in asked.arrays]
    answer = bulk.call("find_missing", digests=[*digests, "f" * 64])
    assert answer["digests"] == ["f" * 64]
