"""What a connection may do before there is a request: uvicorn has no bound on how long a head may take.

patience     a connection on which no head has come whole in time is closed; so it is between two requests
most_open    beyond so many connections requests are answered by 503, in the shape of all errors
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from summae.serve.refusals import Refusal

MOST_OPEN = 900  # an ordinary process may have 1,024 files
RETRY = 1  # seconds


class Connection(H11Protocol):
    def __init__(self, *args: Any, patience: float, most_open: int = MOST_OPEN, **options: Any):
        super().__init__(*args, **options)
        self.patience, self.most_open, self.served = patience, most_open, self.app
        self._too_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        self.app = self.served if len(self.connections) <= self.most_open else _crowded
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._forget()

    def _watch(self) -> None:
        """The time runs from the first look at a connection that waits for a head until that has come."""
        if self.conn.their_state is not h11.IDLE:
            self._forget()
        elif self._too_late is None:
            self._too_late = self.loop.call_later(self.patience, self.transport.close)

    def _forget(self) -> None:
        if self._too_late is not None:
            self._too_late.cancel()
        self._too_late = None


async def _crowded(scope: Scope, receive: Receive, send: Send) -> None:
    """The application, when there are too many connections."""
    headers = {"Connection": "close", "Retry-After": str(RETRY)}
    refusal = Refusal(503, "busy", f"too many connections are open; try again in {RETRY} s", headers=headers)
    await refusal.response()(scope, receive, send)
