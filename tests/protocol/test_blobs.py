"""Arrays arrive as they left, and damage is noticed."""

from __future__ import annotations

import hashlib
import io
import itertools
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from protocol.blobs import Blob, DType, Receiver, as_bytes, blobs_in, describe, digest, view
from protocol.errors import TugError
from protocol.meshes import Geometry
from protocol.tasks import ArticulateRequest

arrays = st.sampled_from(get_args(DType)).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0))
)


def code_of(action: Any) -> str:
    with pytest.raises(TugError) as caught:
        action()
    return caught.value.error.code


@given(arrays)
def test_an_array_comes_back_as_it_went(array: np.ndarray) -> None:
    blob = describe(array)
    back = view(bytes(as_bytes(array)), blob)
    assert (back.shape, back.dtype) == (array.shape, array.dtype)
    assert back.tobytes() == array.tobytes()


@given(arrays)
def test_layout_and_byte_order_do_not_change_the_name(array: np.ndarray) -> None:
    blob = describe(array)
    assert describe(np.asfortranarray(array)).digest == blob.digest
    assert describe(array.astype(array.dtype.newbyteorder(">"))) == blob
    doubled = np.repeat(array[..., None], 2, axis=-1)
    assert describe(doubled[..., 0]) == blob
    assert blob.digest == hashlib.blake2b(array.tobytes(), digest_size=32).hexdigest()


def test_contiguous_arrays_are_not_copied() -> None:
    array = np.arange(6, dtype="<f4").reshape(2, 3)
    data = as_bytes(array)
    array[0, 0] = 9
    assert view(data, describe(array))[0, 0] == 9


def test_a_view_is_read_only() -> None:
    array = np.arange(3, dtype="<i4")
    with pytest.raises(ValueError, match="read-only"):
        view(bytearray(as_bytes(array)), describe(array))[0] = 1


@pytest.mark.parametrize(
    "array",
    [
        np.array(["text"]),
        np.array([object()]),
        np.array([1j]),
        np.zeros(2, [("x", "<f4")]),
        np.zeros(2, "<M8[s]"),
        np.zeros((1,) * 9),
    ],
    ids=lambda array: str(array.dtype),
)
def test_other_arrays_do_not_travel(array: np.ndarray) -> None:
    assert code_of(lambda: describe(array)) == "bad_input"


def test_a_read_only_array_is_hashed_once_and_a_writable_one_each_time() -> None:
    array = np.arange(10)
    before = describe(array)
    array[0] = 5
    assert describe(array) != before
    array.flags.writeable = False
    assert describe(array) is describe(array)
    array.flags.writeable = True
    array[0] = 6
    assert describe(array).digest == digest(array.tobytes())


def test_a_read_only_view_of_a_writable_array_is_hashed_each_time() -> None:
    array = np.arange(10)
    window = array[:5]
    window.flags.writeable = False
    before = describe(window)
    array[0] = 5
    assert describe(window) != before


def test_a_new_array_at_an_old_address_is_hashed_anew() -> None:
    for value in range(50):
        array = np.full(1000, value)
        array.flags.writeable = False
        assert describe(array).digest == digest(array.tobytes())
        del array


def test_bytes_of_the_wrong_size_are_refused() -> None:
    blob = describe(np.arange(4))
    assert code_of(lambda: view(b"123", blob)) == "corrupt_blob"


def test_an_impossible_shape_is_refused() -> None:
    blob = Blob(dtype="<f8", shape=(0, 1 << 40, 1 << 40), digest=digest(b""))
    assert code_of(lambda: view(b"", blob)) == "corrupt_blob"


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_any_cut_into_chunks_arrives(data: bytes, cuts: list[int]) -> None:
    file = io.BytesIO()
    receiver = Receiver(digest(data), len(data), file.write)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    for start, stop in itertools.pairwise(edges):
        complete = receiver.add(start, data[start:stop])
        assert complete == (stop == len(data))
    if not data:
        assert receiver.add(0, b"")
    assert receiver.complete
    assert file.getvalue() == data


@pytest.mark.parametrize(
    "chunks",
    [
        [(4, b"efgh"), (0, b"abcd")],
        [(0, b"abcd"), (0, b"abcd")],
        [(0, b"abcd"), (4, b"efghi")],
        [(0, b"abcdefghi")],
        [(0, b"abcd"), (4, b"efgX")],
        [(1, b"")],
    ],
    ids=["order", "twice", "beyond", "too long", "other bytes", "gap"],
)
def test_damaged_transfers_are_refused(chunks: list[tuple[int, bytes]]) -> None:
    file = io.BytesIO()
    receiver = Receiver(digest(b"abcdefgh"), 8, file.write)
    assert code_of(lambda: [receiver.add(*chunk) for chunk in chunks]) == "corrupt_blob"
    assert not receiver.complete


def test_a_truncated_transfer_is_not_complete() -> None:
    receiver = Receiver(digest(b"abcdefgh"), 8, lambda data: None)
    assert not receiver.add(0, b"abcd")
    assert not receiver.complete


def test_the_blobs_of_a_request_are_found_in_order() -> None:
    blobs = [describe(np.arange(n)) for n in range(3)]
    geometry = Geometry(vertices=blobs[0], faces=blobs[1], selection=blobs[2], moving="selection")
    assert list(blobs_in(ArticulateRequest(geometry=(geometry,)))) == blobs
