"""A request, and an answer to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import msgspec

HTML_404 = b"<!DOCTYPE html><html><head><title>404</title></head><body><h2>Server Error 404</h2></body></html>"
HTML_503 = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
HTML_PAGE = b"<!DOCTYPE html><html><body>Estamos mejorando la tienda</body></html>"


class Request(NamedTuple):
    """:param headers: names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    address: str = ""


class Answer(NamedTuple):
    """
    :param cut: send half of the body and break the connection.
    :param reset: send nothing and reset it.
    :param seconds: answer so much later than usual.
    :param later: gives the answer to send instead, once something else has answered.
    """

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    reset: bool = False
    seconds: float = 0.0
    later: Callable[[], Awaitable[Answer]] | None = None


def json_error(status: int, code: str, message: str) -> Answer:
    """OMS's envelope around an error."""
    body = {"error": {"code": code, "message": message, "exception": None}}
    return Answer(status, msgspec.json.encode(body))
