"""Who may connect, and where the gateway listens."""

from __future__ import annotations

import pytest

from backend.gateway import zap
from backend.gateway.settings import Settings, check_addresses, reachable, stored_keys
from protocol.errors import TugError
from protocol.keys import new_keys, write_private

keys = {who: new_keys().public for who in ("local", "remote", "worker", "stranger")}


@pytest.fixture
def admission(tmp_path):
    write_private(tmp_path / "laptop", f"{keys['remote']}\n".encode())
    return zap.Admission(keys["local"], keys["worker"], tmp_path)


@pytest.mark.parametrize(
    ("domain", "address", "who", "allowed"),
    [
        (zap.clients, "127.0.0.1", "local", True),
        (zap.clients, "::ffff:127.0.0.1", "local", True),
        (zap.clients, "::1", "local", True),
        (zap.clients, "192.168.1.7", "local", False),
        (zap.clients, "192.168.1.7", "remote", True),
        (zap.clients, "127.0.0.1", "remote", True),
        (zap.clients, "127.0.0.1", "stranger", False),
        (zap.clients, "127.0.0.1", "worker", False),
        (zap.clients, "not an address", "local", False),
        (zap.workers, "127.0.0.1", "worker", True),
        (zap.workers, "127.0.0.1", "local", False),
        (zap.workers, "127.0.0.1", "remote", False),
    ],
)
def test_admission(admission, domain, address, who, allowed):
    assert admission.admits(domain, address, keys[who]) is allowed


def test_a_revoked_key_is_refused_at_once(admission):
    (admission.authorised / "laptop").unlink()
    assert not admission.admits(zap.clients, "192.168.1.7", keys["remote"])


def test_a_broken_key_file_lets_nobody_from_elsewhere_in(admission):
    (admission.authorised / "other").write_text("rubbish")
    assert not admission.admits(zap.clients, "192.168.1.7", keys["remote"])
    assert admission.admits(zap.clients, "127.0.0.1", keys["local"])


def settings_for(tmp_path, address):
    return Settings(tmp_path, tmp_path / "c.json", tmp_path / "authorised", control=address)


@pytest.mark.parametrize("address", ["tcp://0.0.0.0:*", "tcp://*:5555", "tcp://192.168.1.7:1"])
def test_open_addresses_need_authorised_keys(tmp_path, address):
    with pytest.raises(TugError, match="no client key is authorised"):
        check_addresses(settings_for(tmp_path, address))
    write_private(tmp_path / "authorised" / "laptop", f"{keys['remote']}\n".encode())
    check_addresses(settings_for(tmp_path, address))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:*", "tcp://localhost:5", "tcp://[::1]:5"])
def test_loopback_needs_none(tmp_path, address):
    check_addresses(settings_for(tmp_path, address))


def test_other_transports_are_refused(tmp_path):
    with pytest.raises(TugError, match="no address"):
        check_addresses(settings_for(tmp_path, "ipc:///anywhere"))


def test_clients_here_connect_to_loopback():
    assert reachable("tcp://0.0.0.0:5555") == "tcp://127.0.0.1:5555"
    assert reachable("tcp://192.168.1.7:5555") == "tcp://192.168.1.7:5555"


def test_keys_survive_restarts_and_are_private(tmp_path):
    assert stored_keys(tmp_path) == stored_keys(tmp_path)
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


def test_an_authorised_client_gets_in_from_elsewhere(make_backend, tmp_path, connect):
    """Over the wildcard address, with a key pair that only the authorised folder knows."""
    import msgspec

    from protocol.client import Client
    from protocol.keys import read_connection

    pair = new_keys()
    write_private(tmp_path / "tug" / "authorised" / "laptop", f"{pair.public}\n".encode())
    backend = make_backend(
        "--null", "--control", "tcp://0.0.0.0:*", "--bulk", "tcp://0.0.0.0:*"
    ).start()
    connection = msgspec.structs.replace(
        read_connection(backend.connection_file),
        client_public=pair.public,
        client_secret=pair.secret,
    )
    client = Client(connection, "laptop")
    assert client.wait(lambda: client.state == "connected", 20), client.reason
    client.close()
