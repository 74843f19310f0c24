"""One process that listens: sockets, signals, and uvicorn between them and the application."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import signal
import socket
from collections.abc import Callable, Collection
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from summae.errors import InputError
from summae.serve.connections import Connection

INTERRUPTED = 130  # exit code of a process that SIGINT ended
BACKLOG = 512  # connections that wait to be accepted
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_WHY = {
    errno.EADDRINUSE: "port {port} of {host} is in use; choose another one with --port, or 0 for any that is free",
    errno.EACCES: "port {port} needs rights that this user does not have; choose one from 1024 with --port",
    errno.EADDRNOTAVAIL: "{host} is not an address of this machine; choose another one with --host",
}


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to ``host`` and ``port`` (0: any free one). Raises :class:`InputError`, one line."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except socket.gaierror:
        raise InputError(f"{host}: no such host; choose another one with --host") from None
    except OSError as error:
        why = _WHY.get(error.errno or 0, "{host}, port {port}: " + (error.strerror or str(error)))
        raise InputError(why.format(host=host, port=port)) from None


def is_loopback(listening: socket.socket) -> bool:
    """Whether only this machine reaches it."""
    return ipaddress.ip_address(listening.getsockname()[0]).is_loopback


def hosts_of(host: str, listening: socket.socket, allowed: Collection[str]) -> set[str]:
    """The names that requests may call us by; none: any, for those who are not asked and open to others."""
    if allowed or is_loopback(listening):
        return {*LOOPBACK, host, *allowed}
    return set()


def address_of(host: str, listening: socket.socket) -> str:
    """What to type into a browser."""
    name = "localhost" if host in ("0.0.0.0", "::", "") else host
    return f"http://{f'[{name}]' if ':' in name else name}:{listening.getsockname()[1]}/"


class _Announced(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]):
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def configured(app: ASGIApp, patience: float, **limits: int) -> uvicorn.Config:
    """``patience``: seconds that the head of a request may take; ``limits``: of :class:`Connection`."""
    http = partial(Connection, patience=patience, **limits)
    return uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, proxy_headers=False, ws="none", loop="asyncio",
        http=http,  # type: ignore[arg-type]  # what makes one will do
    )  # fmt: skip


def run(app: ASGIApp, listening: socket.socket, patience: float, ready: Callable[[], None]) -> int:
    """Serve until Ctrl-C or SIGTERM: what was accepted is answered → 0; a second Ctrl-C does not wait → 130."""
    server = _Announced(configured(app, patience), ready)
    for each in (signal.SIGINT, signal.SIGTERM):  # uvicorn raises them again when it has stopped
        signal.signal(each, lambda *_: None)
    asyncio.run(server.serve([listening]))
    return INTERRUPTED if server.force_exit else 0
