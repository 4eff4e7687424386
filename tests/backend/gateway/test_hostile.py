"""Nothing that arrives stops the gateway."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import msgpack
import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.blobs import digest
from protocol.client import Client
from protocol.keys import new_keys, read_connection

kinds = [
    "hello",
    "ping",
    "get_capabilities",
    "submit",
    "cancel",
    "attach",
    "get_result",
    "acknowledge",
    "get_log",
    "find_missing",
    "put_chunk",
    "get_chunk",
    "event",
    "welcome",
    "nonsense",
]
field_names = [
    "id",
    "kind",
    "client",
    "product",
    "protocol",
    "job",
    "jobs",
    "request",
    "lines",
    "digest",
    "digests",
    "offset",
    "size",
    "length",
    "task",
    "geometry",
]


def pack(fields: dict[str, Any]) -> bytes:
    return msgpack.packb(fields) or b""


def halved(frame: bytes) -> bytes:
    return frame[: len(frame) // 2]


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=20)
    | st.sampled_from(["0" * 64, "articulate", "1.0", "tug"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(field_names), inner, max_size=4)
    ),
    max_leaves=12,
)
messages = st.fixed_dictionaries(
    {"kind": st.sampled_from(kinds)},
    optional={name: values for name in field_names if name != "kind"},
).map(pack)
frames = st.lists(
    st.binary(max_size=200) | messages | messages.map(halved),
    min_size=1,
    max_size=3,
)
fuzz = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def error_code(answer):
    return answer["error"]["code"] if answer["kind"] == "failure" else ""


@pytest.mark.parametrize("channel", ["control", "bulk"])
def test_no_frames_stop_the_gateway(shared_backend, make_raw, channel):
    vandal = make_raw(shared_backend, channel)
    victim = make_raw(shared_backend)
    victim.hello()

    @fuzz
    @given(frames)
    def attack(junk):
        vandal.send(*junk)
        answer = vandal.receive()
        assert answer is not None, "a message was not answered"
        assert answer["kind"] != "failure" or answer["error"]["code"] != "internal", answer

    attack()
    assert victim.call("ping")["kind"] == "pong"


def test_fuzzed_submits_are_answered_and_run_nothing_broken(raw):
    @fuzz
    @given(values, st.text(max_size=70))
    def attack(request, job):
        answer = raw.call("submit", job=job, request=request)
        assert error_code(answer) in ("malformed", "unknown_task", "bad_input")

    attack()


def test_truncated_message_is_malformed(raw):
    raw.send(pack({"kind": "ping", "id": "1"})[:-3])
    assert error_code(raw.receive()) == "malformed"


def test_deeply_nested_message_is_malformed(raw):
    raw.send(b"\x91" * 500_000 + b"\x90")
    assert error_code(raw.receive()) == "malformed"


def test_oversized_message_is_answered_with_the_limit(raw):
    raw.send(b"\x00" * ((1 << 20) + 1))
    answer = raw.receive()
    assert error_code(answer) == "too_large"
    assert "1,048,576" in answer["error"]["message"]


def test_huge_frame_costs_its_sender_the_connection_and_nobody_else(shared_backend, raw, make_raw):
    vandal = make_raw(shared_backend)
    vandal.hello()
    vandal.send(b"\x00" * (64 << 20))
    assert vandal.receive(500) is None
    assert raw.call("ping")["kind"] == "pong"


def test_oversized_chunk_is_refused(shared_backend, make_raw):
    bulk = make_raw(shared_backend, "bulk")
    data = b"x" * ((1 << 20) + 1)
    answer = bulk.call("put_chunk", data, digest=digest(data), offset=0, size=len(data))
    assert error_code(answer) == "too_large"


def test_blob_over_the_limit_is_refused_before_its_bytes_come(shared_backend, make_raw):
    bulk = make_raw(shared_backend, "bulk")
    answer = bulk.call("put_chunk", b"x", digest="a" * 64, offset=0, size=1 << 40)
    assert error_code(answer) == "too_large"


def test_digests_are_no_paths(shared_backend, make_raw):
    bulk = make_raw(shared_backend, "bulk")
    for name in ("../../keys.json", "/etc/passwd", "..", "A" * 64, "a" * 63 + "/"):
        assert error_code(bulk.call("get_chunk", digest=name, offset=0, length=10)) == "malformed"


def test_corrupt_blob_is_refused_and_may_be_sent_again(shared_backend, make_raw):
    bulk = make_raw(shared_backend, "bulk")
    good = np.random.default_rng(1).bytes(1000)
    call = {"digest": digest(good), "size": len(good)}
    half = bulk.call("put_chunk", b"\x00" * 500, offset=0, **call)
    assert (half["received"], half["complete"]) == (500, False)
    assert error_code(bulk.call("put_chunk", good[500:], offset=500, **call)) == "corrupt_blob"
    assert bulk.call("find_missing", digests=[call["digest"]])["digests"] == [call["digest"]]
    assert bulk.call("put_chunk", good, offset=0, **call)["complete"]
    assert bulk.call("find_missing", digests=[call["digest"]])["digests"] == []


def test_upload_goes_on_over_a_new_connection(shared_backend, make_raw):
    data = np.random.default_rng(2).bytes(3000)
    call = {"digest": digest(data), "size": len(data)}
    make_raw(shared_backend, "bulk").call("put_chunk", data[:1000], offset=0, **call)
    other = make_raw(shared_backend, "bulk")
    assert other.call("put_chunk", data[:1000], offset=0, **call)["received"] == 1000
    assert other.call("put_chunk", data[1000:2000], offset=1000, **call)["received"] == 2000
    assert other.call("put_chunk", data[2000:], offset=2000, **call)["complete"]


def test_chunk_beyond_what_is_here_is_refused(shared_backend, make_raw):
    bulk = make_raw(shared_backend, "bulk")
    answer = bulk.call("put_chunk", b"x" * 10, digest="b" * 64, offset=10, size=20)
    assert error_code(answer) == "corrupt_blob"
    assert answer["error"]["retry"]


def test_blob_comes_back_in_parts(shared_backend, make_raw):
    bulk = make_raw(shared_backend, "bulk")
    data = np.random.default_rng(3).bytes(1000)
    bulk.call("put_chunk", data, digest=digest(data), offset=0, size=1000)
    chunk = bulk.call("get_chunk", digest=digest(data), offset=900, length=500)
    assert (chunk["offset"], chunk["size"]) == (900, 1000)
    assert error_code(bulk.call("get_chunk", digest="c" * 64, offset=0, length=1)) == "missing_blob"


@pytest.mark.parametrize("junk", [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 4096, b"\x00", b""])
def test_strangers_on_the_port_are_ignored(shared_backend, raw, junk):
    where = urlsplit(read_connection(shared_backend.connection_file).control)
    with socket.create_connection((where.hostname, where.port), 10) as stranger:
        stranger.sendall(junk)
    assert raw.call("ping")["kind"] == "pong"


def test_wrong_key_is_not_answered(shared_backend, make_raw):
    stranger = make_raw(shared_backend, other_keys=True)
    stranger.send(pack({"kind": "ping", "id": "1"}))
    assert stranger.receive(1000) is None


def test_wrong_key_becomes_words_in_the_client(shared_backend):
    pair = new_keys()
    connection = msgspec.structs.replace(
        read_connection(shared_backend.connection_file),
        client_public=pair.public,
        client_secret=pair.secret,
    )
    client: Any = Client(connection, "stranger")
    assert client.wait(lambda: client.state == "refused", 20), client.reason
    assert client.error.code == "wrong_key"
    client.close()
