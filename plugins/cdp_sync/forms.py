"""Forms for triggering runs."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param

from cdp_sync.vtex.pacing import FASTEST, SLOWEST
from cdp_sync.windows import VTEX_MEMORY

WINDOWS_PER_RUN = 53
"""A year of history; the gap detector finds the rest again."""


_MOMENT: dict[str, Any] = {"type": ["null", "string"], "format": "date-time"}


def _window(empty_start: str, empty_end: str) -> dict[str, Param]:
    return {
        "window_start": Param(
            None, title="Window start", description=f"Sync orders from this moment on. Empty: {empty_start}.", **_MOMENT
        ),
        "window_end": Param(
            None, title="Window end", description=f"Sync orders up to this moment. Empty: {empty_end}.", **_MOMENT
        ),
        "force_refetch": Param(
            False,
            type="boolean",
            title="Force refetch",
            description="Read all orders of the window again, including unchanged ones.",
        ),
    }


def _tenants(title: str, description: str) -> Param:
    return Param(None, type=["null", "array"], items={"type": "string"}, title=title, description=description)


def _percentage(default: int, title: str, description: str) -> Param:
    return Param(default, type="number", minimum=0, maximum=100, title=title, description=description)


_KEY: dict[str, Any] = {"type": ["null", "string"], "pattern": "^[0-9a-fA-F-]{36}$"}
CUSTOMERS_FORM = {
    "everyone": Param(
        False,
        type="boolean",
        title="Everyone",
        description="Calculate all customers, not only those whose orders changed.",
    ),
    "as_of": Param(
        None,
        title="As of",
        description="See everything as of this moment: later orders do not count. Empty: the run's own moment.",
        **_MOMENT,
    ),
    "left_key": Param(
        None,
        title="Un-merge: one identifier",
        description="Key of an identifier (cdp.identity_edges) that is not of the same person as the other one. "
        "Never the value itself: what a form is given stays in Airflow's database.",
        **_KEY,
    ),
    "right_key": Param(None, title="Un-merge: the other identifier", description="Key of the other one.", **_KEY),
    "reason": Param(
        None,
        type=["null", "string"],
        title="Un-merge: reason",
        description="Why they are two people; no personal data.",
    ),
    "undo": Param(
        False, type="boolean", title="Un-merge: undo", description="Take an earlier un-merge of the two back instead."
    ),
}
ORDERS_FORM = _window(
    "a day before the run, or the last sync if that is longer ago; needed if an end is given",
    "five minutes before the run",
)
HISTORY_FORM = {
    **_window("the gaps that are left; needed if an end is given", "five minutes before the run"),
    "windows": Param(
        WINDOWS_PER_RUN,
        type="integer",
        minimum=1,
        maximum=500,
        title="Weeks",
        description="Most weeks to fill in this run; ignored if a window is given.",
    ),
    "off_peak_only": Param(
        False,
        type="boolean",
        title="Off-peak only",
        description="Start no more weeks once off-peak time is over. The gap detector sets this.",
    ),
    "requests_per_second": Param(
        None,
        type=["null", "number"],
        minimum=SLOWEST,
        maximum=FASTEST,
        title="Requests per second",
        description="Fastest pace. Empty: a tenth of the account's limit, which the shop's other tools share.",
    ),
}
GAPS_FORM = {
    "tenants": Param(
        20,
        type="integer",
        minimum=1,
        maximum=1000,
        title="Tenants",
        description="Most tenants whose history syncs at the same time.",
    )
}
REFRESH_FORM = {
    "tenants": _tenants("Tenants", "Slugs or ids of tenants to check, one per line. Empty: every active tenant."),
    "days": Param(
        30,
        type="integer",
        minimum=1,
        maximum=VTEX_MEMORY.days,
        title="Days",
        description="How many days back to check.",
    ),
    "sample_percent": _percentage(
        5, "Sample", "Percentage of unchanged orders to read anyway, since VTEX's list can be out of date."
    ),
    "drift_percent": _percentage(
        1, "Drift allowed", "Percentage of a tenant's orders that earlier syncs may have missed before the run fails."
    ),
}
REPLAY_FORM = {
    "tenants": _tenants("Tenants", "Slugs or ids of tenants, one per line. Empty: every active tenant."),
    "orders_from": Param(
        None, title="Orders from", description="First moment of creation. Empty: all from the first.", **_MOMENT
    ),
    "orders_to": Param(
        None, title="Orders to", description="Moment before which orders were created. Empty: all.", **_MOMENT
    ),
    "only_differing": Param(
        True,
        type="boolean",
        title="Only rows that differ",
        description="Write only rows that differ from their document. Otherwise write all of them.",
    ),
    "only_outdated": Param(
        False,
        type="boolean",
        title="Only older typing",
        description="Only orders typed by an older version of the package.",
    ),
    "off_peak_only": Param(
        False,
        type="boolean",
        title="Off-peak only",
        description="Stop when off-peak time is over. cdp_warehouse sets this.",
    ),
}
FEED_FORM = {
    "tenants": _tenants("Tenants", "Slugs or ids of tenants whose feed to read, one per line. Empty: all of them."),
    "take_over": _tenants(
        "Take over",
        "Slugs or ids of tenants whose feed somebody else configured and that should be ours, one per line.",
    ),
}
TRAINING_FORM = {
    "tenants": _tenants("Tenants", "Slugs or ids of tenants to train, one per line. Empty: every active tenant.")
}
