"""Lifetime value of a shop's customers: scored with the newest model that has parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.customers.calculation import Calculation

if TYPE_CHECKING:
    from cdp_sync.intelligence.lifetime import LifetimeModel

CHUNK = 20_000
"""Customers scored at a time."""
UNTRAINED = "No model was trained yet: cdp_clv_training trains every shop once a week, or when it is triggered."
PARAMETERS = ("r", "alpha", "a", "b", "p", "q", "gamma")


def score_lifetime_value(db: Warehouse, of: Calculation) -> dict[str, int]:
    """
    Score the touched customers, or all; rank all into tiers. Returns counts by name.

    After a training all are scored, so that no shop ranks values of two models, or in prices of two months. Between two
    trainings a row depends on the customer's orders and the day of ``as_of``; the tier on everybody's.
    """
    from cdp_sync.intelligence.histories import Histories  # numpy and scipy load here, not when DAGs are parsed
    from cdp_sync.intelligence.scoring import COLUMNS, scores, unscored

    of_shop = of.parameters
    settings = db.row("intelligence/clv/settings", **of_shop) or {}
    trained = db.row("intelligence/clv/newest_model", **of_shop) or {"method": "none", "sentence": UNTRAINED}
    by = {"method": trained["method"], "model_as_of": trained.get("as_of")}
    outdated = db.row("intelligence/clv/is_outdated", tenant_id=of.tenant_id, model_as_of=by["model_as_of"]) or {}
    if outdated["is_outdated"] and not of.everyone:
        of_shop["everyone"] = True
        db.rows("intelligence/runs/expect_many", tenant_id=of.tenant_id, everyone=True, many=0)
    model = model_of(trained)
    today = settings["today"]
    score = (
        partial(unscored, reason=trained["sentence"])
        if model is None
        else partial(
            scores,
            model,
            today=today,
            discount_rate=settings["discount_rate"],
            churn_warning=settings["churn_warning"],
        )
    )

    prices = {name: trained.get(f"price_{name}") or [] for name in ("months", "ratios")}
    until = today + timedelta(days=1)
    columns = ("tenant_id", "customer_id", *COLUMNS)
    db.run("intelligence/clv/delete_staged", **of_shop)
    valued = 0
    for chunk in db.chunks("intelligence/clv/histories", CHUNK, **of_shop, **prices, until=until, most=None):
        measures = score(Histories.of([[row[1:] for row in chunk]]))
        rows = ((of.tenant_id, customer_id, *own) for (customer_id, *_), own in zip(chunk, measures, strict=True))
        valued += db.copy("staging.customer_clv", columns, rows)
    counts = {"customers_valued": valued}
    counts["values_changed"] = db.run("intelligence/clv/upsert_scores", **of_shop, **by)
    counts["values_removed"] = db.run("intelligence/clv/forget_scores", **of_shop)
    counts["tiers_changed"] = db.run("intelligence/clv/rank_tiers", **of_shop)
    db.run("intelligence/clv/delete_staged", **of_shop)
    return counts


def model_of(trained: Mapping[str, Any]) -> LifetimeModel | None:
    """Return the model of a row of ``cdp.clv_models``; None if it has none."""
    from cdp_sync.intelligence.bg_nbd import BgNbd
    from cdp_sync.intelligence.gamma_gamma import GammaGamma
    from cdp_sync.intelligence.heuristics import Habits
    from cdp_sync.intelligence.lifetime import LifetimeModel

    if trained["method"] == "none":
        return None
    habits = Habits(*(trained[name] for name in Habits._fields)) if trained["intervals"] else None
    r, alpha, a, b, *value = (trained[name] for name in PARAMETERS)
    return LifetimeModel(BgNbd(r, alpha, a, b), GammaGamma(*value), trained["method"], habits)
