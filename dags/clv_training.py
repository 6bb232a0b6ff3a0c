"""### Lifetime value: the models

Mondays at 04:30 Argentina time, for every shop: estimates how its customers order (BG/NBD) and what their orders are
worth (Gamma-Gamma), and lets the shop's own past judge the estimate: what was known before the last third of its
history, at most 180 days, predicts the rest. Two rules of thumb predict it too. The best of the three is what customers
are scored with, in `cdp_customers__<slug>`.

| task | does |
|---|---|
| `plan` | names the shops to train |
| `pool` | estimates from a sample of the customers of all shops of a currency, for shops with too few of their own |
| `train` | writes the model to `cdp.clv_models`, and how well each way did to `cdp.clv_evaluations` |

A shop with fewer than 500 buyers, less than 180 days of orders or none in the last 30, gets the pooled estimate or
none; its row of `cdp.clv_models` says which, and why. A training without result leaves the last good model in use.

One shop's failure stops no other. **Safe to clear and run again**: the same run gives the same model.
**Trigger with a form**: the shops.
"""

from airflow.sdk import dag

from cdp_sync.dag_factory import COMMON, DEFAULT_ARGS, at_night
from cdp_sync.forms import TRAINING_FORM
from cdp_sync.operators.customers.clv_training import plan_training, pool_shops, train_shop


@dag(
    dag_display_name="Profiles · lifetime value models",
    schedule=at_night("30 4 * * 1"),
    params=TRAINING_FORM,
    tags=["cdp", "customers"],
    doc_md=__doc__,
    **COMMON | {"default_args": DEFAULT_ARGS | {"priority_weight": 1, "weight_rule": "absolute"}},
)
def cdp_clv_training() -> None:
    plan = plan_training.override(task_id="plan")()
    pooled = pool_shops.override(task_id="pool")()
    plan >> pooled
    train_shop.override(task_id="train").partial(pooled=pooled).expand(planned=plan)


cdp_clv_training()
