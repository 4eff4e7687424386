"""Jobs on disk: what was accepted and what was found survive any kill of the gateway."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from protocol.errors import Error, failure

from .jobs import Job

schema_version = 1
schema = """
CREATE TABLE jobs(
    id TEXT PRIMARY KEY, client TEXT NOT NULL, task TEXT NOT NULL, request BLOB NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL, sequence INTEGER NOT NULL,
    error BLOB, result BLOB, created REAL NOT NULL, ended REAL NOT NULL);
CREATE TABLE uses(
    job TEXT NOT NULL REFERENCES jobs(id) ON DELETE CASCADE, digest TEXT NOT NULL,
    PRIMARY KEY(job, digest)) WITHOUT ROWID;
CREATE TABLE stages(
    task TEXT NOT NULL, stage TEXT NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY(task, stage)) WITHOUT ROWID;
"""


class JobStore:
    """The gateway's database. Every method that writes has written when it returns.

    Raises sqlite3.OperationalError when the disk is full. SQLite's exclusive lock, held
    while this object lives, keeps a second gateway out of the folder.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / "jobs.sqlite"
        self._base = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._base.close()
            raise _unusable(error, self._path) from error

    def _open(self) -> None:
        self._base.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=FULL")
        self._base.execute("PRAGMA foreign_keys=ON")
        with _Transaction(self._base):
            version = self._base.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                self._create()
            elif version != schema_version:
                raise sqlite3.DatabaseError(f"made by another version of Tug ({version})")

    def _create(self) -> None:
        for statement in filter(str.strip, schema.split(";")):
            self._base.execute(statement)
        self._base.execute(f"PRAGMA user_version={schema_version}")

    def close(self) -> None:
        self._base.close()

    def jobs(self) -> list[Job]:
        """All jobs, the oldest first."""
        rows = self._base.execute(
            "SELECT id, client, task, state, attempts, sequence, error, created, ended "
            "FROM jobs ORDER BY rowid"
        )
        return [_job(row) for row in rows]

    def add(self, job: Job, request: dict[str, Any], digests: Iterable[str]) -> None:
        """Accept a job."""
        packed = msgspec.msgpack.encode(request)
        with _Transaction(self._base):
            self._base.execute(
                "INSERT INTO jobs VALUES(?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?, 0)",
                (
                    job.id,
                    job.client,
                    job.task,
                    packed,
                    job.state,
                    job.attempts,
                    job.sequence,
                    job.created,
                ),
            )
            self._use(job.id, digests)

    def save(
        self, job: Job, result: dict[str, Any] | None = None, digests: Iterable[str] = ()
    ) -> None:
        """Keep where a job stands, and what it found once it is done."""
        error = msgspec.msgpack.encode(job.error) if job.error else None
        packed = None if result is None else msgspec.msgpack.encode(result)
        with _Transaction(self._base):
            self._base.execute(
                "UPDATE jobs SET state=?, attempts=?, sequence=?, error=?, result=?, ended=? "
                "WHERE id=?",
                (job.state, job.attempts, job.sequence, error, packed, job.ended, job.id),
            )
            self._use(job.id, digests)

    def _use(self, job: str, digests: Iterable[str]) -> None:
        rows = [(job, digest) for digest in digests]
        self._base.executemany("INSERT OR IGNORE INTO uses VALUES(?, ?)", rows)

    def request(self, job: str) -> dict[str, Any]:
        return self._map("request", job)

    def result(self, job: str) -> dict[str, Any]:
        return self._map("result", job)

    def _map(self, column: str, job: str) -> dict[str, Any]:
        row = self._base.execute(f"SELECT {column} FROM jobs WHERE id=?", (job,)).fetchone()
        return msgspec.msgpack.decode(row[0])

    def forget(self, jobs: Iterable[str]) -> None:
        with _Transaction(self._base):
            self._base.executemany("DELETE FROM jobs WHERE id=?", [(job,) for job in jobs])

    def digests(self) -> set[str]:
        """The blobs that jobs still need."""
        return {row[0] for row in self._base.execute("SELECT DISTINCT digest FROM uses")}

    def stage_seconds(self, task: str) -> dict[str, float]:
        """How long each stage of a task usually takes; empty before the first job."""
        rows = self._base.execute("SELECT stage, seconds FROM stages WHERE task=?", (task,))
        return dict(rows.fetchall())

    def learn(self, task: str, seconds: dict[str, float]) -> None:
        """Mix a job's times into the usual ones."""
        with _Transaction(self._base):
            self._base.executemany(
                "INSERT INTO stages VALUES(?, ?, ?) ON CONFLICT(task, stage) "
                "DO UPDATE SET seconds = 0.7 * seconds + 0.3 * excluded.seconds",
                [(task, stage, value) for stage, value in seconds.items()],
            )


class _Transaction:
    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def __enter__(self) -> None:
        self._base.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._commit()
        elif self._base.in_transaction:
            self._base.execute("ROLLBACK")

    def _commit(self) -> None:
        try:
            self._base.execute("COMMIT")
        except sqlite3.Error:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise


def _job(row: tuple[Any, ...]) -> Job:
    id, client, task, state, attempts, sequence, error, created, ended = row
    return Job(
        id=id,
        client=client,
        task=task,
        state=state,
        attempts=attempts,
        sequence=sequence,
        error=msgspec.msgpack.decode(error, type=Error) if error else None,
        created=created,
        ended=ended,
    )


def _unusable(error: sqlite3.Error, path: Path) -> Exception:
    if "locked" in str(error):
        return failure(
            "bad_input",
            f"Another Tug backend is using {path.parent}: stop it, or serve with --data on "
            "another folder.",
            fix="tug serve --data DIR",
        )
    return failure(
        "bad_input",
        f"The job store {path} cannot be opened ({error}): move it away and start again.",
    )
