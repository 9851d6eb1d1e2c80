"""Cut a process off from everything but its own machine, and note what it tried."""

from __future__ import annotations

import importlib.util
import ipaddress
import socket
import sys
from typing import Any

_INTERNET = (socket.AF_INET, socket.AF_INET6)
_LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_SENDINGS = ("socket.connect", "socket.sendto", "socket.sendmsg")


class OutsideError(OSError):
    """A connection to another machine, or a look-up of its address."""


def cut_off(attempts_file: str) -> None:
    """Refuse each address but loopback's, for good; `attempts_file` gets a line for each try.

    A library that reports home in the background swallows the error, so the file is what tells.
    """

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _LOOKUPS:
            host = arguments[0]
        elif event in _SENDINGS:
            connection, address = arguments
            is_internet = connection is None or connection.family in _INTERNET
            host = address[0] if is_internet and address else None
        else:
            return
        if is_here(host):
            return
        attempt = f"{event} {host!r} by {' '.join(sys.orig_argv)}"
        with open(attempts_file, "a", encoding="utf-8") as file:
            file.write(f"{attempt}\n")
        raise OutsideError(f"no connection leaves this machine in a test: {attempt}")

    sys.addaudithook(refuse)
    _make_uvloop_audible()


def is_here(host: str | bytes | None) -> bool:
    """Whether a host is this machine; no host at all is, as for a server's own address."""
    name = host.decode() if isinstance(host, bytes) else host
    if not name or name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _make_uvloop_audible() -> None:
    """Raise Python's audit events for uvloop too, which looks up and connects in C, past them."""
    if importlib.util.find_spec("uvloop") is None:
        return
    import uvloop

    class AuditedLoop(uvloop.Loop):
        async def create_connection(
            self, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any
        ) -> Any:
            sys.audit("socket.connect", None, (host, port))
            return await super().create_connection(protocol_factory, host, port, **options)

        async def create_datagram_endpoint(
            self, protocol_factory: Any, local_addr: Any = None, remote_addr: Any = None, **o: Any
        ) -> Any:
            sys.audit("socket.connect", None, remote_addr)
            return await super().create_datagram_endpoint(
                protocol_factory, local_addr, remote_addr, **o
            )

        async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
            sys.audit("socket.getaddrinfo", host, port, 0, 0, 0)
            return await super().getaddrinfo(host, port, **options)

    uvloop.Loop = AuditedLoop  # type: ignore[misc]
