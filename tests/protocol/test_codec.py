"""What one side encodes the other decodes, and no bytes at all do harm."""

from __future__ import annotations

import struct
from typing import Any, get_args

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codec, messages, tasks
from protocol.errors import TugError
from protocol.messages import BulkCall, BulkReply, ControlCall, ControlReply
from tests.protocol.shapes import structs

unions = [ControlCall, BulkCall, ControlReply, BulkReply]
kinds = sorted(
    {kind for union in unions for kind in get_args(union)}, key=lambda kind: kind.__name__
)
any_message = st.one_of(*(structs(kind) for kind in kinds))
any_task = structs(tasks.ArticulateRequest) | structs(tasks.ArticulateResult)
megabyte = 1 << 20
nan = b"\xcb" + struct.pack(">d", float("nan"))


def decode(frame: bytes, kind: Any = ControlCall, limit: int = megabyte) -> Any:
    return codec.decode(frame, kind, limit=limit)


def refusal(frame: bytes, kind: Any = ControlCall, limit: int = megabyte) -> tuple[str, str]:
    with pytest.raises(TugError) as caught:
        decode(frame, kind, limit)
    return caught.value.error.code, caught.value.error.details.get("path", "")


def submit(request: Any) -> bytes:
    return msgpack.packb({"kind": "submit", "id": "1", "job": "j", "request": request})  # type: ignore[return-value]


@given(any_message)
def test_a_message_comes_back_as_it_went(message: msgspec.Struct) -> None:
    assert decode(codec.encode(message), type(message)) == message


@given(any_task)
def test_a_task_comes_back_as_it_went(task: Any) -> None:
    assert codec.from_map(codec.to_map(task), type(task)) == task


@given(any_message)
def test_another_implementation_reads_what_we_write_and_we_read_what_it_writes(
    message: msgspec.Struct,
) -> None:
    kind = type(message)
    assert msgspec.msgpack.decode(codec.encode(message), type=kind) == message
    assert decode(msgspec.msgpack.encode(message), kind) == message


@given(st.binary(max_size=300), st.sampled_from(unions))
def test_random_bytes_are_refused_or_understood(frame: bytes, union: Any) -> None:
    try:
        decode(frame, union)
    except TugError as error:
        assert error.error.code == "malformed"


@given(any_message, st.data())
def test_damaged_messages_are_refused_or_understood(message: msgspec.Struct, data: Any) -> None:
    frame = bytearray(codec.encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(frame)))
        stop = data.draw(st.integers(start, min(len(frame), start + 8)))
        frame[start:stop] = data.draw(st.binary(max_size=8))
    try:
        decode(bytes(frame), type(message))
    except TugError as error:
        assert error.error.code == "malformed"


@given(any_message, st.data())
def test_a_truncated_message_is_refused(message: msgspec.Struct, data: Any) -> None:
    frame = codec.encode(message)
    short = frame[: data.draw(st.integers(0, len(frame) - 1))]
    assert refusal(short, type(message))[0] == "malformed"


@pytest.mark.parametrize(
    ("frame", "path"),
    [
        (b"", ""),
        (b"\xc1", ""),
        (b"\x91" * 100_000, ""),
        (b"\x81\xa1a" * 100_000, ""),
        (b"\xdd\xff\xff\xff\xff", ""),
        (b"\xdf\xff\xff\xff\xff", ""),
        (b"\xc6\xff\xff\xff\xff", ""),
        (b"\xdb\xff\xff\xff\xff", ""),
        (b"\x81" + nan + b"\x01", ""),
        (b"\x81\x01\x01", ""),
        (b"\x81\xc4\x01a\x01", ""),
        (b"\x81\x90\x01", ""),
        (b"\x81\xa1\xff\x01", ""),
        (b"\x82\xa2id\xa11\xa2id\xa12", "id"),
        (b"\x80", "kind"),
        (b"\x80\x80", ""),
        (b"\x93\x01\x02\x03", ""),
        (msgpack.packb({"kind": "dance", "id": "1"}), "kind"),
        (msgpack.packb({"kind": "cancel", "id": "1"}), "job"),
        (msgpack.packb({"kind": "cancel", "id": "1", "job": 5}), "job"),
        (msgpack.packb({"kind": "cancel", "id": "1", "job": "../x"}), "job"),
        (msgpack.packb({"kind": "attach", "id": "1", "jobs": ["a", 2]}), "jobs[1]"),
        (msgpack.packb({"kind": "get_log", "id": "1", "lines": 10**9}), "lines"),
        (submit({"a": [msgpack.ExtType(5, b"x")]}), "request.a[0]"),
        (submit({"a": msgpack.Timestamp(1)}), "request.a"),
        (submit({"a": {"b": [0.0, float("nan")]}}), "request.a.b[1]"),
        (submit({"a": float("-inf")}), "request.a"),
    ],
)
def test_hostile_frames_are_refused_with_the_path(frame: bytes, path: str) -> None:
    assert refusal(frame) == ("malformed", path)


def test_deep_nesting_is_refused_where_it_gets_too_deep() -> None:
    value: Any = 0
    for _ in range(100):
        value = [value]
    code, path = refusal(submit({"a": value}))
    assert code == "malformed"
    assert path.startswith("request.a[0][0]")


@pytest.mark.parametrize("filler", [b"\x80", b"\x90", b"\xa0", b"\x01", b"\xc0"])
def test_a_full_frame_of_tiny_values_does_not_hang(filler: bytes) -> None:
    head = b"\x81\xa1a\xdd"
    count = megabyte - len(head) - 4
    frame = head + count.to_bytes(4, "big") + filler * count
    assert refusal(frame) == ("malformed", "kind")


def test_nested_huge_lengths_do_not_take_memory_for_them() -> None:
    level = b"\xdd" + (megabyte - 4000).to_bytes(4, "big")
    assert refusal(level * 500 + b"\x01" * (megabyte - 2500))[0] == "malformed"


def test_the_size_is_checked_before_the_content() -> None:
    assert refusal(b"\xc1" * 101, limit=100)[0] == "too_large"
    assert refusal(b"\xc1" * 100, limit=100)[0] == "malformed"


def test_a_hostile_field_name_is_harmless_in_the_path() -> None:
    _, path = refusal(submit({"\x1b[31m\n" + "x" * 5000: float("nan")}))
    assert path.isprintable()
    assert len(path) < 250


def test_unknown_fields_are_ignored() -> None:
    frame = msgpack.packb({"kind": "ping", "id": "1", "later": {"version": [1]}})
    assert decode(frame) == messages.Ping(id="1")  # type: ignore[arg-type]


def test_missing_fields_get_their_defaults() -> None:
    frame = msgpack.packb({"kind": "welcome", "reply_to": "1", "session": "s"})
    assert decode(frame, ControlReply).limits == messages.Limits()  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_a_request_with_a_number_that_is_none_names_it(bad: float) -> None:
    drag = tasks.Drag(start=(0.0, bad, 0.0), end=(0.0, 0.0, 1.0))
    request = tasks.ArticulateRequest(geometry=(), drags=(drag,))
    with pytest.raises(TugError, match=r"drags\[0\]\.start\[1\]") as caught:
        codec.to_map(request)
    assert caught.value.error.details["path"] == "drags[0].start[1]"


@pytest.mark.parametrize("bad", ["\ud800", 2**70])
def test_what_messagepack_cannot_say_is_refused_at_the_sender(bad: Any) -> None:
    with pytest.raises(TugError) as caught:
        codec.encode(messages.Submit(id="1", job="j", request={"a": bad}))
    assert caught.value.error.code == "malformed"


def test_a_memoryview_is_decoded_like_bytes() -> None:
    frame = codec.encode(messages.Ping(id="1"))
    assert codec.decode(memoryview(frame), ControlCall, limit=100) == messages.Ping(id="1")
