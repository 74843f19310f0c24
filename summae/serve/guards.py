"""What every request passes before it reaches a route: pure ASGI, each guard small enough to be sure of."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from summae.serve.limits import Limits
from summae.serve.refusals import Refusal

LINGER = 8  # so many times the limit is read and thrown away: a browser reads no answer before it has sent all
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",  # the page's files are asked for again, and mostly answered by 304
}
_PORT = re.compile(r":\d*\Z")


class SafeHeaders:
    """Every answer tells the browser to run nothing but the page's own files, and to show nothing old unasked."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SAFE)
            await send(message)

        await self.app(scope, receive, marked if scope["type"] == "http" else send)


class KnownHosts:
    """Refuses names that are not ours (a page elsewhere may point its own name at this machine: DNS rebinding)
    and requests that a page of another site makes. ``hosts`` empty: any name.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]):
        self.app, self.hosts = app, frozenset(host.lower().strip("[]") for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(Headers(scope=scope), scope["method"]) if scope["type"] == "http" else None
        await (refusal.response() if refusal else self.app)(scope, receive, send)

    def _refusal(self, headers: Headers, method: str) -> Refusal | None:
        host = _PORT.sub("", headers.get("host", "")).lower().strip("[]")
        if self.hosts and host not in self.hosts:
            known = ", ".join(sorted(self.hosts))
            return Refusal(421, "unknown_host", f"this service answers to {known}, not to '{host}'", "Host")
        if method == "POST" and headers.get("sec-fetch-site") == "cross-site":
            return Refusal(403, "other_site", "a page of another site may not ask this service", "Sec-Fetch-Site")
        return None


class BoundedBody:
    """Reads the whole body before the application sees the request: at most so many bytes, in so many seconds.

    A client that sends slowly holds nothing but its own connection.
    """

    def __init__(self, app: ASGIApp, limits: Limits):
        self.app, self.limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                body = await self._body(Headers(scope=scope), receive)
        except TimeoutError:
            reason = f"the request did not arrive within {self.limits.body_seconds} s"
            refusal = Refusal(408, "too_slow", reason, headers={"Connection": "close"})
            return await refusal.response()(scope, receive, send)
        except Refusal as refusal:
            return await refusal.response()(scope, receive, send)
        if body is not None:
            await self.app(scope, _again(body, receive), send)

    async def _body(self, headers: Headers, receive: Receive) -> bytes | None:
        """``None``: the client has gone. Raises :class:`Refusal` 413, declared or not."""
        most = self.limits.body_bytes
        declared = headers.get("content-length", "")
        hopeless = declared.isdecimal() and int(declared) > most * LINGER
        asks_first = declared.isdecimal() and int(declared) > most and headers.get("expect") == "100-continue"
        if hopeless or asks_first:
            raise self._too_large()
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            part, more = message.get("body", b""), message.get("more_body", False)
            size += len(part)
            if size <= most:
                parts.append(part)
            elif size > most * LINGER:
                break
        if size > most:
            raise self._too_large()
        return b"".join(parts)

    def _too_large(self) -> Refusal:
        reason = f"the request has more than {self.limits.body_bytes:,} bytes, the most that is read"
        return Refusal(413, "too_large", reason, headers={"Connection": "close"})


def _again(body: bytes, receive: Receive) -> Receive:
    """Hands out ``body`` once, then what comes after it."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
