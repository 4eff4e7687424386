"""Blobs as files: the folder that gateway and workers share."""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from protocol import blobs
from protocol.blobs import Blob
from protocol.errors import TugError, failure

full_disk_errors = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Entry(NamedTuple):
    """A stored blob: its digest, bytes, and the time (seconds since the epoch) of its last use."""

    digest: str
    size: int
    used: float


class BlobFolder:
    """Arrays by digest, one file each, which never changes once it bears its name.

    Files appear by rename, so a reader sees a whole blob or none. What a worker writes is
    flushed to disk first; uploads are not, because their sender can send them again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.partial = folder / "partial"
        self.partial.mkdir(parents=True, exist_ok=True)

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def size(self, digest: str) -> int | None:
        """Bytes of a stored blob, None when there is none."""
        try:
            return self.path(digest).stat().st_size
        except OSError:
            return None

    def touch(self, digest: str) -> None:
        """Note that the blob is wanted, so that it is thrown away late."""
        with suppress(OSError):  # gone meanwhile: only the order of deletion depends on it
            os.utime(self.path(digest))

    def array(self, blob: Blob) -> NDArray:
        """Return the blob as a read-only array mapped from its file.

        Raises TugError: missing_blob, corrupt_blob.
        """
        size = self.size(blob.digest)
        if size is None:
            raise failure(
                "missing_blob",
                "An array of this job is no longer stored: submit the job again.",
                retry=True,
                digests=[blob.digest],
            )
        if size != blob.size:
            raise wrong_size(blob, size)
        if size == 0:
            return np.empty(blob.shape, blob.dtype)
        return np.memmap(self.path(blob.digest), blob.dtype, "r", shape=blob.shape)

    def read(self, digest: str, offset: int, length: int) -> bytes:
        """Part of a stored blob; less than `length` at its end."""
        with self.path(digest).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def write(self, array: NDArray) -> Blob:
        """Store an array safely and describe it.

        Raises TugError: bad_input for a dtype that may not travel, storage_full.
        """
        blob = blobs.describe(array)
        if self.size(blob.digest) == blob.size:
            self.touch(blob.digest)
            return blob
        draft = self.draft()
        try:
            with draft.open("wb") as file:
                file.write(blobs.as_bytes(array))
                file.flush()
                os.fsync(file.fileno())
            self.adopt(draft, blob.digest)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise storage_failure(error) from error
        return blob

    def draft(self) -> Path:
        """A new name for a file that is being written."""
        return self.partial / uuid.uuid4().hex

    def adopt(self, draft: Path, digest: str) -> None:
        """Give a complete file its name."""
        path = self.path(digest)
        path.parent.mkdir(exist_ok=True)
        draft.replace(path)

    def remove(self, digest: str) -> None:
        self.path(digest).unlink(missing_ok=True)

    def entries(self) -> Iterator[Entry]:
        """All stored blobs, in no order."""
        for folder in self.folder.iterdir():
            if len(folder.name) != 2:
                continue
            for file in os.scandir(folder):
                status = file.stat()
                yield Entry(file.name, status.st_size, status.st_mtime)

    def discard_drafts(self) -> None:
        """Delete files that were never finished. For the start, when nobody writes one."""
        for file in self.partial.iterdir():
            file.unlink(missing_ok=True)


def wrong_size(blob: Blob, size: int) -> TugError:
    return failure(
        "corrupt_blob",
        f"An array described as {blob.dtype} {list(blob.shape)} should have {blob.size} bytes "
        f"but {size} are stored: describe it with the shape that was sent.",
        digest=blob.digest,
    )


def is_full_disk(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in full_disk_errors


def storage_failure(error: Exception) -> TugError:
    """Put a failed write in words."""
    return failure(
        "storage_full",
        f"The job store cannot be written ({error}): make room on its disk, or serve with --data "
        "on another one.",
        retry=True,
        fix="tug serve --data DIR",
    )
