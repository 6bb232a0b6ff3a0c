"""``docs/settings.md``: every setting of a deployment."""

from __future__ import annotations

from typing import Any

import psycopg

from cdp_sync.hooks.vtex import DEFAULT_REQUESTS_PER_MINUTE, FEWEST_PER_MINUTE, MOST_PER_MINUTE
from cdp_sync.hooks.warehouse import WAREHOUSE_CONN_ID
from cdp_sync.sync_types import SYNC_TYPES
from cdp_sync.tenants import REGISTRY_VARIABLE, vtex_conn_id
from docs.generate import page, table
from docs.generate.catalogue import read_tables

VARIABLES = {
    "CDP_HOOK_CONNECTIONS": (
        "`200`",
        "Most connections of one address to the hook endpoint on its own. Behind a reverse proxy all come from the "
        "proxy: `0`, no limit, and let the proxy count its clients.",
    ),
    "CDP_HOOK_RATE": (
        "`1000`",
        "Most notifications of one shop that a process of the hook endpoint takes per second; more are answered 429.",
    ),
    "CDP_HOOK_URL": (
        "no hook",
        "Where VTEX reaches the hook endpoint, without the shop: `https://airflow.example.com/cdp/hook`.",
    ),
    "CDP_LANDING_URL": (
        "`file://$AIRFLOW_HOME/landing`",
        "Root of landing: object storage that every worker reaches, such as `s3://conn_id@bucket/landing`.",
    ),
    "CDP_OFF_PEAK": (
        "`20:00-07:00`",
        "When history may be synced, and from when on the daily read of shops whose list carries no `lastChange` is "
        "due: whole hours of Argentina, past midnight if need be.",
    ),
    "CDP_POOLS": (
        "no pools",
        "Sync types whose tasks wait in a pool of their own: `incremental,historical`. Create the pools (below) first: "
        "a task whose pool does not exist waits for ever, without a word.",
    ),
    "CDP_SQL_DIR": (
        "`include/sql` beside `plugins/`, else `plugins/cdp_sync/sql`",
        "Folder of the SQL files, where they are in neither place.",
    ),
    "CDP_WAREHOUSE_DSN": (
        "none",
        "`postgresql://…` of the CDP database, for `python -m cdp_sync.migrations` and "
        f"`python -m cdp_sync.deployment.initialize`; DAGs use the connection `{WAREHOUSE_CONN_ID}`.",
    ),
    "CDP_SANDBOX_URL": (
        "no sandbox",
        "Where the pretend VTEX answers. `deployment.initialize` then adds its eleven shops and their connections.",
    ),
    "CDP_ADMIN_USER": ("none", "Name of Airflow's one user, for `deployment.initialize`."),
    "CDP_ADMIN_PASSWORD": ("none", "The user's password."),
}
"""Default and meaning of each environment variable; a test compares them with those ``plugins/`` reads."""

CONNECTIONS = (
    (f"`{WAREHOUSE_CONN_ID}`", "*Postgres*", "a role that owns the schemas `cdp` and `staging`"),
    (
        f"`{vtex_conn_id('<slug>')}`, one per shop",
        "*HTTP*",
        "host: the VTEX account name, or a URL; login: app key; password: app token; extra: see below",
    ),
)
EXTRAS = (
    (
        "`requests_per_minute`",
        f"`{DEFAULT_REQUESTS_PER_MINUTE}`",
        f"The account's limit, {FEWEST_PER_MINUTE:.0f} to {MOST_PER_MINUTE}; each sync type takes its share of it, see "
        "the pools below.",
    ),
    ("`hook_secret`", "no hook", "What VTEX shows when it posts to the hook endpoint: a long random text."),
    ("`verify`, `proxy`, `trust_env`", "as in Airflow's HTTP provider", "How to connect."),
    ("any other", "", "A header of every request."),
)


def settings_page(db: psycopg.Connection[Any]) -> str:
    """Return the page. :param db: of the newest schema."""
    pools = (
        (f"`{each.pool}`", each.name, each.pool_slots, f"{each.rate_share * 100:.0f} %", each.priority)
        for each in SYNC_TYPES.values()
    )
    tenants = read_tables(db)["cdp.tenants"].columns
    return page(
        "Settings",
        "`docs/generate/settings_page.py`, `plugins/cdp_sync/sync_types.py` or the comments on `cdp.tenants`",
        [
            "How to deploy: [deployment.md](deployment.md). How to add a shop: [tenants.md](tenants.md).",
            "## Environment variables",
            "For every Airflow component, and for the hook endpoint where it runs on its own.",
            table(
                ("variable", "default", "meaning"), ((f"`{name}`", *text) for name, text in sorted(VARIABLES.items()))
            ),
            "docker-compose has more, explained in `.env.example`.",
            "## Airflow connections",
            table(("connection", "type", "fields"), CONNECTIONS),
            f"Extra of `{vtex_conn_id('<slug>')}`, all optional:",
            table(("key", "default", "meaning"), EXTRAS),
            "## Airflow Variables",
            f"`{REGISTRY_VARIABLE}`: the list of shops that DAG files read. `cdp_warehouse` publishes it from "
            "`cdp.tenants`; it is not to be edited.",
            "## Pools",
            "All optional: `CDP_POOLS` names the sync types whose pool exists. Slots are those of `make up` and "
            "compose. A sync type sends at most its share of an account's `requests_per_minute`; what they leave "
            "together is for the shop's other tools. Higher priority goes first, with a pool or without.",
            table(("pool", "sync type", "slots", "share of the limit", "priority"), pools),
            "## Shops: columns of `cdp.tenants`",
            table(
                ("column", "default", "meaning"),
                (
                    (
                        f"`{row['column_name']}`",
                        f"`{row['default_value']}`" if row["default_value"] else "",
                        row["comment"],
                    )
                    for row in tenants
                ),
            ),
        ],
    )
