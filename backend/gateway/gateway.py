"""The gateway: its sockets and the one loop that serves them. No work is done in it."""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import zmq

from backend.storage import BlobFolder, is_full_disk, storage_failure
from backend.workers.messages import Progress
from protocol import codec, keys
from protocol.errors import Error, TugError, failure
from protocol.keys import Connection, Keys
from protocol.messages import BulkCall, ControlCall, Event, Failure, Message

from . import zap
from .bulk import Bulk
from .control import Control
from .dispatch import Dispatcher
from .retention import expired_jobs, prune
from .sessions import Delivery, Sessions
from .settings import Settings, check_addresses, endpoint, reachable, stored_keys
from .store import JobStore
from .supervisor import Supervisor
from .uploads import Uploads

log = logging.getLogger(__name__)
control_share, bulk_share = 100, 4  # messages read in one turn: control never waits for bulk
largest_frame = 4 << 20  # libzmq itself cuts a connection that sends more
defect_pause = 0.1
bind_patience = 1.0  # seconds
busy_poll, idle_poll = 20, 100  # milliseconds
event_interval, time_interval, prune_interval = 0.05, 0.5, 300.0


class Gateway:
    """Everything a backend owns while it runs.

    Raises TugError when it cannot start: bad_input for a folder in use or an address that
    is taken or unsafe.
    """

    def __init__(self, settings: Settings) -> None:
        check_addresses(settings)
        self.settings = settings
        self.session = secrets.token_hex(16)
        self._running = True
        self._last: dict[Callable[[], None], float] = {}
        self._store = JobStore(settings.data)
        self._blobs = BlobFolder(settings.data / "blobs")
        self._server, self._client = stored_keys(settings.data)
        self._open_sockets(own=keys.new_keys())
        self._open_services()
        self.connection = self._write_connection()

    def run(self) -> None:
        """Serve until `stop`."""
        log.info("ready on %s and %s", self.connection.control, self.connection.bulk)
        try:
            while self._running:
                self._turn_safely()
        finally:
            self.close()

    def stop(self) -> None:
        """End `run` after this turn. May be called from a signal handler."""
        self._running = False

    def close(self) -> None:
        """Leave everything as the next start wants to find it, whatever of it fails."""
        with ExitStack() as last_steps:  # the last named comes first
            last_steps.callback(log.info, "stopped")
            last_steps.callback(self._remove_connection)
            last_steps.callback(self._context.destroy, linger=200)
            last_steps.callback(self._store.close)
            last_steps.callback(self._uploads.close)
            last_steps.callback(self._supervisor.close)
            last_steps.callback(self._jobs.stop)

    # Setting up

    def _open_sockets(self, own: Keys) -> None:
        self._context = zmq.Context()
        admission = zap.Admission(self._client.public, own.public, self.settings.authorised)
        self._door = zap.Doorkeeper(self._context, admission)
        self._supervisor = Supervisor(
            self._context,
            self.settings.data,
            self._server,
            own,
            count=self.settings.workers,
            null=self.settings.null,
        )
        self._poller = zmq.Poller()
        self._poller.register(self._door.socket, zmq.POLLIN)
        self._poller.register(self._supervisor.socket, zmq.POLLIN)
        addresses = self.settings.control, self.settings.bulk
        self._control, self._bulk = self._listen_to_clients(*addresses)

    def _listen_to_clients(self, control: str, bulk: str) -> tuple[zmq.Socket, zmq.Socket]:
        sockets = self._listen(control, queue=1000), self._listen(bulk, queue=128)
        for socket in sockets:
            self._poller.register(socket, zmq.POLLIN)
        return sockets

    def _open_services(self) -> None:
        null, limits = self.settings.null is not None, self.settings.limits
        self._sessions = Sessions()
        self._uploads = Uploads(self._blobs, limits.blob_bytes, make_room=self._make_room)
        self._jobs = Dispatcher(
            self._store,
            self._blobs,
            self._supervisor,
            limits,
            null=null,
            changed=self._sessions.mark,
        )
        self._control_calls = Control(
            self.session,
            self.settings.data / "logs",
            limits,
            null,
            self._sessions,
            self._jobs,
            self._supervisor,
        )
        self._bulk_calls = Bulk(self._blobs, self._uploads, limits)

    def _listen(self, address: str, queue: int) -> zmq.Socket[bytes]:
        socket = self._context.socket(zmq.ROUTER)
        socket.linger = 200
        socket.router_mandatory = True
        socket.maxmsgsize = largest_frame
        socket.rcvhwm = socket.sndhwm = queue
        socket.heartbeat_ivl, socket.heartbeat_timeout = 10_000, 60_000
        socket.handshake_ivl = 5000
        socket.curve_server = True
        socket.curve_secretkey = self._server.secret.encode()
        socket.zap_domain = zap.clients
        _bind(socket, address)
        return socket

    def _write_connection(self) -> Connection:
        connection = Connection(
            control=reachable(endpoint(self._control)),
            bulk=reachable(endpoint(self._bulk)),
            server_key=self._server.public,
            client_public=self._client.public,
            client_secret=self._client.secret,
            session=self.session,
            pid=os.getpid(),
        )
        keys.write_connection(self.settings.connection, connection)
        return connection

    def _remove_connection(self) -> None:
        """Remove the connection file, unless it is another backend's by now."""
        try:
            if keys.read_connection(self.settings.connection).session == self.session:
                self.settings.connection.unlink()
        except (TugError, OSError) as error:
            log.warning("the connection file was not removed: %s", error)

    # The loop

    def _turn_safely(self) -> None:
        """A defect in one turn must not end everybody's jobs."""
        try:
            self.turn()
        except Exception:
            log.exception("a turn of the loop failed")
            time.sleep(defect_pause)

    def turn(self) -> None:
        """Serve what has come, waiting a little for it."""
        busy = self._supervisor.is_busy or self._sessions.is_due
        self._poller.poll(busy_poll if busy else idle_poll)
        while self._door.socket.poll(0):
            self._door.answer()
        self._read_control()
        self._read_bulk()
        self._mind_workers()
        self._every(0.0 if self._sessions.is_urgent else event_interval, self._tell_events)
        self._every(time_interval, self._jobs.tell_time)
        self._every(prune_interval, self._prune)

    def _every(self, interval: float, action: Callable[[], None]) -> None:
        now = time.monotonic()
        if now - self._last.get(action, 0.0) >= interval:
            self._last[action] = now
            action()

    def _mind_workers(self) -> None:
        for worker, message in self._supervisor.receive():
            if isinstance(message, Progress) and message.stage == "disconnect":
                self._drop_clients()
            self._jobs.hear(worker, message)
        for end in self._supervisor.tick():
            self._jobs.bury(end)
        self._jobs.hand_out()

    def _read_control(self) -> None:
        for _ in range(control_share):
            if not self._control.poll(0):
                return
            route, *frames = self._control.recv_multipart()
            self._send(self._control, route, self._answer_control(route, frames))

    def _answer_control(self, route: bytes, frames: list[bytes]) -> Message:
        raw: dict[str, Any] = {}
        try:
            raw = self._unpack(frames)
            return self._control_calls.answer(route, codec.from_map(raw, ControlCall))
        except Exception as error:
            return _failure(raw, error)

    def _read_bulk(self) -> None:
        for _ in range(bulk_share):
            if not self._bulk.poll(0):
                return
            route, *frames = self._bulk.recv_multipart(copy=False)
            reply, data = self._answer_bulk([frame.buffer for frame in frames])
            self._send(self._bulk, route.bytes, reply, data)

    def _answer_bulk(self, frames: list[memoryview]) -> tuple[Message, bytes]:
        raw: dict[str, Any] = {}
        try:
            raw = self._unpack(frames[:1])
            data = frames[1] if len(frames) > 1 else memoryview(b"")
            return self._bulk_calls.answer(codec.from_map(raw, BulkCall), data)
        except Exception as error:
            return _failure(raw, error), b""

    def _unpack(self, frames: list[Any]) -> dict[str, Any]:
        if len(frames) != 1:
            raise failure("malformed", "A call is one frame.")
        return codec.unpack(frames[0], limit=self.settings.limits.message_bytes)

    def _send(
        self, socket: zmq.Socket[bytes], route: bytes, message: Message, data: bytes = b""
    ) -> Delivery:
        frames = [route, codec.encode(message), *([data] if data else [])]
        try:
            socket.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again:
            return "later"
        except zmq.ZMQError:
            return "gone"
        return "sent"

    def _tell_events(self) -> None:
        self._sessions.flush(self._tell)

    def _tell(self, route: bytes, job: str) -> Delivery:
        return self._send(self._control, route, Event(status=self._jobs.status(job)))

    def _prune(self) -> None:
        """Throw away what is too old or too much."""
        self._uploads.discard_idle()
        limits = self.settings.limits
        old = expired_jobs(list(self._jobs.jobs.values()), limits.retention_seconds, time.time())
        for job in self._jobs.acknowledge(old):
            self._sessions.forget(job)
        prune(self._blobs, self._store.digests(), self.settings.capacity)

    def _make_room(self) -> None:
        """The disk is nearly full: throw away all that no job needs."""
        prune(self._blobs, self._store.digests(), capacity=0)

    def _drop_clients(self) -> None:
        """Cut all client connections and listen again on the same addresses (null engine)."""
        log.info("dropping all clients")
        addresses = endpoint(self._control), endpoint(self._bulk)
        for socket in (self._control, self._bulk):
            self._poller.unregister(socket)
            socket.close(linger=0)
        self._sessions.clear()
        self._control, self._bulk = self._listen_to_clients(*addresses)


def _bind(socket: zmq.Socket[bytes], address: str) -> None:
    """Listen on an address, waiting a little for one that was just closed."""
    deadline = time.monotonic() + bind_patience
    while True:
        try:
            socket.bind(address)
            return
        except zmq.ZMQError as error:
            if error.errno != zmq.EADDRINUSE or time.monotonic() > deadline:
                socket.close()
                raise failure(
                    "bad_input", f"Tug cannot listen on {address} ({error}): choose a free address."
                ) from error
            time.sleep(0.02)


def _failure(raw: dict[str, Any], error: Exception) -> Failure:
    """The answer to a call that went wrong; a stack in the log when it is our fault."""
    reply_to = raw.get("id")
    return Failure(reply_to=reply_to[:64] if isinstance(reply_to, str) else "", error=_words(error))


def _words(error: Exception) -> Error:
    if isinstance(error, TugError):
        return error.error
    if isinstance(error, sqlite3.Error) or is_full_disk(error):
        log.error("the store could not be written: %s", error)
        return storage_failure(error).error
    log.exception("a call failed")
    return failure(
        "internal",
        f"The backend could not answer because of a defect in Tug ({type(error).__name__}): please "
        "report it with the log.",
        fix="Show log",
    ).error
