"""Settings of a sandbox: its accounts and their behaviour."""

from __future__ import annotations

from typing import Any

import msgspec


class RepeatBuyers(msgspec.Struct, kw_only=True, frozen=True):
    """
    Buyers who order as BG/NBD says, time in weeks, and spend as Gamma-Gamma says: with these true parameters.

    Nothing of theirs is cancelled, discounted, shipped at a price or sent back.
    """

    joining_per_day: int
    r: float
    alpha: float
    a: float
    b: float
    p: float
    q: float
    gamma: float


class Account(msgspec.Struct, kw_only=True):
    """
    An account and its behaviour.

    :param orders_per_day: least and most orders a day.
    :param buyers: whose orders its own are, instead of ``orders_per_day`` of people who come and go; they begin on
        ``first_day``.
    :param first_day, last_day: ISO dates of the first and last orders; empty for no bound.
    :param lag_seconds: delay of the list, plus up to a quarter more.
    :param list_last_change: whether list rows have ``lastChange``.
    :param stale_share: share of orders whose list row stays stale for ever.
    :param requests_per_second: limit of the account, none if 0; ``burst`` requests may come at once.
    :param retry_after: seconds in ``Retry-After`` of a 429; no header if null.
    :param orders_of: an account whose orders this one has too: the same ids and events.
    :param sells_for: an account whose purchases this one fulfils in part.
    :param data_protection: whether it is under Data Protection Plus: it lists by POST and serves documents at another
        path as well; personal data is masked at the old one, and in the list.
    :param unmasks: whether a reason shows the personal data of such an account's documents.
    :param feed_role: whether its keys may use feed and hook.
    :param feed_short_polls: share of polls that hold back some or all of the queue.
    :param feed_duplicates: share of changes delivered as two messages.
    """

    theme: str = "toys"
    orders_per_day: tuple[int, int] = (40, 50)
    buyers: RepeatBuyers | None = None
    first_day: str = ""
    last_day: str = ""
    lag_seconds: float = 240.0
    list_last_change: bool = True
    stale_share: float = 0.0
    incomplete_share: float = 0.02
    requests_per_second: float = 0.0
    burst: int = 5
    retry_after: int | None = 5
    orders_of: str = ""
    sells_for: str = ""
    data_protection: bool = False
    unmasks: bool = True
    feed_role: bool = True
    feed_short_polls: float = 0.2
    feed_duplicates: float = 0.05


class Scenario(msgspec.Struct, kw_only=True):
    """
    Accounts, and the behaviour they share.

    :param requests_per_second_per_ip: limit shared by all accounts, none if 0.
    :param latency_ms: time before each answer, plus up to ``jitter_ms``.
    :param hook_https_only: refuse hooks to plain http, as VTEX does.
    :param faults: see ``faults.Fault``.
    """

    seed: int = 7
    accounts: dict[str, Account] = {}
    latency_ms: float = 0.0
    jitter_ms: float = 0.0
    requests_per_second_per_ip: float = 0.0
    hook_https_only: bool = False
    faults: list[dict[str, Any]] = []


LOCAL = Scenario(
    accounts={
        "petbaar": Account(theme="pets", orders_per_day=(40, 50)),
        "sevensport": Account(theme="sports", orders_per_day=(55, 60)),
        "chelsea": Account(theme="clothes", orders_per_day=(60, 65)),
        "mundojuguete": Account(theme="toys", orders_per_day=(55, 60)),
        "kangoopetfood": Account(theme="pets", orders_per_day=(40, 45)),
        "celadasa": Account(theme="home", orders_per_day=(60, 65)),
        "ferreira": Account(theme="sports", orders_per_day=(60, 65)),
        "digitalfarma": Account(theme="pharmacy", orders_per_day=(40, 45), list_last_change=False),
        "zapatosnet": Account(theme="clothes", orders_per_day=(15, 20), data_protection=True),
        "bercovichsa": Account(theme="home", orders_per_day=(10, 15), feed_role=False),
        "essential": Account(theme="clothes", orders_per_day=(60, 65), sells_for="chelsea"),
    }
)
