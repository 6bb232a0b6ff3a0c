"""### New and updated orders of one shop

Every `sync_frequency_hours` (6: at 00:00, 06:00, 12:00, 18:00 Argentina time) brings new and changed orders into
`cdp.order_events`, with their parts, buyers and products.

| task | does |
|---|---|
| `fetch` | lists the run's window, and two weeks of creation dates for changes; lands new and changed orders |
| `stage` | types them into `staging`; puts those that cannot be typed into `cdp.rejected_orders` |
| `merge` | one transaction: orders, their parts, buyers, products, checkpoint, `last_sync_at`, `cdp.sync_runs` |

Where VTEX's list does not say when orders changed, the first run of off-peak time reads these two weeks again.

`fetch` skips the run, with the reason, if `sync_enabled` is false. After merging, `merge` checks the rows it wrote, and
fails with a sentence if a check fails. The data is stored by then, as VTEX sent it.

**Safe to clear and run again**: the window belongs to the run, the newest version of an order wins, nothing doubles.
**Trigger with a form**: a window of your own, and *force refetch* to read unchanged orders again.
Counts of every run: `select * from cdp.sync_runs order by started_at desc`.
"""

from airflow.sdk import get_parsing_context

from cdp_sync.dag_factory import build_orders_dag, registered_tenants

requested = get_parsing_context().dag_id  # None while the DAG processor parses

for tenant in registered_tenants():
    if requested in (None, tenant.orders_dag_id):
        globals()[tenant.orders_dag_id] = build_orders_dag(tenant, doc_md=__doc__)
