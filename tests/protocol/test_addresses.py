"""Which addresses stay on this machine: the rest needs keys there and permission here."""

from __future__ import annotations

import pytest

from protocol.addresses import host_of, is_loopback


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("tcp://127.0.0.1:7700", True),
        ("tcp://127.0.0.1:*", True),
        ("tcp://localhost:7700", True),
        ("tcp://[::1]:7700", True),
        ("tcp://[::ffff:127.0.0.1]:7700", True),
        ("tcp://192.168.1.5:7700", False),
        ("tcp://0.0.0.0:7700", False),
        ("tcp://*:7700", False),
        ("tcp://localhost.example.org:7700", False),
        ("tcp://127.example.org:7700", False),
        ("tcp://127.0.0.1:0;example.org:7700", False),  # libzmq's way to name a source port
        ("nonsense", False),
        ("", False),
    ],
)
def test_what_counts_as_this_machine(address: str, here: bool) -> None:
    assert is_loopback(host_of(address)) is here
