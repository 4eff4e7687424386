"""The connections that have said hello, and the job events they still have to get."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

sessions_kept = 1000
Delivery = Literal["sent", "later", "gone"]


@dataclass
class Session:
    """One connection. `jobs` are followed; `due` are those with news not sent yet."""

    client: str
    heard: float
    jobs: set[str] = field(default_factory=set)
    due: set[str] = field(default_factory=set)


class Sessions:
    """Connections by their routing id.

    News is kept as the set of jobs that have some: a slow client gets the newest status
    of each job, never a growing queue of old ones.
    """

    def __init__(self) -> None:
        self._by_route: dict[bytes, Session] = {}
        self.is_urgent = False

    def welcome(self, route: bytes, client: str) -> None:
        self._by_route[route] = Session(client, time.monotonic())
        if len(self._by_route) > sessions_kept:
            quietest = min(self._by_route, key=lambda route: self._by_route[route].heard)
            del self._by_route[quietest]

    def find(self, route: bytes) -> Session | None:
        session = self._by_route.get(route)
        if session:
            session.heard = time.monotonic()
        return session

    def follow(self, route: bytes, jobs: Iterable[str]) -> None:
        self._by_route[route].jobs.update(jobs)

    @property
    def is_due(self) -> bool:
        """Whether somebody has news to get."""
        return any(session.due for session in self._by_route.values())

    def mark(self, job: str, urgent: bool) -> None:
        """This job has news; urgent news does not wait for more of it."""
        self.is_urgent = self.is_urgent or urgent
        for session in self._by_route.values():
            if job in session.jobs:
                session.due.add(job)

    def forget(self, job: str) -> None:
        for session in self._by_route.values():
            session.jobs.discard(job)
            session.due.discard(job)

    def clear(self) -> None:
        self._by_route.clear()

    def flush(self, send: Callable[[bytes, str], Delivery]) -> None:
        """Send what is due to each connection, until one does not take more for now."""
        self.is_urgent = False
        for route, session in list(self._by_route.items()):
            if _deliver(route, session, send) == "gone":
                del self._by_route[route]


def _deliver(route: bytes, session: Session, send: Callable[[bytes, str], Delivery]) -> Delivery:
    for job in list(session.due):
        delivery = send(route, job)
        if delivery != "sent":
            return delivery
        session.due.discard(job)
    return "sent"
