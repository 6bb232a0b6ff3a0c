"""Stored documents are typed again, without a request, into every table made of them."""

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.execution_time.context import set_current_context

from cdp_sync.checks import ORDERS
from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators import replayed_orders
from cdp_sync.operators.plan_replay import find_outdated, plan_replay
from cdp_sync.operators.replay import ReplayOrdersOperator
from cdp_sync.rows.typing_version import TYPING_VERSION
from tests.conftest import context

NOW = "2026-11-20T12:00:00Z"
WEEK = ("2026-11-12T00:00:00Z", "2026-11-19T00:00:00Z")
FORM = {
    "tenants": None, "orders_from": None, "orders_to": None, "only_differing": True, "only_outdated": False,
    "off_peak_only": False,
}  # fmt: skip


class Killed(BaseException):
    """A task that dies without a word."""


@pytest.fixture
def synced(shop, monkeypatch):
    """Ferreira with a week of orders; batches are small, so that there are several."""
    monkeypatch.setattr(replayed_orders, "BATCH", 100)
    shop.sandbox.freeze(NOW)
    shop.sync(WEEK, sync_type="historical")
    return shop


def replay(shop, *, run="replay__1", **form):
    """Run ``cdp_replay`` for the shop; return what it handed over."""
    with set_current_context(context(run, run_after=shop.sandbox.now, params=FORM | form)):
        (window,) = plan_replay.function()
    return shop.task(ReplayOrdersOperator, window, run=run, sync_type="replay", checks=(ORDERS,))


def differences(shop):
    return shop.value("select differences from cdp.replays order by updated_at desc limit 1")


def everything(shop):
    """Return a digest of each table made of documents, but for the run that wrote a row and when."""
    made = shop.rows(
        "select table_name from information_schema.tables where table_schema = 'cdp' and table_type = 'BASE TABLE' "
        "and (table_name like 'order\\_%%' or table_name = 'products') and table_name <> 'order_changes'"
    )
    return {
        row["table_name"]: shop.value(
            "select md5(string_agg(line::text, '|' order by line::text)) from (select to_jsonb(t) "
            f"- '{{synced_at,sync_run_id}}'::text[] as line from cdp.{row['table_name']} as t) as lines"
        )
        for row in made
    }


def test_a_replay_of_what_is_as_its_documents_say_writes_nothing(synced):
    before = synced.rows("select order_id, xmin::text from cdp.order_events order by 1")
    synced.sandbox.clear_log()

    done = replay(synced)

    assert done["updated"] == done["rejected"] == 0
    assert done["unchanged"] == len(before) > 300
    assert synced.rows("select order_id, xmin::text from cdp.order_events order by 1") == before
    assert differences(synced) == {}
    assert synced.sandbox.log() == []


DAMAGE = {
    "order_events.status": "update cdp.order_events set status = 'wrong' where order_id = %s",
    "order_events.total": "update cdp.order_events set total = total + 1 where order_id = %s",
    "order_events.order_date": (
        "update cdp.order_events set order_date = order_date + interval '1 second' where order_id = %s"
    ),
    "order_events.last_change": (
        "update cdp.order_events set last_change = last_change + interval '1 day' where order_id = %s"
    ),
    "order_buyers.email_key": "update cdp.order_buyers set email_key = null where order_id = %s",
    "order_items.missing": "delete from cdp.order_items where order_id = %s",
    "order_items.surplus": (
        "insert into cdp.order_items (tenant_id, order_id, item_index, quantity) values (20, %s, 99, 1)"
    ),
    "order_items.selling_price": "update cdp.order_items set selling_price = 1.23 where order_id = %s",
    "order_buyers.email": "update cdp.order_buyers set email = 'wrong@example.com' where order_id = %s",
    "order_buyers.missing": "delete from cdp.order_buyers where order_id = %s",
    "products.name": "update cdp.products set name = 'Wrong' where last_order_id = %s",
}


@pytest.mark.parametrize("place", DAMAGE)
def test_damage_of_every_kind_is_healed_and_told_by_column(synced, place):
    before = everything(synced)
    order_id = synced.value(
        "select order_id from cdp.order_buyers inner join cdp.products on last_order_id = order_id "
        "where email is not null order by 1 limit 1"
    )
    synced.db.execute(DAMAGE[place], (order_id,))
    assert everything(synced) != before

    done = replay(synced)

    assert (done["updated"], done["rejected"]) == (1, 0)
    assert place in differences(synced)
    assert everything(synced) == before
    assert replay(synced, run="replay__2")["updated"] == 0


def test_an_older_typing_is_found_typed_again_and_not_found_any_more(synced):
    before = everything(synced)
    synced.db.execute("update cdp.order_events set typing_version = typing_version - 1 where sequence like '%1'")
    outdated = synced.value("select count(*) from cdp.order_events where typing_version < %s", TYPING_VERSION)
    assert 0 < outdated < synced.value("select count(*) from cdp.order_events")
    synced.sandbox.freeze("2026-11-21T06:00:00Z")  # 03:00 in Argentina

    asked = context("hourly", run_after=synced.sandbox.now, params={}, get_dr_count=lambda **_: 0)
    with set_current_context(asked):
        (run,) = find_outdated.function()
        done = replay(synced, **run["conf"])
        again = find_outdated.function()

    assert run["trigger_dag_id"] == "cdp_replay"
    assert run["conf"]["tenants"] == ["ferreira"]
    assert (done["unchanged"], done["updated"]) == (outdated, 0)
    assert again == []
    assert everything(synced) == before


def test_older_rows_wait_for_off_peak_time(synced):
    synced.db.execute("update cdp.order_events set typing_version = typing_version - 1")
    synced.sandbox.freeze("2026-11-20T15:00:00Z")  # noon in Argentina

    with set_current_context(context("hourly", run_after=synced.sandbox.now, params={})):
        assert find_outdated.function() == []
    with pytest.raises(AirflowSkipException, match="off-peak time"):
        replay(synced, off_peak_only=True)


def test_a_replay_killed_anywhere_goes_on_after_its_last_batch(synced, monkeypatch):
    before = everything(synced)
    synced.db.execute("update cdp.order_items set discount = discount - 1, name = 'Wrong'")
    orders = synced.value("select count(distinct order_id) from cdp.order_items")
    run, seen = Warehouse.run, []

    def dies(self, name, *columns, **parameters):
        result = run(self, name, *columns, **parameters)
        seen.append(name)
        if name == "replay/note_typing" and seen.count(name) == 3:
            raise Killed
        return result

    monkeypatch.setattr(Warehouse, "run", dies)
    with pytest.raises(Killed):
        replay(synced)
    assert synced.value("select typed from cdp.replays") == 200
    monkeypatch.setattr(Warehouse, "run", run)

    done = replay(synced)

    assert done["updated"] == orders
    assert differences(synced)["order_items.name"] == orders
    assert everything(synced) == before


def test_an_order_that_a_merge_wrote_since_it_was_read_is_left_to_the_merge(synced, monkeypatch):
    orders = synced.value("select count(*) from cdp.order_events")
    synced.db.execute("update cdp.order_events set status = 'wrong'")
    run, merged = Warehouse.run, []

    def merge_comes_first(self, name, *columns, **parameters):
        if name == "runs/lock_tenant" and not merged:
            merged.extend(synced.rows(
                "update cdp.order_events set status = 'newer', synced_at = synced_at + interval '1 second' "
                "where order_id = (select min(order_id) from cdp.order_events) returning order_id"
            ))  # fmt: skip
        return run(self, name, *columns, **parameters)

    monkeypatch.setattr(Warehouse, "run", merge_comes_first)
    monkeypatch.setattr(replayed_orders, "BATCH", 1000)

    done = replay(synced)

    assert done["updated"] == orders - 1
    assert [row["order_id"] for row in synced.rows("select * from cdp.order_events where status = 'newer'")] == [
        row["order_id"] for row in merged
    ]


def test_a_replay_that_off_peak_time_ended_goes_on_if_it_is_cleared(synced, monkeypatch):
    orders = synced.value("select count(*) from cdp.order_events")
    synced.sandbox.freeze("2026-11-21T09:59:00Z")  # a minute before 07:00 in Argentina
    run = Warehouse.run

    def takes_an_hour(self, name, *columns, **parameters):
        if name == "replay/advance":
            synced.sandbox.advance(3600)
        return run(self, name, *columns, **parameters)

    monkeypatch.setattr(Warehouse, "run", takes_an_hour)
    first = replay(synced, off_peak_only=True)
    monkeypatch.setattr(Warehouse, "run", run)
    seen = []
    monkeypatch.setattr(Warehouse, "tuples", recording(seen, Warehouse.tuples))

    second = replay(synced)

    assert (first["unchanged"], second["unchanged"]) == (100, orders)
    assert seen[0]["after_id"] is not None
    assert synced.value("select completed_at is not null from cdp.replays")


def recording(seen, tuples):
    """Return the reading of orders, which keeps where it began."""

    def read(self, name, **parameters):
        seen.append(parameters)
        return tuples(self, name, **parameters)

    return read


def test_a_completed_replay_that_is_cleared_begins_anew(synced):
    first = replay(synced)
    synced.db.execute("update cdp.order_events set status = 'wrong'")

    second = replay(synced)

    assert second["updated"] == first["unchanged"]


def test_an_order_without_a_readable_document_keeps_its_rows_and_is_rejected(synced):
    lost, broken = (row["order_id"] for row in synced.rows("select order_id from cdp.order_events order by 1 limit 2"))
    before = everything(synced) | {"order_payloads": None}
    synced.db.execute("delete from cdp.order_payloads where order_id = %s", (lost,))
    synced.db.execute("update cdp.order_payloads set document = '{}' where order_id = %s", (broken,))

    done = replay(synced)

    assert done["rejected"] == 2
    assert everything(synced) | {"order_payloads": None} == before
    reasons = {row["order_id"]: row["reason"] for row in synced.rows("select * from cdp.rejected_orders")}
    assert "not stored" in reasons[lost]
    assert "another order" in reasons[broken]
    healed = synced.sync(WEEK, run="again", sync_type="historical", force_refetch=True)
    assert healed["updated"] == 2
    assert synced.value("select count(*) from cdp.rejected_orders where resolved_at is null") == 0


def test_only_the_range_asked_for_is_typed_again(synced):
    synced.db.execute("update cdp.order_events set status = 'wrong'")

    done = replay(synced, orders_from="2026-11-14T00:00:00Z", orders_to="2026-11-15T00:00:00Z")

    day = "order_date >= '2026-11-14Z' and order_date < '2026-11-15Z'"
    assert 0 < done["updated"] == synced.value(f"select count(*) from cdp.order_events where {day}")
    assert synced.value(f"select count(*) from cdp.order_events where status = 'wrong' and {day}") == 0
    assert synced.value(f"select count(*) from cdp.order_events where status <> 'wrong' and not ({day})") == 0


def test_every_row_is_written_if_that_is_asked_for(synced):
    before = everything(synced)

    done = replay(synced, only_differing=False)

    assert done["updated"] == synced.value("select count(*) from cdp.order_events") > 0
    assert everything(synced) == before


def test_an_order_that_the_database_refuses_is_rejected_alone(synced):
    order_id = synced.value("select min(order_id) from cdp.order_events")
    synced.db.execute("update cdp.order_events set status = 'wrong'")
    synced.db.execute(
        "alter table cdp.order_events add constraint odd "
        f"check (order_id <> '{order_id}' or status = 'wrong' and typing_version < 0) not valid"
    )

    done = replay(synced)

    assert done["rejected"] == 1
    assert synced.value("select reason from cdp.rejected_orders where order_id = %s", order_id)
    assert synced.value("select count(*) from cdp.order_events where status = 'wrong'") == 1
