"""Tenants and connections of the pretend VTEX, for a deployment with ``CDP_SANDBOX_URL``."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from cdp_sync.sql_files import sql
from cdp_sync.tenants import vtex_conn_id

PROTECTED = {"zapatosnet": {"data_protection_reason": "trying the product"}}
"""Extra of the connections of accounts under Data Protection Plus."""


def add_sandbox_tenants(connection: psycopg.Connection[tuple[Any, ...]], sandbox: str) -> list[dict[str, Any]]:
    """
    Add the sandbox's shops to ``cdp.tenants``; return connections that point every tenant to the sandbox.

    :param sandbox: URL of the sandbox, without an account.
    :return: arguments of Airflow's ``Connection``, one for each tenant.
    """
    connection.execute(sql("tenants/seed_sandbox").encode())
    tenants = connection.execute("select slug, vtex_account from cdp.tenants").fetchall()
    return [sandbox_connection(sandbox, slug, account) for slug, account in tenants]


def sandbox_connection(sandbox: str, slug: str, account: str) -> dict[str, Any]:
    """Return the connection of a tenant, with the credentials that the sandbox expects for its account."""
    return {
        "conn_id": vtex_conn_id(slug),
        "conn_type": "http",
        "description": "A shop of the VTEX sandbox",
        "host": f"{sandbox}/{account}",
        "login": f"vtexappkey-{account}-SANDBX",
        "password": f"sandbox-token-{account}",
        "extra": json.dumps({"hook_secret": f"sandbox-hook-{account}"} | PROTECTED.get(account, {})),
    }
