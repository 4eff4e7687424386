"""The client says in words what is the matter, and gets over it when it can be got over."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from protocol import keys, version
from protocol.client import Client
from protocol.errors import TugError
from protocol.messages import GetCapabilities, Hello, Ping, Welcome
from tests.protocol.conftest import Clock
from tests.protocol.scripted import Server, refuse

MakeServer = Callable[..., Server]
MakeClient = Callable[..., Client]


def until(client: Client, done: Callable[[], Any]) -> None:
    assert client.wait(done, 30), f"{client.state}: {client.reason}"


def connect(client: Client) -> None:
    until(client, lambda: client.state == "connected" and client.capabilities)


def code_of(client: Client) -> str:
    return client.error.code if client.error else ""


@pytest.fixture
def raw_port() -> Iterator[socket.socket]:
    """A TCP port that listens and speaks no ZeroMQ."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


def at(server: Server, listener: socket.socket) -> keys.Connection:
    address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    return msgspec.structs.replace(server.connection, control=address, bulk=address)


def test_it_connects_and_learns_what_the_backend_can(server: Server, client: Client) -> None:
    assert client.state == "disconnected"
    connect(client)
    assert client.capabilities and client.capabilities.tasks == {"articulate": ["geometry"]}
    assert client.server_session == "session-1"
    assert client.error is None
    assert server.connection.control in client.reason
    assert server.seen(Hello)[0].client == "test"


def test_nothing_is_sent_before_the_first_pump(server: Server, client: Client) -> None:
    assert not client.wait(lambda: False, 0)
    assert server.calls == []


def test_nobody_there_is_said_and_waited_for(make_server: MakeServer, make_client) -> None:
    server = make_server()
    server.stop()
    client = make_client(lambda: server.connection)
    until(client, lambda: client.state == "disconnected" and client.error)
    assert code_of(client) == "unreachable"
    assert "Nobody answers at tcp://127.0.0.1:" in client.reason
    server.start()
    connect(client)


def test_a_connection_file_that_comes_later_is_found(
    tmp_path: Path, server: Server, make_client: MakeClient
) -> None:
    client = make_client(tmp_path / "connection.json")
    until(client, lambda: client.error)
    assert client.reason == "No backend is running here."
    keys.write_connection(tmp_path / "connection.json", server.connection)
    connect(client)


def test_a_backend_that_comes_back_elsewhere_is_found(server: Server, client: Client) -> None:
    connect(client)
    before = server.connection.control
    server.stop()
    until(client, lambda: client.state == "disconnected")
    assert "lost" in client.reason
    server.start()
    assert server.connection.control != before
    connect(client)
    assert client.server_session == "session-2"


def test_a_client_of_another_version_is_refused_in_the_servers_words(
    server: Server, client: Client
) -> None:
    words = "This backend speaks 2.0, the client 1.0: update the add-on."
    server.answers["hello"] = lambda call, _: refuse(call, "version_unsupported", words)
    until(client, lambda: client.state == "refused")
    assert (code_of(client), client.reason) == ("version_unsupported", words)


@pytest.mark.parametrize("theirs", ["2.0", "0.9", "10.0", "new", ""])
def test_a_server_of_another_version_is_refused_in_words(
    server: Server, client: Client, theirs: str
) -> None:
    server.answers["hello"] = lambda call, _: Welcome(
        reply_to=call.id, session="s", protocol=theirs
    )
    until(client, lambda: client.state == "refused")
    assert code_of(client) == "version_unsupported"
    assert f"speaks protocol {theirs}, this side {version.protocol}" in client.reason
    assert server.seen(GetCapabilities) == []


def test_another_minor_version_is_welcome(server: Server, client: Client) -> None:
    theirs = f"{version.major(version.protocol)}.99"
    server.answers["hello"] = lambda call, _: Welcome(
        reply_to=call.id, session="s", protocol=theirs
    )
    connect(client)


def test_a_refused_client_is_let_in_once_the_server_was_updated(
    server: Server, client: Client, clock: Clock
) -> None:
    server.answers["hello"] = lambda call, _: refuse(call, "version_unsupported")
    until(client, lambda: client.state == "refused")
    del server.answers["hello"]
    clock.ahead += 10
    connect(client)


def test_another_product_that_says_welcome_is_refused(server: Server, client: Client) -> None:
    server.answers["hello"] = lambda call, _: Welcome(reply_to=call.id, session="s", product="push")
    until(client, lambda: client.state == "refused")
    assert code_of(client) == "wrong_product"


@pytest.mark.parametrize(
    ("field", "code"), [("product", "wrong_product"), ("protocol", "version_unsupported")]
)
def test_a_foreign_connection_file_is_refused_before_connecting(
    server: Server, make_client: MakeClient, field: str, code: str
) -> None:
    client = make_client(msgspec.structs.replace(server.connection, **{field: "9.9"}))
    until(client, lambda: client.state == "refused")
    assert code_of(client) == code
    assert server.calls == []


def test_a_server_with_another_key_is_refused(server: Server, make_client: MakeClient) -> None:
    stranger = keys.new_keys().public
    client = make_client(msgspec.structs.replace(server.connection, server_key=stranger))
    until(client, lambda: client.state == "refused")
    assert code_of(client) == "wrong_key"
    assert "has another key" in client.reason


def test_a_client_whose_key_is_not_accepted_is_told(
    tmp_path: Path, make_server: MakeServer, make_client: MakeClient
) -> None:
    server = make_server(accepts=tmp_path)
    client = make_client(server.connection)
    until(client, lambda: client.state == "refused")
    assert code_of(client) == "wrong_key"
    assert "does not accept" in client.reason
    assert client.error and "authorised" in client.error.fix


def test_a_server_without_encryption_is_refused(
    make_server: MakeServer, make_client: MakeClient
) -> None:
    server = make_server(curve=False)
    client = make_client(server.connection)
    until(client, lambda: client.state == "refused")
    assert code_of(client) in ("wrong_product", "wrong_key")  # who hangs up first is chance
    assert server.calls == []


def test_a_web_server_on_the_port_is_recognised_as_something_else(
    server: Server, make_client: MakeClient, raw_port: socket.socket
) -> None:
    def serve() -> None:
        for _ in range(2):
            peer, _ = raw_port.accept()
            peer.recv(100)
            peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"x" * 200)
            peer.close()

    threading.Thread(target=serve, daemon=True).start()
    client = make_client(at(server, raw_port))
    until(client, lambda: client.state == "refused")
    assert code_of(client) == "wrong_product"
    assert "Something else than a Tug backend" in client.reason


def test_a_mute_port_is_given_up(
    server: Server, make_client: MakeClient, raw_port: socket.socket
) -> None:
    client = make_client(at(server, raw_port))
    until(client, lambda: client.error)
    assert code_of(client) == "unreachable"
    assert "No answer" in client.reason


@pytest.mark.parametrize("address", ["", "nonsense", "tcp://", "tcp://127.0.0.1"])
@pytest.mark.parametrize("field", ["control", "bulk"])
def test_an_address_that_is_none_is_said_to_be_none(
    server: Server, make_client: MakeClient, address: str, field: str
) -> None:
    client = make_client(msgspec.structs.replace(server.connection, **{field: address}))
    until(client, lambda: client.error)
    assert client.state == "disconnected"
    assert f"{address!r}" in client.reason


def test_keys_that_are_none_are_said_to_be_none(server: Server, make_client: MakeClient) -> None:
    client = make_client(msgspec.structs.replace(server.connection, server_key="ä" * 40))
    until(client, lambda: client.error)
    assert "cannot be used" in client.reason


def test_a_gateway_that_stops_answering_is_noticed_and_found_again(
    server: Server, client: Client, clock: Clock
) -> None:
    connect(client)
    server.answers["ping"] = lambda call, _: None
    clock.ahead += 1
    until(client, lambda: server.seen(Ping))
    clock.ahead += 3
    until(client, lambda: client.state == "disconnected")
    assert "No answer" in client.reason
    del server.answers["ping"]
    connect(client)


def test_a_hello_without_answer_is_given_up(server: Server, client: Client, clock: Clock) -> None:
    server.answers["hello"] = lambda call, _: None
    until(client, lambda: server.seen(Hello))
    assert client.state == "connecting"
    clock.ahead += 10
    until(client, lambda: client.state == "disconnected")
    assert code_of(client) == "unreachable"


def test_a_frozen_host_does_not_take_the_gateway_for_dead(
    server: Server, client: Client, clock: Clock
) -> None:
    connect(client)
    clock.ahead += 1
    while not server.seen(Ping):
        client.pump()
    assert client._link and client._link.control.socket.poll(10_000)  # the answer lies there
    clock.ahead += 100
    client.pump()
    assert client.state == "connected"


def test_waiting_sleeps(server: Server, client: Client) -> None:
    connect(client)
    looked: list[int] = []
    client.wait(lambda: bool(looked.append(1)), 1.0)
    server.stop()
    until(client, lambda: client.state == "disconnected")
    client.wait(lambda: bool(looked.append(1)), 1.0)
    assert 2 < len(looked) < 100


def test_attempts_never_end(make_server: MakeServer, make_client: MakeClient, clock) -> None:
    server = make_server()
    server.stop()
    attempts = []

    def source() -> keys.Connection:
        attempts.append(1)
        return server.connection

    client = make_client(source)
    for count in range(1, 30):
        until(client, lambda count=count: len(attempts) >= count)
        until(client, lambda: client.state == "disconnected")
        clock.ahead += 60
    server.start()
    connect(client)


def test_a_source_may_say_why_there_is_nothing(make_client: MakeClient) -> None:
    def source() -> keys.Connection:
        raise keys.failure("unreachable", "Start the backend in the preferences.")

    client = make_client(source)
    until(client, lambda: client.error)
    assert client.reason == "Start the backend in the preferences."


def test_noise_is_ignored(server: Server, client: Client) -> None:
    connect(client)
    noise = iter([b"", b"\xc1", b"\x93\x01\x02\x03", b"\x80", b"\x81\xa4kind\xa4news"] * 2)
    server.answers["get_log"] = lambda call, _: next(noise)
    for _ in range(10):
        client.fetch_log(then=lambda text: None)
    del server.answers["get_log"]
    texts: list[str] = []
    client.fetch_log("j", then=texts.append)
    until(client, lambda: texts)
    assert texts == ["log of j"]
    assert client.state == "connected"


def test_a_log_that_cannot_come_is_explained(server: Server, client: Client) -> None:
    texts: list[str] = []
    client.fetch_log(then=texts.append)
    assert texts == ["Not connected yet."]
    connect(client)
    server.answers["get_log"] = lambda call, _: refuse(call, "internal", "The log is gone.")
    client.fetch_log(then=texts.append)
    until(client, lambda: len(texts) == 2)
    server.answers["get_log"] = lambda call, _: None
    client.fetch_log(then=texts.append)
    server.stop()
    until(client, lambda: len(texts) == 3)
    assert texts[1] == "The log is gone."
    assert "was lost" in texts[2]


def test_closing_is_final_and_may_be_repeated(server: Server, client: Client) -> None:
    connect(client)
    client.close()
    client.close()
    assert client.state == "disconnected"
    assert not client.pump()
    assert not client.wait(lambda: False, 5)


def test_closing_from_a_callback_is_safe(server: Server, client: Client) -> None:
    connect(client)
    client.fetch_log(then=lambda text: client.close())
    until(client, lambda: client.state == "disconnected")


def test_types_and_keys_are_imported_without_zmq() -> None:
    code = (
        "import sys, protocol.tasks, protocol.codec, protocol.keys; assert 'zmq' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_a_shared_connection_file_is_refused(
    tmp_path: Path, server: Server, make_client: MakeClient
) -> None:
    path = tmp_path / "connection.json"
    keys.write_connection(path, server.connection)
    path.chmod(0o644)
    client = make_client(path)
    until(client, lambda: client.state == "refused")
    assert "Other users can read" in client.reason
    assert client.error and client.error.fix.startswith("chmod 600")
    with pytest.raises(TugError):
        keys.read_connection(path)
