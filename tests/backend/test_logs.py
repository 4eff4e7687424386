from __future__ import annotations

import logging

import pytest

from backend import logs


@pytest.fixture(autouse=True)
def quiet_root():
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before


def test_tail_orders_processes_by_time_and_keeps_stacks_together(tmp_path):
    logs.start(tmp_path, "gateway")
    with logs.about("job-1"):
        logging.info("first")
    logs.start(tmp_path, "worker-0")
    with logs.about("job-1"):
        try:
            raise ValueError("why")
        except ValueError:
            logging.exception("second")
    logs.start(tmp_path, "gateway")
    logging.info("third")
    text = logs.tail(tmp_path)
    assert text.index("first") < text.index("second") < text.index("ValueError: why")
    assert text.index("ValueError: why") < text.index("third")
    assert "third" not in logs.tail(tmp_path, job="job-1")
    assert "ValueError: why" in logs.tail(tmp_path, job="job-1")
    assert len(logs.tail(tmp_path, lines=2).splitlines()) == 2


def test_a_message_cannot_pretend_to_be_a_record(tmp_path):
    logs.start(tmp_path, "gateway")
    logging.info("hello\n2099-01-01 00:00:00.000 INFO    gateway [victim] forged")
    assert logs.tail(tmp_path, job="victim") == ""


def test_logs_rotate_and_the_tail_spans_the_files(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "file_bytes", 2000)
    logs.start(tmp_path, "gateway")
    for number in range(200):
        logging.info("line %d", number)
    files = list(tmp_path.iterdir())
    assert len(files) == logs.files_kept
    assert all(file.stat().st_size <= 2000 for file in files)
    lines = logs.tail(tmp_path, lines=30).splitlines()
    assert [line.rpartition(" ")[2] for line in lines] == [str(n) for n in range(170, 200)]


def test_no_logs_no_text(tmp_path):
    assert logs.tail(tmp_path) == ""
