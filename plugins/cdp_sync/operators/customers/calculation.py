"""One calculation of a shop's customers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple


class Calculation(NamedTuple):
    """
    One calculation of a shop's customers.

    :param tenant: slug, for messages.
    :param as_of: the moment at which everything is seen; nothing in a calculation asks a clock.
    :param everyone: calculate all customers, not only those in ``cdp.customers_touched``.
    :param sync_run_id: the newest sync run behind it; None if no order was ever synced.
    """

    tenant_id: int
    tenant: str
    as_of: datetime
    everyone: bool
    sync_run_id: int | None

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of every statement in ``include/sql/intelligence``."""
        return {
            "tenant_id": self.tenant_id,
            "as_of": self.as_of,
            "everyone": self.everyone,
            "sync_run_id": self.sync_run_id,
        }
