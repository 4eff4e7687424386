"""No room in the store: said in words, and over when there is room again."""

from __future__ import annotations

import resource

import numpy as np
import pytest

from protocol.blobs import digest
from protocol.tasks import ArticulateResult


@pytest.fixture
def squeeze(backend):
    """`squeeze(bytes)`: no file of the backend may grow beyond; None lifts the limit."""

    def limit(size):
        most = resource.RLIM_INFINITY if size is None else size
        resource.prlimit(backend.process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    return limit


def test_upload_on_a_full_disk_is_refused_and_works_later(backend, make_raw, squeeze):
    bulk = make_raw(backend, "bulk")
    control = make_raw(backend)
    control.hello()
    data = np.random.default_rng(0).bytes(1 << 20)
    call = {"digest": digest(data), "offset": 0, "size": len(data)}
    squeeze(100_000)
    refused = bulk.call("put_chunk", data, **call)
    assert refused["error"]["code"] == "storage_full"
    assert "--data" in refused["error"]["message"]
    assert control.call("ping")["kind"] == "pong"
    squeeze(None)
    assert bulk.call("put_chunk", data, **call)["complete"]


def test_submit_on_a_full_disk_is_refused_and_works_later(backend, connect, squeeze, ask):
    client = connect(backend)
    first = client.submit(*ask("null"))
    assert client.wait(lambda: first.finished, 30)
    squeeze(1000)
    job = client.submit(*ask("null", seed=1))
    assert client.wait(lambda: job.finished, 30)
    assert job.error.code == "storage_full"
    squeeze(None)
    again = client.submit(*ask("null", seed=2))
    assert client.wait(lambda: again.finished, 30)
    assert isinstance(again.result, ArticulateResult)


def test_a_result_that_cannot_be_written_fails_its_job(backend, connect, squeeze, ask):
    client = connect(backend)
    job = client.submit(*ask("null:slow=1"))
    assert client.wait(lambda: job.status.stage != "", 30)
    squeeze(1000)
    assert client.wait(lambda: job.finished, 30)
    assert (job.status.state, job.error.code) == ("failed", "storage_full")
    squeeze(None)
    again = client.submit(*ask("null"))
    assert client.wait(lambda: again.finished, 30)
    assert again.status.state == "done"
