"""Answers to the calls on the bulk channel."""

from __future__ import annotations

from dataclasses import dataclass

from backend.storage import BlobFolder
from protocol.errors import failure
from protocol.messages import (
    BulkCall,
    Chunk,
    FindMissing,
    GetChunk,
    Limits,
    Missing,
    PutChunk,
    Reply,
)

from .uploads import Uploads


@dataclass(frozen=True)
class Bulk:
    """One method a call; `answer` chooses it. Connections are known by their key alone."""

    blobs: BlobFolder
    uploads: Uploads
    limits: Limits

    def answer(self, call: BulkCall, data: memoryview) -> tuple[Reply, bytes]:
        """Return the reply and the bytes that go with it. Raises TugError."""
        match call:
            case FindMissing():
                return self._find_missing(call), b""
            case PutChunk():
                self._check_length(data.nbytes)
                return self.uploads.put(call, data), b""
            case GetChunk():
                return self._get(call)

    def _find_missing(self, call: FindMissing) -> Missing:
        missing = [digest for digest in call.digests if self.blobs.size(digest) is None]
        for digest in set(call.digests).difference(missing):
            self.blobs.touch(digest)
        return Missing(reply_to=call.id, digests=missing)

    def _get(self, call: GetChunk) -> tuple[Chunk, bytes]:
        self._check_length(call.length)
        size = self.blobs.size(call.digest)
        if size is None:
            raise failure(
                "missing_blob",
                "This array is not stored here: its job is acknowledged or too old.",
                digests=[call.digest],
            )
        data = self.blobs.read(call.digest, call.offset, call.length)
        return Chunk(reply_to=call.id, digest=call.digest, offset=call.offset, size=size), data

    def _check_length(self, length: int) -> None:
        if length > self.limits.chunk_bytes:
            raise failure(
                "too_large",
                f"A chunk of {length:,} bytes is over the limit of {self.limits.chunk_bytes:,}.",
                limit=self.limits.chunk_bytes,
            )
