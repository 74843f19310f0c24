"""``summae serve``: a page in the browser and a REST service."""

from __future__ import annotations

import argparse

from summae.commands.arguments import add_backend_argument, add_model_argument, whole_number
from summae.commands.console import say
from summae.errors import MissingExtraError

PURPOSE = "Serve a page in the browser and a REST service."
EXAMPLES = (
    "summae serve",
    "summae serve --port 8080 --model runs/tiny/model",
)
WARM_UP = "The old bridge over the river is closed to lorries from Monday."
PORT = 8000
HIGHEST_PORT = 65535  # TCP has no higher one
OPEN = "open to every machine that reaches this one, without password or encryption"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Their defaults stand in :class:`summae.serve.limits.Limits`, and its names are theirs."""
    from summae.serve.limits import Limits

    add, usual = parser.add_argument, Limits()
    add("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default: this machine only)")
    port = whole_number("a port", 0, HIGHEST_PORT)
    add("--port", type=port, default=PORT, metavar="N", help=f"default: {PORT}; 0: any free")
    add_model_argument(parser)
    add_backend_argument(parser)
    add("--allow-host", action="append", default=[], metavar="NAME", help="a name that browsers may call it by")
    limits = parser.add_argument_group("limits")
    for option, name, what in (
        ("--max-body", "body_bytes", "bytes of a request"),
        ("--max-chars", "text_chars", "characters of a text"),
        ("--max-list", "list_texts", "texts of a request"),
        ("--queue", "queue_texts", "texts that wait"),
        ("--batch", "batch_texts", "texts summarised in one call"),
        ("--patience", "body_seconds", "seconds that a request may take to arrive"),
    ):
        default = getattr(usual, name)
        limits.add_argument(
            option, dest=name, type=whole_number("a number", 1), default=default, metavar="N",
            help=f"{what}, at most (default: {default:,})",
        )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """The port is taken before the model is loaded: what cannot work says so at once."""
    try:
        from summae.serve import app, server
    except ImportError as error:
        raise MissingExtraError("serving needs the extra 'serve': pip install 'summae[serve]'") from error
    from dataclasses import fields

    from summae.serve.limits import Limits
    from summae.summarizing.summarizer import Summarizer

    limits = Limits(**{each.name: getattr(args, each.name) for each in fields(Limits) if hasattr(args, each.name)})
    with server.listen(args.host, args.port) as listening:
        summarizer = Summarizer.load(args.model, backend=args.backend)
        summarizer.summarize([WARM_UP], 3)  # the networks are loaded now, not when the first client waits
        prog = args.parser.prog
        if not server.is_loopback(listening):
            say(f"{prog}: warning: {OPEN}")
        hosts = server.hosts_of(args.host, listening, args.allow_host)
        where = server.address_of(args.host, listening)
        application = app.create(summarizer, limits, hosts)
        return server.run(
            application, listening, limits.body_seconds, lambda: say(f"{prog}: {where} (Ctrl-C stops it)")
        )
