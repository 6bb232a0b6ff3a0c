"""Parts of every plan: the form, the chosen tenants, reasons to skip one, and a window asked for by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from airflow.sdk.exceptions import AirflowFailException

from cdp_sync import clock
from cdp_sync.tenants import Tenant
from cdp_sync.windows import INDEX_LAG, BadWindow, Window, within_vtex_memory

ACTIVE = ["queued", "running"]
"""States of a run that is under way."""


def form_of(context: Any) -> Mapping[str, Any]:
    """
    Return the parameters of a run.

    :raises AirflowFailException: if the run was triggered with one that its DAG does not have. Airflow takes it without
        a word: a misspelt ``window_start`` would sync another window.
    """
    dag, form = context["dag"], context["params"]
    if unknown := sorted(set(context["dag_run"].conf or {}) - set(dag.params)):
        raise AirflowFailException(
            f"{dag.dag_id} has no parameter {', '.join(unknown)}, so nothing was done: trigger it again with "
            f"{', '.join(dag.params)}"
        )
    return cast("Mapping[str, Any]", form)


def reason_to_skip(tenant: str, row: Mapping[str, Any] | None) -> str | None:
    """
    Return the reason not to sync a tenant; None if it is to be synced.

    :param row: its row of ``cdp.tenants``; None if it was removed.
    """
    if row is None:
        return f"{tenant}: the tenant is not in cdp.tenants any more"
    if not row["is_active"]:
        return f"{tenant}: is_active is false in cdp.tenants"
    if not row["sync_enabled"]:
        return f"{tenant}: sync_enabled is false in cdp.tenants"
    return None


def chosen(asked_for: Sequence[str] | None, known: Sequence[Tenant]) -> list[str]:
    """
    Return the slugs of the tenants a form names, all if it names none.

    :param asked_for: slugs or ids.
    :raises AirflowFailException: for an unknown one.
    """
    slugs = {name: tenant.slug for tenant in known for name in (tenant.slug, str(tenant.tenant_id))}
    named = [name.strip() for name in asked_for or ()]
    if unknown := sorted(set(named) - slugs.keys()):
        there_are = ", ".join(f"{tenant.slug} ({tenant.tenant_id})" for tenant in known)
        raise AirflowFailException(
            f"no active tenant is called {', '.join(unknown)}: trigger the run again with one of {there_are}"
        )
    wanted = {slugs[name] for name in named}
    return [tenant.slug for tenant in known if not named or tenant.slug in wanted]


def window_asked_for(form: Mapping[str, Any], asked_at: datetime) -> Window | None:
    """
    Return the window a form asks for, None if it asks for none.

    Its end is cut to what VTEX lists by the run's moment: later time would count as covered without being read.

    :param form: the run's params ``window_start`` and ``window_end``, ISO 8601.
    :raises BadWindow: if it cannot be synced.
    """
    start, end = form["window_start"], form["window_end"]
    if not start and not end:
        return None
    if not start:
        raise BadWindow("window_end was given without window_start; give both, or neither")
    latest = asked_at - INDEX_LAG
    window = Window.parse(start, end or latest.isoformat())
    if window.start >= latest:
        raise BadWindow(f"Window {window} has not begun yet, or VTEX does not list it yet")
    return within_vtex_memory(Window(window.start, min(window.end, latest)), clock.now())
