"""Blobs on their way in and out, a window of chunks at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .blobs import Blob, Receiver, view
from .errors import Error, TugError, failure
from .link import Channel
from .messages import Chunk, Failure, GetChunk, Limits, PutChunk, Stored

window_bytes = 32 << 20  # in flight each way: what a fast link takes between two ticks
download_bytes = 512 << 10  # one chunk's copy and hash stay within a millisecond or two


class Upload:
    """An array's bytes until the server has them."""

    def __init__(self, digest: str, data: memoryview, attempt: int = 1) -> None:
        self.digest = digest
        self.data = data
        self.attempt = attempt
        self.left = len(data)
        self._offsets: Iterator[int] = iter(())

    def restart(self, step: int) -> None:
        self.left = len(self.data)
        self._offsets = iter(range(0, max(1, len(self.data)), step))  # an empty blob is one chunk

    def next(self) -> int | None:
        return next(self._offsets, None)


class Download:
    """A blob's bytes until they are here: then `array` is set, or `error`."""

    def __init__(self, blob: Blob, then: Callable[[Download], None]) -> None:
        self.blob = blob
        self.then = then
        self.array: NDArray[Any] | None = None
        self.error: Error | None = None
        self._buffer = np.empty(blob.size, np.uint8)
        self._receiver = Receiver(blob.digest, blob.size, self._write)
        self._offsets: Iterator[int] = iter(())

    @property
    def finished(self) -> bool:
        return self.array is not None or self.error is not None

    @property
    def fraction(self) -> float:
        """How much has arrived, 0..1."""
        return self._receiver.received / self.blob.size if self.blob.size else float(self.finished)

    def restart(self, step: int) -> None:
        """Ask again for everything after what is already here."""
        self._offsets = iter(range(self._receiver.received, max(1, self.blob.size), step))

    def next(self) -> int | None:
        return next(self._offsets, None)

    def add(self, offset: int, data: memoryview) -> None:
        """Take one chunk; raises TugError `corrupt_blob`."""
        if self._receiver.add(offset, data):
            self.array = view(self._buffer.data, self.blob)

    def _write(self, data: Any) -> None:
        start = self._receiver.received
        self._buffer[start : start + len(data)] = np.frombuffer(data, np.uint8)


class Transfers:
    """All uploads and downloads of a client; they outlive its connections.

    `on_progress(digest)` is called when bytes of an upload have been stored, `on_stored`
    when all have, `on_failed(digest, error)` when the server will not take them.
    """

    def __init__(
        self,
        on_progress: Callable[[str], None],
        on_stored: Callable[[str], None],
        on_failed: Callable[[str, Error], None],
    ) -> None:
        self._on_progress = on_progress
        self._on_stored = on_stored
        self._on_failed = on_failed
        self._uploads: dict[str, Upload] = {}
        self._downloads: list[Download] = []
        self._channel: Channel | None = None
        self._limits = Limits()
        self._sending = 0
        self._fetching = 0

    def connect(self, channel: Channel, limits: Limits) -> None:
        """Go on over a new connection. Uploads wait for their job to ask again what is missing."""
        self.disconnect()
        self._channel, self._limits = channel, limits
        for download in self._downloads:
            download.restart(self._step)

    def disconnect(self) -> None:
        """Stop; downloads go on with the next connection, uploads begin anew."""
        self._channel = None
        self._uploads.clear()
        self._sending = self._fetching = 0

    def upload(self, digest: str, data: memoryview) -> None:
        """Send a blob, unless it is already on its way."""
        if digest not in self._uploads:
            self._begin(Upload(digest, data))

    def left(self, digest: str, size: int) -> int:
        """Return how many bytes of a blob of `size` the server still lacks."""
        upload = self._uploads.get(digest)
        return upload.left if upload else size

    def keep(self, digests: set[str]) -> None:
        """Stop all uploads but these."""
        self._uploads = {name: item for name, item in self._uploads.items() if name in digests}

    def download(self, blob: Blob, then: Callable[[Download], None]) -> Download:
        """Fetch a blob. Raises TugError `too_large` over the server's limit."""
        if blob.size > self._limits.blob_bytes:
            raise failure(
                "too_large",
                f"A blob of {blob.size:,} bytes is over the limit of {self._limits.blob_bytes:,}.",
            )
        download = Download(blob, then)
        download.restart(self._step)
        self._downloads.append(download)
        return download

    def feed(self, stop: float) -> bool:
        """Send chunks and ask for chunks while the windows have room; return whether any went.

        Goes on until `time.perf_counter()` reaches `stop`.
        """
        busy = False
        while self._channel and (self._send_chunk() or self._ask_chunk()):
            busy = True
            if time.perf_counter() >= stop:
                break
        return busy

    @property
    def _step(self) -> int:
        return min(self._limits.chunk_bytes, download_bytes)

    def _begin(self, upload: Upload) -> None:
        upload.restart(self._limits.chunk_bytes)
        self._uploads[upload.digest] = upload

    def _send_chunk(self) -> bool:
        assert self._channel is not None
        step = self._limits.chunk_bytes
        if self._sending * step >= window_bytes:
            return False
        for upload in self._uploads.values():
            offset = upload.next()
            if offset is not None:
                break
        else:
            return False
        self._sending += 1
        self._channel.call(
            PutChunk,
            partial(self._on_stored_chunk, upload),
            upload.data[offset : offset + step],
            digest=upload.digest,
            offset=offset,
            size=len(upload.data),
        )
        return True

    def _on_stored_chunk(self, upload: Upload, reply: Stored | Failure, _: memoryview) -> None:
        self._sending -= 1
        if self._uploads.get(upload.digest) is not upload:
            return  # finished, failed or begun anew meanwhile
        if isinstance(reply, Failure):
            self._refused(upload, reply.error)
            return
        upload.left = len(upload.data) - min(reply.received, len(upload.data))
        if reply.complete:
            del self._uploads[upload.digest]
            self._on_stored(upload.digest)
        else:
            self._on_progress(upload.digest)

    def _refused(self, upload: Upload, error: Error) -> None:
        if error.code == "corrupt_blob" and upload.attempt == 1:
            self._begin(Upload(upload.digest, upload.data, attempt=2))
        else:
            del self._uploads[upload.digest]
            self._on_failed(upload.digest, error)

    def _ask_chunk(self) -> bool:
        assert self._channel is not None
        if self._fetching * self._step >= window_bytes:
            return False
        for download in self._downloads:
            offset = download.next()
            if offset is not None:
                break
        else:
            return False
        self._fetching += 1
        length = min(self._step, download.blob.size - offset)
        self._channel.call(
            GetChunk,
            partial(self._on_chunk, download, length),
            digest=download.blob.digest,
            offset=offset,
            length=length,
        )
        return True

    def _on_chunk(
        self, download: Download, length: int, reply: Chunk | Failure, data: memoryview
    ) -> None:
        self._fetching -= 1
        if download.finished:
            return
        try:
            if isinstance(reply, Failure):
                raise TugError(reply.error)
            if len(data) != length:
                raise failure("corrupt_blob", f"{len(data):,} bytes came instead of {length:,}.")
            download.add(reply.offset, data)
        except TugError as error:
            download.error = error.error
        if download.finished:
            self._downloads.remove(download)
            download.then(download)
