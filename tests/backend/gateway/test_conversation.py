"""What the gateway answers to what."""

from __future__ import annotations

import msgspec
import pytest

from backend.tasks import tasks
from protocol import codec, version
from protocol.blobs import as_bytes, describe
from protocol.client import Client
from protocol.keys import read_connection
from protocol.messages import Limits

request_of = codec.to_map


def send_arrays(backend, make_raw, arrays):
    bulk = make_raw(backend, "bulk")
    for array in arrays:
        data = bytes(as_bytes(array))
        digest = describe(array).digest
        answer = bulk.call("put_chunk", data, digest=digest, offset=0, size=len(data))
        assert answer["complete"], answer


@pytest.fixture
def stored(shared_backend, make_raw, ask):
    """A request whose arrays are stored, as a map."""
    request, arrays = ask("null")
    send_arrays(shared_backend, make_raw, arrays)
    return request_of(request)


def ended(raw, job):
    """Wait for the end of a job; return its status."""
    while True:
        status = raw.call("attach", jobs=[job])["jobs"][0]
        if status["state"] in ("done", "failed", "cancelled"):
            return status
        raw.receive(50)


def code_of(answer):
    assert answer["kind"] == "failure", answer
    assert answer["error"]["message"].endswith((".", "?"))
    return answer["error"]["code"]


def test_hello_names_product_protocol_and_session(raw):
    welcome = raw.hello()
    assert (welcome["product"], welcome["protocol"]) == (version.product, version.protocol)
    assert welcome["session"]
    assert msgspec.convert(welcome["limits"], Limits) == Limits()


def test_everything_needs_a_hello_first(shared_backend, make_raw):
    stranger = make_raw(shared_backend)
    assert code_of(stranger.call("ping")) == "hello_required"
    assert stranger.hello()["kind"] == "welcome"
    assert stranger.call("ping")["kind"] == "pong"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"protocol": "2.0"}, "version_unsupported"),
        ({"protocol": "0.9"}, "version_unsupported"),
        ({"protocol": "new"}, "malformed"),
        ({"product": "teapot"}, "wrong_product"),
        ({"client": "no spaces"}, "malformed"),
    ],
)
def test_hello_of_another_kind_is_refused_in_words(shared_backend, make_raw, fields, code):
    stranger = make_raw(shared_backend)
    answer = stranger.hello(**fields)
    assert code_of(answer) == code
    assert code_of(stranger.call("ping")) == "hello_required"


def test_version_refusal_names_both_versions(shared_backend, make_raw):
    message = make_raw(shared_backend).hello(protocol="7.1")["error"]["message"]
    assert "7.1" in message
    assert version.protocol in message


def test_swapped_addresses_are_explained(shared_backend):
    own = read_connection(shared_backend.connection_file)
    swapped = msgspec.structs.replace(own, control=own.bulk, bulk=own.control)
    client = Client(swapped, "test")
    assert client.wait(lambda: client.error is not None, 20)
    assert "may be swapped" in client.reason
    client.close()


def test_newer_minor_and_unknown_fields_are_welcome(shared_backend, make_raw):
    newer = make_raw(shared_backend)
    assert newer.hello(protocol="1.99", mood="fine")["kind"] == "welcome"
    assert newer.call("ping", payload=[1, {"a": None}])["kind"] == "pong"


def test_capabilities_tell_tasks_and_that_this_is_the_null_engine(raw):
    answer = raw.call("get_capabilities")
    assert answer["tasks"] == {kind: [*task.engines, "null"] for kind, task in tasks.items()}
    assert {"articulate", "export_model"} < set(tasks)
    assert answer["null"] is True


def test_submit_twice_is_one_job(raw, stored):
    first = raw.call("submit", job="twice", request=stored)
    again = raw.call("submit", job="twice", request=stored)
    assert first["status"]["job"] == again["status"]["job"] == "twice"
    assert ended(raw, "twice")["state"] == "done"
    assert raw.call("submit", job="twice", request=stored)["status"]["state"] == "done"
    raw.call("acknowledge", jobs=["twice"])


def test_an_id_belongs_to_one_request(raw, stored):
    raw.call("submit", job="mine", request=stored)
    assert code_of(raw.call("submit", job="mine", request=stored | {"seed": 7})) == "job_exists"
    ended(raw, "mine")
    raw.call("acknowledge", jobs=["mine"])


def test_result_stays_until_acknowledged(raw, stored):
    raw.call("submit", job="kept", request=stored)
    ended(raw, "kept")
    for _ in range(2):
        result = raw.call("get_result", job="kept")["result"]
        assert result["engine"] == "null"
        assert result["joints"][0]["type"] == "prismatic"
    assert raw.call("acknowledge", jobs=["kept", "unheard-of"])["kind"] == "acknowledged"
    assert code_of(raw.call("get_result", job="kept")) == "unknown_job"
    assert raw.call("attach", jobs=["kept"])["unknown"] == ["kept"]


def test_no_result_before_the_end(raw, stored):
    raw.call("submit", job="slow", request=stored | {"engine": "null:slow=20"})
    answer = raw.call("get_result", job="slow")
    assert code_of(answer) == "bad_input"
    assert answer["error"]["retry"]
    raw.call("cancel", job="slow")
    assert ended(raw, "slow")["state"] == "cancelled"
    assert code_of(raw.call("get_result", job="slow")) == "cancelled"


def test_cancel_is_idempotent_and_names_one_job(raw, stored):
    raw.call("submit", job="a", request=stored | {"engine": "null:slow=20"})
    raw.call("submit", job="b", request=stored)
    for _ in range(3):
        raw.call("cancel", job="a")
    assert ended(raw, "a")["state"] == "cancelled"
    assert ended(raw, "b")["state"] == "done"
    assert raw.call("cancel", job="b")["status"]["state"] == "done"
    assert code_of(raw.call("cancel", job="unheard-of")) == "unknown_job"
    raw.call("acknowledge", jobs=["a", "b"])


def test_unknown_task_lists_the_known_ones(raw, stored):
    answer = raw.call("submit", job="x", request=stored | {"task": "paint"})
    assert code_of(answer) == "unknown_task"
    assert "articulate" in answer["error"]["message"]
    assert code_of(raw.call("submit", job="x", request={})) == "unknown_task"


def test_a_wrong_field_is_named(raw, stored):
    answer = raw.call("submit", job="x", request=stored | {"alternatives": "many"})
    assert code_of(answer) == "malformed"
    assert "alternatives" in answer["error"]["details"]["path"]


def test_unknown_engine_is_refused_with_the_known_ones(raw, stored):
    answer = raw.call("submit", job="x", request=stored | {"engine": "magic"})
    assert code_of(answer) == "bad_input"
    assert "geometry" in answer["error"]["message"]


def test_missing_blobs_are_named(raw, stored):
    piece = stored["geometry"][0]
    piece["vertices"]["digest"] = "0" * 64
    answer = raw.call("submit", job="x", request=stored)
    assert code_of(answer) == "missing_blob"
    assert answer["error"]["details"]["digests"] == ["0" * 64]


def test_a_blob_described_with_another_shape_is_refused(raw, stored):
    stored["geometry"][0]["vertices"]["shape"] = [9, 3]
    assert code_of(raw.call("submit", job="x", request=stored)) == "corrupt_blob"


def test_too_many_triangles_say_the_limit(raw, stored):
    stored["geometry"][0]["faces"]["shape"] = [10_000_001, 3]
    answer = raw.call("submit", job="x", request=stored)
    assert code_of(answer) == "too_large"
    assert "10,000,000" in answer["error"]["message"]


def test_arrays_of_the_wrong_kind_are_refused(raw, stored):
    stored["geometry"][0]["faces"]["dtype"] = "<f4"
    answer = raw.call("submit", job="x", request=stored)
    assert code_of(answer) == "bad_input"
    assert "faces" in answer["error"]["message"]


def test_a_request_without_meshes_is_refused(raw, stored):
    assert code_of(raw.call("submit", job="x", request=stored | {"geometry": []})) == "bad_input"


def test_log_of_one_job_holds_its_lines_and_no_others(raw, stored):
    for job in ("log-a", "log-b"):
        raw.call("submit", job=job, request=stored)
        ended(raw, job)
    text = raw.call("get_log", job="log-a")["text"]
    lines = text.splitlines()
    assert any("accepted" in line and "gateway" in line for line in lines)
    assert any("finished" in line and "worker" in line for line in lines)
    assert all("[log-a]" in line for line in lines)
    assert "[log-b]" in raw.call("get_log", lines=50)["text"]
    raw.call("acknowledge", jobs=["log-a", "log-b"])
