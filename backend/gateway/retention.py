"""What is thrown away, and when."""

from __future__ import annotations

import logging
import time

from backend.storage import BlobFolder, Entry

from .jobs import Job

log = logging.getLogger(__name__)
jobs_kept = 10_000
unused_seconds = 24 * 3600.0  # a mesh that no job needs stays this long, for the next drag
fresh_seconds = 60.0  # younger blobs may belong to a job about to be submitted or finished


def expired_jobs(jobs: list[Job], seconds: float, now: float) -> list[str]:
    """Ids of ended jobs that are too old, or too many; `jobs` from the oldest on."""
    over = [job for job in jobs if job.is_over]
    too_many = max(0, len(over) - jobs_kept)
    return [job.id for n, job in enumerate(over) if n < too_many or job.ended < now - seconds]


def expired_blobs(entries: list[Entry], needed: set[str], capacity: int, now: float) -> list[Entry]:
    """Blobs that no job needs and that are old, or in the way of `capacity` bytes in all."""
    total = sum(entry.size for entry in entries)
    free = [entry for entry in entries if entry.digest not in needed]
    expired = []
    for entry in sorted(free, key=lambda entry: entry.used):
        age = now - entry.used
        if age > unused_seconds or (total > capacity and age > fresh_seconds):
            expired.append(entry)
            total -= entry.size
    return expired


def prune(blobs: BlobFolder, needed: set[str], capacity: int) -> int:
    """Delete expired blobs; return the bytes that are left."""
    entries = list(blobs.entries())
    expired = expired_blobs(entries, needed, capacity, time.time())
    for entry in expired:
        blobs.remove(entry.digest)
    if expired:
        log.info("threw away %d arrays nobody needs", len(expired))
    return sum(entry.size for entry in entries) - sum(entry.size for entry in expired)
