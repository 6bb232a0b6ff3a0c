"""A batch of any size made by the database itself, and the statements that a run puts it through, in their order."""

from __future__ import annotations

from typing import Any

import psycopg

from cdp_sync.rows.merged_columns import BUYERS, LINES, ORDER_CONTENT, ORDER_EVENTS, PRODUCTS
from cdp_sync.sql_files import sql

LISTS = {
    "orders/merge_orders": ORDER_EVENTS,
    "orders/delete_lines": LINES[0],
    "orders/insert_lines": LINES[0],
    "staging/delete_lines": LINES[0],
    "staging/analyze_lines": LINES[0],
    "differences/orders": ORDER_CONTENT,
    "differences/lines": LINES[0],
    "differences/buyers": BUYERS,
    "differences/products": PRODUCTS,
    "replay/rewrite_orders": ORDER_EVENTS,
    "orders/merge_buyers": BUYERS,
    "orders/merge_products": PRODUCTS,
}
"""Statements with lists of columns to fill."""
MERGE = (
    "orders/merge_order_fetches", "orders/resolve_rejected", "orders/keep_places",
    "orders/keep_addresses", "orders/merge_orders",
    "orders/delete_lines", "orders/insert_lines", "orders/insert_versions", "orders/note_changes",
    "orders/merge_buyers", "orders/merge_products",
    "orders/delete_order_payloads", "orders/written_documents",
)  # fmt: skip
AROUND = (
    "runs/batch", "checks/orders", "listing/orders_to_recheck", "listing/orders_to_reread", "listing/note_list",
    "listing/record_listings", "listing/orders_to_fetch",
    "listing/analyze_listings", "listing/unlisted_orders", "integrity/record_findings",
    "integrity/find_documents", "integrity/close_findings", "integrity/forget_check", "integrity/mark_vanished",
    "integrity/find_absent", "integrity/count_findings", "integrity/found", "integrity/forget_findings",
    "integrity/refresh", "checks/refresh", "listing/forget_carts", "inbox/receive", "inbox/claim", "inbox/waiting",
    "inbox/process", "inbox/handles_to_commit", "inbox/forget_processed", "gaps/history_windows",
    "gaps/tenants_with_gaps", "gaps/note_gaps", "gaps/close_feed_gaps", "runs/last_completed_end",
    "runs/forget_begun_checkpoints", "runs/fail_run", "staging/delete_batch", "listing/forget_listings",
)  # fmt: skip
_SURROUNDINGS = """
insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date, feed_enabled)
values (1, 'Bench', 'bench', 'bench', '2023-01-01', true);
insert into cdp.sync_runs (tenant_id, batch_id, sync_type, window_start, window_end, status, started_at)
values (1, 'batch', 'full', '2026-11-01Z', '2026-11-10Z', 'running', '2026-11-20Z');
insert into cdp.rejected_orders (tenant_id, order_id, reason, batch_id)
select 1, 'order-' || n, 'no total', 'earlier' from generate_series(1, {orders}, 10) as n;
insert into cdp.sync_checkpoints (tenant_id, sync_type, window_start, window_end, status, batch_id)
select
    1, (array['feed', 'historical', 'incremental'])[n % 3 + 1], s, s + interval '3 hours',
    case n % 3 when 2 then 'completed' else 'failed' end, 'b' || n
from generate_series(1, {orders} / 10) as n
cross join lateral (select timestamptz '2026-11-19Z' - n * interval '1 hour') as t (s);
"""
_STAGED = """
insert into staging.orders (
    tenant_id, batch_id, document_no, fetched_at, order_id, status, order_date, last_change, seller_ids, total_cents,
    item_count, unit_count, payment_count, document, document_key, typing_version
)
select
    1, 'batch', n, timestamptz '2026-11-20Z', 'order-' || n, 'invoiced', timestamptz '2026-11-01Z' + n * interval '1 s',
    timestamptz '2026-11-02Z' + {version} * interval '1 h', '{{1}}', 1000, 2, 2, 1,
    n % ({orders} / 3), md5('customer' || n % ({orders} / 3))::uuid, 2
from generate_series(1, {orders}) as n;
insert into staging.order_items (tenant_id, batch_id, document_no, item_index, sku_id, name, quantity)
select 1, 'batch', n, i, n % 2000 + i, 'Name', 1
from generate_series(1, {orders}) as n, generate_series(0, 1) as i;
"""
_PARAMETERS: dict[str, Any] = {
    "tenant_id": 1, "batch_id": "batch", "sync_run_id": 1, "sync_type": "full", "as_of": "2026-11-20T00:00Z",
    "window_start": "2026-11-01T00:00Z", "window_end": "2026-11-10T00:00Z", "before": "2026-11-20T00:00Z",
    "changed_from": "2026-01-01T00:00Z", "max_age_days": 30, "drift_percent": 1, "force": False, "recheck": True,
    "earliest": "1900-01-01", "latest": "2200-01-01",
    "compares": True, "stored_documents": True, "sample_percent": 0, "sample_seed": 1, "unmasks": True,
    "length": "7 days", "windows": 500,
    "retention": 60, "error": "it failed", "relation": "order_items", "healing": False, "differing": False,
    "rows_with_last_change": "none", "created_from": "2026-11-01T00:00Z", "open_from": "2026-11-01T00:00Z",
    "read_before": "2026-11-20T00:00Z", "most": 100_000,
}  # fmt: skip


def fill(db: psycopg.Connection[Any], orders: int) -> None:
    """Make a tenant with a run in progress, rejected orders, and as many checkpoints as a tenth of its orders."""
    db.execute(_SURROUNDINGS.format(orders=orders))


def stage(db: psycopg.Connection[Any], orders: int, *, version: int) -> None:
    """Stage orders of two lines each as the stage task does; a higher version is a later change."""
    db.execute(_STAGED.format(orders=orders, version=version))
    db.execute(sql("staging/analyze_orders"))
    db.execute(LISTS["staging/analyze_lines"].fill(sql("staging/analyze_lines")))


def parameters(name: str, orders: int) -> dict[str, Any]:
    """Return the values a statement binds, for all orders at once."""
    ids = [f"order-{number}" for number in range(1, orders + 1)]
    dates = ["2026-11-05T00:00Z"] * orders
    arrays = {"order_ids": ids, "created": dates, "changed": dates, "last_changed": dates, "hashes": [None] * orders,
              "totals": [1000.0] * orders, "statuses": ["invoiced"] * orders,
              "states": ["invoiced"] * orders, "last_states": ["handling"] * orders, "domains": [None] * orders,
              "orders": orders, "handles": orders if name == "inbox/handles_to_commit" else ids}  # fmt: skip
    return _PARAMETERS | arrays
