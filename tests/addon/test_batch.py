"""Batches: one bad item stops nothing, and a crash costs only what was under way."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

batch: Any = importlib.import_module("tug.core.batch")
jobs: Any = importlib.import_module("tug.core.jobs")
errors: Any = importlib.import_module("tug.protocol.errors")
tasks: Any = importlib.import_module("tug.protocol.tasks")

result = tasks.ArticulateResult(joints=())


class Work:
    """Answers each item when waited for; `bad` items cannot be asked, `lost` ones fail."""

    def __init__(self, bad=(), lost=(), die_after=None, unknown=()):
        self.bad, self.lost, self.die_after = bad, lost, die_after
        self.unknown = unknown
        self.asked: list[str] = []
        self.ids: dict[str, str] = {}
        self.finished: list[str] = []
        self.states: list[tuple[str, str]] = []
        self.most_open = 0
        self.open: dict[str, Any] = {}

    def ask(self, item):
        if item.key in self.bad:
            raise self.bad[item.key]
        about = {"object": "o", "part": "p", "name": item.name}
        job = jobs.new_job(jobs.JointJob, tasks.ArticulateRequest(geometry=()), **about)
        self.asked.append(item.key)
        self.ids[item.key] = item.job
        self.open[item.key] = job
        self.most_open = max(self.most_open, len(self.open))
        return job

    def latest(self, job):
        return job

    def knows(self, item):
        return item.key not in self.unknown

    def wait(self, done):
        if self.die_after is not None and len(self.finished) >= self.die_after:
            raise KeyboardInterrupt
        key, job = next(iter(self.open.items()))
        del self.open[key]
        if key in self.lost:
            job.error = errors.Error(code="worker_crashed", message="The worker crashed.")
        else:
            job.result = result
        assert done()

    def finish(self, item):
        self.finished.append(item.key)

    def progress(self, item):
        self.states.append((item.key, item.state))


def items(count):
    return [batch.BatchItem(str(n), f"item {n}") for n in range(count)]


def test_bad_items_are_reported_and_the_rest_is_done():
    bad = {
        "1": errors.failure("bad_input", "No faces are chosen; select some."),
        "2": ReferenceError("StructRNA of type Object has been removed"),
    }
    work = Work(bad=bad, lost=("4",))
    report = batch.run(items(6), work, batch.Journal(None), 2)
    assert [item.key for item in report.failed] == ["1", "2", "4"]
    assert [item.key for item in report.done] == ["0", "3", "5"]
    assert work.most_open == 2
    assert report.items[1].error.message == "No faces are chosen; select some."
    assert "has been removed" in report.items[2].error.message
    assert str(report).startswith("3 of 6 done, 3 failed\n  item 1: No faces")
    assert ("0", "running") in work.states and ("0", "done") in work.states


def test_a_batch_goes_on_from_its_journal(tmp_path):
    path = tmp_path / "deep" / "batch.jsonl"
    first = Work(lost=("1",), die_after=3)
    with pytest.raises(KeyboardInterrupt):
        batch.run(items(6), first, batch.Journal(path), 2)
    assert first.finished == ["0", "2", "3"]
    second = Work()
    report = batch.run(items(6), second, batch.Journal(path), 2)
    assert second.asked == ["1", "4", "5"]
    assert second.finished[:1] == ["0"] and set(second.finished) == set("012345")
    assert [item.key for item in report.items if item.reloaded] == ["0", "2", "3"]
    assert second.ids["4"] == first.ids["4"], "begun before the crash: the same job is meant"
    assert second.ids["1"] != first.ids["1"], "failed before: asked anew"


def test_a_line_cut_off_by_a_crash_is_passed_over(tmp_path):
    path = tmp_path / "batch.jsonl"
    batch.run(items(2), Work(), batch.Journal(path), 1)
    path.write_bytes(path.read_bytes()[:-20])
    work = Work()
    batch.run(items(2), work, batch.Journal(path), 1)
    assert work.asked == ["1"]
    assert not batch.run(items(2), Work(), batch.Journal(path), 1).failed
    assert len(batch.Journal(path).last) == 2


def test_without_a_backend_the_batch_stops_instead_of_failing_every_item():
    nobody = errors.failure("unreachable", "No backend is running here.")
    work = Work(bad={"1": nobody})
    with pytest.raises(errors.TugError, match="No backend"):
        batch.run(items(3), work, batch.Journal(None), 1)


def test_a_result_that_cannot_be_used_fails_its_item_only():
    class Unusable(Work):
        def finish(self, item):
            if item.key == "0":
                raise errors.failure("bad_input", "The object was deleted.")

    report = batch.run(items(2), Unusable(), batch.Journal(None), 1)
    assert [item.state for item in report.items] == ["failed", "done"]
    assert report.items[0].result == result
