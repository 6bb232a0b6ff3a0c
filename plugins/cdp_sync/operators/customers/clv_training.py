"""Tasks of ``cdp_clv_training``: the models of lifetime value, one for each shop."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context, task

from cdp_sync.hooks.warehouse import RowRefused, Warehouse, warehouse
from cdp_sync.operators.planning import chosen, form_of
from cdp_sync.tenants import read_rows

if TYPE_CHECKING:
    from cdp_sync.intelligence.heuristics import Habits
    from cdp_sync.intelligence.histories import Histories
    from cdp_sync.intelligence.training import Training

log = logging.getLogger(__name__)
CHUNK = 20_000


@task
def plan_training() -> list[dict[str, Any]]:
    """Plan the training of every active tenant, or of those the form names; ``as_of`` is the run's moment."""
    context: Any = get_current_context()
    form, dag_run = form_of(context), context["dag_run"]
    as_of = dag_run.run_after.astimezone(UTC)
    with warehouse() as db:
        rows = {row["slug"]: row["tenant_id"] for row in db.rows("tenants/all")}
        known = read_rows(db.rows("tenants/all"), at=as_of)[0]
    slugs = chosen(form["tenants"], known)
    log.info("%d tenants as of %s", len(slugs), as_of)
    return [{"tenant_id": rows[slug], "tenant": slug, "as_of": as_of.isoformat()} for slug in slugs]


@task
def pool_shops(*, dag_run: Any = None) -> dict[str, dict[str, Any]]:
    """
    Fit the customers of all active tenants of a currency together, a sample of each; return parameters by currency.

    One tenant's orders are read at a time. Whose orders cannot be read does not take part; its own training says why.
    """
    from cdp_sync.intelligence.training import POOL_SAMPLE, pool

    as_of = dag_run.run_after.astimezone(UTC)
    samples: dict[str, list[Histories]] = defaultdict(list)
    with warehouse(autocommit=True) as db:
        for tenant in db.rows("tenants/all"):
            try:
                with db.transaction(), db.savepoint():
                    shop = Shop(db, tenant["tenant_id"], as_of)
                    samples[shop.currency].append(shop.histories(most=POOL_SAMPLE))
            except RowRefused as refused:
                log.warning("%s is not in the pool: %s", tenant["slug"], refused)
    pooled = {currency: pool(shops) for currency, shops in sorted(samples.items())}
    for currency, found in pooled.items():
        log.info("%s: %s", currency or "no currency", found or "no model of all shops together")
    return {currency: found for currency, found in pooled.items() if found}


@task(map_index_template="{{ task.op_kwargs['planned']['tenant'] }}")
def train_shop(planned: Mapping[str, Any], pooled: Mapping[str, Any]) -> dict[str, Any]:
    """
    Train a tenant's model; write what came of it to ``cdp.clv_models`` and ``cdp.clv_evaluations``.

    Reads in one transaction and writes in another: none is open while the model is fitted.
    """
    from cdp_sync.intelligence import training

    as_of = datetime.fromisoformat(planned["as_of"])
    with warehouse() as db:
        shop = Shop(db, planned["tenant_id"], as_of)
        customers = shop.histories()
        has_own = (shop.newest_model() or {}).get("outcome") == training.FITTED
        habits = shop.habits(customers) if len(customers) else None
        days = training.holdout_days(customers) if len(customers) else 0
        split = shop.tomorrow - timedelta(days=days)
        before = shop.histories(until=split) if days else customers
        habits_before = shop.habits(before, until=split) if len(before) and days else None
    trained = training.train(customers)
    if trained.models is None and not has_own:
        trained = training.use_pool(trained, customers, pooled.get(shop.currency))
    elif trained.models is not None and habits_before is not None:
        trained = training.compare(trained, before, habits_before, days=days)
    with warehouse() as db:
        Shop.write(db, planned["tenant_id"], shop.row(trained, habits), shop.evaluations(trained, split))
    log.info("%s as of %s: %s", planned["tenant"], planned["as_of"], trained.columns["sentence"])
    return {name: trained.columns[name] for name in ("outcome", "method", "customers", "order_days")}


class Shop:
    """
    One tenant's orders as of a moment, for training.

    :param db: an open transaction; used by the reading methods.
    """

    def __init__(self, db: Warehouse, tenant_id: int, as_of: datetime) -> None:
        self._db = db
        self._key: dict[str, Any] = {"tenant_id": tenant_id, "as_of": as_of}
        db.rows("intelligence/runs/expect_many", tenant_id=tenant_id, everyone=True, many=0)
        settings = db.row("intelligence/clv/settings", **self._key) or {}
        self.tomorrow: date = settings["today"] + timedelta(days=1)
        prices = db.rows("intelligence/clv/price_ratios", **self._key) if settings["deflate"] else []
        self._prices = {name: [price[name[:-1]] for price in prices] for name in ("months", "ratios")}
        self.currency: str = (db.row("intelligence/clv/currency", **self._key) or {}).get("currency") or ""
        self._sync_run_id = (db.row("intelligence/clv/newest_run", tenant_id=tenant_id) or {}).get("sync_run_id")

    def histories(self, *, until: date | None = None, most: int | None = None) -> Histories:
        """Return the customers as known before a day, the end if none is given; in an order of their values."""
        from cdp_sync.intelligence.histories import Histories

        rows = self._db.chunks(
            "intelligence/clv/histories",
            CHUNK,
            **self._key,
            **self._prices,
            until=until or self.tomorrow,
            everyone=True,
            most=most,
        )
        return Histories.of([row[1:] for row in chunk] for chunk in rows).sorted()

    def habits(self, customers: Histories, *, until: date | None = None) -> Habits | None:
        """Return what the rules of thumb know before a day; None if nobody has ordered twice."""
        from cdp_sync.intelligence.heuristics import habits_of

        found = self._db.row("intelligence/clv/habits", **self._key, **self._prices, until=until or self.tomorrow) or {}
        return habits_of(customers, **found) if found["intervals"] else None

    def newest_model(self) -> dict[str, Any] | None:
        """Return the model in use before this training."""
        return self._db.row("intelligence/clv/newest_model", **self._key)

    def row(self, trained: Training, habits: Habits | None) -> dict[str, Any]:
        """Return the row of ``cdp.clv_models``."""
        known = {} if habits is None else habits._asdict() | {"hiatus_days": habits.hiatus_days}
        return {
            **trained.columns,
            **known,
            "as_of": self._key["as_of"].isoformat(),
            "currency": self.currency or None,
            "deflated": bool(self._prices["months"]),
            "price_months": [month.isoformat() for month in self._prices["months"]],
            "price_ratios": self._prices["ratios"],
            "sync_run_id": self._sync_run_id,
        }

    def evaluations(self, trained: Training, split: date) -> list[dict[str, Any]]:
        """Return the rows of ``cdp.clv_evaluations``."""
        of_all = {
            "as_of": self._key["as_of"].isoformat(),
            "split_on": split.isoformat(),
            "sync_run_id": self._sync_run_id,
        }
        return [evaluation | of_all for evaluation in trained.evaluations]

    @staticmethod
    def write(db: Warehouse, tenant_id: int, model: Mapping[str, Any], evaluations: list[dict[str, Any]]) -> None:
        """Write a training, in place of an earlier one of the same moment."""
        db.run("intelligence/clv/upsert_model", tenant_id=tenant_id, model=json.dumps(model, allow_nan=False))
        db.run("intelligence/clv/delete_evaluations", tenant_id=tenant_id, as_of=model["as_of"])
        judged = json.dumps(evaluations, allow_nan=False)
        db.run("intelligence/clv/insert_evaluations", tenant_id=tenant_id, evaluations=judged)
