"""Addresses as ZeroMQ writes them: `tcp://host:port`."""

from __future__ import annotations

import ipaddress


def host_of(address: str) -> str:
    """Return the host of an address, as it is written there."""
    return address.removeprefix("tcp://").rpartition(":")[0]


def is_loopback(host: str) -> bool:
    """Return whether a host, a name or an IP address, is this machine itself."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
