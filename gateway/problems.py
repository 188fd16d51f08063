"""Every error of the gateway as `application/problem+json`, in words that say what to do and hide what is inside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.errors import HatifError, LineBusy, LineLost, NotFound, Refused, Rejected, Unavailable

log = structlog.get_logger(__name__)

ANY_PAGE = "/{path:path}"
MEDIA_TYPE = "application/problem+json"
DEFAULT_RETRY_AFTER_S = 2
"""A media slot or a restarted server was back within two seconds in every measured restart."""

CODES: dict[int, str] = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    500: "internal",
    503: "unavailable",
}
REFUSED_STATUS: dict[str, int] = {
    "bad_offer": 422,
    "weak_password": 422,
    "not_decodable": 422,
    "call_ended": 409,
    "overtaken": 409,
    "token_used": 409,
    "last_admin": 409,
    "offer_gone": 409,
    "not_yours": 409,
    "handoff_over": 409,
    "form_closed": 409,
    "not_due": 409,
    "claimed": 409,
    "callback_over": 409,
    "decided": 409,
    "tab_replaced": 409,
    "bad_state": 422,
    "not_in_call": 409,
    "bad_guidance": 422,
    "bad_number": 422,
    "bad_phone": 422,
    "bad_keys": 422,
    "keys_with_refer": 422,
    "key_taken": 409,
    "campaign_over": 409,
    "campaign_not_started": 409,
    "bad_audio": 422,
    "bad_sample": 422,
    "no_consent": 422,
    "bad_list": 422,
    "bad_name": 422,
    "bad_about": 422,
    "bad_days": 422,
    "bad_pace": 422,
    "bad_hours": 422,
    "bad_opening": 422,
    "unknown_column": 422,
    "no_connection": 409,
    "opted_out": 409,
    "outside_window": 409,
    "thread_over": 409,
    "template_unknown": 409,
    "template_misfit": 422,
    "bad_schema": 422,
}
"""The status of each code that an inner layer refuses with; any other is a 403."""

DETAILS: dict[int, str] = {
    400: "The request can't be read.",
    404: "There is nothing here under that address.",
    405: "This address does not take that method.",
}


class Problem(Exception):
    """A refusal with a stable `code` and a sentence for the client; never carries words of a caller."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})


def busy(detail: str, retry_after_s: int = DEFAULT_RETRY_AFTER_S) -> Problem:
    return Problem(503, "busy", detail, {"Retry-After": str(retry_after_s)})


def unavailable(detail: str, retry_after_s: int = DEFAULT_RETRY_AFTER_S) -> Problem:
    return Problem(503, "unavailable", detail, {"Retry-After": str(retry_after_s)})


def response(problem: Problem) -> JSONResponse:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    return JSONResponse(body, problem.status, problem.headers, media_type=MEDIA_TYPE)


def of_error(error: HatifError) -> Problem:
    """What a client is told of one of our own errors."""
    match error:
        case Refused():
            return Problem(REFUSED_STATUS.get(error.code, 403), error.code, str(error))
        case LineBusy():
            return busy("All lines are busy at the moment; please call again shortly.")
        case LineLost():
            return Problem(409, "call_ended", "This call is over.")
        case Unavailable():
            retry_after_s = math.ceil((error.retry_after_ms or DEFAULT_RETRY_AFTER_S * 1000) / 1000)
            return unavailable("A part of the service can't be reached at the moment.", retry_after_s)
        case NotFound():
            return Problem(404, "not_found", DETAILS[404])
        case Rejected():
            return Problem(409, "conflict", "The request does not fit the present state.")
        case _:
            return internal()


def internal() -> Problem:
    return Problem(500, "internal", "Something went wrong on our side; it has been logged.")


def log_failure(error: BaseException, **fields: str) -> None:
    """Log what failed and where, without the exception's own words: those may hold a statement's parameters."""
    where = "?"
    trace = error.__traceback__
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    log.error("request_failed", error=type(error).__name__, where=where, **fields)


def _validation_detail(errors: Sequence[Any]) -> str:
    """The first few mistakes by place and rule; never the value that was sent, which may be a password."""
    parts: list[str] = []
    for error in errors[:3]:
        place = ".".join(str(step) for step in error.get("loc", ()) if step != "body")
        place = "".join(letter for letter in place if letter.isprintable())[:80]
        parts.append(f"{place}: {error.get('msg', 'is not valid')}" if place else str(error.get("msg", "")))
    return "; ".join(parts) or "The request is not valid."


async def _on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return response(error)


async def _on_domain(_: Request, error: Exception) -> Response:
    assert isinstance(error, HatifError)
    problem = of_error(error)
    if problem.status >= 500:
        log_failure(error, code=problem.code)
    return response(problem)


async def _on_validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return response(Problem(422, "invalid", _validation_detail(error.errors())))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status, headers = error.status_code, error.headers
    if status == 405 and getattr(request.scope.get("route"), "path", None) == ANY_PAGE:
        # Only the pages' catch-all knew the address: nothing is there.
        status, headers = 404, None
    detail = DETAILS.get(status, HTTPStatus(status).phrase)
    return response(Problem(status, CODES.get(status, "error"), detail, headers))


def install(app: FastAPI) -> None:
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HatifError, _on_domain)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
