"""Log files: one a process, rotated, every line with its job; and the tail of them all."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

file_bytes = 10_000_000
files_kept = 4
tail_bytes = 4_000_000
reply_characters = 400_000
time_length = 26

_job: ContextVar[str] = ContextVar("job", default="-")
_record = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} ", re.MULTILINE)


class _Formatter(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__(f"%(asctime)s %(levelname)-7s {process} [%(job)s] %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        moment = datetime.fromtimestamp(record.created)
        return moment.isoformat(sep=" ", timespec="microseconds")

    def format(self, record: logging.LogRecord) -> str:
        record.job = _job.get()
        # Indented, so that no message can pretend to be a record of its own.
        return super().format(record).replace("\n", "\n    ")


def start(folder: Path, process: str) -> None:
    """Write this process's records to `folder/process.log`."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / f"{process}.log",
        maxBytes=file_bytes,
        backupCount=files_kept - 1,
        encoding="utf-8",
        delay=True,
    )
    handler.setFormatter(_Formatter(process))
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.handlers[:] = [handler]
    logging.raiseExceptions = False  # a full disk must not stop the work that is logged


@contextmanager
def about(job: str) -> Iterator[None]:
    """Name the job that records made inside belong to."""
    token = _job.set(job)
    try:
        yield
    finally:
        _job.reset(token)


def tail(folder: Path, *, job: str = "", lines: int = 200) -> str:
    """Return the last `lines` lines of all processes by time, of one job if `job` is given."""
    records = sorted(_records(folder), key=lambda record: record[:time_length])
    if job:
        records = [record for record in records if f"[{job}]" in record.partition("\n")[0]]
    text = "".join(records).splitlines()[-lines:]
    return "\n".join(text)[-reply_characters:]


def _records(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.log*"), reverse=True):  # gateway.log.1, then gateway.log
        text = _end(path)
        starts = [match.start() for match in _record.finditer(text)]
        for begin, end in zip(starts, [*starts[1:], len(text)], strict=True):
            yield text[begin:end]


def _end(path: Path) -> str:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - tail_bytes))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""  # rotated away meanwhile
