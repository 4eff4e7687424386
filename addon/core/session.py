"""The session with a backend: finds or starts it, keeps the connection, carries the jobs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from numpy.typing import NDArray

from ..protocol.addresses import host_of, is_loopback
from ..protocol.blobs import Blob
from ..protocol.errors import Error, TugError, failure
from ..protocol.keys import Connection, default_connection_file, read_connection
from ..protocol.messages import Capabilities
from .backend_process import BackendProcess, find_installation
from .book import JobBook
from .jobs import AnyJob

if TYPE_CHECKING:
    from ..protocol.client import Client, RemoteJob

Mode = Literal["managed", "local", "remote"]
State = Literal["off", "starting", "connecting", "connected", "lost", "refused", "failed"]
tick_budget = 0.004
supervise_every = 0.25
patience = 2.0  # seconds a noted backend may be silent before another is started
first_patience = 30.0  # seconds after which a backend that never answered is given up
restart_pauses = (0.0, 1.0, 5.0)
calm_after = 60.0


@dataclass(frozen=True)
class Settings:
    """Which backend to use and how to reach it.

    `managed` uses the running backend of this machine and starts the installed one if there
    is none; `local` uses a running one by its connection file; `remote` needs addresses and
    keys, or a connection file that `tug keys make` wrote. `online` says whether anything
    beyond this machine may be reached, `options` are further arguments of `tug serve`.
    """

    mode: Mode = "managed"
    python: str = ""
    root: str = ""
    connection_file: str = ""
    control: str = ""
    bulk: str = ""
    server_key: str = ""
    client_public: str = ""
    client_secret: str = ""
    online: bool = False
    options: tuple[str, ...] = ()

    @property
    def file(self) -> Path:
        """The connection file in use."""
        return Path(self.connection_file) if self.connection_file else default_connection_file()


class Session:
    """One backend, one connection, the jobs of one file.

    Nothing happens before `connect`; afterwards `pump` must be called often (Blender's timer
    does), or `wait`. Not for several threads. `on_result` is called, from within them, with
    each job whose result has come.
    """

    def __init__(
        self,
        settings: Settings,
        client_id: str,
        book: JobBook | None = None,
        *,
        on_result: Callable[[AnyJob], None] = lambda job: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.book = book if book is not None else JobBook()
        self.client: Client | None = None
        self.process: BackendProcess | None = None
        self._id = client_id
        self._clock = clock
        self._problem: Error | None = None
        self._connecting_since = 0.0
        self._answered = 0.0
        self._next_check = 0.0
        self._starts: list[float] = []
        self._shown = ("", "")
        self._on_result = on_result
        self._arrived: list[AnyJob] = []

    # Connection

    @property
    def state(self) -> State:
        """Where the connection stands."""
        if self.client is None:
            return "off"
        if self.client.state in ("connected", "refused"):
            return self.client.state
        if self._problem:
            return "failed"
        if self._was_connected:
            return "lost"
        return "starting" if self.process else "connecting"

    @property
    def reason(self) -> str:
        """One sentence on why the state is what it is."""
        state = self.state
        if self._returning:
            return "The backend ended; Tug starts it again."
        if self.error and state != "starting":
            return self.error.message
        return self.client.reason if self.client and state == "connected" else words[state]

    @property
    def error(self) -> Error | None:
        """What stands in the way, if anything."""
        return self._problem or (self.client.error if self.client else None)

    @property
    def fix(self) -> str:
        """The command or button that helps, or nothing."""
        return self.error.fix if self.error and not self._returning else ""

    @property
    def connected(self) -> bool:
        """Whether calls are answered now."""
        return self.state == "connected"

    @property
    def hopeless(self) -> bool:
        """Whether waiting alone will hardly connect."""
        return self.state in ("off", "failed", "refused") or self._in_vain

    @property
    def busy(self) -> bool:
        """Whether something is expected to happen soon."""
        return self.client is not None and (not self.connected or bool(self.book.unfinished()))

    @property
    def capabilities(self) -> Capabilities | None:
        """What the backend can do, once connected."""
        return self.client.capabilities if self.client else None

    def connect(self) -> None:
        """Begin connecting (or begin anew); see `state`, `reason` and `wait`."""
        from ..protocol.client import Client  # loads zmq, which other add-ons need not wait for

        self.disconnect()
        self._connecting_since = self._answered = self._clock()
        self._next_check = 0.0
        self.client = Client(self._find, self._id, clock=self._clock)
        self._ask_after_jobs()
        self.pump(0.0)

    def disconnect(self) -> None:
        """Close the connection. Jobs run on in the backend and are found again by `connect`."""
        if self.client:
            self.client.close()
        self.client, self._problem = None, None
        self._arrived.clear()
        self._starts.clear()
        self.book.changed()

    def close(self) -> None:
        """Disconnect, and stop the backend if this session started it and no job runs.

        Jobs of files that were open before count, too.
        """
        earlier = self.client.jobs.values() if self.client else ()
        at_work = self.book.unfinished() or not all(remote.finished for remote in earlier)
        self.disconnect()
        if not at_work:
            self.stop_backend()

    def stop_backend(self) -> None:
        """End the backend that this session started, if any."""
        if self.process:
            self.process.stop()
            self.process = None

    # Time

    def pump(self, budget: float = tick_budget) -> bool:
        """Do what there is to do within `budget` seconds, never waiting. Return whether any."""
        if self.client is None:
            return False
        if self._clock() >= self._next_check:
            self._next_check = self._clock() + supervise_every
            self._supervise()
        busy = self.client.pump(budget)
        self._deliver()
        if (self.state, self.reason) != self._shown:
            self._shown = self.state, self.reason
            self.book.changed()
        return busy

    def wait(self, done: Callable[[], bool], timeout: float | None = None) -> bool:
        """Pump until `done()`, at most `timeout` seconds. Return whether it is done."""
        end = float("inf") if timeout is None else self._clock() + timeout
        while not done():
            left = end - self._clock()
            if left <= 0.0 or self.client is None:
                return False
            self.pump()
            self.client.wait(lambda: done() or bool(self._arrived), min(left, supervise_every))
        self._deliver()
        return True

    def _deliver(self) -> None:
        arrived, self._arrived = self._arrived, []
        for job in arrived:
            self._on_result(job)

    # Jobs

    def submit(self, job: AnyJob, arrays: Iterable[NDArray[Any]]) -> None:
        """Send a job as soon as connected. `arrays` hold the blobs of its request.

        Raises TugError as `Client.submit` does, and `unreachable` before `connect`.
        """
        self._follow(job, self._open_client().submit(job.request, arrays, job=job.id))
        self.book.add(job)

    def cancel(self, job: AnyJob) -> None:
        """Stop a job. Raises TugError `unreachable` when not even connecting."""
        remote = self._open_client().jobs.get(job.id)
        if remote:
            remote.cancel()

    def acknowledge(self, jobs: Iterable[AnyJob]) -> None:
        """Let the backend forget finished jobs whose outcome is stored on our side."""
        for job in jobs:
            remote = self._remote(job)
            if remote and remote.finished:
                remote.acknowledge()

    def adopt(self, book: JobBook) -> None:
        """Carry another file's jobs from now on; unfinished ones are asked for by id."""
        self.book = book
        self._ask_after_jobs()

    def array(self, job: AnyJob, blob: Blob) -> NDArray[Any]:
        """Return an array of a job's result, read-only. Raises TugError when it is not here."""
        remote = self._remote(job)
        if remote is None:
            raise failure(
                "unknown_job", f"The arrays of '{job.name}' are gone; ask again.", retry=True
            )
        return remote.array(blob)

    def fetch_log(self, then: Callable[[str], None], job: str = "") -> None:
        """Ask for the end of the backend's log, of one job if given; `then` gets its text."""
        self._open_client().fetch_log(job=job, then=then)

    def _open_client(self) -> Client:
        if self.client is None:
            raise failure("unreachable", "Connect to a backend first.", fix="Connect")
        return self.client

    def _remote(self, job: AnyJob) -> RemoteJob | None:
        return self.client.jobs.get(job.id) if self.client else None

    def _ask_after_jobs(self) -> None:
        unsettled = {job.id: job for job in self.book if not job.settled}
        if unsettled and self.client:
            for remote in self.client.attach(unsettled):
                self._follow(unsettled[remote.id], remote)

    def _follow(self, job: AnyJob, remote: RemoteJob) -> None:
        remote.on_change.append(lambda changed: self._note(job, changed))
        self._note(job, remote)

    def _note(self, job: AnyJob, remote: RemoteJob) -> None:
        if job.settled:
            return  # what came of the result counts from now on
        job.uploaded, job.status = remote.upload, remote.status
        fresh = job.result is None and remote.result is not None
        job.error, job.result = remote.error, cast(Any, remote.result)
        self._arrived += [job] if fresh else []
        if remote.status.state == "cancelled" and job.error is None:
            job.error = failure("cancelled", "The job was cancelled.").error
        self.book.changed()

    # Finding and keeping a backend

    def _find(self) -> Connection:
        """Say where the backend is; the client asks before each attempt."""
        try:
            if self.settings.mode == "remote" and not self.settings.connection_file:
                connection = remote_connection(self.settings)
            else:
                connection = read_connection(self.settings.file)
            self._check_reach(connection)
        except TugError as problem:
            if self.settings.mode != "managed":
                self._problem = problem.error
            raise
        self._problem = None
        return connection

    def _check_reach(self, connection: Connection) -> None:
        for address in (connection.control, connection.bulk):
            if not (self.settings.online or is_loopback(host_of(address))):
                raise failure(
                    "unreachable",
                    f"{address} is not on this machine and Blender is not allowed online; turn on "
                    "Preferences > System > Network > Allow Online Access, or start Blender with "
                    "--online-mode.",
                    fix="Allow Online Access",
                )

    def _supervise(self) -> None:
        if self.connected:
            self._answered = self._clock()
            self._problem = None
        elif self.settings.mode == "managed":
            try:
                self._keep_process()
            except TugError as problem:
                self._problem = problem.error

    def _keep_process(self) -> None:
        """Start the installed backend when none answers, and again when it ended."""
        now = self._clock()
        running = self.process is not None and self.process.exit_code is None
        silent = self.process is None and self.settings.file.exists()
        if running or (silent and now - self._answered < patience):
            return
        self._starts = [at for at in self._starts if now - at < calm_after]
        if len(self._starts) >= len(restart_pauses):
            raise self._keeps_ending()
        if self._starts and now - self._starts[-1] < restart_pauses[len(self._starts)]:
            return
        installation = find_installation(self.settings.python, self.settings.root)
        self._starts.append(now)
        self._connecting_since = now
        own = self.settings.connection_file
        options = (*(("--connection", own) if own else ()), *self.settings.options)
        self.process = BackendProcess(installation, *options)

    def _keeps_ending(self) -> TugError:
        assert self.process is not None
        said = self.process.last_words().splitlines()
        return failure(
            "unreachable",
            f"The backend ended by itself {len(self._starts)} times (exit code "
            f"{self.process.exit_code}){f': {said[-1]}' if said else ''}. Its log is "
            f"{self.process.log}.",
            fix="tug doctor",
        )

    @property
    def _was_connected(self) -> bool:
        return self.client is not None and self.client.welcome is not None

    @property
    def _returning(self) -> bool:
        return self.state == "lost" and self.process is not None

    @property
    def _in_vain(self) -> bool:
        tried = self._clock() - self._connecting_since
        return not self._was_connected and not self.connected and tried > first_patience


def remote_connection(settings: Settings) -> Connection:
    """Return the connection that the settings of the remote mode spell out.

    Raises TugError naming the field that is missing.
    """
    for field, label in remote_fields.items():
        if not getattr(settings, field):
            raise failure(
                "unreachable",
                f"The remote backend's {label} is empty; fill it in the preferences, or "
                "choose a connection file there.",
            )
    return Connection(
        control=settings.control,
        bulk=settings.bulk,
        server_key=settings.server_key,
        client_public=settings.client_public,
        client_secret=settings.client_secret,
    )


remote_fields = {
    "control": "control address",
    "bulk": "bulk address",
    "server_key": "server key",
    "client_public": "client key",
    "client_secret": "client key",
}
words: dict[State, str] = {
    "off": "Not connected.",
    "starting": "The backend is starting.",
    "connecting": "Looking for the backend.",
    "connected": "Connected.",
    "lost": "The connection was lost; trying again.",
    "refused": "The backend refused the connection.",
    "failed": "There is no backend.",
}
