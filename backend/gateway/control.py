"""Answers to the calls on the control channel."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from backend import logs, tasks
from backend.models import registry
from protocol import version
from protocol.errors import failure
from protocol.messages import (
    Acknowledge,
    Acknowledged,
    Attach,
    Call,
    Cancel,
    Capabilities,
    ControlCall,
    GetCapabilities,
    GetLog,
    GetResult,
    Hello,
    JobReply,
    JobsReply,
    Limits,
    LogReply,
    Ping,
    Pong,
    Reply,
    ResultReply,
    Submit,
    Welcome,
    WorkerState,
)

from .dispatch import Dispatcher
from .sessions import Sessions
from .supervisor import Supervisor

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Control:
    """One method a call; `answer` chooses it."""

    session: str
    logs_folder: Path
    limits: Limits
    null: bool
    sessions: Sessions
    jobs: Dispatcher
    supervisor: Supervisor

    def answer(self, route: bytes, call: ControlCall) -> Reply:
        """Return the reply to a call. Raises TugError for what becomes a `failure`."""
        if isinstance(call, Hello):
            return self._hello(route, call)
        session = self.sessions.find(route)
        if session is None:
            raise failure(
                "hello_required", "Say hello first: this connection is not known.", retry=True
            )
        match call:
            case Ping():
                return self._ping(call)
            case GetCapabilities():
                return self._capabilities(call)
            case Submit():
                return self._submit(route, session.client, call)
            case Cancel():
                return JobReply(reply_to=call.id, status=self.jobs.cancel(call.job))
            case Attach():
                return self._attach(route, call)
            case GetResult():
                result = self.jobs.result(call.job)
                return ResultReply(reply_to=call.id, job=call.job, result=result)
            case Acknowledge():
                return self._acknowledge(call)
            case GetLog():
                text = logs.tail(self.logs_folder, job=call.job, lines=call.lines)
                return LogReply(reply_to=call.id, text=text)

    def _hello(self, route: bytes, call: Hello) -> Welcome:
        _check_peer(call)
        self.sessions.welcome(route, call.client)
        log.info("hello from %s (%s)", call.client, call.software[:40])
        return Welcome(reply_to=call.id, session=self.session, limits=self.limits)

    def _ping(self, call: Call) -> Pong:
        states = [
            WorkerState(device=worker.name, state=worker.state, job=worker.job)
            for worker in self.supervisor.workers
        ]
        return Pong(reply_to=call.id, workers=states, queued=self.jobs.queued)

    def _capabilities(self, call: Call) -> Capabilities:
        found = {device.name: device for w in self.supervisor.workers for device in w.devices}
        return Capabilities(
            reply_to=call.id,
            tasks={
                task.name: tasks.engines_of(task, null=self.null) for task in tasks.tasks.values()
            },
            models=registry.present(),
            devices=list(found.values()),
            limits=self.limits,
            null=self.null,
        )

    def _submit(self, route: bytes, client: str, call: Submit) -> JobReply:
        status = self.jobs.submit(call.job, client, call.request)
        self.sessions.follow(route, [call.job])
        return JobReply(reply_to=call.id, status=status)

    def _attach(self, route: bytes, call: Attach) -> JobsReply:
        known = [job for job in call.jobs if job in self.jobs.jobs]
        self.sessions.follow(route, known)
        return JobsReply(
            reply_to=call.id,
            jobs=[self.jobs.status(job) for job in known],
            unknown=[job for job in call.jobs if job not in self.jobs.jobs],
        )

    def _acknowledge(self, call: Acknowledge) -> Acknowledged:
        for job in self.jobs.acknowledge(call.jobs):
            self.sessions.forget(job)
        return Acknowledged(reply_to=call.id)


def _check_peer(call: Hello) -> None:
    if call.product != version.product:
        raise failure(
            "wrong_product",
            f"This is a {version.product} backend, and {call.product[:80]!r} is calling it.",
            product=version.product,
        )
    if _major(call.protocol) != version.major(version.protocol):
        raise failure(
            "version_unsupported",
            f"This backend speaks protocol {version.protocol} (Tug {version.software}) and the "
            f"client {call.protocol[:20]} (Tug {call.software[:20]}): update the older of the two.",
            protocol=version.protocol,
            software=version.software,
        )


def _major(protocol: str) -> int:
    try:
        return version.major(protocol)
    except ValueError as error:
        raise failure("malformed", f"{error}."[:200], path="protocol") from error
