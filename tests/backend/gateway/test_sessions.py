from __future__ import annotations

from backend.gateway import sessions as module
from backend.gateway.sessions import Sessions


def test_a_slow_client_gets_the_newest_news_once():
    sessions = Sessions()
    sessions.welcome(b"slow", "test")
    sessions.follow(b"slow", ["a", "b"])
    for _ in range(1000):
        sessions.mark("a", False)
    sessions.mark("b", True)
    sessions.mark("unheard-of", True)
    sessions.flush(lambda route, job: "later")
    sent = []
    sessions.flush(lambda route, job: sent.append(job) or "sent")
    assert sorted(sent) == ["a", "b"]
    assert not sessions.is_due


def test_one_blocked_client_does_not_hold_up_others():
    sessions = Sessions()
    for route in (b"blocked", b"well"):
        sessions.welcome(route, "test")
        sessions.follow(route, ["a"])
    sessions.mark("a", True)
    sent = []
    sessions.flush(
        lambda route, job: "later" if route == b"blocked" else sent.append(route) or "sent"
    )
    assert sent == [b"well"]


def test_who_is_gone_is_forgotten():
    sessions = Sessions()
    sessions.welcome(b"gone", "test")
    sessions.follow(b"gone", ["a"])
    sessions.mark("a", True)
    sessions.flush(lambda route, job: "gone")
    assert sessions.find(b"gone") is None


def test_the_quietest_connection_makes_room(monkeypatch):
    monkeypatch.setattr(module, "sessions_kept", 2)
    sessions = Sessions()
    for route in (b"1", b"2"):
        sessions.welcome(route, "test")
    sessions.find(b"1")
    sessions.welcome(b"3", "test")
    assert sessions.find(b"2") is None
    assert sessions.find(b"1")
    assert sessions.find(b"3")
