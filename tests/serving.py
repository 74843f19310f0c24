"""A summariser that does what a test tells it to, and a service around it on a real port."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import ClassVar

import uvicorn

from summae.serve.app import create
from summae.serve.limits import Limits
from summae.serve.server import configured, listen
from summae.summarizing.features import Weights
from summae.summarizing.summarizer import Summary

PATIENCE = 30  # seconds until a test that waits in vain fails


@dataclass
class FakeSummarizer:
    """Keeps the first words. A text that begins with "wait" waits for ``gate``; one with "fail" fails."""

    gate: threading.Event = field(default_factory=threading.Event)
    calls: list[list[str]] = field(default_factory=list)
    answer: list[Summary] | None = None  # what every text gets instead, if given
    weights: ClassVar = Weights()
    checkpoint: ClassVar = SimpleNamespace(manifest=SimpleNamespace(name="fake"))
    backend: ClassVar = SimpleNamespace(name="none")

    def summarize(self, texts: list[str], words: int | None = None, *, style: str = "headline") -> list[Summary]:
        return [found[0] for found in self.candidates(texts, words, count=1, style=style)]

    def candidates(self, texts: list[str], words: int | None = None, *, count: int, style: str) -> list[list[Summary]]:
        self.calls.append(texts)
        if any(text.startswith("wait") for text in texts):
            assert self.gate.wait(PATIENCE)
        if any(text.startswith("fail") for text in texts):
            raise RuntimeError("as it was told")
        if self.answer is not None:
            return [self.answer for _ in texts]
        return [[_first(text, (words or 3) - less) for less in range(count)] for text in texts]


def _first(text: str, words: int) -> Summary:
    return Summary(text=" ".join(text.split()[:words]), scores={"words": words})


def until(true: Callable[[], bool]) -> None:
    """Comes back when ``true`` is, and fails if it never is."""
    limit = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < limit, "waited in vain"
        threading.Event().wait(0.005)


@contextmanager
def live(
    summarizer: object, limits: Limits | None = None, hosts: tuple[str, ...] = (), **connections: int
) -> Iterator[int]:
    """The service on a port of its own, in a thread; it is stopped, and has answered everything, at the end."""
    limits = limits or Limits()
    with listen("127.0.0.1", 0) as listening:
        app = create(summarizer, limits, hosts)  # type: ignore[arg-type]
        server = uvicorn.Server(configured(app, limits.body_seconds, **connections))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        until(lambda: server.started)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive()


def connection(port: int, data: bytes) -> socket.socket:
    """A client that has sent ``data``."""
    client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    client.sendall(data)
    return client


def rest(client: socket.socket) -> bytes:
    """All that the service still says."""
    with client:
        return b"".join(iter(lambda: client.recv(65536), b""))
