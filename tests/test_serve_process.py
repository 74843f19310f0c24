"""``summae serve`` as a process: what it says, how it stops, and what it never imports."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from serving import until

from summae import cli

ROOT = Path(__file__).parent.parent
TEXT = "The old bridge over the river is closed to lorries from Monday, the council of the city said."
#: Says "begun" when the first client's text is summarised, and goes on when it reads a line.
FAKE = """
import sys
sys.path[:0] = ["tests", "."]
import serving
from summae.summarizing import summarizer
from summae.cli import main
class Fake(serving.FakeSummarizer):
    def summarize(self, texts, words=None, *, style="headline"):
        if texts[0].startswith("wait"):
            print("begun", file=sys.stderr, flush=True)
            sys.stdin.readline()
        return super().summarize([text.replace("wait", "was") for text in texts], words, style=style)
summarizer.Summarizer.load = lambda *_, **__: Fake()
sys.exit(main())
"""
REAL = """
import sys
from summae.cli import main
code = main()
print(sorted({'torch', 'transformers'} & set(sys.modules)), code)
"""


@contextmanager
def serving(code: str, *args: str) -> Iterator[tuple[subprocess.Popen, str]]:
    """(process, its address)."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, "serve", "--port", "0", *args]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=ROOT, env=env, text=True, **pipes)
    try:
        line = process.stderr.readline()
        while "http://" not in line:
            assert line, "it ended"
            line = process.stderr.readline()
        yield process, line.split()[2]
    finally:
        process.kill()
        process.communicate()


def post(address: str, text: str) -> dict:
    data = json.dumps({"text": text, "words": 8}).encode()
    request = urllib.request.Request(address + "summarize", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def wait_until_closed(address: str) -> None:
    """Until it has heard the signal: then it takes no new clients."""
    port = int(address.rsplit(":", 1)[1].strip("/"))

    def refused() -> bool:
        with socket.socket() as other:
            return other.connect_ex(("127.0.0.1", port)) != 0

    until(refused)


def test_the_embedded_model_answers_without_torch():
    from summae.summarizing.summarizer import Summarizer

    with serving(REAL) as (process, address):
        found = post(address, TEXT)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert found["summary"] == Summarizer.load().summarize([TEXT], 8)[0].text
    assert (out, err) == ("[] 0\n", ""), "standard output is not ours"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_what_was_accepted_is_answered_before_it_stops(sent):
    with serving(FAKE) as (process, address):
        answers: list[dict] = []
        client = threading.Thread(target=lambda: answers.append(post(address, "wait a moment, please")))
        client.start()
        assert process.stderr.readline() == "begun\n"
        process.send_signal(sent)
        wait_until_closed(address)
        process.stdin.write("\n")
        out, err = process.communicate(timeout=60)
        client.join(60)
    assert answers[0]["summary"] == "was a moment, please"
    assert (process.returncode, out, err) == (0, "", "")


def test_a_second_interrupt_does_not_wait():
    with serving(FAKE) as (process, address):
        threading.Thread(target=lambda: pytest.raises(OSError, post, address, "wait a moment"), daemon=True).start()
        assert process.stderr.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        wait_until_closed(address)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


def test_a_port_that_is_taken_is_one_line(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert cli.main(["serve", "--port", str(port)]) == 2
    line = f"port {port} of 127.0.0.1 is in use; choose another one with --port, or 0 for any that is free"
    assert capsys.readouterr() == ("", f"summae serve: error: {line}\n")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--host", "192.0.2.1"], "192.0.2.1 is not an address of this machine; choose another one with --host"),
        (["--host", "no.such.host.invalid"], "no.such.host.invalid: no such host"),
        (["--port", "70000"], "argument --port: must be a port from 0 to 65535, got '70000'"),
        (["--queue", "0"], "argument --queue: must be a number from 1, got '0'"),
        (["--queue", "5"], "list_texts must be at most queue_texts (5), got 128"),
        (["--port", "0", "--model", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_served_is_one_line(args, said, capsys):
    assert cli.main(["serve", *args]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("summae serve: error: ") and said in err


def test_a_missing_extra_is_named():
    code = "import sys; sys.modules['fastapi'] = None; from summae.cli import main; sys.exit(main(['serve']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    line = "summae serve: error: serving needs the extra 'serve': pip install 'summae[serve]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


def test_other_machines_are_let_in_only_when_told_and_with_a_warning():
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    open_to_all = ["--host", "0.0.0.0", "--allow-host", "summae.example"]
    command = [sys.executable, "-c", FAKE, "serve", "--port", "0", *open_to_all]
    with subprocess.Popen(command, cwd=ROOT, env=env, text=True, stderr=subprocess.PIPE) as process:
        try:
            first, second = process.stderr.readline(), process.stderr.readline()
            assert first.startswith("summae serve: warning: open to every machine that reaches this one")
            address = second.split()[2]
            assert address.startswith("http://localhost:")
            for host, status in (("summae.example", 200), ("other.example", 421)):
                request = urllib.request.Request(address + "health", headers={"Host": host})
                try:
                    assert urllib.request.urlopen(request, timeout=60).status == status
                except urllib.error.HTTPError as error:
                    assert error.code == status
        finally:
            process.kill()


def test_help_imports_nothing_heavy():
    heavy = "{'torch', 'transformers', 'numpy', 'onnxruntime', 'fastapi', 'uvicorn', 'prometheus_client'}"
    code = "import sys; from summae.cli import main; main(['serve', '--help']); "
    code += f"sys.exit(bool({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.startswith("usage: summae serve [-h]")
