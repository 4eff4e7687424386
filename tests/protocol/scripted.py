"""A small backend in a thread whose answers a test can replace, to show the client any weather."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import zmq
from zmq.auth.thread import ThreadAuthenticator

from protocol import codec, messages
from protocol.errors import Error
from protocol.keys import Connection, Keys, new_keys
from protocol.messages import Chunk, Failure, JobReply, JobsReply, JobStatus, Limits, Missing

Answer = Callable[[Any, bytes], Any]


class Server:
    """Stores blobs and jobs in memory, like the real one; `answers[kind]` overrides a call.

    An answer is a reply, a (reply, bytes) pair, raw bytes, or None for silence. `calls`
    records everything received. `stop` is as sudden as a kill; `start` comes back, on new
    ports, with what was stored. With a folder in `accepts`, only the keys in it are let in.
    """

    def __init__(
        self, *, limits: Limits | None = None, curve: bool = True, accepts: Path | None = None
    ) -> None:
        self.answers: dict[str, Answer] = {}
        self.calls: list[Any] = []
        self.blobs: dict[str, bytearray] = {}
        self.whole: set[str] = set()
        self.jobs: dict[str, JobStatus] = {}
        self.requests: dict[str, dict[str, Any]] = {}
        self.results: dict[str, dict[str, Any]] = {}
        self.limits = limits or Limits()
        self.keys, self.client_keys = new_keys(), new_keys()
        self._curve = curve
        self._accepts = accepts
        self._session = 0
        self._outbox: queue.SimpleQueue[JobStatus] = queue.SimpleQueue()
        self.start()

    def start(self) -> None:
        self._session += 1
        self._stopping = False
        self._peers: set[bytes] = set()
        self._context = zmq.Context()
        self._door = ThreadAuthenticator(self._context) if self._accepts else None
        if self._door and self._accepts:
            self._door.start()
            self._door.configure_curve(location=self._accepts)
        self._control, control = self._bind()
        self._bulk, bulk = self._bind()
        self.connection = Connection(
            control=control,
            bulk=bulk,
            server_key=self.keys.public,
            client_public=self.client_keys.public,
            client_secret=self.client_keys.secret,
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if not self._stopping:
            self._stopping = True
            self._thread.join()

    def become(self, job: str, state: messages.JobState, **fields: Any) -> None:
        """Change a job and push the event."""
        old = self.jobs[job]
        status = msgspec.structs.replace(old, state=state, sequence=old.sequence + 1, **fields)
        self.jobs[job] = status
        self._outbox.put(status)

    def seen(self, kind: type) -> list[Any]:
        return [call for call in self.calls if isinstance(call, kind)]

    def _bind(self) -> tuple[zmq.Socket, str]:
        socket = self._context.socket(zmq.ROUTER)
        socket.linger = 0
        if self._curve:
            configure(socket, self.keys)
        return socket, f"tcp://127.0.0.1:{socket.bind_to_random_port('tcp://127.0.0.1')}"

    def _run(self) -> None:
        poller = zmq.Poller()
        poller.register(self._control, zmq.POLLIN)
        poller.register(self._bulk, zmq.POLLIN)
        while not self._stopping:
            for socket, _ in poller.poll(5):
                self._serve(socket)
            while not self._outbox.empty():
                event = codec.encode(messages.Event(status=self._outbox.get()))
                for peer in self._peers:
                    self._control.send_multipart([peer, event])
        if self._door:
            self._door.stop()
        self._context.destroy(linger=0)

    def _serve(self, socket: zmq.Socket) -> None:
        peer, frame, *data = socket.recv_multipart()
        kinds = messages.ControlCall if socket is self._control else messages.BulkCall
        call = codec.decode(frame, kinds, limit=1 << 20)
        self.calls.append(call)
        if socket is self._control:
            self._peers.add(peer)
        kind = str(type(call).__struct_config__.tag)
        answer = self.answers.get(kind) or getattr(self, f"_{kind}")
        reply = answer(call, data[0] if data else b"")
        if isinstance(reply, bytes):
            socket.send_multipart([peer, reply])
        elif isinstance(reply, tuple):
            socket.send_multipart([peer, codec.encode(reply[0]), reply[1]])
        elif reply is not None:
            socket.send_multipart([peer, codec.encode(reply)])

    def _hello(self, call: messages.Hello, _: bytes) -> Any:
        session = f"session-{self._session}"
        return messages.Welcome(reply_to=call.id, session=session, limits=self.limits)

    def _ping(self, call: messages.Ping, _: bytes) -> Any:
        return messages.Pong(reply_to=call.id)

    def _get_capabilities(self, call: messages.GetCapabilities, _: bytes) -> Any:
        return messages.Capabilities(reply_to=call.id, tasks={"articulate": ["geometry"]})

    def _submit(self, call: messages.Submit, _: bytes) -> Any:
        self.requests[call.job] = call.request
        self.jobs.setdefault(call.job, JobStatus(job=call.job, state="queued"))
        return JobReply(reply_to=call.id, status=self.jobs[call.job])

    def _cancel(self, call: messages.Cancel, _: bytes) -> Any:
        status = self.jobs.get(call.job)
        if status is None:
            return refuse(call, "unknown_job")
        if status.state in ("queued", "running"):
            status = msgspec.structs.replace(status, state="cancelled")
            self.jobs[call.job] = status
        return JobReply(reply_to=call.id, status=status)

    def _attach(self, call: messages.Attach, _: bytes) -> Any:
        known = [self.jobs[name] for name in call.jobs if name in self.jobs]
        unknown = [name for name in call.jobs if name not in self.jobs]
        return JobsReply(reply_to=call.id, jobs=known, unknown=unknown)

    def _get_result(self, call: messages.GetResult, _: bytes) -> Any:
        result = self.results[call.job]
        return messages.ResultReply(reply_to=call.id, job=call.job, result=result)

    def _acknowledge(self, call: messages.Acknowledge, _: bytes) -> Any:
        for name in call.jobs:
            self.jobs.pop(name, None)
        return messages.Acknowledged(reply_to=call.id)

    def _get_log(self, call: messages.GetLog, _: bytes) -> Any:
        return messages.LogReply(reply_to=call.id, text=f"log of {call.job}")

    def _find_missing(self, call: messages.FindMissing, _: bytes) -> Any:
        lacking = [digest for digest in call.digests if digest not in self.whole]
        return Missing(reply_to=call.id, digests=lacking)

    def _put_chunk(self, call: messages.PutChunk, data: bytes) -> Any:
        blob = self.blobs.setdefault(call.digest, bytearray())
        if call.offset == 0:
            blob.clear()
        blob += data
        complete = len(blob) == call.size
        if complete:
            self.whole.add(call.digest)
        return messages.Stored(
            reply_to=call.id, digest=call.digest, received=len(blob), complete=complete
        )

    def _get_chunk(self, call: messages.GetChunk, _: bytes) -> Any:
        blob = self.blobs.get(call.digest)
        if blob is None:
            return refuse(call, "missing_blob")
        data = bytes(blob[call.offset : call.offset + call.length])
        reply = Chunk(reply_to=call.id, digest=call.digest, offset=call.offset, size=len(blob))
        return reply, data


def configure(socket: zmq.Socket, keys: Keys) -> None:
    socket.curve_server = True
    socket.curve_publickey = keys.public.encode()
    socket.curve_secretkey = keys.secret.encode()


def refuse(call: Any, code: Any, message: str = "No.") -> Failure:
    return Failure(reply_to=call.id, error=Error(code=code, message=message))
