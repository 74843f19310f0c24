#!/usr/bin/env python3
"""How long clients wait for `summae serve`: p50 and p99 at 1, 8 and 32 clients that ask all the time.

    benchmark_service.py [--clients 1 8 32] [--seconds 10] [--words 10] [--model DIR] [--json OUT]

Starts the service in a process of its own on a free port, and stops it. Every client keeps its connection and sends a
text of 3 or 4 made-up sentences as soon as the answer to its last one is there; each text is new. A client that is told
to come back later waits as long as it was told; that counts as waiting for the answer.

- p50, p99: seconds from sending to the whole answer. texts/s: answers of all clients together.
- per call: texts that were summarised together, the mean. ratio: throughput, beside that of the first row.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from benchmark_common import texts

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def service(options: Sequence[str]) -> Iterator[str]:
    """A running ``summae serve``: its host and port."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-m", "summae", "serve", "--port", "0", *options]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    )
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        if "http://" not in line:
            raise SystemExit(f"benchmark_service: the service did not start: {line.strip() or 'no word of why'}")
        yield urlsplit(line.split()[2]).netloc
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def ask(line: http.client.HTTPConnection, text: str, words: int) -> None:
    """One text, until it is answered."""
    body = json.dumps({"text": text, "words": words})
    while True:
        line.request("POST", "/summarize", body, {"Content-Type": "application/json"})
        response = line.getresponse()
        said = response.read()
        if response.status == 200:
            return
        if response.status != 503:
            raise SystemExit(f"benchmark_service: {response.status}: {said.decode()}")
        time.sleep(int(response.headers["Retry-After"]))


def batches(where: str) -> tuple[float, float]:
    """(texts, calls) since the service was started."""
    line = http.client.HTTPConnection(where)
    line.request("GET", "/metrics")
    found = dict(each.rsplit(" ", 1) for each in line.getresponse().read().decode().splitlines() if each[0] != "#")
    line.close()
    return float(found["summae_batch_texts_sum"]), float(found["summae_batch_texts_count"])


def measured(where: str, clients: int, seconds: float, words: int, made_up: list[str]) -> dict[str, float]:
    """The figures of a row; every client sends at least one text."""
    waited: list[float] = []
    began, (texts_before, calls_before) = time.perf_counter(), batches(where)

    def client(number: int) -> None:
        line = http.client.HTTPConnection(where)
        for text in made_up[number::clients]:
            sent = time.perf_counter()
            ask(line, text, words)
            waited.append(time.perf_counter() - sent)
            if time.perf_counter() - began >= seconds:
                break
        line.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken, (texts_after, calls_after) = time.perf_counter() - began, batches(where)
    p50, p99 = np.percentile(waited, [50, 99])
    per_call = (texts_after - texts_before) / (calls_after - calls_before)
    figures = {"clients": clients, "p50": float(p50), "p99": float(p99), "speed": len(waited) / taken}
    return figures | {"per_call": per_call, "answers": len(waited)}


def markdown(rows: list[dict[str, float]]) -> str:
    lines = ["| clients | p50, s | p99, s | texts/s | ratio | per call | answers |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        ratio = row["speed"] / rows[0]["speed"]
        figures = f"{row['p50']:.2f} | {row['p99']:.2f} | {row['speed']:.2f} | {ratio:.2f} | {row['per_call']:.1f}"
        lines.append(f"| {row['clients']:.0f} | {figures} | {row['answers']:.0f} |")
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32], metavar="N", help="at the same time")
    made.add_argument("--seconds", type=float, default=10.0, metavar="S", help="per row, at least")
    made.add_argument("--words", type=int, default=10, metavar="N", help="of a summary, at most")
    made.add_argument("--model", metavar="DIR", help="default: the embedded model")
    made.add_argument("--json", type=Path, metavar="OUT", help="all figures, unrounded")
    args = made.parse_args(argv)
    made_up = texts(4000, 3, 4, seed=0)
    with service(["--model", args.model] if args.model else []) as where:
        rows = [measured(where, clients, args.seconds, args.words, made_up) for clients in args.clients]
    print(markdown(rows))
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
