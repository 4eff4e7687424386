"""One job's trouble stays one job's trouble."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import pytest
from msgspec.msgpack import encode as pack

from backend.gateway import supervisor
from backend.gateway.gateway import Gateway
from backend.gateway.settings import Settings
from backend.workers.messages import Null
from protocol.client import Client
from tests.conftest import until

endings = {
    "null:fail": ("bad_input", "asked to fail"),
    "null:error": ("internal", "defect"),
    "null:memory": ("out_of_memory", "Memory ran out"),
    "null:crash": ("worker_crashed", "signal 6"),
    "null:kill": ("worker_crashed", "killed by signal 9, most likely because memory ran out"),
    "null:nonsense": ("bad_input", "OUTCOME one of"),
    "null:slow=never": ("bad_input", "null:OUTCOME=SECONDS"),
}


def turn(gateway, client):
    """Let a gateway of this process and its client do what is due."""
    gateway.turn()
    client.pump()
    return True


def finish(client, job, seconds=60):
    assert client.wait(lambda: job.finished, seconds), job.status
    return job.status.state


@pytest.mark.parametrize("engine", endings)
def test_a_failed_job_says_why_and_the_next_one_runs(client, ask, engine):
    job, following = client.submit(*ask(engine)), client.submit(*ask("null"))
    assert finish(client, job) == "failed"
    code, words = endings[engine]
    assert job.error.code == code
    assert words in job.error.message
    assert finish(client, following) == "done"


def test_a_running_job_shows_a_preview(client, ask):
    job = client.submit(*ask("null:slow"))
    assert client.wait(lambda: job.status.preview is not None, 30)
    assert not job.finished
    download = client.fetch(job.status.preview)
    assert client.wait(lambda: download.finished, 30)
    assert download.array is not None
    assert download.array.shape == (8, 8, 3)
    assert download.array[-1, 0, 0] > download.array[0, 0, 0]
    job.cancel()
    finish(client, job)


def test_a_crash_leaves_its_stack_in_the_log_of_the_job(client, ask):
    job = client.submit(*ask("null:crash"))
    finish(client, job)
    texts = []
    client.fetch_log(job.id, then=texts.append)
    assert client.wait(lambda: texts, 20)
    assert "Fatal Python error: Aborted" in texts[0]
    assert "_misbehave" in texts[0]


def test_a_defect_leaves_its_stack_in_the_log_of_the_job(client, ask):
    job = client.submit(*ask("null:error"))
    finish(client, job)
    texts = []
    client.fetch_log(job.id, then=texts.append)
    assert client.wait(lambda: texts, 20)
    assert "Traceback" in texts[0]
    assert "RuntimeError: the null engine was asked for a defect" in texts[0]


def test_a_killed_worker_fails_its_job_only(backend, connect, ask):
    client = connect(backend)
    job, following = client.submit(*ask("null:slow=60")), client.submit(*ask("null"))
    assert client.wait(lambda: job.status.stage != "", 30)
    (worker,) = psutil.Process(backend.process.pid).children()
    worker.kill()
    assert finish(client, job) == "failed"
    assert job.error.code == "worker_crashed"
    assert finish(client, following) == "done"


@pytest.mark.parametrize("moment", ["prepare", "hypotheses", "evidence", "refine", "range"])
def test_cancel_works_in_every_stage(client, ask, moment):
    job = client.submit(*ask("null:slow=1.5"))
    assert client.wait(lambda: job.status.stage == moment, 30)
    job.cancel()
    assert finish(client, job) == "cancelled"
    assert job.error.code == "cancelled"


def test_cancel_before_the_start(client, ask):
    running, waiting = client.submit(*ask("null:slow=60")), client.submit(*ask("null"))
    assert client.wait(lambda: running.status.state == "running", 30)
    waiting.cancel()
    assert finish(client, waiting) == "cancelled"
    assert running.status.state == "running"
    running.cancel()
    assert finish(client, running) == "cancelled"


def test_a_job_that_does_not_listen_is_cancelled_all_the_same(client, ask):
    job, following = client.submit(*ask("null:stubborn=300")), client.submit(*ask("null"))
    assert client.wait(lambda: job.status.stage != "", 30)
    job.cancel()
    assert finish(client, job) == "cancelled"
    assert finish(client, following) == "done"


def test_the_gateway_answers_while_the_worker_is_deaf(shared_backend, client, ask, raw):
    job = client.submit(*ask("null:stubborn=300"))
    assert client.wait(lambda: job.status.stage != "", 30)
    pong = raw.call("ping")
    assert [(w["state"], w["job"]) for w in pong["workers"]] == [("busy", job.id)]
    client.pump()
    assert job.status.state == "running"
    job.cancel()
    finish(client, job)


def test_the_gateway_answers_while_arrays_pour_in(shared_backend, make_raw, raw):
    bulk = make_raw(shared_backend, "bulk")
    chunk, count = bytes(1 << 20), 200
    call = {"kind": "put_chunk", "id": "1", "digest": "d" * 64, "size": count * len(chunk)}
    for index in range(count):
        bulk.send(pack({**call, "offset": index * len(chunk)}), chunk)
    assert raw.call("ping")["kind"] == "pong"
    answered = 0
    while bulk.receive(0):
        answered += 1
    assert answered < count


def test_places_in_the_queue_are_told(client, ask):
    first = client.submit(*ask("null:slow=60"))
    waiting = [client.submit(*ask("null")) for _ in range(3)]
    assert client.wait(lambda: [job.status.position for job in waiting] == [0, 1, 2], 30)
    first.cancel()
    for job in waiting:
        assert finish(client, job) == "done"


def test_several_workers_run_several_jobs(make_backend, connect, ask):
    backend = make_backend("--null", "--workers", "2").start()
    client = connect(backend)
    jobs = [client.submit(*ask("null:slow=60")) for _ in range(2)]
    assert client.wait(lambda: all(job.status.state == "running" for job in jobs), 30)


def test_workers_that_cannot_start_fail_the_jobs_that_wait(monkeypatch, tmp_path, ask):
    monkeypatch.setattr(supervisor.sys, "executable", "/bin/false")
    gateway = Gateway(
        Settings(tmp_path / "store", tmp_path / "connection", tmp_path / "none", null=Null())
    )
    client = Client(gateway.settings.connection, "test")
    job: Any = client.submit(*ask("null"))
    try:
        until(lambda: turn(gateway, client) and job.finished, what="the job's end")
        assert "No worker can be started" in job.error.message
        assert job.error.fix == "tug doctor"
    finally:
        client.close()
        gateway.stop()
        gateway.run()


def test_workers_are_the_first_to_go_when_memory_runs_out(shared_backend, raw):
    until(lambda: raw.call("ping")["workers"][0]["state"] == "idle", what="an idle worker")
    (worker,) = psutil.Process(shared_backend.process.pid).children()
    assert int(Path(f"/proc/{worker.pid}/oom_score_adj").read_text()) == 500
