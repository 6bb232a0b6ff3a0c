"""A request, and an answer to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import msgspec

HTML_404 = b"<!DOCTYPE html><html><head><title>404</title></head><body><h2>Server Error 404</h2></body></html>"
HTML_503 = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
HTML_PAGE = b"<!DOCTYPE html><html><body>Estamos mejorando la tienda</body></html>"


class Request(NamedTuple):
    """
    A request.

    :param headers: names in lower case.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    address: str = ""


class Answer(NamedTuple):
    """
    An answer, and the way it is sent.

    :param cut: send half of the body and break the connection.
    :param reset: send nothing and reset the connection.
    :param seconds: extra delay.
    :param later: returns the answer to send instead, for answers that wait for another server.
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
    """Return an error in the envelope of VTEX's order system."""
    body = {"error": {"code": code, "message": message, "exception": None}}
    return Answer(status, msgspec.json.encode(body))
