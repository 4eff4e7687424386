"""Blobs on their way in."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from backend.storage import BlobFolder, storage_failure
from protocol.blobs import Receiver
from protocol.errors import TugError, failure
from protocol.messages import PutChunk, Stored

log = logging.getLogger(__name__)
uploads_at_once = 64
idle_seconds = 600.0
room_kept_free = 64 << 20  # bytes: the jobs themselves must still be written


@dataclass
class Upload:
    """A blob of which some bytes have come."""

    receiver: Receiver
    file: BinaryIO
    draft: Path
    touched: float

    def discard(self) -> None:
        self.file.close()
        self.draft.unlink(missing_ok=True)


class Uploads:
    """Partial blobs by digest, shared by all connections.

    A chunk that is there already changes nothing. So an upload goes on after a lost
    connection, and two clients may send the same blob at once. After a restart it begins
    anew. `make_room` is called before an upload is refused because the disk is full.
    """

    def __init__(
        self, blobs: BlobFolder, blob_bytes: int, *, make_room: Callable[[], None]
    ) -> None:
        self._blobs = blobs
        self._make_room = make_room
        self._blob_bytes = blob_bytes
        self._open: dict[str, Upload] = {}
        blobs.discard_drafts()

    def put(self, call: PutChunk, data: memoryview) -> Stored:
        """Take one chunk. Raises TugError corrupt_blob, too_large, storage_full."""
        if self._blobs.size(call.digest) is not None:
            return _stored(call, call.size)
        upload = self._open.get(call.digest)
        if call.offset > (upload.receiver.received if upload else 0):
            raise _corrupt(call, f"its bytes before {call.offset:,} are not here")
        upload = upload or self._begin(call)
        try:
            return self._add(upload, call, data)
        except TugError:
            self._end(call.digest)
            raise
        except OSError as error:
            self._end(call.digest)
            raise storage_failure(error) from error

    def discard_idle(self) -> None:
        """Forget what nobody has sent a chunk of for long."""
        limit = time.monotonic() - idle_seconds
        for digest in [d for d, upload in self._open.items() if upload.touched < limit]:
            self._end(digest)

    def close(self) -> None:
        for digest in list(self._open):
            self._end(digest)

    def _begin(self, call: PutChunk) -> Upload:
        self._check_size(call)
        if len(self._open) >= uploads_at_once:
            self._end(min(self._open, key=lambda digest: self._open[digest].touched))
        draft = self._blobs.draft()
        try:
            file = draft.open("wb")
        except OSError as error:
            raise storage_failure(error) from error
        receiver = Receiver(call.digest, call.size, file.write)
        upload = self._open[call.digest] = Upload(receiver, file, draft, time.monotonic())
        return upload

    def _check_size(self, call: PutChunk) -> None:
        if call.size > self._blob_bytes:
            raise failure(
                "too_large",
                f"An array of {call.size:,} bytes is over the limit of {self._blob_bytes:,}: send "
                "a decimated mesh.",
                limit=self._blob_bytes,
            )
        if not self._has_room(call.size):
            self._make_room()
        if not self._has_room(call.size):
            raise storage_failure(OSError("no room left"))

    def _has_room(self, size: int) -> bool:
        return shutil.disk_usage(self._blobs.folder).free >= size + room_kept_free

    def _add(self, upload: Upload, call: PutChunk, data: memoryview) -> Stored:
        upload.touched = time.monotonic()
        if call.size != upload.receiver.size:
            raise _corrupt(call, f"it was announced with {upload.receiver.size:,} bytes before")
        if call.offset == upload.receiver.received:
            upload.receiver.add(call.offset, data)
        if upload.receiver.complete:
            upload.file.close()
            self._blobs.adopt(upload.draft, call.digest)
            del self._open[call.digest]
        return _stored(call, upload.receiver.received)

    def _end(self, digest: str) -> None:
        upload = self._open.pop(digest, None)
        if upload:
            try:
                upload.discard()
            except OSError as error:
                log.warning("a partial upload could not be removed: %s", error)


def _corrupt(call: PutChunk, why: str) -> TugError:
    return failure(
        "corrupt_blob", f"A blob must be sent again: {why}.", retry=True, digest=call.digest
    )


def _stored(call: PutChunk, received: int) -> Stored:
    return Stored(
        reply_to=call.id, digest=call.digest, received=received, complete=received == call.size
    )
