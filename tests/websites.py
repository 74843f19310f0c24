"""A site of the web on this machine, in a thread, for tests of what fetches from one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Answer = tuple[int, dict[str, str], bytes]


class Site(ThreadingHTTPServer):
    """Answers as ``pages`` says, by path; ``asked`` are the request lines it has seen."""

    daemon_threads = True

    def __init__(self) -> None:
        self.pages: dict[str, Answer | Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def add(self, path: str, data: bytes, media: str | None = None, status: int = 200, **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if media:
            named["Content-Type"] = media
        self.pages[path] = (status, {"Content-Length": str(len(data)), **named}, data)
        return self.at(path)

    def add_redirect(self, path: str, to: str, status: int = 302) -> str:
        return self.add(path, b"", status=status, Location=to)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Site)
        self.server.asked.append(self.path)
        page = self.server.pages.get(self.path, (404, {}, b""))
        if callable(page):
            return page(self)
        status, headers, data = page
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def opened() -> Iterator[Site]:
    """A site that answers until the end of the block."""
    with Site() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
