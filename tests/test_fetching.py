"""Addresses to texts, from a server in a thread; its pages are written by hand."""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest
from handmade import mail, pdf
from websites import Site

from summae import cli
from summae.errors import InputError
from summae.inputs import url as fetching
from summae.inputs.read import find_inputs, read_input
from summae.inputs.url import fetch

PAGE = "<html><nav>Home</nav><p>Le café ferme."


def refusal(address: str, **bounds: float) -> str:
    """What is said instead of a text, behind the address."""
    with pytest.raises(InputError) as caught:
        fetch(address, **bounds)  # type: ignore[arg-type]
    line = str(caught.value)
    assert line.startswith(f"{address}: ") and "\n" not in line
    return line.removeprefix(f"{address}: ")


# -- what comes back ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "data", "media", "text"),
    [
        ("/a", b"A\r\nbridge. ", "text/plain", "A\nbridge. "),
        ("/a", PAGE.encode(), "text/html", "Le café ferme."),
        ("/a", b"<p>No sign of it.", "text/html; charset=utf-8", "No sign of it."),
        ("/a", b"<p>No sign of it.", "application/xhtml+xml", "No sign of it."),
        ("/a", b"# A bridge", "text/markdown", "A bridge"),
        ("/a.md", b"# A bridge", "text/plain", "A bridge"),
        ("/a.md?raw=1", b"# A bridge", None, "A bridge"),
        ("/a?b=c.md", b"# A bridge", None, "# A bridge"),
        ("/a", pdf(["A bridge."]), "application/pdf; charset=utf-8", "A bridge."),
        ("/a", pdf(["A bridge."]), "text/html; charset=utf-8", "A bridge."),
        ("/a", mail("A bridge."), "message/rfc822", "A bridge."),
        ("/a", b'{"a": 1}', "application/json", '{"a": 1}'),
    ],
)
def test_every_format(site: Site, path: str, data: bytes, media: str | None, text: str) -> None:
    assert read_input(site.add(path, data, media)) == text


@pytest.mark.parametrize(
    ("data", "media"),
    [
        ("Le café".encode(), "text/plain"),
        ("Le café".encode("latin-1"), "text/plain; charset=ISO-8859-1"),
        ("Le café".encode("utf-16-le"), "text/plain; charset=utf-16le"),
        ("\ufeffLe café".encode(), "text/plain; charset=latin-1"),  # the mark wins, as in a browser
        ("<p>Le café".encode("latin-1"), "text/html; charset=latin-1"),
        ("<meta charset=latin-1><p>Le café".encode("latin-1"), "text/html"),
        ("<meta charset=latin-1><p>Le café".encode(), "text/html; charset=utf-8"),  # the server wins over the page
        ("Le café".encode(), "text/plain; charset=no-such-thing"),
    ],
)
def test_characters(site: Site, data: bytes, media: str) -> None:
    assert read_input(site.add("/a", data, media)) == "Le café"


def test_broken_characters(site: Site) -> None:
    address = site.add("/a", b"caf\xe9", "text/plain; charset=utf-8")
    with pytest.raises(InputError, match="byte 3: not UTF-8"):
        read_input(address)
    assert read_input(address, "replace") == "caf\ufffd"


def test_what_is_asked_for(site: Site) -> None:
    site.add("/caf%C3%A9%20au%20lait%3F?q=%C3%A9%2F&b", b"Good.")
    assert fetch(site.at("/café au%20lait%3F?q=é%2F&b#part")).data == b"Good."
    site.add("/", b"Home.")
    assert fetch(site.at("")).data == b"Home."
    assert fetch(site.at("").replace("http", "HTTP")).data == b"Home."


def test_without_a_length(site: Site) -> None:
    site.pages["/a"] = (200, {"Content-Type": "Text/Plain"}, b"A bridge.")
    assert fetch(site.at("/a")) == fetching.Fetched(b"A bridge.", "/a", "text/plain", "")


# -- bounds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(site: Site, status: int) -> None:
    site.add("/deep/c.md", b"# A bridge", "text/plain")
    site.add_redirect("/b", "deep/c.md", status)
    assert read_input(site.add_redirect("/a", site.at("/b"), status)) == "A bridge"


def test_redirects_are_counted(site: Site) -> None:
    for number in range(9):
        site.add_redirect(f"/{number}", f"/{number + 1}")
    site.add("/9", b"A bridge.")
    assert fetch(site.at("/4")).data == b"A bridge."  # five
    site.asked.clear()
    assert refusal(site.at("/3")) == "more than 5 redirects"
    assert site.asked == [f"/{number}" for number in range(3, 9)]


@pytest.mark.parametrize("to", ["file:///etc/hostname", "ftp://127.0.0.1/a", "data:text/plain,A", "javascript:a"])
def test_redirects_to_other_schemes_are_refused(site: Site, to: str) -> None:
    assert refusal(site.add_redirect("/a", to)) == f"leads to {to}; only http and https addresses are read"


def test_the_internet_may_not_lead_into_our_own_network(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if 127.0.0.1 were out there; 127.0.0.2 is on this machine, and hears nothing but the connection."""
    monkeypatch.setattr(fetching, "is_public", lambda peer: peer == "127.0.0.1")
    with socket.create_server(("127.0.0.2", 0)) as inside:
        to = f"http://127.0.0.2:{inside.getsockname()[1]}/secret"
        reason = f"leads to {to}, in a network of its own; name that if you trust it"
        assert refusal(site.add_redirect("/a", to)) == reason
        with inside.accept()[0] as heard:
            assert heard.recv(100) == b""
    monkeypatch.setattr(fetching, "is_public", lambda peer: peer == "127.0.0.2")
    site.add("/b", b"A bridge.")
    assert fetch(site.add_redirect("/a", "/b")).data == b"A bridge.", "who names an address inside may be led there"


@pytest.mark.parametrize(
    ("peer", "public"),
    [("127.0.0.1", False), ("10.1.2.3", False), ("192.168.1.1", False), ("169.254.169.254", False), ("0.0.0.0", False),
     ("::1", False), ("fe80::1%eth0", False), ("fd00::1", False), ("::ffff:127.0.0.1", False),
     ("8.8.8.8", True), ("2001:4860:4860::8888", True)],
)  # fmt: skip
def test_which_addresses_are_the_internets(peer: str, public: bool) -> None:
    assert fetching.is_public(peer) is public


def test_too_big(site: Site) -> None:
    big = "more than 1,000 bytes; fetch it yourself and name the file"
    assert len(fetch(site.add("/a", b"x" * 1000), most=1000).data) == 1000
    assert refusal(site.add("/a", b"x" * 1001), most=1000) == big
    site.pages["/b"] = (200, {}, b"x" * 1001)  # and without a Content-Length
    assert refusal(site.at("/b"), most=1000) == big
    assert fetching.BYTES == 20 * 2**20


def test_bytes_without_end(site: Site) -> None:
    sent = []

    def stream(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while len(sent) < 10_000:
                handler.wfile.write(b"x" * 10_000)
                sent.append(10_000)
        except OSError:
            pass

    site.pages["/a"] = stream
    assert refusal(site.at("/a"), most=1000).startswith("more than 1,000 bytes")
    site.shutdown()
    assert len(sent) < 10_000  # 100 MB: nobody has read them


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.0 200 OK\r\n", b"HTTP/1.0 200 OK\r\n\r\nA br"])
def test_an_answer_that_never_ends(site: Site, begin: bytes) -> None:
    over = Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(begin)
        over.wait(30)

    site.pages["/a"] = hang
    said = refusal(site.at("/a"), seconds=0.2)
    over.set()
    assert said in ("cannot be reached: no complete answer within 0.2 s", "cannot be reached: timed out")


# -- what goes wrong ----------------------------------------------------------------------------------------


def test_answers_that_are_no_text(site: Site) -> None:
    assert refusal(site.at("/none")) == "the server says 404 Not Found"
    assert refusal(site.add("/a", b"", status=500)) == "the server says 500 Internal Server Error"
    assert refusal(site.add("/a", b"", status=302)) == "the server says 302 Found"  # to where?
    assert refusal(site.add("/a", b"\x89PNG\r\n", "image/png")) == "image/png, not a text"
    packed = site.add("/a", gzip.compress(b"A bridge."), Content_Encoding="gzip")
    assert refusal(packed) == "sent compressed (gzip), which was not asked for"
    with pytest.raises(InputError, match="/a: looks like a Word, EPUB or zip file"):
        read_input(site.add("/a", b"PK\x03\x04", "application/octet-stream"))
    for media in ("text/plain", "text/html"):
        with pytest.raises(InputError, match=f"^{site.at('/a')}: empty, nothing to read"):
            read_input(site.add("/a", b"", media))


def test_connections_that_break(site: Site) -> None:
    site.pages["/a"] = (200, {"Content-Length": "100"}, b"A bridge.")
    assert refusal(site.at("/a")) == "the connection broke after 9 of 100 bytes"
    site.pages["/b"] = lambda handler: None
    assert refusal(site.at("/b")).startswith("cannot be reached: Remote end closed connection")
    site.pages["/c"] = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n") and None
    assert refusal(site.at("/c")) == "no proper HTTP answer (BadStatusLine)"
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unheard.getsockname()[1]}/"
        assert refusal(address) == "cannot be reached: Connection refused"
    assert refusal(site.at("/a").replace("http", "https")).startswith("no safe connection: ")


def test_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert refusal("http://example.org/") == "cannot be reached: no such host, or no network"


@pytest.mark.parametrize("address", ["ftp://example.org/a", "file:///etc/hostname", "gopher://example.org"])
def test_other_schemes(address: str) -> None:
    assert refusal(address) == "only http and https addresses are read"
    with pytest.raises(InputError, match="only http and https"):
        read_input(address)


@pytest.mark.parametrize(
    "address", ["http://", "http:///a", "http://ann:secret@127.0.0.1/", "http://a:b/", "http://[::1/", "http://a..b/"]
)
def test_what_is_no_address(address: str) -> None:
    assert refusal(address) == "not an address; it must look like https://example.org/page.html"


# -- who may ask for addresses ---------------------------------------------------------------------------


def test_the_command_line(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    page, none = site.add("/page", PAGE.encode(), "text/html"), site.at("/none")
    (tmp_path / "a.txt").write_text("A bridge.")
    assert cli.summarize_main([none, page, str(tmp_path / "a.txt"), "--quiet"]) == 2
    assert capsys.readouterr() == (
        "Le café ferme.\nA bridge.\n",
        f"summarize: error: {none}: the server says 404 Not Found\n",
    )


def test_an_address_is_no_folder() -> None:
    assert find_inputs(["https://example.org/a"]).sources == ["https://example.org/a"]


def test_the_service_fetches_nothing() -> None:
    """Nothing that it imports can."""
    code = "import sys, summae.serve.app, summae.serve.document_reader; print('summae.inputs.url' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
