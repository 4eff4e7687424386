"""Jobs and blobs on disk."""

from __future__ import annotations

import os
import sqlite3

import numpy as np
import pytest

from backend.gateway.jobs import Job
from backend.gateway.retention import expired_blobs, expired_jobs, fresh_seconds, prune
from backend.gateway.store import JobStore
from backend.storage import BlobFolder, Entry
from protocol.errors import Error, TugError


def make_job(name: str = "job", **fields) -> Job:
    return Job(**({"id": name, "client": "test", "task": "articulate", "created": 1.0} | fields))


@pytest.fixture
def store(tmp_path):
    store = JobStore(tmp_path)
    yield store
    store.close()


def reopened(store, folder):
    store.close()
    return JobStore(folder)


def test_a_job_is_what_it_was_after_reopening(store, tmp_path):
    job = make_job()
    store.add(job, {"task": "articulate", "seed": 3}, ["a" * 64])
    job.state, job.error, job.ended = "failed", Error(code="internal", message="Why."), 2.0
    job.attempts, job.sequence = 2, 5_000_001
    store.save(job)
    store = reopened(store, tmp_path)
    (again,) = store.jobs()
    assert vars(again) == vars(job)
    assert store.request("job") == {"task": "articulate", "seed": 3}
    store.close()


def test_forgotten_jobs_need_no_blobs(store):
    for name, digests in (("one", ["a", "b"]), ("two", ["b", "c"])):
        store.add(make_job(name), {}, digests)
    assert store.digests() == {"a", "b", "c"}
    store.forget(["one"])
    assert store.digests() == {"b", "c"}
    assert [job.id for job in store.jobs()] == ["two"]


def test_times_are_mixed(store):
    store.learn("articulate", {"prepare": 1.0})
    store.learn("articulate", {"prepare": 2.0, "range": 5.0})
    assert store.stage_seconds("articulate") == pytest.approx({"prepare": 1.3, "range": 5.0})
    assert store.stage_seconds("other") == {}


def test_a_failed_write_changes_nothing(store):
    store.add(make_job(), {}, ["a"])
    with pytest.raises(sqlite3.IntegrityError):
        store.add(make_job(), {}, ["b"])
    assert store.digests() == {"a"}
    store.forget(["job"])


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\x00"])
def test_a_broken_database_is_named(tmp_path, content):
    (tmp_path / "jobs.sqlite").write_bytes(content)
    with pytest.raises(TugError, match="move it away"):
        JobStore(tmp_path)


def test_a_database_of_another_version_is_refused(store, tmp_path):
    store.close()
    base = sqlite3.connect(tmp_path / "jobs.sqlite")
    base.execute("PRAGMA user_version=99")
    base.close()
    with pytest.raises(TugError, match="another version"):
        JobStore(tmp_path)


def test_blobs_are_written_whole_or_not_at_all(tmp_path):
    blobs = BlobFolder(tmp_path)
    array = np.arange(12, dtype="<f4").reshape(3, 4)
    blob = blobs.write(array)
    assert np.array_equal(blobs.array(blob), array)
    assert not blobs.array(blob).flags.writeable
    assert list(blobs.partial.iterdir()) == []
    assert [entry.digest for entry in blobs.entries()] == [blob.digest]
    assert blobs.write(array) == blob


def test_empty_arrays_are_blobs_too(tmp_path):
    blobs = BlobFolder(tmp_path)
    assert blobs.array(blobs.write(np.zeros((0, 3), "<f4"))).shape == (0, 3)


def test_truncated_and_missing_blobs_are_refused_in_words(tmp_path):
    blobs = BlobFolder(tmp_path)
    blob = blobs.write(np.arange(12, dtype="<f4"))
    with blobs.path(blob.digest).open("r+b") as file:
        file.truncate(20)
    with pytest.raises(TugError, match="48 bytes but 20"):
        blobs.array(blob)
    blobs.remove(blob.digest)
    with pytest.raises(TugError, match="no longer stored"):
        blobs.array(blob)


def test_old_and_superfluous_jobs_expire(monkeypatch):
    monkeypatch.setattr("backend.gateway.retention.jobs_kept", 3)
    ended = [make_job(str(n), state="done", ended=100.0 + n) for n in range(5)]
    running = make_job("running", state="running")
    assert expired_jobs([running, *ended], 1000.0, now=200.0) == ["0", "1"]
    assert expired_jobs([running, *ended], 97.0, now=200.0) == ["0", "1", "2"]
    assert expired_jobs([running], 0.0, now=1e9) == []


def test_needed_and_fresh_blobs_stay_whatever_their_size():
    now = 1e6
    entries = [
        Entry("needed", 100, now - 1e6),
        Entry("old", 100, now - 1e5),
        Entry("less old", 100, now - 1000),
        Entry("fresh", 100, now - fresh_seconds / 2),
    ]
    assert expired_blobs(entries, {"needed"}, 1000, now) == [entries[1]]
    assert expired_blobs(entries, {"needed"}, 250, now) == entries[1:3]
    assert expired_blobs(entries, {"needed"}, 0, now) == entries[1:3]


def test_prune_deletes_and_counts(tmp_path):
    blobs = BlobFolder(tmp_path)
    kept, gone = blobs.write(np.zeros(4, "<f8")), blobs.write(np.ones(4, "<f8"))
    for blob in (kept, gone):
        os.utime(blobs.path(blob.digest), (0.0, 0.0))
    assert prune(blobs, {kept.digest}, 1 << 30) == 32
    assert [entry.digest for entry in blobs.entries()] == [kept.digest]
