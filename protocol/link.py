"""One connection to a backend: two encrypted sockets and what their monitors say."""

from __future__ import annotations

import errno
import math
from collections.abc import Callable
from typing import Any, Literal

import zmq
from zmq.utils.monitor import parse_monitor_message

from . import codec
from .errors import Error, TugError, failure
from .keys import Connection
from .messages import BulkReply, Call, ControlReply, Event, Failure, Reply

Handler = Callable[[Any, memoryview], None]
largest_message = 64 << 20  # libzmq drops a peer that sends more in one frame
handshake_milliseconds = 3000
watched = (
    zmq.EVENT_CLOSED
    | zmq.EVENT_CONNECTED
    | zmq.EVENT_DISCONNECTED
    | zmq.EVENT_HANDSHAKE_SUCCEEDED
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_AUTH
)


class Link:
    """Sockets of one connection attempt.

    libzmq's own reconnecting is switched off: a message queued for a lost connection must
    not reach the next one before its hello, and the address may have changed.
    """

    def __init__(self, context: zmq.Context, connection: Connection) -> None:
        self.control = Channel(context, connection.control, connection, ControlReply, 1000)
        try:
            self.bulk = Channel(context, connection.bulk, connection, BulkReply, 10_000)
        except TugError:
            self.control.close()
            raise
        self._poller = zmq.Poller()
        for channel in (self.control, self.bulk):
            self._poller.register(channel.socket, zmq.POLLIN)
            self._poller.register(channel.monitor, zmq.POLLIN)

    def problem(self) -> Error | None:
        """Return why the connection failed or ended, None while it is well. Never waits."""
        return self.control.problem() or self.bulk.problem()

    def poll(self, seconds: float) -> None:
        """Wait until there is something to read or the time is over."""
        self._poller.poll(max(0, math.ceil(seconds * 1000)))

    def close(self) -> None:
        self.control.close()
        self.bulk.close()


class Channel:
    """A DEALER socket with its calls that wait for an answer.

    `heartbeat` is in milliseconds. `on_event` is called with each Event. Raises TugError
    `unreachable` for an address or keys that make no sense.
    """

    def __init__(
        self,
        context: zmq.Context,
        address: str,
        connection: Connection,
        replies: Any,
        heartbeat: int,
    ) -> None:
        self.on_event: Callable[[Event], None] = lambda event: None
        self.message_limit = 1 << 20
        self._address = address
        self._replies = replies
        self._pending: dict[str, Handler] = {}
        self._calls = 0
        self._progress: Literal["", "connected", "ready"] = ""
        self.socket = context.socket(zmq.DEALER)
        self.monitor = self.socket.get_monitor_socket(watched)
        try:
            _configure(self.socket, connection, heartbeat)
            self.socket.connect(address)
        except (zmq.ZMQError, UnicodeEncodeError) as error:
            self.close()
            raise failure(
                "unreachable",
                f"The address {address!r} or its keys cannot be used ({error}).",
                fix="Check the connection's settings.",
            ) from error

    def call(self, kind: type[Call], then: Handler, data: memoryview | None = None, **fields: Any):
        """Send a call; `then(reply, data)` is called with its Reply or Failure and its bytes.

        Raises TugError `too_large` for a message over the limit that the server declared,
        `malformed` for one that cannot be encoded.
        """
        self._calls += 1
        name = str(self._calls)
        frame = codec.encode(kind(id=name, **fields))
        if len(frame) > self.message_limit:
            raise failure(
                "too_large",
                f"This request takes {len(frame):,} bytes, the backend allows "
                f"{self.message_limit:,}; send it in parts.",
            )
        self._pending[name] = then
        # Copied on purpose: pyzmq keeps a Python thread to release frames it does not copy,
        # and no thread may run inside Blender. Encryption costs fifty times the copy.
        self.socket.send_multipart([frame] if data is None else [frame, data], zmq.NOBLOCK)

    def receive(self) -> bool:
        """Take one message and hand it on; return False when there was none. Never waits."""
        try:
            frames = self.socket.recv_multipart(zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return False
        data = frames[1].buffer if len(frames) > 1 else memoryview(b"")
        self._dispatch(frames[0].buffer, data)
        return True

    def problem(self) -> Error | None:
        while self.monitor.poll(0):
            event = parse_monitor_message(self.monitor.recv_multipart())
            error = self._judge(event["event"], event["value"])
            if error is not None:
                return error
        return None

    def close(self) -> None:
        self.socket.disable_monitor()
        self.monitor.close(linger=0)
        self.socket.close(linger=0)

    def _dispatch(self, frame: memoryview, data: memoryview) -> None:
        try:
            raw = codec.unpack(frame, limit=largest_message)
        except TugError:
            return  # not even a map: no call of ours to answer
        try:
            message = codec.from_map(raw, self._replies)
        except TugError as error:
            # An unknown kind is news from a newer server; a broken reply ends its call only.
            message = Failure(reply_to=str(raw.get("reply_to", "")), error=error.error)
        if isinstance(message, Event):
            self.on_event(message)
        elif isinstance(message, Reply):
            then = self._pending.pop(message.reply_to, None)
            if then is not None:
                then(message, data)

    def _judge(self, event: int, value: int) -> Error | None:
        if event == zmq.EVENT_CONNECTED:
            self._progress = "connected"
        elif event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._progress = "ready"
        elif event == zmq.EVENT_CLOSED:
            return _nobody(self._address)
        elif event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            return _unknown_here(self._address)
        elif event == zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            hung_up = value == errno.EPIPE
            return _unknown_server(self._address) if hung_up else silent(self._address)
        elif event == zmq.EVENT_DISCONNECTED and self._progress == "ready":
            return _lost(self._address)
        else:
            return something_else(self._address)
        return None


def _nobody(address: str) -> Error:
    return Error(
        code="unreachable",
        message=f"Nobody answers at {address}; is the backend running?",
        retry=True,
        fix="Start it with `tug serve`.",
    )


def silent(address: str) -> Error:
    return Error(
        code="unreachable",
        message=f"No answer from {address}; it is not there, no Tug, or busy beyond measure.",
        retry=True,
        fix="Check the address and that the backend runs: `tug doctor`.",
    )


def _lost(address: str) -> Error:
    return Error(
        code="unreachable",
        message=f"The connection to {address} was lost; jobs go on there and are picked up again.",
        retry=True,
    )


def something_else(address: str) -> Error:
    return Error(
        code="wrong_product",
        message=f"Something else than a Tug backend listens at {address}.",
        retry=True,
        fix="Check the address, or start the backend on a free port.",
    )


def _unknown_here(address: str) -> Error:
    return Error(
        code="wrong_key",
        message=f"The backend at {address} does not accept this computer's key.",
        retry=True,
        fix="Add the client's public key to the backend's `authorised` folder.",
    )


def _unknown_server(address: str) -> Error:
    return Error(
        code="wrong_key",
        message=f"The backend at {address} has another key than the one known here, or is none.",
        retry=True,
        fix="Copy the backend's connection file or public key again.",
    )


def _configure(socket: zmq.Socket, connection: Connection, heartbeat: int) -> None:
    options = {
        zmq.LINGER: 0,
        zmq.SNDHWM: 0,  # windows bound what is on its way
        zmq.RECONNECT_IVL: -1,
        zmq.HANDSHAKE_IVL: handshake_milliseconds,
        zmq.HEARTBEAT_IVL: heartbeat,
        zmq.HEARTBEAT_TIMEOUT: 5 * heartbeat,
        zmq.MAXMSGSIZE: largest_message,
        zmq.CURVE_SERVERKEY: connection.server_key.encode("ascii"),
        zmq.CURVE_PUBLICKEY: connection.client_public.encode("ascii"),
        zmq.CURVE_SECRETKEY: connection.client_secret.encode("ascii"),
    }
    for option, value in options.items():
        socket.set(option, value)
