"""Jobs get through: sent once, followed, fetched, whatever happens to the connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from protocol import codec, transfers
from protocol.blobs import as_bytes, describe
from protocol.client import Client
from protocol.errors import Error, ErrorCode, TugError
from protocol.jobs import RemoteJob
from protocol.joint import Joint
from protocol.meshes import Geometry
from protocol.messages import (
    Acknowledge,
    Attach,
    Cancel,
    Event,
    FindMissing,
    GetChunk,
    GetResult,
    JobStatus,
    Limits,
    PutChunk,
    ResultReply,
    Stored,
    Submit,
)
from protocol.tasks import ArticulateRequest, ArticulateResult, Drag
from tests.protocol.scripted import Server, refuse

joint = Joint(type="revolute", axis=(0.0, 0.0, 1.0), origin=(0.0, 0.0, 0.0), lower=0, upper=1)
result = ArticulateResult(joints=(joint,), notes=("Opens to the left.",))
small = Limits(chunk_bytes=1000)


def until(client: Client, done: Callable[[], Any]) -> None:
    assert client.wait(done, 30), f"{client.state}: {client.reason}"


def connect(client: Client) -> None:
    until(client, lambda: client.state == "connected")


def mesh(seed: int = 0, count: int = 1000) -> tuple[ArticulateRequest, list[np.ndarray]]:
    """A request and its two arrays."""
    random = np.random.default_rng(seed)
    vertices = random.random((count, 3), np.float32)
    faces = random.integers(0, count, (2 * count, 3), np.int32)
    geometry = Geometry(vertices=describe(vertices), faces=describe(faces))
    return ArticulateRequest(geometry=(geometry,)), [vertices, faces]


def submit(client: Client, server: Server, seed: int = 0) -> RemoteJob:
    job = client.submit(*mesh(seed))
    until(client, lambda: job.id in server.jobs)
    return job


def finish(server: Server, job: str) -> None:
    server.results[job] = codec.to_map(result)
    server.become(job, "done", fraction=1.0)


def code_of(job: RemoteJob) -> str:
    return job.error.code if job.error else ""


def test_a_job_is_sent_with_its_arrays_and_its_result_comes_back(
    server: Server, client: Client
) -> None:
    request, arrays = mesh()
    job = client.submit(request, arrays, "drawer")
    states: list[str] = []
    job.on_change.append(lambda job: states.append(job.status.state))
    until(client, lambda: "drawer" in server.jobs)
    assert codec.from_map(server.requests["drawer"], ArticulateRequest) == request
    for array in arrays:
        assert bytes(server.blobs[describe(array).digest]) == array.tobytes()
    server.become("drawer", "running", stage="evidence", step=2, total=5)
    until(client, lambda: job.status.stage == "evidence")
    assert not job.finished
    finish(server, "drawer")
    until(client, lambda: job.finished)
    assert job.result == result
    assert job.error is None
    assert list(dict.fromkeys(states)) == ["queued", "running", "done"]


def test_a_job_is_not_finished_before_its_result_is_here(server: Server, client: Client) -> None:
    job = submit(client, server)
    server.answers["get_result"] = lambda call, _: None
    finish(server, job.id)
    until(client, lambda: server.seen(GetResult))
    until(client, lambda: job.status.state == "done")
    assert not job.finished
    assert job.result is None


def test_a_second_drag_on_the_same_mesh_sends_no_mesh(server: Server, client: Client) -> None:
    request, arrays = mesh()
    first = client.submit(request, arrays)
    until(client, lambda: first.id in server.jobs)
    sent = len(server.seen(PutChunk))
    drag = Drag(start=(0.0, 0.0, 0.0), end=(1.0, 0.0, 0.0))
    second = client.submit(msgspec.structs.replace(request, drags=(drag,)), arrays)
    until(client, lambda: second.id in server.jobs)
    assert len(server.seen(PutChunk)) == sent
    assert second.upload == 1.0


def test_jobs_that_share_arrays_send_them_once(
    make_server, make_client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "window_bytes", 4000)
    server = make_server(limits=small)
    client = make_client(server.connection)
    request, arrays = mesh()
    jobs = [client.submit(request, arrays)]
    jobs[0].on_change.append(
        lambda job: jobs.append(client.submit(request, arrays)) if len(jobs) < 5 else None
    )
    until(client, lambda: len(jobs) == 5 and all(job.id in server.jobs for job in jobs))
    assert len(server.seen(PutChunk)) == sum(-(-array.nbytes // 1000) for array in arrays)


def test_chunks_keep_to_the_servers_limit_and_come_in_order(make_server, make_client) -> None:
    server = make_server(limits=small)
    client = make_client(server.connection)
    request, arrays = mesh()
    job = client.submit(request, arrays)
    progress: list[float] = []
    job.on_change.append(lambda job: progress.append(job.upload))
    until(client, lambda: job.id in server.jobs)
    for array in arrays:
        chunks = [c for c in server.seen(PutChunk) if c.digest == describe(array).digest]
        assert [chunk.offset for chunk in chunks] == list(range(0, array.nbytes, 1000))
        assert bytes(server.blobs[chunks[0].digest]) == array.tobytes()
    assert progress == sorted(progress)
    assert len(set(progress)) > 10
    assert job.upload == 1.0


def test_no_python_thread_is_started(server: Server, client: Client) -> None:
    job = client.submit(*mesh(count=100_000))
    until(client, lambda: job.id in server.jobs)
    download = client.fetch(describe(mesh(count=100_000)[1][0]))
    until(client, lambda: download.array is not None)
    names = {type(thread).__name__ for thread in threading.enumerate()}
    assert "GarbageCollectorThread" not in names


def test_an_empty_array_travels(server: Server, client: Client) -> None:
    empty = np.zeros((0, 3), np.int32)
    request = ArticulateRequest(
        geometry=(Geometry(vertices=describe(empty), faces=describe(empty)),)
    )
    job = client.submit(request, [empty])
    until(client, lambda: job.id in server.jobs)
    assert describe(empty).digest in server.whole
    assert job.upload == 1.0


def test_a_request_with_infinity_is_refused_at_once(client: Client) -> None:
    drag = Drag(start=(0.0, 0.0, float("inf")), end=(0.0, 0.0, 0.0))
    with pytest.raises(TugError, match=r"drags\[0\]\.start\[2\]"):
        client.submit(ArticulateRequest(geometry=(), drags=(drag,)))
    assert client.jobs == {}


def test_an_id_names_one_request(server: Server, client: Client) -> None:
    request, arrays = mesh()
    job = client.submit(request, arrays, "a")
    assert client.submit(request, arrays, "a") is job
    with pytest.raises(TugError) as caught:
        client.submit(msgspec.structs.replace(request, seed=1), arrays, "a")
    assert caught.value.error.code == "job_exists"


def test_an_array_that_was_not_given_fails_the_job(server: Server, client: Client) -> None:
    request, arrays = mesh()
    job = client.submit(request, arrays[:1])
    until(client, lambda: job.finished)
    assert code_of(job) == "missing_blob"
    assert server.jobs == {}


def test_an_array_changed_since_it_was_described_fails_the_job(
    server: Server, client: Client
) -> None:
    request, arrays = mesh()
    arrays[0][0] = 5
    job = client.submit(request, arrays)
    until(client, lambda: job.finished)
    assert code_of(job) == "missing_blob"


def test_a_request_over_the_limit_fails_here_with_the_number(make_server, make_client) -> None:
    server = make_server(limits=Limits(message_bytes=2000))
    client = make_client(server.connection)
    drags = tuple(Drag(start=(0.0, 0.0, 0.0), end=(1.0, 0.0, 0.0)) for _ in range(100))
    job = client.submit(ArticulateRequest(geometry=(), drags=drags))
    until(client, lambda: job.finished)
    assert code_of(job) == "too_large"
    assert "2,000" in job.error.message
    assert server.seen(Submit) == []


@pytest.mark.parametrize("code", ["bad_input", "unknown_task", "storage_full", "job_exists"])
def test_a_refused_submit_fails_the_job_in_the_servers_words(
    server: Server, client: Client, code: ErrorCode
) -> None:
    server.answers["submit"] = lambda call, _: refuse(call, code, "Because.")
    job = client.submit(*mesh())
    until(client, lambda: job.finished)
    assert (job.status.state, code_of(job)) == ("failed", code)
    assert job.error == Error(code=code, message="Because.")


def test_a_full_disk_fails_the_job_and_not_the_next(server: Server, client: Client) -> None:
    server.answers["put_chunk"] = lambda call, _: refuse(call, "storage_full")
    job = client.submit(*mesh())
    until(client, lambda: job.finished)
    assert code_of(job) == "storage_full"
    del server.answers["put_chunk"]
    submit(client, server)


def test_a_blob_that_arrives_corrupt_is_sent_again_once(server: Server, client: Client) -> None:
    tries: list[int] = []

    def put(call: PutChunk, data: bytes) -> Any:
        tries.append(call.offset)
        return refuse(call, "corrupt_blob") if len(tries) == 1 else server._put_chunk(call, data)

    server.answers["put_chunk"] = put
    submit(client, server)
    server.answers["put_chunk"] = lambda call, _: refuse(call, "corrupt_blob")
    job = client.submit(*mesh(seed=1))
    until(client, lambda: job.finished)
    assert code_of(job) == "corrupt_blob"


def test_a_blob_that_expired_before_the_submit_is_sent_again(
    server: Server, client: Client
) -> None:
    def forget_once(call: Submit, data: bytes) -> Any:
        del server.answers["submit"]
        server.whole.clear()
        return refuse(call, "missing_blob")

    server.answers["submit"] = forget_once
    job = submit(client, server)
    assert not job.finished
    assert len(server.seen(Submit)) == 2


def test_a_server_that_always_misses_a_blob_is_not_asked_for_ever(
    server: Server, client: Client
) -> None:
    server.answers["submit"] = lambda call, _: refuse(call, "missing_blob")
    job = client.submit(*mesh())
    until(client, lambda: job.finished)
    assert code_of(job) == "missing_blob"
    assert len(server.seen(Submit)) < 10


def test_a_failed_job_says_why(server: Server, client: Client) -> None:
    job = submit(client, server)
    error = Error(code="worker_crashed", message="The worker ended with signal 9.", retry=True)
    server.become(job.id, "failed", error=error)
    until(client, lambda: job.finished)
    assert job.error == error
    assert job.result is None


def test_a_broken_result_fails_its_job_with_the_path_and_no_other(
    server: Server, client: Client
) -> None:
    broken, whole = submit(client, server, 0), submit(client, server, 1)
    finish(server, broken.id)
    server.results[broken.id]["joints"][0]["axis"] = [0.0, "up", 0.0]
    until(client, lambda: broken.finished)
    assert code_of(broken) == "malformed"
    assert broken.error and broken.error.details["path"] == "joints[0].axis[1]"
    finish(server, whole.id)
    until(client, lambda: whole.result == result)


def test_a_broken_reply_fails_its_job_with_the_path(server: Server, client: Client) -> None:
    server.answers["submit"] = lambda call, _: msgspec.msgpack.encode(
        {"kind": "job", "reply_to": call.id, "status": {"job": call.job, "state": "lost"}}
    )
    job = client.submit(*mesh())
    until(client, lambda: job.finished)
    assert code_of(job) == "malformed"
    assert job.error and job.error.details["path"] == "status.state"


def test_an_old_event_changes_nothing(server: Server, client: Client) -> None:
    job = submit(client, server)
    server.become(job.id, "running", step=3, total=5)
    until(client, lambda: job.status.step == 3)
    old = codec.encode(Event(status=JobStatus(job=job.id, state="queued", sequence=0)))
    server.answers["get_log"] = lambda call, _: old
    client.fetch_log(then=lambda text: None)
    del server.answers["get_log"]
    texts: list[str] = []
    client.fetch_log(then=texts.append)
    until(client, lambda: texts)
    assert job.status.step == 3


def test_a_reply_that_comes_twice_counts_once(server: Server, client: Client) -> None:
    job = submit(client, server)
    finish(server, job.id)
    until(client, lambda: job.finished)
    again = ResultReply(reply_to="3", job=job.id, result={})
    server.answers["get_log"] = lambda call, _: again
    client.fetch_log(then=lambda text: None)
    del server.answers["get_log"]
    texts: list[str] = []
    client.fetch_log(then=texts.append)
    until(client, lambda: texts)
    assert job.result == result


# Losing the connection


def test_a_job_submitted_before_there_is_a_backend_is_sent_when_there_is(
    server: Server, client: Client
) -> None:
    server.stop()
    job = client.submit(*mesh())
    until(client, lambda: client.error)
    assert not job.finished
    server.start()
    until(client, lambda: job.id in server.jobs)


def test_a_running_job_is_picked_up_after_the_gateway_came_back(
    server: Server, client: Client
) -> None:
    job = submit(client, server)
    server.become(job.id, "running")
    until(client, lambda: job.status.state == "running")
    server.stop()
    until(client, lambda: client.state == "disconnected")
    finish(server, job.id)
    server.start()
    until(client, lambda: job.finished)
    assert job.result == result
    assert len(server.seen(Submit)) == 1


def test_a_job_that_the_backend_lost_is_submitted_again(server: Server, client: Client) -> None:
    job = submit(client, server)
    server.become(job.id, "running")
    until(client, lambda: job.status.sequence == 1)
    server.stop()
    server.jobs.clear()
    server.whole.clear()
    server.start()
    until(client, lambda: job.id in server.jobs)
    finish(server, job.id)
    until(client, lambda: job.result == result)
    assert server.seen(Submit)[0].job == server.seen(Submit)[1].job == job.id


def test_a_lost_connection_in_mid_upload_is_survived(make_server, make_client) -> None:
    server = make_server(limits=small)
    client = make_client(lambda: server.connection)
    put = server._put_chunk
    server.answers["put_chunk"] = lambda call, data: (
        put(call, data) if len(server.seen(PutChunk)) < 10 else None
    )
    job = client.submit(*mesh())
    until(client, lambda: len(server.seen(PutChunk)) > 12)
    server.stop()
    until(client, lambda: client.state == "disconnected")
    server.answers.clear()
    server.start()
    until(client, lambda: job.id in server.jobs)
    assert job.upload == 1.0


def test_a_submit_whose_answer_was_lost_becomes_one_job(server: Server, client: Client) -> None:
    server.answers["submit"] = lambda call, data: (server._submit(call, data), None)[1]
    job = client.submit(*mesh())
    until(client, lambda: server.seen(Submit))
    server.stop()
    server.answers.clear()
    server.start()
    until(client, lambda: client.state == "connected" and server.seen(Attach))
    finish(server, job.id)
    until(client, lambda: job.finished)
    assert list(server.jobs) == [job.id]
    assert len(server.seen(Submit)) == 1


def test_a_result_whose_answer_was_lost_is_fetched_again(server: Server, client: Client) -> None:
    job = submit(client, server)
    server.answers["get_result"] = lambda call, _: None
    finish(server, job.id)
    until(client, lambda: server.seen(GetResult))
    server.stop()
    server.answers.clear()
    server.start()
    until(client, lambda: job.result == result)


def test_finished_jobs_are_not_asked_for_again(server: Server, client: Client) -> None:
    job = submit(client, server)
    finish(server, job.id)
    until(client, lambda: job.finished)
    server.stop()
    server.start()
    until(client, lambda: client.server_session == "session-2")
    submit(client, server, 1)
    assert server.seen(Attach) == []


@pytest.mark.parametrize("kind", ["attach", "submit"])
def test_a_server_that_forgot_the_hello_is_greeted_again(
    server: Server, client: Client, kind: str
) -> None:
    job = submit(client, server)
    server.stop()
    until(client, lambda: client.state == "disconnected")
    if kind == "submit":
        server.jobs.clear()
    answer = getattr(server, f"_{kind}")

    def forget_once(call: Any, data: bytes) -> Any:
        server.answers[kind] = answer
        return refuse(call, "hello_required")

    server.answers[kind] = forget_once
    server.start()
    until(client, lambda: job.id in server.jobs and client.state == "connected")
    finish(server, job.id)
    until(client, lambda: job.result == result)


# Another session of the host


def test_another_client_finds_the_result_by_its_id(make_server, make_client) -> None:
    server = make_server()
    first = make_client(server.connection)
    job = submit(first, server)
    first.close()
    finish(server, job.id)
    second = make_client(server.connection)
    (found,) = second.attach([job.id])
    until(second, lambda: found.finished)
    assert found.result == result
    assert found.request is None


def test_an_id_that_the_backend_does_not_know_fails(server: Server, client: Client) -> None:
    connect(client)
    (job,) = client.attach(["gone"])
    until(client, lambda: job.finished)
    assert (job.status.state, code_of(job)) == ("failed", "unknown_job")


def test_a_lost_job_is_sent_again_under_its_id_when_its_request_is_given(
    server: Server, client: Client
) -> None:
    (lost,) = client.attach(["a"])
    until(client, lambda: lost.finished)
    again = client.submit(*mesh(), "a")
    until(client, lambda: "a" in server.jobs)
    assert not again.finished


def test_thousands_of_ids_are_attached_in_calls_that_the_limit_allows(
    server: Server, client: Client
) -> None:
    jobs = client.attach(f"job-{n}" for n in range(2500))
    until(client, lambda: all(job.finished for job in jobs))
    assert [len(call.jobs) for call in server.seen(Attach)] == [1000, 1000, 500]


def test_attaching_twice_gives_the_same_job(server: Server, client: Client) -> None:
    job = submit(client, server)
    assert client.attach([job.id]) == [job]


# Cancelling


def test_a_running_job_is_cancelled(server: Server, client: Client) -> None:
    job = submit(client, server)
    server.become(job.id, "running")
    job.cancel()
    until(client, lambda: job.finished)
    assert job.status.state == "cancelled"
    assert server.jobs[job.id].state == "cancelled"


def test_a_job_that_was_never_sent_is_cancelled_here(server: Server, client: Client) -> None:
    job = client.submit(*mesh())
    job.cancel()
    assert job.status.state == "cancelled"
    other = submit(client, server, 1)
    assert list(server.jobs) == [other.id]


def test_cancelling_stops_the_upload_of_arrays_that_nobody_else_needs(
    make_server, make_client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "window_bytes", 4000)
    server = make_server(limits=small)
    client = make_client(server.connection)
    job = client.submit(*mesh(0))
    job.on_change.append(lambda job: None if job.finished else job.cancel())
    until(client, lambda: job.finished)
    other = client.submit(*mesh(1))
    until(client, lambda: other.id in server.jobs)
    assert server.whole == {describe(array).digest for array in mesh(1)[1]}


def test_a_cancel_that_comes_too_late_leaves_the_result(server: Server, client: Client) -> None:
    job = submit(client, server)
    server.results[job.id] = codec.to_map(result)
    server.jobs[job.id] = JobStatus(job=job.id, state="done", sequence=5)
    job.cancel()
    until(client, lambda: job.finished)
    assert (job.status.state, job.result) == ("done", result)


def test_cancelling_a_finished_job_does_nothing(server: Server, client: Client) -> None:
    job = submit(client, server)
    finish(server, job.id)
    until(client, lambda: job.finished)
    job.cancel()
    assert (job.status.state, job.result) == ("done", result)
    assert server.seen(Cancel) == []


def test_a_cancel_while_the_connection_is_away_is_sent_later(
    server: Server, client: Client
) -> None:
    job = submit(client, server)
    server.stop()
    until(client, lambda: client.state == "disconnected")
    job.cancel()
    assert not job.finished
    server.start()
    until(client, lambda: job.finished)
    assert server.jobs[job.id].state == "cancelled"


def test_a_cancelled_job_that_the_backend_lost_is_not_sent_again(
    server: Server, client: Client
) -> None:
    job = submit(client, server)
    server.stop()
    until(client, lambda: client.state == "disconnected")
    job.cancel()
    server.jobs.clear()
    server.start()
    until(client, lambda: job.finished)
    assert job.status.state == "cancelled"
    assert server.jobs == {}


def test_cancelling_twice_is_the_same_as_once(server: Server, client: Client) -> None:
    job = submit(client, server)
    server.answers["cancel"] = lambda call, data: server._cancel(call, data)
    job.cancel()
    job.cancel()
    until(client, lambda: job.finished)
    assert job.status.state == "cancelled"


# Acknowledging


def test_an_acknowledged_job_is_forgotten_on_both_sides(server: Server, client: Client) -> None:
    job = submit(client, server)
    finish(server, job.id)
    until(client, lambda: job.finished)
    job.acknowledge()
    assert client.jobs == {}
    until(client, lambda: server.jobs == {})
    assert job.result == result


def test_an_acknowledgement_while_the_connection_is_away_is_sent_later(
    server: Server, client: Client
) -> None:
    job = submit(client, server)
    finish(server, job.id)
    until(client, lambda: job.finished)
    server.stop()
    until(client, lambda: client.state == "disconnected")
    job.acknowledge()
    server.start()
    until(client, lambda: server.jobs == {})
    assert len(server.seen(Acknowledge)) == 1


def test_an_unfinished_job_is_not_acknowledged(server: Server, client: Client) -> None:
    job = submit(client, server)
    with pytest.raises(TugError, match="has not finished"):
        job.acknowledge()
    assert client.jobs == {job.id: job}


def test_a_callback_may_acknowledge_and_submit(server: Server, client: Client) -> None:
    started: list[RemoteJob] = []

    def go_on(job: RemoteJob) -> None:
        if job.finished and not started:
            job.acknowledge()
            started.append(client.submit(*mesh(1)))

    job = submit(client, server)
    job.on_change.append(go_on)
    finish(server, job.id)
    until(client, lambda: started and started[0].id in server.jobs)


def test_a_callback_that_fails_harms_no_other_job(
    server: Server, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(job: RemoteJob) -> None:
        raise RuntimeError("a defect in the interface")

    jobs = [submit(client, server, seed) for seed in range(3)]
    for job in jobs:
        job.on_change.append(fail)
        finish(server, job.id)
    until(client, lambda: all(job.finished for job in jobs))
    assert "a defect in the interface" in caplog.text


# Fetching arrays


def give(server: Server, count: int = 300_000) -> tuple[np.ndarray, Any]:
    array = np.random.default_rng(0).random((count, 3), np.float32)
    blob = describe(array)
    server.blobs[blob.digest] = bytearray(as_bytes(array))
    return array, blob


def test_an_array_is_fetched_in_chunks(server: Server, client: Client) -> None:
    array, blob = give(server)
    ended: list[Any] = []
    download = client.fetch(blob, ended.append)
    until(client, lambda: download.finished)
    assert download.array is not None
    assert not download.array.flags.writeable
    np.testing.assert_array_equal(download.array, array)
    assert (download.fraction, download.error, ended) == (1.0, None, [download])
    assert len(server.seen(GetChunk)) > 1


def test_a_tick_takes_only_a_part_of_a_big_array(server: Server, client: Client) -> None:
    _, blob = give(server, count=2_000_000)
    connect(client)
    download = client.fetch(blob)
    fractions = set()
    while not download.finished:
        until(client, lambda: client.pump(budget=0.0))
        fractions.add(download.fraction)
    assert len(fractions) > 20


def test_a_download_goes_on_where_it_was_after_a_lost_connection(
    server: Server, client: Client
) -> None:
    array, blob = give(server)
    server.answers["get_chunk"] = lambda call, data: (
        server._get_chunk(call, data) if call.offset < 1_000_000 else None
    )
    download = client.fetch(blob)
    until(client, lambda: download.fraction > 0.2)
    until(client, lambda: not client.pump())
    server.stop()
    until(client, lambda: client.state == "disconnected")
    asked = len(server.seen(GetChunk))
    server.answers.clear()
    server.start()
    until(client, lambda: download.finished)
    np.testing.assert_array_equal(download.array, array)
    assert all(call.offset > 0 for call in server.seen(GetChunk)[asked:])


@pytest.mark.parametrize("count", [1000, 300_000])
@pytest.mark.parametrize("damage", ["bytes", "short", "empty", "order", "gone"])
def test_a_damaged_download_ends_with_an_error(
    server: Server, client: Client, damage: str, count: int
) -> None:
    _, blob = give(server, count)

    def get(call: GetChunk, _: bytes) -> Any:
        reply, data = server._get_chunk(call, b"")
        if damage == "bytes":
            return reply, bytes(len(data))
        if damage == "order":
            return msgspec.structs.replace(reply, offset=call.offset + 1), data
        return (reply, data[:-1] if damage == "short" else b"")

    server.answers["get_chunk"] = get
    if damage == "gone":
        server.answers["get_chunk"] = lambda call, _: refuse(call, "missing_blob")
    download = client.fetch(blob)
    until(client, lambda: download.finished)
    assert download.array is None
    code = "missing_blob" if damage == "gone" else "corrupt_blob"
    assert download.error and download.error.code == code
    submit(client, server)


def test_an_empty_array_is_fetched(server: Server, client: Client) -> None:
    _, blob = give(server, count=0)
    download = client.fetch(blob)
    until(client, lambda: download.finished)
    assert download.array is not None
    assert download.array.shape == (0, 3)


def test_an_array_over_the_limit_is_not_fetched(client: Client) -> None:
    blob = describe(np.zeros(1))
    with pytest.raises(TugError) as caught:
        client.fetch(msgspec.structs.replace(blob, shape=(1 << 40,)))
    assert caught.value.error.code == "too_large"


def test_questions_about_many_arrays_keep_to_the_limit(server: Server, client: Client) -> None:
    arrays = [np.array([n], np.int32) for n in range(1500)]
    geometry = tuple(Geometry(vertices=describe(a), faces=describe(a)) for a in arrays)
    job = client.submit(ArticulateRequest(geometry=geometry), arrays)
    until(client, lambda: job.id in server.jobs)
    assert [len(call.digests) for call in server.seen(FindMissing)] == [1000, 500]
    assert server.whole == {describe(array).digest for array in arrays}


def test_a_blob_that_came_from_elsewhere_meanwhile_is_taken_as_stored(
    server: Server, client: Client
) -> None:
    server.answers["put_chunk"] = lambda call, _: Stored(
        reply_to=call.id, digest=call.digest, received=call.size, complete=True
    )
    job = submit(client, server)
    assert job.upload == 1.0
