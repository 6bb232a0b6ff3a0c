"""A warehouse that is down or goes down: a clear failure, and nothing half-written."""

import secrets
from datetime import UTC, datetime

import psycopg
import pytest

from cdp_sync.hooks.warehouse import Warehouse, WarehouseRefused, WarehouseUnavailable, warehouse
from local.postgres import free_port

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

DAY = ("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z")
NOW = "2026-11-20T12:00:00Z"


def test_a_warehouse_that_is_down_is_named_and_left_to_a_retry(shop, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_CDP_WAREHOUSE", f"postgresql://nobody:secret@127.0.0.1:{free_port()}/cdp")

    with pytest.raises(
        WarehouseUnavailable, match=r"ferreira .* warehouse connection cdp_warehouse does not answer"
    ) as e:
        shop.fetch(DAY)

    assert "secret" not in str(e.value)


@pytest.mark.parametrize("statement", ["orders/merge_orders", "orders/merge_buyers", "runs/complete_run"])
def test_a_warehouse_that_goes_away_in_the_merge_has_written_all_or_nothing(shop, dsn, monkeypatch, statement):
    shop.sandbox.freeze(NOW)
    staged = shop.stage(shop.fetch(DAY))
    real = {name: getattr(Warehouse, name) for name in ("run", "rows")}

    def cut(kind):
        def call(self, name, *columns, **parameters):
            result = real[kind](self, name, *columns, **parameters)
            if name == statement:
                with psycopg.connect(dsn, autocommit=True) as other:
                    other.execute("select pg_terminate_backend(%s)", (self._connection.info.backend_pid,))
            return result

        return call

    for kind in real:
        monkeypatch.setattr(Warehouse, kind, cut(kind))
    with pytest.raises(WarehouseUnavailable, match="nothing was written"):
        shop.merge(staged)
    for kind, method in real.items():
        monkeypatch.setattr(Warehouse, kind, method)

    assert shop.value("select count(*) from cdp.order_events") == 0
    assert shop.merge(staged)["inserted"] == staged["staged"]


def test_what_the_database_refuses_is_named_without_the_values_it_quotes(shop):
    row = (20, "ana@correo.example", "ana@correo.example", "ana@correo.example")
    with pytest.raises(WarehouseRefused) as refused, warehouse() as db:
        db.copy("cdp.sync_runs", ("tenant_id", "batch_id", "sync_type", "status"), [row])

    assert "CheckViolation (SQLSTATE 23514; cdp.sync_runs; sync_runs_status_check)" in str(refused.value)
    assert "ana" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_schema_that_is_not_there_yet_is_said_in_so_many_words(shop):
    shop.db.execute("drop table cdp.order_fetches")

    with pytest.raises(WarehouseRefused, match=r'relation "cdp\.order_fetches" does not exist'):
        shop.fetch(DAY)


def test_a_row_no_index_takes_is_refused_not_mistaken_for_a_server_that_is_down(shop):
    row = (20, secrets.token_hex(8000), datetime(2026, 1, 1, tzinfo=UTC), "v1")

    with pytest.raises(WarehouseRefused, match="SQLSTATE 54000"), warehouse() as db:
        db.copy("cdp.products", ("tenant_id", "sku_id", "last_order_date", "last_order_id"), [row])
