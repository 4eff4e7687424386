"""The client of a backend: one implementation for add-on, command line and tests.

Nothing here waits, except `Client.wait`, and nothing runs in a Python thread: libzmq's own
thread does the input and output, and `pump` takes what has come.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import zmq
from numpy.typing import NDArray

from . import version
from .blobs import Blob
from .errors import Error, TugError, failure
from .jobs import RemoteJob
from .keys import Connection, read_connection
from .ledger import Ledger
from .link import Link, silent, something_else
from .messages import (
    Capabilities,
    Failure,
    GetCapabilities,
    GetLog,
    Hello,
    LogReply,
    Ping,
    Pong,
    Welcome,
)
from .tasks import Request
from .transfers import Download

State = Literal["disconnected", "connecting", "connected", "refused"]
first_delay = 0.1  # seconds before the first new attempt; doubles up to `last_delay`
last_delay = 2.0
refused_delay = 5.0  # the other side must change first
hello_seconds = 5.0
ping_every = 0.5
ping_seconds = 1.5  # a gateway that does not answer for so long is taken for dead


class Client:
    """A connection that keeps itself up, and the jobs that go over it.

    Parameters
    ----------
    connection
        Where the backend is: a `Connection`, the path of a connection file, or a function
        that returns one or raises TugError. Path and function are consulted again at each
        attempt, so a backend that comes back on another port is found.
    client_id
        Names this user's installation; kept across restarts.
    clock
        Seconds that only grow, for back-off and liveness.

    Attributes
    ----------
    state
        "disconnected", "connecting", "connected", or "refused" when the other side is not
        what we want or does not want us; attempts go on in every state.
    error
        Why it is not connected; None while it is.
    welcome, capabilities
        What the server said, from the last connection; None before the first.
    """

    def __init__(
        self,
        connection: Connection | Path | Callable[[], Connection],
        client_id: str,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state: State = "disconnected"
        self.error: Error | None = None
        self.welcome: Welcome | None = None
        self.capabilities: Capabilities | None = None
        self._source = connection
        self._client_id = client_id
        self._clock = clock
        self._ledger = Ledger(self._give_up)
        self._context = zmq.Context()
        self._link: Link | None = None
        self._address = ""
        self._deadline = math.inf  # of the hello or the ping that waits for an answer
        self._heard = clock()
        self._retry_at = clock()
        self._delay = first_delay
        self._logs: list[Callable[[str], None]] = []

    @property
    def jobs(self) -> dict[str, RemoteJob]:
        """By id, all jobs that have not been acknowledged."""
        return self._ledger.jobs

    @property
    def reason(self) -> str:
        """The state in one sentence."""
        if self.error is not None:
            return self.error.message
        return {
            "connected": f"Connected to {self._address}.",
            "connecting": f"Connecting to {self._address}.",
        }.get(self.state, "Not connected yet.")

    @property
    def server_session(self) -> str:
        """Changes when the gateway is restarted; empty before the first welcome."""
        return self.welcome.session if self.welcome else ""

    def pump(self, budget: float = 0.004) -> bool:
        """Send and receive what is ready, for about `budget` seconds; never wait.

        Callbacks run inside. Returns whether anything happened, so that a timer knows when
        to come back sooner.
        """
        stop = time.perf_counter() + budget
        if self._context.closed:
            return False
        if self._link is None:
            return self._clock() >= self._retry_at and self._open()
        busy = self._receive(self._link, stop)
        if self._link is not None:
            busy |= self._watch(self._link)
        return self._ledger.transfers.feed(stop) or busy

    def wait(self, done: Callable[[], bool], timeout: float | None = None) -> bool:
        """Pump until `done()`, sleeping on the sockets in between; return whether it came true.

        `timeout` is in seconds, None waits for ever. Ctrl-C interrupts it.
        """
        end = time.monotonic() + (math.inf if timeout is None else timeout)
        while not done():
            left = end - time.monotonic()
            if left <= 0 or self._context.closed:
                return False
            if not self.pump():
                self._sleep(min(left, ping_every / 2))
        return True

    def submit(
        self, request: Request, arrays: Iterable[NDArray[Any]] = (), job: str | None = None
    ) -> RemoteJob:
        """Queue a job; connected or not, returns at once.

        Parameters
        ----------
        request
            What to compute; its blobs must be among `arrays` or known to the backend.
        arrays
            Not copied: leave them alone until the job is running. Big ones are best made
            read-only before they are described, then they are hashed only once.
        job
            Its id, to be found again under; a fresh one by default. A job of that id that
            was attached to gets request and arrays, and is sent again if it was lost.

        Raises TugError `job_exists` when the id is taken by another request, `malformed`
        for NaN or infinity in the request, `bad_input` for an array that cannot travel.
        """
        return self._ledger.submit(request, arrays, job or "")

    def attach(self, job_ids: Iterable[str]) -> list[RemoteJob]:
        """Follow jobs of an earlier session by id; ones the backend does not know fail so."""
        return self._ledger.attach(job_ids)

    def fetch(
        self, blob: Blob, then: Callable[[Download], None] = lambda download: None
    ) -> Download:
        """Fetch an array that the backend has; `then(download)` is called when it has ended.

        Raises TugError `too_large` over the backend's limit.
        """
        return self._ledger.transfers.download(blob, then)

    def fetch_log(self, job: str = "", lines: int = 200, *, then: Callable[[str], None]) -> None:
        """Call `then` with the end of the backend's log, or with a sentence why there is none."""
        if self._link is None or self.state != "connected":
            then(self.reason)
            return
        self._logs.append(then)
        self._link.control.call(GetLog, partial(self._on_log, then), job=job, lines=lines)

    def close(self) -> None:
        """Close the sockets at once; jobs go on at the backend. May be called again."""
        if self._context.closed:
            return
        self._disconnect("disconnected", None)
        self._context.term()

    def _open(self) -> bool:
        if self.state != "refused":
            self.state = "connecting"
        try:
            connection = self._connection()
            self._address = connection.control
            _check_peer(connection.product, connection.protocol, connection.control)
            self._link = Link(self._context, connection)
        except TugError as error:
            self._give_up(error.error)
            return True
        self._deadline = self._clock() + hello_seconds
        self._link.control.call(Hello, self._on_welcome, client=self._client_id)
        return True

    def _connection(self) -> Connection:
        if isinstance(self._source, Connection):
            return self._source
        return read_connection(self._source) if isinstance(self._source, Path) else self._source()

    def _receive(self, link: Link, stop: float) -> bool:
        busy = False
        for channel in (link.control, link.bulk):
            while self._link is link and channel.receive():
                busy = True
                if channel is link.control:
                    self._on_heard()
                if time.perf_counter() >= stop:
                    break
        return busy

    def _on_heard(self) -> None:
        self._heard = self._clock()
        if self.state == "connected":
            self._deadline = math.inf

    def _watch(self, link: Link) -> bool:
        """Ask a silent gateway whether it lives; return whether the connection ended."""
        problem = link.problem()
        now = self._clock()
        if problem is not None:
            self._give_up(problem)
        elif now >= self._deadline:
            self._give_up(silent(self._address))
        elif self._deadline == math.inf and now - self._heard >= ping_every:
            self._deadline = now + ping_seconds
            link.control.call(Ping, self._on_pong)
        return self._link is None

    def _on_pong(self, reply: Pong | Failure, _: memoryview) -> None:
        """Being heard was all."""

    def _on_welcome(self, reply: Welcome | Failure, _: memoryview) -> None:
        try:
            if isinstance(reply, Failure):
                raise _not_welcome(reply.error, self._address)
            _check_peer(reply.product, reply.protocol, self._address)
        except TugError as error:
            self._give_up(error.error)
            return
        link = self._link
        assert link is not None
        self.state, self.error, self.welcome = "connected", None, reply
        link.control.message_limit = link.bulk.message_limit = reply.limits.message_bytes
        link.control.call(GetCapabilities, self._on_capabilities)
        self._ledger.connect(link.control, link.bulk, reply.limits)

    def _on_capabilities(self, reply: Capabilities | Failure, _: memoryview) -> None:
        self._delay = first_delay
        if isinstance(reply, Capabilities):
            self.capabilities = reply

    def _give_up(self, error: Error) -> None:
        """End this attempt or connection; the next one comes by itself."""
        refused = error.code in ("wrong_product", "wrong_key", "version_unsupported")
        self._retry_at = self._clock() + (refused_delay if refused else self._delay)
        self._delay = min(2 * self._delay, last_delay)
        self._disconnect("refused" if refused else "disconnected", error)

    def _disconnect(self, state: State, error: Error | None) -> None:
        self.state, self.error = state, error
        self._ledger.disconnect()
        link, self._link = self._link, None
        if link is not None:
            link.close()
        self._deadline = math.inf
        logs, self._logs = self._logs, []
        for then in logs:
            then(self.reason)

    def _sleep(self, seconds: float) -> None:
        if self._link is not None:
            self._link.poll(seconds)
        else:
            time.sleep(max(0.0, min(seconds, self._retry_at - self._clock())))

    def _on_log(self, then: Callable[[str], None], reply: LogReply | Failure, _: Any) -> None:
        self._logs.remove(then)
        then(reply.text if isinstance(reply, LogReply) else reply.error.message)


def _not_welcome(error: Error, address: str) -> TugError:
    if error.code != "malformed":
        return TugError(error)
    return failure(
        "unreachable",
        f"What answers at {address} is not a control channel: its address and that of the bulk "
        "channel may be swapped.",
        fix="Check the connection's addresses.",
    )


def _check_peer(product: str, protocol: str, address: str) -> None:
    """Raise TugError `wrong_product` or `version_unsupported` unless we can talk to it."""
    if product != version.product:
        raise TugError(something_else(address))
    try:
        theirs = version.major(protocol)
    except ValueError:
        theirs = -1
    if theirs != version.major(version.protocol):
        raise failure(
            "version_unsupported",
            f"The backend at {address} speaks protocol {protocol}, this side {version.protocol}.",
            fix="Install the same release of Tug on both sides.",
        )
