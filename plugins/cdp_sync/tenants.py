"""Tenants: validation of the rows of ``cdp.tenants``, and the registry that DAG files read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

LOCAL_TZ = "America/Argentina/Buenos_Aires"
REGISTRY_VARIABLE = "cdp_tenants"

_SLUG = re.compile(r"[a-z][a-z0-9_]{0,49}")
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.IGNORECASE)


def vtex_conn_id(slug: str) -> str:
    """Return the id of the Airflow connection to a tenant's VTEX account."""
    return f"vtex_{slug}"


def is_account_name(text: str) -> bool:
    """Return whether a text can be the name of a VTEX account."""
    return _ACCOUNT.fullmatch(text) is not None


def history_dag_id(slug: str) -> str:
    """Return the id of the DAG that fills a tenant's gaps."""
    return f"cdp_history__{slug}"


class BadTenant(ValueError):
    """
    Row of ``cdp.tenants`` that cannot have DAGs; the text names the tenant and all that is to be changed.

    :ivar faults: each of them.
    """

    def __init__(self, tenant: str, faults: list[str]) -> None:
        super().__init__(f"{tenant}: {'; '.join(faults)}")
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """
    Shop whose orders are synced.

    :param slug: snake_case; names DAGs, connection and landing folder.
    :param sync_frequency_hours: hours between incremental syncs, a divisor of 24.
    :raises BadTenant: if a value could not name a DAG or a schedule.
    """

    tenant_id: int
    tenant_name: str
    slug: str
    vtex_account: str
    sync_frequency_hours: int

    def __post_init__(self) -> None:
        faults = []
        if not _SLUG.fullmatch(self.slug) or "__" in self.slug:
            faults.append(f"slug {self.slug!r} must be snake_case, it names DAGs and connections")
        if not is_account_name(self.vtex_account):
            faults.append(f"vtex_account {self.vtex_account!r} is not a VTEX account name")
        if self.sync_frequency_hours not in (1, 2, 3, 4, 6, 8, 12, 24):
            faults.append(
                f"sync_frequency_hours {self.sync_frequency_hours} must divide 24, else runs would drift over the day"
            )
        if faults:
            raise BadTenant(f"Tenant {self.tenant_id} ({self.tenant_name})", faults)

    @property
    def orders_dag_id(self) -> str:
        return f"cdp_orders__{self.slug}"

    @property
    def customers_dag_id(self) -> str:
        """Id of the DAG that calculates its customers."""
        return f"cdp_customers__{self.slug}"

    @property
    def history_dag_id(self) -> str:
        return history_dag_id(self.slug)

    @property
    def orders_cron(self) -> str:
        """Cron in ``LOCAL_TZ``: every ``sync_frequency_hours``, counted from midnight."""
        hours = range(0, 24, self.sync_frequency_hours)
        return f"0 {','.join(map(str, hours))} * * *"


def read_rows(rows: Iterable[Mapping[str, Any]], *, at: datetime) -> tuple[list[Tenant], list[str]]:
    """
    Separate valid rows of ``cdp.tenants`` from invalid ones.

    :param rows: rows with the columns of :class:`Tenant` and ``go_live_date``.
    :param at: the moment of the run; a ``go_live_date`` after it is refused.
    :return: tenants sorted by slug, and for each invalid row one sentence with all its faults.
    """
    today = at.astimezone(ZoneInfo(LOCAL_TZ)).date()
    tenants, complaints = [], []
    for row in rows:
        try:
            tenants.append(_tenant(row, today))
        except BadTenant as bad:
            complaints.append(str(bad))
    return sorted(tenants, key=lambda tenant: tenant.slug), complaints


def _tenant(row: Mapping[str, Any], today: date) -> Tenant:
    """Return the tenant of a row. :raises BadTenant: with all its faults."""
    faults = []
    try:
        tenant = Tenant(**{name: row[name] for name in Tenant.__dataclass_fields__})
    except BadTenant as bad:
        faults = bad.faults
    if row["go_live_date"] > today:
        faults.append(f"go_live_date {row['go_live_date']} is in the future, set the day it went live")
    if faults:
        raise BadTenant(f"Tenant {row['tenant_id']} ({row['tenant_name']})", faults)
    return tenant


def write_registry(tenants: Iterable[Tenant]) -> str:
    """Serialise tenants for the Airflow Variable ``REGISTRY_VARIABLE``."""
    return json.dumps([asdict(tenant) for tenant in tenants])


def read_registry(text: str) -> list[Tenant]:
    """
    Read the tenants of a registry written by :func:`write_registry`.

    An invalid entry is left out, not raised: one tenant must not remove the DAGs of the others.
    ``cdp_warehouse`` reports it.
    """
    tenants = []
    for entry in json.loads(text):
        try:
            tenants.append(Tenant(**entry))
        except (BadTenant, TypeError):
            continue
    return tenants
