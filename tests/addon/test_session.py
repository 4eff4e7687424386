"""The session against real backend processes: finding, keeping, losing and regaining them."""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

core: Any = importlib.import_module("tug.core.session")
process: Any = importlib.import_module("tug.core.backend_process")
book_of: Any = importlib.import_module("tug.core.book").JobBook
jobs: Any = importlib.import_module("tug.core.jobs")
blobs: Any = importlib.import_module("tug.protocol.blobs")
errors: Any = importlib.import_module("tug.protocol.errors")
keys: Any = importlib.import_module("tug.protocol.keys")
meshes: Any = importlib.import_module("tug.protocol.meshes")
tasks: Any = importlib.import_module("tug.protocol.tasks")

root = Path(__file__).parents[2]
python = os.environ.get("TUG_BACKEND_PYTHON") or sys.executable


@pytest.fixture
def open_session():
    """Make sessions: `open_session(mode=..., ...)`, connecting already."""
    made = []

    def make(book=None, **settings):
        made.append(core.Session(core.Settings(**settings), "tester", book))
        made[-1].connect()
        return made[-1]

    yield make
    for session in made:
        session.book = book_of()  # nothing is unfinished any more: its backend may go
        session.close()


def local(backend):
    return {"mode": "local", "connection_file": str(backend.connection_file)}


def managed(**more):
    return {"mode": "managed", "python": python, "root": str(root), "options": ("--null",), **more}


def is_settled(session):
    return session.wait(lambda: session.connected or session.hopeless, 60.0)


def is_connected(session):
    return session.wait(lambda: session.connected, 60.0)


def question(engine="null:done"):
    vertices = np.eye(3, dtype=np.float32)
    faces = np.array([[0, 1, 2]], np.int32)
    geometry = [
        meshes.Geometry(vertices=blobs.describe(vertices), faces=blobs.describe(faces), moving=kind)
        for kind in ("all", "none")
    ]
    request = tasks.ArticulateRequest(
        geometry=tuple(geometry),
        drags=(tasks.Drag((0.0, 0.0, 0.0), (0.0, -1.0, 0.0)),),
        engine=engine,
    )
    about = {"object": "object", "part": "part", "name": "Drawer"}
    return jobs.new_job(jobs.JointJob, request, **about), [vertices, faces]


def ask(session, engine="null:done"):
    job, arrays = question(engine)
    session.submit(job, arrays)
    return job


def test_nothing_happens_before_connect(home):
    session = core.Session(core.Settings(mode="managed"), "tester")
    assert not session.pump() and session.state == "off" and session.client is None
    with pytest.raises(errors.TugError, match="Connect"):
        ask(session)
    assert not home.exists()


def test_a_job_goes_to_a_local_backend_and_its_result_comes_back(backend, open_session):
    session = open_session(**local(backend))
    assert is_connected(session)
    job = ask(session)
    assert session.wait(lambda: job.finished, 30.0)
    assert job.state == "done" and job.joint.type == "prismatic"
    assert session.wait(lambda: session.capabilities is not None, 30.0)
    assert session.capabilities.null and session.reason.startswith("Connected")
    assert not session.busy


def test_each_result_is_told_once_from_within_the_pumping(backend, open_session):
    told = []
    session = open_session(**local(backend))
    session._on_result = told.append
    jobs_asked = [ask(session), ask(session)]
    assert session.wait(lambda: all(job.finished for job in jobs_asked), 30.0)
    for _ in range(3):
        session.pump()
    assert sorted(job.id for job in told) == sorted(job.id for job in jobs_asked)


def test_jobs_may_be_asked_before_the_connection_stands(backend, open_session):
    session = open_session(**local(backend))
    job = ask(session)
    assert job.state == "sending"
    assert session.wait(lambda: job.finished, 30.0) and job.state == "done"


def test_without_a_local_backend_the_reason_says_what_to_start(home, open_session):
    session = open_session(mode="local")
    assert session.state == "failed" and session.hopeless
    assert "No backend is running" in session.reason and "tug serve" in session.fix


def test_a_local_backend_that_starts_later_is_found(home, make_backend, open_session):
    backend = make_backend("--null")
    session = open_session(**local(backend))
    assert session.state == "failed"
    backend.start()
    assert is_connected(session)


def test_a_connection_that_came_and_went_between_two_pumps_counts_as_lost(
    make_backend, open_session
):
    backend = make_backend("--null").start()
    session = open_session(**local(backend))
    assert session.client.wait(lambda: session.client.state == "connected", 30.0)
    backend.kill()
    assert session.client.wait(lambda: session.client.state != "connected", 30.0)
    assert session.state == "lost" and not session.hopeless


def test_a_killed_backend_that_returns_hands_over_the_result(make_backend, open_session):
    backend = make_backend("--null").start()
    session = open_session(**local(backend))
    job = ask(session, "null:done=1")
    assert session.wait(lambda: job.state == "running", 30.0)
    backend.kill()
    assert session.wait(lambda: session.state == "lost", 30.0)
    assert job.state == "running" and session.busy and not session.hopeless
    backend.start()
    assert session.wait(lambda: job.finished, 60.0)
    assert job.state == "done"


def test_jobs_of_an_earlier_session_are_asked_for_by_id(backend, open_session):
    first = open_session(**local(backend))
    job = ask(first, "null:done=1")
    assert first.wait(lambda: job.state == "running", 30.0)
    first.disconnect()
    book = book_of()
    book.read(first.book.to_json())
    second = open_session(book=book, **local(backend))
    (again,) = book
    assert second.wait(lambda: again.finished, 30.0)
    assert again is not job and again.state == "done"


def test_a_job_nobody_knows_fails_with_a_sentence(backend, open_session):
    book = book_of()
    book.add(question()[0])
    session = open_session(book=book, **local(backend))
    (job,) = book
    assert session.wait(lambda: job.finished, 30.0)
    assert job.error.code == "unknown_job" and "again" in job.error.message


def test_a_job_can_be_cancelled_while_it_runs(backend, open_session):
    session = open_session(**local(backend))
    job = ask(session, "null:slow=60")
    assert session.wait(lambda: job.state == "running", 30.0)
    session.cancel(job)
    assert session.wait(lambda: job.finished, 30.0)
    assert job.state == "cancelled" and job.error.code == "cancelled"


@pytest.mark.parametrize(
    ("engine", "code"),
    [
        ("null:fail", "bad_input"),
        ("null:crash", "worker_crashed"),
        ("null:memory", "out_of_memory"),
    ],
)
def test_a_job_that_fails_says_why_and_the_next_one_runs(backend, open_session, engine, code):
    session = open_session(**local(backend))
    job = ask(session, engine)
    assert session.wait(lambda: job.finished, 60.0)
    assert job.state == "failed" and job.error.code == code and job.error.message.endswith(".")
    following = ask(session)
    assert session.wait(lambda: following.finished, 60.0) and following.state == "done"


def test_the_backends_log_can_be_read(backend, open_session):
    session = open_session(**local(backend))
    assert is_connected(session)
    job = ask(session)
    session.wait(lambda: job.finished, 30.0)
    texts: list[str] = []
    session.fetch_log(texts.append, job.id)
    assert session.wait(lambda: texts, 30.0)
    assert job.id in texts[0]


def changed(backend, tmp_path, **fields):
    """A connection file that differs from the backend's own."""
    connection = keys.read_connection(backend.connection_file)
    path = tmp_path / "changed.json"
    keys.write_connection(path, msgspec.structs.replace(connection, **fields))
    return {"mode": "local", "connection_file": str(path)}


def test_a_wrong_server_key_is_named(backend, tmp_path, open_session):
    session = open_session(**changed(backend, tmp_path, server_key=keys.new_keys().public))
    assert is_settled(session)
    assert session.state == "refused" and session.error.code == "wrong_key"
    assert "key" in session.reason and session.hopeless


def test_a_client_key_that_is_not_allowed_is_named(backend, tmp_path, open_session):
    mine = keys.new_keys()
    session = open_session(
        **changed(backend, tmp_path, client_public=mine.public, client_secret=mine.secret)
    )
    assert is_settled(session)
    assert session.state == "refused" and session.error.code == "wrong_key"


def test_another_product_on_the_port_is_named(backend, tmp_path, open_session):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        session = open_session(**changed(backend, tmp_path, control=address))
        accepted, _ = other.accept()
        with accepted:
            accepted.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" * 4)
            assert session.wait(lambda: session.error is not None, 60.0)
            assert session.error.code == "wrong_product"
            assert address in session.reason


def test_another_protocol_version_is_refused_in_words(backend, tmp_path, open_session):
    session = open_session(**changed(backend, tmp_path, protocol="9.0"))
    assert is_settled(session)
    assert session.error.code == "version_unsupported" and "9.0" in session.reason


def remote(backend, **more):
    connection = keys.read_connection(backend.connection_file)
    names = ("control", "bulk", "server_key", "client_public", "client_secret")
    return {"mode": "remote", **{name: getattr(connection, name) for name in names}, **more}


def test_the_remote_mode_connects_by_addresses_and_keys(backend, open_session):
    assert is_connected(open_session(**remote(backend)))


def test_the_remote_mode_takes_a_connection_file_as_well(backend, open_session):
    session = open_session(mode="remote", connection_file=str(backend.connection_file))
    assert is_connected(session)


def test_a_connection_file_is_no_way_around_being_offline(backend, tmp_path, open_session):
    elsewhere = changed(backend, tmp_path, bulk="tcp://backend.invalid:7701")
    session = open_session(**elsewhere)
    assert session.state == "failed" and "Allow Online Access" in session.reason


@pytest.mark.parametrize("field", ["control", "bulk", "server_key", "client_secret"])
def test_an_empty_field_of_the_remote_mode_is_named(backend, open_session, field):
    session = open_session(**remote(backend, **{field: ""}))
    assert session.state == "failed" and session.hopeless
    assert field.replace("_secret", "").replace("control", "control address").replace("_", " ") in (
        session.reason
    )


def test_offline_blender_reaches_no_other_machine(backend, open_session):
    offline = open_session(**remote(backend, control="tcp://backend.invalid:7700"))
    assert offline.state == "failed" and "Allow Online Access" in offline.reason
    online = open_session(**remote(backend, control="tcp://backend.invalid:7700", online=True))
    assert "Allow Online Access" not in online.reason


def test_managed_without_an_installation_names_the_command(home, open_session):
    session = open_session(mode="managed")
    assert is_settled(session)
    assert session.state == "failed" and "build.py backend" in session.reason
    assert session.fix == process.install_command


def test_managed_reads_what_the_set_up_noted(home):
    home.mkdir()
    (home / "backend.json").write_text(json.dumps({"python": "p", "root": str(root)}))
    assert process.find_installation() == process.Installation("p", str(root))
    with pytest.raises(errors.TugError, match="no backend in the folder"):
        process.find_installation(root=str(home))


def test_managed_starts_a_backend_and_stops_it_again(home, open_session):
    session = open_session(**managed())
    assert session.state == "starting" and session.reason == "The backend is starting."
    assert is_connected(session)
    job = ask(session)
    assert session.wait(lambda: job.finished, 30.0) and job.state == "done"
    running = session.process
    session.close()
    assert running.exit_code is not None and session.process is None


def test_managed_leaves_the_backend_alone_while_jobs_run(home, open_session):
    session = open_session(**managed())
    job = ask(session, "null:slow=60")
    assert session.wait(lambda: job.state == "running", 60.0)
    running = session.process
    session.close()
    assert running.exit_code is None
    running.stop()


def test_managed_leaves_the_backend_alone_while_another_files_job_runs(home, open_session):
    session = open_session(**managed())
    job = ask(session, "null:slow=60")
    assert session.wait(lambda: job.state == "running", 60.0)
    session.adopt(book_of())
    running = session.process
    session.close()
    assert running.exit_code is None
    running.stop()


def test_managed_uses_a_backend_that_runs_already(home, make_backend, open_session, monkeypatch):
    backend = make_backend("--null").start()
    monkeypatch.setenv("TUG_HOME", str(backend.home))
    session = open_session(**managed())
    assert is_connected(session) and session.process is None


def test_managed_replaces_a_backend_that_left_only_its_file(
    home, make_backend, open_session, monkeypatch
):
    backend = make_backend("--null").start()
    backend.kill()
    monkeypatch.setenv("TUG_HOME", str(backend.home))
    session = open_session(**managed())
    assert is_connected(session) and session.process is not None


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_managed_restarts_a_killed_backend_and_gets_the_result(home, open_session):
    session = open_session(**managed())
    job = ask(session, "null:done=1")
    assert session.wait(lambda: job.state == "running", 60.0)
    killed = session.process
    os.kill(killed.pid, signal.SIGKILL)
    assert session.wait(lambda: job.finished, 60.0)
    assert job.state == "done" and session.process is not killed


def test_managed_gives_up_on_a_backend_that_keeps_ending(home, open_session):
    session = open_session(**managed(options=("--no-such-option",)))
    assert session.wait(lambda: session.state == "failed", 120.0)
    assert "ended by itself 3 times" in session.reason and "--no-such-option" in session.reason
    assert session.fix == "tug doctor" and session.hopeless


def test_another_files_jobs_can_be_taken_over(backend, open_session):
    session = open_session(**local(backend))
    first = ask(session, "null:slow=60")
    assert session.wait(lambda: first.state == "running", 30.0)
    stored = session.book.to_json()
    session.adopt(book_of())
    assert not session.busy
    back = book_of()
    back.read(stored)
    session.adopt(back)
    (again,) = back
    session.cancel(again)
    assert session.wait(lambda: again.finished, 30.0) and again.state == "cancelled"


def test_waiting_for_a_backend_that_never_answers_ends(home, tmp_path, backend, open_session):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        now = 0.0
        settings = core.Settings(**changed(backend, tmp_path, control=address))
        session = core.Session(settings, "tester", clock=lambda: now)
        session.connect()
        assert not session.hopeless
        now = core.first_patience + 1.0
        assert session.hopeless
        session.close()
