"""An address to the bytes behind it: http and https only, with bounds on redirects, bytes and seconds.

A page of the internet may not lead to this machine or its network: what the user has not named there is not asked.

The standard library's ``urllib`` fetches, with the certificates and the proxies of the system. For the command line and
for Python only: the service fetches nothing, lest its clients reach through it what only its machine can reach.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urljoin, urlsplit, urlunsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from summae.errors import InputError

REDIRECTS = 5
BYTES = 20 << 20
SECONDS = 30  # for all of it: names, redirects, every byte
MOVED = (301, 302, 303, 307, 308)  # statuses that lead elsewhere, RFC 9110
SCHEMES = ("http", "https")
NO_TEXT = ("image/", "audio/", "video/", "font/")  # media types that are refused before their bytes are fetched

_STEP = 1 << 16  # bytes read at once
_HEADERS = {"User-Agent": "summae", "Accept": "text/*, application/*;q=0.9", "Accept-Encoding": "identity"}
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Fetched:
    """What an address gave."""

    data: bytes
    path: str  # of the last address, without its query: its suffix may tell the format
    media: str  # the media type in lower case, such as "text/html"; "" when the server names none
    charset: str  # as the server says; "" when it does not


def fetch(address: str, *, most: int = BYTES, seconds: float = SECONDS) -> Fetched:
    """The answer of ``address``, at most ``most`` bytes and after at most ``seconds``.

    Raises :class:`InputError`, one line that names the address and the reason.
    """
    try:
        return _within(seconds, lambda: _fetch(address, most, seconds))
    except HTTPError as error:
        reason = f"the server says {error.code} {error.reason}".rstrip()
    except (URLError, OSError) as error:  # the first wraps the second where a connection cannot be made
        reason = _no_connection(getattr(error, "reason", error))
    except HTTPException as error:
        reason = f"no proper HTTP answer ({type(error).__name__})"
    except ValueError:  # a port that is no number, a host name that is none
        reason = "not an address; it must look like https://example.org/page.html"
    raise InputError(f"{address}: {reason}")


def _within(seconds: float, work: Callable[[], _Found]) -> _Found:
    """``work``, given up when it takes longer: no time-out of a socket bounds names or bytes that trickle in."""
    done: SimpleQueue[tuple[_Found | None, BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            done.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            done.put((None, error))

    Thread(target=run, daemon=True).start()
    try:
        found, error = done.get(timeout=seconds)
    except Empty:
        raise TimeoutError(None, f"no complete answer within {seconds:g} s") from None
    if error is not None:
        raise error
    return found  # type: ignore[return-value]


def _fetch(address: str, most: int, seconds: float) -> Fetched:
    peers: list[str] = []
    opener, at = _opener(peers), _proper(address, address)
    for _ in range(REDIRECTS + 1):
        try:
            with opener.open(Request(at, headers=_HEADERS), timeout=seconds) as answer:
                return _read(address, at, answer, most)
        except HTTPError as error:
            to = error.headers.get("Location")
            if error.code not in MOVED or not to:
                raise
            error.close()
            at = _proper(urljoin(at, to), address)
        except _InsideError:
            raise InputError(f"{address}: leads to {at}, in a network of its own; name that if you trust it") from None
    raise InputError(f"{address}: more than {REDIRECTS} redirects")


class _InsideError(Exception):
    """A redirect has led from the internet to this machine or its network."""


def _opener(peers: list[str]) -> OpenerDirector:
    """One that knows two schemes and follows no redirects: that is done, step by step, above. ``peers``: the numeric
    addresses it has been connected to.
    """
    opener = OpenerDirector()
    handlers = (ProxyHandler(), _Http(peers), _Https(peers), HTTPDefaultErrorHandler(), HTTPErrorProcessor())
    for handler in handlers:
        opener.add_handler(handler)
    return opener


class _Checked(HTTPConnection):
    """Looks at whom it is connected to before it says a word: names may be resolved differently from time to time."""

    def __init__(self, host: str, *, peers: list[str], **options: Any):
        super().__init__(host, **options)
        self.peers = peers

    def connect(self) -> None:
        super().connect()
        self.peers.append(self.sock.getpeername()[0])
        if is_public(self.peers[0]) and not is_public(self.peers[-1]):
            self.close()
            raise _InsideError


class _CheckedSafe(_Checked, HTTPSConnection):
    pass


def is_public(peer: str) -> bool:
    """Whether a numeric address belongs to the internet at large."""
    return ipaddress.ip_address(peer.partition("%")[0]).is_global


class _Http(HTTPHandler):
    def __init__(self, peers: list[str]):
        super().__init__()
        self.peers = peers

    def http_open(self, request: Request) -> HTTPResponse:
        if request.has_proxy():  # what it reaches is its own network's business
            return super().http_open(request)
        return self.do_open(_Checked, request, peers=self.peers)  # type: ignore[arg-type]


class _Https(HTTPSHandler):
    def __init__(self, peers: list[str]):
        super().__init__()
        self.peers = peers

    def https_open(self, request: Request) -> HTTPResponse:
        if request._tunnel_host:  # type: ignore[attr-defined]  # likewise
            return super().https_open(request)
        return self.do_open(_CheckedSafe, request, peers=self.peers)  # type: ignore[arg-type]


def _proper(at: str, address: str) -> str:
    """``at`` in ASCII, without its fragment; ``address`` is what the user gave, for messages."""
    parts = urlsplit(at)
    if parts.scheme not in SCHEMES:
        led = "" if at == address else f"leads to {at}; "
        raise InputError(f"{address}: {led}only http and https addresses are read")
    if not parts.hostname or "@" in parts.netloc:
        raise ValueError("no host, or a user name and password, which are not sent")
    host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    place = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    path, query = (quote(part, safe="/%:=&?~+!$,;'@()*[]") for part in (parts.path or "/", parts.query))
    return urlunsplit((parts.scheme, place + port, path, query, ""))


def _read(address: str, at: str, answer: HTTPResponse, most: int) -> Fetched:
    headers: Any = answer.headers
    media = headers.get_content_type() if "Content-Type" in headers else ""
    if media.startswith(NO_TEXT):
        raise InputError(f"{address}: {media}, not a text")
    if (coding := headers.get("Content-Encoding", "identity").lower()) != "identity":
        raise InputError(f"{address}: sent compressed ({coding}), which was not asked for")
    data, announced = bytearray(), answer.length or 0
    while announced <= most and len(data) <= most and (some := answer.read(_STEP)):
        data += some
    if max(announced, len(data)) > most:
        raise InputError(f"{address}: more than {most:,} bytes; fetch it yourself and name the file")
    if answer.length:
        raise InputError(f"{address}: the connection broke after {len(data):,} of {announced:,} bytes")
    return Fetched(bytes(data), urlsplit(at).path, media, headers.get_content_charset(""))


def _no_connection(reason: object) -> str:
    if isinstance(reason, socket.gaierror):
        return "cannot be reached: no such host, or no network"
    if isinstance(reason, ssl.SSLError):
        return f"no safe connection: {getattr(reason, 'verify_message', '') or reason.reason}"
    if isinstance(reason, OSError):
        return f"cannot be reached: {reason.strerror or reason}"
    return f"cannot be reached: {reason}"
