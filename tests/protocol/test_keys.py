"""Secrets stay with their owner."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from protocol import keys
from protocol.errors import TugError
from protocol.keys import Connection

posix = pytest.mark.skipif(os.name != "posix", reason="file modes mean nothing on Windows")


def make_connection(port: int = 5555) -> Connection:
    server, client = keys.new_keys(), keys.new_keys()
    return Connection(
        control=f"tcp://127.0.0.1:{port}",
        bulk=f"tcp://127.0.0.1:{port + 1}",
        server_key=server.public,
        client_public=client.public,
        client_secret=client.secret,
        session="s",
        pid=1,
    )


def code_of(path: Path) -> str:
    with pytest.raises(TugError) as caught:
        keys.read_connection(path)
    return caught.value.error.code


def test_a_connection_file_is_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "connection.json"
    connection = make_connection()
    keys.write_connection(path, connection)
    assert keys.read_connection(path) == connection


@posix
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_only_the_owner_can_read_it_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "new" / "connection.json"
    before = os.umask(mask)
    try:
        keys.write_connection(path, make_connection())
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@posix
def test_writing_over_a_shared_file_makes_it_private(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    path.write_text("{}")
    path.chmod(0o666)
    keys.write_connection(path, make_connection())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_reader_sees_the_old_or_the_new_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    both = [make_connection(1000), make_connection(2000)]
    keys.write_connection(path, both[0])
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for connection in both:
                keys.write_connection(path, connection)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert all(keys.read_connection(path) in both for _ in range(200))
    finally:
        stop.set()
        writer.join()
    assert [entry.name for entry in tmp_path.iterdir()] == ["connection.json"]


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620])
def test_a_file_others_can_reach_is_refused_with_the_fix(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "connection.json"
    keys.write_connection(path, make_connection())
    path.chmod(mode)
    with pytest.raises(TugError, match="Other users can read") as caught:
        keys.read_connection(path)
    assert caught.value.error.code == "wrong_key"
    assert caught.value.error.fix == f"chmod 600 '{path}'"


def test_no_file_means_no_backend(tmp_path: Path) -> None:
    assert code_of(tmp_path / "connection.json") == "unreachable"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"control": 1}', b"\xff\xfe", b'{"control": "tcp://x:1"}']
)
def test_what_is_no_connection_file_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "connection.json"
    keys.write_private(path, content)
    assert code_of(path) == "malformed"


def test_key_pairs_are_fresh_and_of_the_right_form() -> None:
    first, second = keys.new_keys(), keys.new_keys()
    assert len({*first, *second}) == 4
    assert all(keys.key_pattern.fullmatch(key) for key in (*first, *second))


def test_authorised_keys_are_the_files_of_their_folder(tmp_path: Path) -> None:
    first, second = keys.new_keys().public, keys.new_keys().public
    (tmp_path / "laptop").write_text(first + "\n")
    (tmp_path / "studio.key").write_text(second)
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "folder").mkdir()
    assert keys.authorised_keys(tmp_path) == {first, second}
    assert keys.authorised_keys(tmp_path / "none") == frozenset()


def test_a_file_without_a_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("not a key")
    with pytest.raises(TugError, match="broken holds no public key"):
        keys.authorised_keys(tmp_path)


def test_the_home_can_be_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUG_HOME", str(tmp_path))
    assert keys.default_connection_file() == tmp_path / "connection.json"
    assert keys.default_authorised_folder() == tmp_path / "authorised"
    monkeypatch.delenv("TUG_HOME")
    assert keys.data_folder().name == "tug"
