"""### The past of one shop

Fills gaps: time between the shop's `go_live_date` and now that no sync covers. Triggered by `cdp_gap_detector` in
off-peak hours; a week a window, newest first, at a tenth of the account's rate.

| task | does |
|---|---|
| `plan` | plans the next windows; skips the run, with the reason, if `sync_enabled` is false |
| `fetch`, `stage`, `merge` | as in `cdp_orders__<slug>`, once for each window |

**Interrupted anywhere, it resumes**: completed windows are not read again; a window begun keeps its landed documents.
**Trigger it** with an empty form to resume now, peak hours or not; or with a window to fill any stretch of time.
**Safe to clear**: a cleared run takes the windows that are still missing, or its own window again.
Gaps left: `select slug, reachable, unreachable from cdp.sync_gaps(now())`.
"""

from airflow.sdk import get_parsing_context

from cdp_sync.dag_factory import build_history_dag, registered_tenants

requested = get_parsing_context().dag_id  # None while the DAG processor parses

for tenant in registered_tenants():
    if requested in (None, tenant.history_dag_id):
        globals()[tenant.history_dag_id] = build_history_dag(tenant, doc_md=__doc__)
