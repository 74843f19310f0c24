"""The routes. A request is checked, its texts wait with the scheduler, and its answer is sent when they are done."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp

from summae import __version__
from summae.serve.document_reader import DocumentReader
from summae.serve.guards import BoundedBody, KnownHosts, SafeHeaders
from summae.serve.limits import Limits
from summae.serve.messages import (
    BatchRequest,
    BatchResponse,
    ErrorResponse,
    ExplainRequest,
    ExplanationResponse,
    ExtractResponse,
    FeatureResponse,
    Health,
    SummarizeRequest,
    SummarizeResponse,
    SummaryOptions,
)
from summae.serve.prometheus import Measured, Metrics
from summae.serve.refusals import Refusal, invalid, register
from summae.serve.scheduler import Answer, ExplanationSettings, RequestScheduler, SummarySettings
from summae.summarizing.features import FEATURES

if TYPE_CHECKING:
    from summae.summarizing.summarizer import Summarizer

_HALF = re.compile("[\ud800-\udfff]")  # JSON can spell it, nothing can print it
PAGE = Path(__file__).parent / "page"
LONGEST_NAME = 255  # of a file, as file systems have it
GONE = 499  # the client went before its answer came: nobody reads this, but it is counted
WHY = {
    403: "asked by a page of another site", 408: "too slow", 413: "too large", 421: "unknown host", 422: "not valid",
    503: "too many texts are waiting",
}  # fmt: skip
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorResponse, "description": why} for status, why in WHY.items()
}


def create(summarizer: Summarizer, limits: Limits, hosts: Collection[str] = ()) -> ASGIApp:
    """The whole application; ``hosts``: the names it answers to, any when empty."""
    metrics = Metrics()
    app = _routes(RequestScheduler(summarizer, limits, metrics), DocumentReader(limits.file_seconds))
    return SafeHeaders(Measured(KnownHosts(BoundedBody(app, limits), hosts), metrics))


def _routes(scheduler: RequestScheduler, reader: DocumentReader) -> FastAPI:
    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(scheduler.close)

    app = FastAPI(
        title="summae", version=__version__, description="Summaries, and what they kept and lost.",
        lifespan=life, docs_url=None, redoc_url=None,  # those pages load scripts from another host
    )  # fmt: skip
    register(app)

    @app.post("/summarize", response_model=SummarizeResponse, responses=REFUSALS, tags=["summaries"])
    async def summarize(asked: SummarizeRequest, request: Request) -> Response:
        """A summary of one text."""
        _check_text(asked.text, "text", scheduler.limits)
        (answer,) = await _answers(scheduler, [asked.text], asked, request)
        return JSONResponse(_shown(answer))

    @app.post("/summarize/batch", response_model=BatchResponse, responses=REFUSALS, tags=["summaries"])
    async def summarize_batch(asked: BatchRequest, request: Request) -> Response:
        """Summaries of several texts, in their order. One that is not valid refuses all."""
        if len(asked.texts) > scheduler.limits.list_texts:
            most = f"at most {scheduler.limits.list_texts} in one request"
            raise invalid(f"texts: {most}, got {len(asked.texts)}", "texts", "too_many_texts")
        for place, text in enumerate(asked.texts):
            _check_text(text, f"texts.{place}", scheduler.limits)
        answers = await _answers(scheduler, asked.texts, asked, request)
        return JSONResponse({"summaries": [_shown(answer) for answer in answers]})

    @app.post("/explain", response_model=ExplanationResponse, responses=REFUSALS, tags=["summaries"])
    async def explain(asked: ExplainRequest, request: Request) -> Response:
        """What a summary kept and lost of a text, whoever wrote it."""
        _check_text(asked.text, "text", scheduler.limits)
        _check_text(asked.summary, "summary", scheduler.limits)
        futures = scheduler.ask([asked.text], None, ExplanationSettings(asked.summary))
        (answer,) = await _unless_gone(futures, request)
        return JSONResponse(answer.explanation)

    @app.post(
        "/extract",
        response_model=ExtractResponse,
        responses={**REFUSALS, 501: {"model": ErrorResponse, "description": "a library is not installed"}},
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
            }
        },
        tags=["files"],
    )
    async def extract(request: Request, name: str = Query("the file", max_length=LONGEST_NAME)) -> Response:
        """The text of a PDF, Word, HTML, mail, Markdown or text file: its bytes are the body, ``name`` its name."""
        text = await reader.read(await request.body(), name.replace("\0", "\N{REPLACEMENT CHARACTER}"))
        _check_text(text, "text", scheduler.limits)
        return JSONResponse({"text": text})

    @app.get("/health", response_model=Health, responses={503: {"model": Health}}, tags=["service"])
    async def health() -> Response:
        """Whether summaries are made; 503 when not."""
        alive = all(queue.alive for queue in scheduler.queues.values())
        found = Health(
            status="ok" if alive else "failed",
            version=__version__,
            model=scheduler.summarizer.checkpoint.manifest.name,
            backend=scheduler.summarizer.backend.name,
            waiting=sum(queue.waiting() for queue in scheduler.queues.values()),
            limits=asdict(scheduler.limits),
        )
        return JSONResponse(found.model_dump(), 200 if alive else 503)

    @app.get("/features", response_model=list[FeatureResponse], tags=["service"])
    async def features() -> Response:
        """What candidates are ranked by, with the weights of this service."""
        weights = scheduler.summarizer.weights
        found = [
            FeatureResponse(name=name, unit=each.unit, weight=weights.get(name), help=each.help)
            for name, each in FEATURES.items()
        ]
        return JSONResponse([each.model_dump() for each in found])

    @app.get("/metrics", response_class=Response, tags=["service"])
    async def metrics() -> Response:
        """For Prometheus, in its text format."""
        return Response(generate_latest(scheduler.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page() -> Response:
        return FileResponse(PAGE / "index.html")

    app.mount("/page", StaticFiles(directory=PAGE), name="page")
    return app


def _check_text(text: str, where: str, limits: Limits) -> None:
    if not text.strip():
        raise invalid(f"{where}: empty, there is nothing to summarise", where, "empty")
    if len(text) > limits.text_chars:
        most = f"at most {limits.text_chars:,} characters"
        raise invalid(f"{where}: {most}, got {len(text):,}", where, "text_too_long")
    if half := _HALF.search(text):
        raise invalid(f"{where}: half a character (a lone surrogate) at {half.start()}", where, "not_unicode")


async def _answers(
    scheduler: RequestScheduler, texts: Sequence[str], wanted: SummaryOptions, request: Request
) -> list[Answer]:
    if wanted.candidates > scheduler.limits.alternatives:
        most = f"at most {scheduler.limits.alternatives}, got {wanted.candidates}"
        raise invalid(f"candidates: {most}", "candidates")
    settings = SummarySettings(wanted.wanted_length(), wanted.candidates, wanted.style)
    return await _unless_gone(
        scheduler.ask(texts, settings, ExplanationSettings() if wanted.explain else None), request
    )


async def _unless_gone(futures: list[Future[Answer]], request: Request) -> list[Answer]:
    """The answers, in order; when the client goes before, what still waits for it is not begun."""
    answers = asyncio.gather(*map(asyncio.wrap_future, futures))
    leaving = asyncio.ensure_future(request.receive())
    try:
        either: list[asyncio.Future] = [answers, leaving]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not answers.done():
            raise Refusal(GONE, "gone", "the client has gone")
        return answers.result()
    finally:
        leaving.cancel()
        answers.cancel()


def _shown(answer: Answer) -> dict[str, Any]:
    first, *others = (summary.to_dict() for summary in answer.summaries)
    return {**first, "explanation": answer.explanation, "alternatives": others}
