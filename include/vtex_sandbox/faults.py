"""Faults on demand: rules that match requests by account, route and count or chance."""

from __future__ import annotations

from random import Random
from typing import Literal

import msgspec

Kind = Literal[
    "status",  # answer with `status`; 5xx and 404 as HTML, others as JSON; Retry-After where `retry_after` is set
    "reset",  # reset the connection
    "truncate",  # announce the whole body, send half of it, close
    "cut_json",  # send half of the body as if it were all
    "html",  # answer 200 with a page for people
    "oversize",  # answer 200 with 64 MB
    "slow",  # answer `seconds` late
    "repeat_page",  # list: every page is page 1
    "drift",  # list: rows move up by one between pages
    "total_lie",  # list: the total counts `extra` more
    "swap",  # detail: answer for another order
    "rewrite",  # replace what `find`, a regular expression, matches by `put`; both in Latin-1, so any bytes
]


class Fault(msgspec.Struct, kw_only=True):
    """
    A rule.

    :param account, route, order_id: requests it matches; empty for all. Routes: list, detail, group and ``api.ROUTES``.
    :param count: number of requests it hits; null for no limit.
    :param after: number of matching requests that succeed first.
    :param probability: share of matching requests it hits.
    """

    fault: Kind
    account: str = ""
    route: str = ""
    order_id: str = ""
    count: int | None = None
    after: int = 0
    probability: float = 1.0
    status: int = 503
    retry_after: int | None = None
    seconds: float = 1.0
    extra: int = 1
    find: str = ""
    put: str = ""


class Faults:
    """The rules in force."""

    def __init__(self, seed: int, rules: list[Fault]) -> None:
        self._seed, self._rng = seed, Random(seed)
        self.rules = rules

    def heal(self) -> None:
        """Remove all rules; rules added later hit the same requests as in a sandbox just started."""
        self._rng = Random(self._seed)
        self.rules.clear()

    def strike(self, account: str, route: str, order_id: str) -> Fault | None:
        """Return the rule that hits this request, if any; counts the hit."""
        for rule in self.rules:
            if rule.account not in ("", account) or rule.route not in ("", route):
                continue
            if rule.order_id not in ("", order_id) or rule.count == 0:
                continue
            if rule.after:
                rule.after -= 1
                continue
            if rule.probability < 1 and self._rng.random() >= rule.probability:
                continue
            if rule.count is not None:
                rule.count -= 1
            return rule
        return None
