"""What Prometheus is told. Routes are counted by their pattern, so that no client can invent label values."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
TEXTS = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """One set per application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        route = ("route", "method", "status")
        self.requests = Counter("summae_requests", "Requests answered.", route, registry=registry)
        self.seconds = Histogram(
            "summae_request_seconds", "From the request's head to the end of the answer.", ("route",),
            buckets=SECONDS, registry=registry,
        )  # fmt: skip
        self.queue = Gauge("summae_queue_texts", "Texts that wait.", ("lane",), registry=registry)
        self.batches = Histogram("summae_batch_texts", "Texts worked on in one call.", buckets=TEXTS, registry=registry)
        self.batch_seconds = Histogram("summae_batch_seconds", "One call.", buckets=SECONDS, registry=registry)
        self.texts = Counter("summae_texts", "Texts worked on.", registry=registry)
        self.chars = Counter("summae_text_characters", "Characters of these texts.", registry=registry)

    def batch(self, texts: int, chars: int) -> None:
        self.batches.observe(texts)
        self.texts.inc(texts)
        self.chars.inc(chars)

    def request(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope, status)
        self.requests.labels(route, _method(scope), str(status)).inc()
        self.seconds.labels(route).observe(seconds)


class Measured:
    """ASGI: counts and times every request, whoever answers it."""

    def __init__(self, app: ASGIApp, metrics: Metrics):
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status = time.monotonic(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            self.metrics.request(scope, status, time.monotonic() - began)


def _route(scope: Scope, status: int) -> str:
    """The pattern of the route that answered; "page" for files of the page, "none" for what is not there."""
    found = getattr(scope.get("route"), "path", "")
    if found:
        return found
    return "page" if status < 400 else "none"


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "OPTIONS") else "other"
