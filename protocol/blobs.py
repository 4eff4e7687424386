"""Arrays as content-addressed blobs."""

from __future__ import annotations

import hashlib
import math
import weakref
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, cast, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from .errors import failure

DType = Literal["|u1", "|i1", "|b1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8"]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Extent = Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]
Buffer = bytes | bytearray | memoryview
dimensions = 8
write_bytes = 256 << 10  # stays in the cache; Linux takes a megabyte at once five times slower


class Blob(msgspec.Struct, frozen=True, kw_only=True):
    """An array by name of its content: BLAKE2b-256 of its C-order little-endian bytes, in hex."""

    dtype: DType
    shape: Annotated[tuple[Extent, ...], msgspec.Meta(max_length=dimensions)]
    digest: Digest

    @property
    def size(self) -> int:
        """Bytes."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


def describe(array: NDArray[Any]) -> Blob:
    """Return the blob that holds `array`.

    A read-only array is hashed once while it lives: clear `array.flags.writeable` before
    describing a big one. Raises TugError `bad_input` for a dtype or a number of
    dimensions that does not travel.
    """
    known = _known.get(id(array))
    if known is not None and _constant(array):
        return known
    dtype = array.dtype.newbyteorder("<").str
    if dtype not in get_args(DType):
        raise failure(
            "bad_input",
            f"Arrays of {array.dtype} do not travel; use one of {', '.join(get_args(DType))}.",
        )
    if array.ndim > dimensions:
        raise failure("bad_input", f"An array of {array.ndim} dimensions is over {dimensions}.")
    blob = Blob(dtype=cast(DType, dtype), shape=array.shape, digest=digest(as_bytes(array)))
    if _constant(array):
        _known[id(array)] = blob
        weakref.finalize(array, _known.pop, id(array), None)
    return blob


def as_bytes(array: NDArray[Any]) -> memoryview:
    """Return the array's bytes in C order, little-endian and read-only.

    Nothing is copied where they already lie so in memory.
    """
    little = np.asarray(array, dtype=array.dtype.newbyteorder("<"))
    return np.ascontiguousarray(little).reshape(-1).view(np.uint8).data.toreadonly()


def digest(data: Buffer) -> str:
    """Return the BLAKE2b-256 of `data` in hex, the name of a blob."""
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def view(data: Buffer, blob: Blob) -> NDArray[Any]:
    """Return `data` as the read-only array that `blob` describes, without copying.

    Raises TugError `corrupt_blob` when the number of bytes is not `blob.size`. The digest
    is not computed again: whoever received the bytes has checked it.
    """
    size = memoryview(data).nbytes
    if size != blob.size:
        raise failure(
            "corrupt_blob", f"A blob of {blob.size:,} bytes came with {size:,}.", digest=blob.digest
        )
    try:
        array = np.ndarray(blob.shape, blob.dtype, buffer=data)
    except ValueError as error:
        raise failure("corrupt_blob", f"A blob has an impossible shape ({error}).") from error
    array.flags.writeable = False
    return array


def blobs_in(value: Any) -> Iterator[Blob]:
    """Yield every blob in a request or a result, in the order of its fields."""
    if isinstance(value, Blob):
        yield value
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from blobs_in(getattr(value, field))
    elif isinstance(value, dict):
        for item in value.values():
            yield from blobs_in(item)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from blobs_in(item)


class Receiver:
    """Takes a blob's chunks in order, hands each to `write` and hashes it on the way.

    Parameters
    ----------
    digest, size
        What the whole must hash to, and its bytes.
    write
        Called with each piece once it is known to belong at the end of what came before;
        a file's `write`, for instance.
    """

    def __init__(self, digest: str, size: int, write: Callable[[Buffer], object]) -> None:
        self.digest = digest
        self.size = size
        self.received = 0
        self._write = write
        self._hash = hashlib.blake2b(digest_size=32)

    @property
    def complete(self) -> bool:
        return self.received == self.size and self._hash.hexdigest() == self.digest

    def add(self, offset: int, data: Buffer) -> bool:
        """Take the chunk at `offset`; return whether the blob is complete.

        Raises TugError `corrupt_blob` for a chunk out of order or beyond the end, and when
        the last one gives another digest; what was written so far is then worthless.
        """
        content = memoryview(data).cast("B")
        end = offset + len(content)
        if offset != self.received or end > self.size:
            raise self._corrupt(f"got bytes {offset:,}-{end:,} at {self.received:,}")
        for start in range(0, len(content), write_bytes):
            piece = content[start : start + write_bytes]
            self._hash.update(piece)
            self._write(piece)
            self.received += len(piece)
        if self.received == self.size and not self.complete:
            raise self._corrupt("its bytes do not hash to its digest")
        return self.complete

    def _corrupt(self, why: str) -> Exception:
        return failure(
            "corrupt_blob",
            f"A blob of {self.size:,} bytes did not arrive whole: {why}; send it again.",
            retry=True,
            digest=self.digest,
        )


_known: dict[int, Blob] = {}


def _constant(array: NDArray[Any]) -> bool:
    """Whether nobody can write into the array's memory through numpy."""
    owner: Any = array
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return False
        owner = owner.base
    return owner is None or isinstance(owner, bytes)
