"""The REST service, asked over HTTP: answers, batches, limits, metrics, and its own description of itself."""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import SOURCES
from handmade import mail, pdf
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from prometheus_client.parser import text_string_to_metric_families
from serving import PATIENCE, FakeSummarizer, connection, live, rest, until
from starlette.testclient import TestClient

from summae.explanation import attribution as explaining
from summae.serve import document_reader
from summae.serve.app import PAGE, create
from summae.serve.limits import Limits
from summae.serve.worker_queue import QueueFullError

SMALL = Limits(body_bytes=3000, text_chars=200, list_texts=5, queue_texts=6, batch_texts=4, batch_chars=100)
TEXT = "one two three four five"
POST = b"POST /summarize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "


@pytest.fixture
def fake():
    return FakeSummarizer()


@pytest.fixture
def client(fake):
    with TestClient(create(fake, SMALL), raise_server_exceptions=False) as made:
        yield made
        fake.gate.set()


@pytest.fixture(scope="module")
def real():
    """(client, the summariser behind it) of the embedded model."""
    from summae.summarizing.summarizer import Summarizer

    summarizer = Summarizer.load()
    with TestClient(create(summarizer, Limits())) as made:
        yield made, summarizer


@pytest.fixture
def crowd():
    """Runs requests beside each other."""
    with ThreadPoolExecutor(16) as made:
        yield made


def waiting(client: TestClient) -> int:
    return client.get("/health").json()["waiting"]


def error(response) -> tuple[int, str, str | None]:
    found = response.json()["error"]
    assert set(found) == {"code", "reason", "where"} and found["reason"]
    return response.status_code, found["code"], found["where"]


# -- answers ------------------------------------------------------------------------------------------------


def test_the_same_as_in_python(real):
    from summae.explanation.attribution import explain

    client, summarizer = real
    text = " ".join(SOURCES[:3])
    (expected,) = summarizer.candidates([text], 5, count=3)
    found = client.post("/summarize", json={"text": text, "words": 5, "candidates": 3, "explain": True}).json()
    assert {name: found[name] for name in ("summary", "scores", "note")} == expected[0].to_dict()
    assert found["alternatives"] == [summary.to_dict() for summary in expected[1:]]
    explanation = json.loads(json.dumps(explain(summarizer, text, expected[0].text).to_dict()))
    assert found["explanation"] == explanation
    assert client.post("/explain", json={"text": text, "summary": expected[0].text}).json() == explanation


def test_a_list_keeps_its_order(real):
    client, summarizer = real
    found = client.post("/summarize/batch", json={"texts": SOURCES, "words": 4}).json()["summaries"]
    assert [each["summary"] for each in found] == [each.text for each in summarizer.summarize(SOURCES, 4)]
    assert all(each["explanation"] is None and each["alternatives"] == [] for each in found)


def test_a_text_that_is_short_enough_says_so(real):
    found = real[0].post("/summarize", json={"text": "Storm closes schools."}).json()
    assert found["summary"] == "Storm closes schools." and found["note"].startswith("text too short")


def test_health(client):
    found = client.get("/health").json()
    assert (found["status"], found["model"], found["waiting"]) == ("ok", "fake", 0)
    assert found["limits"]["text_chars"] == 200


# -- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "code", "where"),
    [
        ("/summarize", {}, "invalid", "text"),
        ("/summarize", {"text": 3}, "invalid", "text"),
        ("/summarize", {"text": " \n"}, "empty", "text"),
        ("/summarize", {"text": "a\ud800b"}, "not_unicode", "text"),
        ("/summarize", {"text": "x" * 201}, "text_too_long", "text"),
        ("/summarize", {"text": TEXT, "words": 0}, "invalid", "words"),
        ("/summarize", {"text": TEXT, "words": 2.5}, "invalid", "words"),
        ("/summarize", {"text": TEXT, "words": True}, "invalid", "words"),
        ("/summarize", {"text": TEXT, "words": "3"}, "invalid", "words"),
        ("/summarize", {"text": TEXT, "words": 10**30}, "invalid", "words"),
        ("/summarize", {"text": TEXT, "ratio": 1.5}, "invalid", "ratio"),
        ("/summarize", {"text": TEXT, "length": "tiny"}, "invalid", "length"),
        ("/summarize", {"text": TEXT, "word": 3}, "invalid", "word"),
        ("/summarize", {"text": TEXT, "words": 3, "chars": 9}, "invalid", "body"),
        ("/summarize", {"text": TEXT, "candidates": 9}, "invalid", "candidates"),
        ("/summarize/batch", {"texts": []}, "invalid", "texts"),
        ("/summarize/batch", {"texts": TEXT}, "invalid", "texts"),
        ("/summarize/batch", {"texts": [TEXT] * 6}, "too_many_texts", "texts"),
        ("/summarize/batch", {"texts": [TEXT, "x" * 201]}, "text_too_long", "texts.1"),
        ("/explain", {"text": TEXT, "summary": ""}, "empty", "summary"),
    ],
)
def test_what_is_not_valid_is_named(client, fake, path, body, code, where):
    response = client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert error(response) == (422, code, where) and fake.calls == []


DEEP = '{"text": ' + "[" * 1400 + "]" * 1400 + "}"


@pytest.mark.parametrize("body", ["{", '{"text": "a', "[" * 2500, DEEP, "\udcff", "[]", '"text"', "3"])
def test_what_is_no_json_is_refused(client, body):
    data = body.encode("utf-8", "surrogateescape")
    response = client.post("/summarize", content=data, headers={"Content-Type": "application/json"})
    assert error(response) == (422, "not_json", "body")


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", None])
def test_another_content_type_is_named(client, media):
    response = client.post("/summarize", content=b'{"text": "a"}', headers={"Content-Type": media} if media else {})
    assert error(response) == (422, "not_json", "body")
    said = f"the body must be a JSON object with Content-Type: application/json, got {media or 'nothing'}"
    assert response.json()["error"]["reason"] == said


def test_a_form_of_another_site_is_no_request(client):
    """Browsers send such bodies to any host without asking it."""
    body = json.dumps({"text": TEXT})
    assert error(client.post("/summarize", content=body, headers={"Content-Type": "text/plain"}))[0] == 422
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert error(client.post("/summarize", json={"text": TEXT}, headers=headers))[:2] == (403, "other_site")
    assert client.get("/", headers=headers).status_code == 200, "links lead here"


def test_unknown_paths_and_methods(client):
    assert error(client.get("/nothing"))[:2] == (404, "not_found")
    response = client.get("/summarize")
    assert error(response)[:2] == (405, "method_not_allowed") and response.headers["allow"] == "POST"
    assert client.get("/page/../app.py").status_code == client.get("/page/%2e%2e/app.py").status_code == 404


@pytest.mark.parametrize("size", [3001, 3000 * 8 + 1])
def test_a_large_body(client, fake, size):
    assert error(client.post("/extract?name=a.txt", content=b"x" * size))[:2] == (413, "too_large")
    assert error(client.post("/extract?name=a.txt", content=b"x" * 3000))[:2] == (422, "text_too_long")


def test_a_failing_text_fails_alone(client, fake, crowd):
    texts = ["wait for it", "fail, please", *(f"text {number} of four" for number in range(2))]
    first = crowd.submit(client.post, "/summarize", json={"text": texts[0]})
    until(lambda: fake.calls == [texts[:1]])
    others = [crowd.submit(client.post, "/summarize", json={"text": text}) for text in texts[1:]]
    until(lambda: waiting(client) == 3)
    fake.gate.set()
    assert [each.result().status_code for each in (first, *others)] == [200, 500, 200, 200]
    assert error(others[0].result())[:2] == (500, "failed")
    assert others[2].result().json()["summary"] == "text 1 of"


# -- waiting ------------------------------------------------------------------------------------------------


def test_those_who_wait_share_a_call_and_get_their_own_answers(client, fake, crowd):
    first = crowd.submit(client.post, "/summarize", json={"text": "wait for it"})
    until(lambda: len(fake.calls) == 1)
    texts = [f"number {number} of many" for number in range(6)]
    others = [crowd.submit(client.post, "/summarize", json={"text": text, "words": 2}) for text in texts]
    until(lambda: waiting(client) == 6)
    fake.gate.set()
    assert [each.result().json()["summary"] for each in others] == [text[:8] for text in texts]
    assert first.result().json()["summary"] == "wait for it"
    assert [len(call) for call in fake.calls] == [1, 4, 2]


def test_a_full_queue_says_when_to_come_back(client, fake, crowd):
    accepted = [crowd.submit(client.post, "/summarize", json={"text": "wait for it"})]
    until(lambda: len(fake.calls) == 1)
    accepted += [crowd.submit(client.post, "/summarize", json={"text": TEXT}) for _ in range(4)]
    until(lambda: waiting(client) == 4)
    refused = client.post("/summarize/batch", json={"texts": [TEXT] * 3})
    assert error(refused)[:2] == (503, "busy") and 1 <= int(refused.headers["retry-after"]) <= 60
    accepted.append(crowd.submit(client.post, "/summarize/batch", json={"texts": [TEXT] * 2}))
    until(lambda: waiting(client) == 6)
    fake.gate.set()
    assert [each.result().status_code for each in accepted] == [200] * 6


def test_a_huge_text_does_not_stop_small_ones(client, fake, crowd):
    huge = crowd.submit(client.post, "/summarize", json={"text": "wait" + " for it" * 20})
    until(lambda: len(fake.calls) == 1)
    assert client.post("/summarize", json={"text": TEXT}).json()["summary"] == "one two three"
    assert not huge.done()
    fake.gate.set()
    assert huge.result().status_code == 200


def test_a_huge_summary_to_explain_does_not_stop_small_texts(client, fake, crowd, monkeypatch):
    def explain(*_: object) -> None:
        fake.calls.append(["explained"])
        assert fake.gate.wait(PATIENCE)
        raise RuntimeError("as it was told")

    monkeypatch.setattr(explaining, "explain", explain)
    huge = crowd.submit(client.post, "/explain", json={"text": "short", "summary": "huge " * 20})
    until(lambda: fake.calls == [["explained"]])
    assert client.post("/summarize", json={"text": TEXT}).json()["summary"] == "one two three"
    assert not huge.done()
    fake.gate.set()
    assert huge.result().status_code == 500


def test_a_slow_client_does_not_stop_others_and_is_told_so(fake):
    head = POST + b"99\r\n\r\n"
    with live(fake, Limits(body_seconds=1)) as port:
        slow = [connection(port, head + b'{"text"') for _ in range(20)]
        body = json.dumps({"text": TEXT}).encode()
        quick = head.replace(b"99", b"%d\r\nConnection: close" % len(body)) + body
        assert rest(connection(port, quick)).startswith(b"HTTP/1.1 200")
        for client in slow:
            assert rest(client).startswith(b"HTTP/1.1 408")


HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize("sent", [b"", HEALTH, HEALTH + b"\r\n" + HEALTH], ids=["nothing", "half", "one and a half"])
def test_a_head_that_does_not_come_is_not_waited_for(fake, sent):
    """Such connections would, once there are enough of them, keep everybody else out for ever."""
    with live(fake, Limits(body_seconds=1)) as port:
        answers = rest(connection(port, sent))  # comes back when the service closes the connection
    assert answers.count(b"HTTP/1.1 200") == sent.count(b"\r\n\r\n")


def test_too_many_connections(fake):
    with live(fake, most_open=3) as port:
        idle = [connection(port, HEALTH + b"\r\n") for _ in range(3)]
        assert all(client.recv(100).startswith(b"HTTP/1.1 200") for client in idle)
        refused = rest(connection(port, HEALTH + b"\r\n"))
        assert refused.startswith(b"HTTP/1.1 503") and b'"code": "busy"' in refused and b"retry-after: 1" in refused
        idle.pop().close()
        until(lambda: rest(connection(port, HEALTH + b"Connection: close\r\n\r\n")).startswith(b"HTTP/1.1 200"))
        for client in idle:
            client.close()


def test_a_body_without_a_declared_length_is_bounded_too(fake):
    head = b"POST /extract?name=a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"3e8\r\n" + b"x" * 1000 + b"\r\n"
    with live(fake, SMALL) as port:
        ended = rest(connection(port, head + chunk * 4 + b"0\r\n\r\n"))
        endless = rest(connection(port, head + chunk * 25))
    assert ended.startswith(b"HTTP/1.1 413") and endless.startswith(b"HTTP/1.1 413")
    assert b'"code": "too_large"' in ended and b"connection: close" in ended.lower()


def test_who_asks_first_is_refused_before_sending(fake):
    head = b"POST /extract?name=a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000\r\nExpect: 100-continue\r\n\r\n"
    with live(fake, SMALL) as port:
        assert rest(connection(port, head)).startswith(b"HTTP/1.1 413")


def test_nothing_is_done_for_those_who_have_gone(fake):
    body = json.dumps({"text": "gone before its turn"}).encode()
    first = json.dumps({"text": "wait for it"}).encode()
    health = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with live(fake, SMALL) as port:
        stays = connection(port, POST + b"%d\r\nConnection: close\r\n\r\n" % len(first) + first)
        until(lambda: len(fake.calls) == 1)
        goes = connection(port, POST + b"%d\r\n\r\n" % len(body) + body)
        until(lambda: b'"waiting":1' in rest(connection(port, health)))
        goes.close()
        until(lambda: b'"waiting":0' in rest(connection(port, health)))
        fake.gate.set()
        assert rest(stays).startswith(b"HTTP/1.1 200")
    assert fake.calls == [["wait for it"]]


# -- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.txt", "Zürich\r\nopens".encode(), "Zürich\nopens"),
        ("a.html", b"<nav>Home</nav><p>A <b>bridge</b> opens", "A bridge opens"),
        ("a.md", b"# Bridge\n\n*It* opens.", "Bridge\n\nIt opens."),
        ("a.eml", mail("The bridge opens."), "The bridge opens."),
        ("a.pdf", pdf(["The bridge opens."]), "The bridge opens."),
    ],
)
def test_files_become_texts(client, name, data, text):
    assert client.post("/extract", params={"name": name}, content=data).json() == {"text": text}


def test_files_that_cannot_be_read(client):
    response = client.post("/extract?name=a.pdf", content=pdf([]))
    assert error(response)[0] == 422 and "scanned pages" in response.json()["error"]["reason"]
    response = client.post("/extract?name=a.txt", content=b"caf\xe9")
    assert response.json()["error"]["reason"].endswith("not UTF-8 (byte 0xe9); convert it to UTF-8")
    assert error(client.post("/extract?name=a.txt", content=b""))[0] == 422
    assert error(client.post("/extract?name=a%00.pdf", content=b"%PDF-"))[:2] == (422, "invalid")
    assert error(client.post("/extract?name=" + "a" * 256, content=b"x")) == (422, "invalid", "name")


def test_a_missing_library_is_named(client, tmp_path, monkeypatch):
    (tmp_path / "pypdf.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(tmp_path)
    response = client.post("/extract?name=a.pdf", content=pdf(["A"]))
    assert error(response)[:2] == (501, "missing_extra") and "summae[pdf]" in response.json()["error"]["reason"]


@pytest.mark.parametrize(("does", "said"), [("while True: pass", "within 1 s"), ("[0] * 10**10", "damaged")])
def test_a_document_that_takes_hours_or_gigabytes(fake, tmp_path, monkeypatch, does, said):
    """The library that reads it does, here as soon as it is imported."""
    (tmp_path / "pypdf.py").write_text(does)
    monkeypatch.syspath_prepend(tmp_path)
    with TestClient(create(fake, Limits(file_seconds=1 if said == "within 1 s" else 20))) as client:
        response = client.post("/extract?name=a.pdf", content=pdf(["A"]))
        assert response.status_code == 422 and said in response.json()["error"]["reason"]


def test_documents_do_not_queue_without_end(monkeypatch):
    monkeypatch.setattr(document_reader, "WAITING", 2)
    reader = document_reader.DocumentReader(20)

    async def three() -> list:
        asked = [reader.read(pdf([f"The bridge {number} opens."]), "a.pdf") for number in range(3)]
        return [*await asyncio.gather(*asked, return_exceptions=True), await reader.read(pdf(["It opens."]), "a.pdf")]

    first, second, third, after = asyncio.run(three())
    assert (first, second, after) == ("The bridge 0 opens.", "The bridge 1 opens.", "It opens.")
    assert isinstance(third, QueueFullError) and third.retry_after == 20


# -- manners ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost", 200), ("LOCALHOST:80", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("evil.example", 421),
     ("localhost.evil.example", 421), ("evil.example:127.0.0.1", 421), ("", 421)],
)  # fmt: skip
def test_names_that_are_not_ours(fake, host, status):
    with TestClient(create(fake, SMALL, ("localhost", "127.0.0.1", "::1"))) as client:
        assert client.get("/health", headers={"Host": host}).status_code == status


@pytest.mark.parametrize("path", ["/", "/health", "/nothing", "/page/page.js", "/openapi.json"])
def test_every_answer_carries_the_safe_headers(client, path):
    headers = client.get(path, headers={"Origin": "http://evil.example"}).headers
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
    assert not [name for name in headers if name.startswith("access-control")], "no other site may read answers"


def test_the_page_names_no_other_host():
    for path in PAGE.iterdir():
        text = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert re.findall(r"//[\w.]", text) == [], path
        assert " style=" not in text and "<script>" not in text and " onclick" not in text, "the policy forbids it"


def test_metrics(client, fake):
    for words in (2, 2, 0):
        client.post("/summarize", json={"text": TEXT, "words": words})
    client.post("/summarize/batch", json={"texts": [TEXT] * 3})
    client.get("/invented/by/a/client")
    response = client.get("/metrics")
    families = {each.name: each for each in text_string_to_metric_families(response.text)}
    counted = {
        tuple(sample.labels.values()): sample.value
        for sample in families["summae_requests"].samples
        if sample.name == "summae_requests_total"
    }
    assert counted == {
        ("POST", "/summarize", "200"): 2,
        ("POST", "/summarize", "422"): 1,
        ("POST", "/summarize/batch", "200"): 1,
        ("GET", "none", "404"): 1,
    }
    values = {sample.name: sample.value for each in families.values() for sample in each.samples if not sample.labels}
    assert values["summae_texts_total"] == 5 and values["summae_text_characters_total"] == 5 * len(TEXT)
    assert (values["summae_batch_texts_count"], values["summae_batch_texts_sum"]) == (3, 5)
    seconds = [each for each in families["summae_request_seconds"].samples if each.name.endswith("_count")]
    assert {each.labels["route"]: each.value for each in seconds} == {"/summarize": 3, "/summarize/batch": 1, "none": 1}
    queues = families["summae_queue_texts"].samples
    assert {each.labels["lane"]: each.value for each in queues} == {"short": 0, "huge": 0}


def test_the_description_is_valid_and_true(real, client):
    description = client.get("/openapi.json").json()
    validate(description)
    paths = {"/summarize", "/summarize/batch", "/explain", "/extract", "/features", "/health", "/metrics"}
    assert set(description["paths"]) == paths

    def check(response, path: str, method: str = "post") -> None:
        status = str(response.status_code)
        schema = description["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
        OAS31Validator({**schema, "components": description["components"]}).validate(response.json())

    for path in ("/summarize", "/summarize/batch", "/explain"):
        schema = description["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        example = description["components"]["schemas"][schema["$ref"].split("/")[-1]]["examples"][0]
        response = real[0].post(path, json=example)
        assert response.status_code == 200, "its examples work"
        check(response, path)
        check(real[0].post(path, json={}), path)
    wanted = {"text": SOURCES[0], "words": 4, "explain": True, "candidates": 2}
    check(real[0].post("/summarize", json=wanted), "/summarize")
    check(client.post("/extract?name=a", content=b"x" * 4000), "/extract")
    check(client.get("/health"), "/health", "get")


def test_the_page_is_served_with_everything_it_names(client):
    page = client.get("/")
    assert page.status_code == 200 and "<textarea" in page.text
    for path in PAGE.iterdir():
        assert client.get(f"/page/{Path(path).name}").status_code == 200
    etag = client.get("/page/page.css").headers["etag"]
    assert client.get("/page/page.css", headers={"If-None-Match": etag}).status_code == 304
