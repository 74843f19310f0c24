"""Every error in one JSON shape: ``{"error": {"code": …, "reason": …, "where": …}}``.

``code`` is for programs, ``reason`` for people, ``where`` names the field at fault ("texts.3"), or is null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from summae.errors import MissingExtraError, SummaeError
from summae.serve.worker_queue import QueueFullError


class Refusal(Exception):
    """An answer that is not what was asked for."""

    def __init__(
        self, status: int, code: str, reason: str, where: str | None = None, headers: Mapping[str, str] | None = None
    ):
        super().__init__(reason)
        self.status, self.code, self.reason, self.where, self.headers = status, code, reason, where, headers

    def response(self) -> Response:
        body = {"error": {"code": self.code, "reason": self.reason, "where": self.where}}
        said = json.dumps(body)  # in ASCII: a reason may quote what nothing can print
        return Response(said, self.status, dict(self.headers or {}), "application/json")


def invalid(reason: str, where: str | None = None, code: str = "invalid") -> Refusal:
    return Refusal(422, code, reason, where)


def register(app: FastAPI) -> None:
    """What is raised anywhere in the application becomes a response."""
    app.add_exception_handler(Refusal, lambda _, error: error.response())  # type: ignore[attr-defined]
    app.add_exception_handler(QueueFullError, _full)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(SummaeError, _ours)
    app.add_exception_handler(Exception, _unexpected)


def _full(_: Request, error: Exception) -> Response:
    assert isinstance(error, QueueFullError)
    return Refusal(503, "busy", str(error), headers={"Retry-After": str(error.retry_after)}).response()


def _not_valid(request: Request, error: Exception) -> Response:
    """The first problem. What was sent is not sent back."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "model_attributes_type":  # of the body
        media = request.headers.get("content-type", "nothing")
        got = "" if "json" in media else f" with Content-Type: application/json, got {media}"
        return invalid(f"the body must be a JSON object{got}", "body", "not_json").response()
    if first["type"] == "json_invalid":
        return invalid(f"the body is not JSON: {first['ctx']['error']}", "body", "not_json").response()
    path = [str(part) for part in first["loc"]]
    where = ".".join(path[1:] if len(path) > 1 else path)
    return invalid(f"{where}: {first['msg'].removeprefix('Value error, ')}", where).response()


def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.BAD_REQUEST:  # the only one that FastAPI raises
        reason = "the body is not JSON that can be read: nested too deep, perhaps, or a number too long"
        return invalid(reason, "body", "not_json").response()
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return Refusal(error.status_code, code, error.detail, headers=error.headers).response()


def _ours(_: Request, error: Exception) -> Response:
    if isinstance(error, MissingExtraError):
        return Refusal(501, "missing_extra", str(error)).response()
    return invalid(str(error)).response()


def _unexpected(_: Request, error: Exception) -> Response:
    return Refusal(500, "failed", "summae failed at this; the reason is in its log").response()
