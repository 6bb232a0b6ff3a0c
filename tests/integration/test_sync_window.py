"""The tasks of a window, end to end: sandbox, landing, staging, warehouse."""

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from cdp_sync.operators.merge import MergeOrdersOperator
from cdp_sync.sql_files import sql
from tests.conftest import context

DAY = ("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z")
NOW = "2026-11-20T12:00:00Z"


def complete(truth):
    return {order_id: order for order_id, order in truth.items() if order["isCompleted"]}


def details(shop):
    return [entry["path"] for entry in shop.sandbox.log("ferreira", "detail")]


def test_every_order_of_the_window_stands_in_the_warehouse_as_vtex_has_it(shop):
    shop.sandbox.freeze(NOW)

    counts = shop.sync(DAY)

    truth = complete(shop.sandbox.truth("ferreira", *DAY))
    stored = shop.rows(
        "select order_id, status, (total * 100)::bigint as value, item_count, cancel_reason from cdp.order_events"
    )
    assert len(truth) > 40
    assert {row["order_id"]: tuple(row.values())[1:] for row in stored} == {
        order_id: (order["status"], order["value"], order["items"], order["cancelReason"])
        for order_id, order in truth.items()
    }
    assert counts["inserted"] == len(truth)


def test_items_documents_buyers_and_products_come_with_the_orders(shop):
    shop.sandbox.freeze(NOW)

    shop.sync(DAY)

    orders = shop.value("select count(*) from cdp.order_events")
    assert shop.value("select count(*) from cdp.order_payloads") == orders
    assert shop.value("select sum(item_count) from cdp.order_events") == shop.value(
        "select count(*) from cdp.order_items"
    )
    assert shop.value("select count(*) from cdp.products") == shop.value(
        "select count(distinct sku_id) from cdp.order_items"
    )
    assert (
        shop.value("select count(coalesce(document_key, company_key, email_key, profile_key)) from cdp.order_buyers")
        == orders
    )
    assert shop.value("select count(*) from cdp.order_changes") == orders
    assert shop.value("select count(*) from staging.orders") == 0


def test_a_second_run_asks_for_no_document_and_writes_no_order(shop):
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="first")
    shop.sandbox.clear_log()
    before = shop.rows("select order_id, xmin::text from cdp.order_events order by 1")

    counts = shop.sync(DAY, run="second")

    assert details(shop) == []
    assert (counts["fetched"], counts["skipped"]) == (0, counts["listed"])
    assert shop.rows("select order_id, xmin::text from cdp.order_events order by 1") == before


def test_force_refetch_reads_every_document_again_and_still_writes_no_order(shop):
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="first")
    before = shop.rows("select order_id, xmin::text from cdp.order_events order by 1")

    counts = shop.sync(DAY, run="second", force_refetch=True)

    assert counts["fetched"] == counts["unchanged"] == len(before)
    assert shop.rows("select order_id, xmin::text from cdp.order_events order by 1") == before


def test_an_order_that_changed_is_read_and_the_others_are_not(shop):
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="first")
    changed = shop.value("select min(order_id) from cdp.order_events where status = 'invoiced'")
    shop.sandbox.advance(3600)
    shop.sandbox.alter("ferreira", changed, status="replaced")
    shop.sandbox.freeze(NOW[:11] + "13:00:10Z")
    shop.sandbox.clear_log()

    counts = shop.sync(DAY, run="second")

    assert [path.rsplit("/", 1)[1] for path in details(shop)] == [changed]
    assert counts["updated"] == 1
    assert shop.value("select status from cdp.order_events where order_id = %s", changed) == "replaced"


def test_updates_of_older_orders_are_found_by_listing_their_creation_dates(shop):
    shop.sandbox.freeze("2026-11-12T12:00:00Z")
    shop.sync(DAY, run="first")
    shop.sandbox.freeze(NOW)

    shop.sync(("2026-11-19T12:00:00Z", "2026-11-20T11:55:00Z"), run="second", listed_from="2026-11-06T00:00:00Z")

    truth = complete(shop.sandbox.truth("ferreira", *DAY))
    stored = shop.rows("select order_id, status from cdp.order_events where order_date < '2026-11-11T00:00:00Z'")
    assert {row["order_id"]: row["status"] for row in stored} == {k: v["status"] for k, v in truth.items()}


def test_unknown_orders_from_before_the_window_are_left_to_the_historical_sync(shop):
    shop.sandbox.freeze(NOW)

    counts = shop.sync(DAY, listed_from="2026-11-01T00:00:00Z")

    assert counts["uncovered"] > 300
    assert shop.value("select min(order_date) from cdp.order_events where order_date < '2026-11-10T00:00:00Z'") is None


def test_an_order_that_comes_late_into_a_window_synced_before_is_fetched(shop):
    shop.sandbox.open("ferreira", orders_per_day=[45, 55], incomplete_share=0.4)
    shop.sandbox.freeze("2026-11-11T06:00:00Z")
    shop.sync(DAY, run="first")
    late = set(complete(shop.sandbox.truth("ferreira", *DAY)))
    shop.sandbox.freeze(NOW)
    late = set(complete(shop.sandbox.truth("ferreira", *DAY))) - late

    shop.sync(("2026-11-19T12:00:00Z", "2026-11-20T11:55:00Z"), run="second", listed_from="2026-11-06T00:00:00Z")

    assert late, "the day has a cart that became an order later"
    stored = {row["order_id"] for row in shop.rows("select order_id from cdp.order_events")}
    assert late <= stored


def test_without_last_change_in_the_list_its_rows_show_what_changed(shop):
    shop.sandbox.open("ferreira", theme="sports", orders_per_day=[45, 55], list_last_change=False)
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="first", sync_type="historical")
    changed = shop.value("select min(order_id) from cdp.order_events where status = 'invoiced'")
    shop.sandbox.advance(60)
    shop.sandbox.alter("ferreira", changed, status="replaced")
    shop.sandbox.clear_log()

    shop.sync(DAY, run="second", sync_type="historical")

    assert [path.rsplit("/", 1)[1] for path in details(shop)] == [changed]


def test_without_last_change_in_the_list_open_orders_are_read_again(shop):
    shop.sandbox.open("ferreira", theme="sports", orders_per_day=[45, 55], list_last_change=False)
    shop.sandbox.freeze("2026-11-11T06:00:00Z")
    shop.sync(DAY, run="first")
    is_open = {
        row["order_id"]
        for row in shop.rows("select order_id from cdp.order_events where status not in ('invoiced', 'canceled')")
    }
    shop.sandbox.clear_log()

    six, seven = "2026-11-11T06:00:00Z", "2026-11-11T07:00:00Z"
    shop.sandbox.freeze(seven)
    shop.sync(("2026-11-11T05:00:00Z", six), run="second", asked_at=seven, reread_before=six)

    assert is_open <= {path.rsplit("/", 1)[1] for path in details(shop)}


def test_a_cancelled_order_without_a_reason_is_read_once_more_an_hour_later(shop):
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="first")
    order_id = shop.value("select min(order_id) from cdp.order_events where status = 'handling' or status = 'invoiced'")
    window = ("2026-11-20T11:00:00Z", "2026-11-20T11:30:00Z")
    shop.sandbox.alter("ferreira", order_id, status="canceled", cancelReason=None, cancellationData=None)
    shop.sandbox.freeze("2026-11-20T12:01:00Z")
    shop.sync(window, run="second", listed_from="2026-11-06T00:00:00Z", asked_at="2026-11-20T12:01:00Z")
    body = shop.value("select document::text from cdp.order_payloads where order_id = %s", order_id)
    document = json.loads(body) | {"cancelReason": "Sin stock"}  # and the same lastChange
    shop.put_documents(document)
    shop.sandbox.freeze("2026-11-20T18:00:00Z")

    shop.sync(window, run="third", listed_from="2026-11-06T00:00:00Z", asked_at="2026-11-20T18:00:00Z")
    shop.sandbox.clear_log()
    shop.sync(window, run="fourth", listed_from="2026-11-06T00:00:00Z", asked_at="2026-11-20T18:00:00Z")

    assert shop.value("select cancel_reason from cdp.order_events where order_id = %s", order_id) == "Sin stock"
    assert details(shop) == []


def test_a_document_that_cannot_be_typed_is_kept_with_its_reason_and_fails_nothing(shop):
    shop.sandbox.freeze(NOW)
    order_id = next(iter(complete(shop.sandbox.truth("ferreira", *DAY))))
    shop.sandbox.alter("ferreira", order_id, value="a lot")

    counts = shop.sync(DAY)

    (rejected,) = shop.rows("select order_id, reason, payload, resolved_at from cdp.rejected_orders")
    assert (counts["rejected"], counts["failed"]) == (1, 0)
    assert rejected["order_id"] == order_id
    assert "$.value" in rejected["reason"]
    assert json.loads(rejected["payload"])["value"] == "a lot"
    assert shop.value("select count(*) from cdp.order_events where order_id = %s", order_id) == 0


def test_a_rejected_order_is_tried_again_and_resolved_once_it_can_be_typed(shop):
    shop.sandbox.freeze(NOW)
    order_id = next(iter(complete(shop.sandbox.truth("ferreira", *DAY))))
    shop.sandbox.alter("ferreira", order_id, value="a lot")
    shop.sync(DAY, run="first")
    shop.sandbox.alter("ferreira", order_id, value=100)

    shop.sync(DAY, run="second")

    assert shop.value("select resolved_at is not null from cdp.rejected_orders") is True
    assert shop.value("select total::text from cdp.order_events where order_id = %s", order_id) == "1.00"


def test_an_order_vtex_lists_but_does_not_serve_is_rejected_not_lost(shop):
    shop.sandbox.freeze(NOW)
    order_id = next(iter(complete(shop.sandbox.truth("ferreira", *DAY))))
    shop.sandbox.fault("status", status=404, route="detail", order_id=order_id)

    counts = shop.sync(DAY)

    assert (counts["failed"], counts["rejected"]) == (1, 1)
    assert shop.value("select reason from cdp.rejected_orders where order_id = %s", order_id).startswith("ferreira: ")


def test_a_document_that_answers_for_another_order_is_rejected(shop):
    shop.sandbox.freeze(NOW)
    order_id = next(iter(complete(shop.sandbox.truth("ferreira", *DAY))))
    shop.sandbox.fault("swap", route="detail", order_id=order_id)

    shop.sync(DAY)

    assert "another order" in shop.value("select reason from cdp.rejected_orders where order_id = %s", order_id)


def test_a_late_replay_never_puts_an_older_version_over_a_newer_one(shop):
    shop.sandbox.freeze("2026-11-11T06:00:00Z")
    old = shop.fetch(DAY, run="late")
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="newer")
    before = shop.digest()

    counts = shop.merge(shop.stage(old, run="late"), run="late")

    assert counts["updated"] == counts["inserted"] == 0
    assert shop.digest() == before


def test_what_vtex_serves_now_wins_over_a_row_that_claims_to_be_newer_if_a_person_asks(shop):
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="first")
    order_id = shop.value("select min(order_id) from cdp.order_events where status = 'invoiced'")
    before = shop.digest()
    shop.db.execute(
        "update cdp.order_events set last_change = last_change + interval '1 day', total = 1 where order_id = %s",
        (order_id,),
    )
    shop.db.execute("delete from cdp.order_items where order_id = %s", (order_id,))
    shop.sandbox.advance(3600)

    counts = shop.sync(DAY, run="second", force_refetch=True)

    assert (counts["updated"], counts["unchanged"]) == (1, counts["fetched"] - 1)
    assert shop.digest() == before


def test_a_force_refetch_merged_late_never_replaces_what_was_read_after_it(shop):
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="first")
    order_id = shop.value("select min(order_id) from cdp.order_events where status = 'invoiced'")
    late = shop.stage(shop.fetch(DAY, run="late", force_refetch=True), run="late")
    shop.sandbox.advance(3600)
    shop.sandbox.alter("ferreira", order_id, status="replaced")
    shop.sync(DAY, run="second", force_refetch=True)
    before = shop.digest()

    counts = shop.merge(late, run="late")

    assert counts["updated"] == 0
    assert shop.digest() == before
    assert shop.value("select status from cdp.order_events where order_id = %s", order_id) == "replaced"


def test_of_two_merges_of_a_tenant_one_waits_for_the_other(shop, dsn):
    shop.sandbox.freeze(NOW)
    staged = shop.stage(shop.fetch(DAY))
    with psycopg.connect(dsn) as other, ThreadPoolExecutor() as pool:
        other.execute(sql("runs/lock_tenant"), {"tenant_id": 21})
        other.execute(sql("runs/lock_tenant"), {"tenant_id": 20})

        merge = pool.submit(shop.merge, staged)
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        deadline = time.monotonic() + 60
        while not shop.value(waiting) and not merge.done() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not merge.done(), "it did not wait"
        assert shop.value("select count(*) from cdp.order_events") == 0
        other.commit()

        assert merge.result(60)["inserted"] == staged["staged"]


def test_checkpoint_run_and_freshness_are_written_with_the_orders(shop):
    shop.sandbox.freeze(NOW)

    counts = shop.sync(DAY, asked_at="2026-11-11T00:05:00+00:00")

    (checkpoint,) = shop.rows("select sync_type, status, fetched, attempts from cdp.sync_checkpoints")
    (run,) = shop.rows("select * from cdp.sync_runs")
    assert checkpoint == {
        "sync_type": "incremental", "status": "completed", "fetched": counts["fetched"], "attempts": 1
    }  # fmt: skip
    assert run["status"] == "completed"
    assert run["listed"] == run["skipped"] + run["fetched"] + run["failed"]
    assert run["staged"] == run["inserted"] + run["updated"] + run["unchanged"] + run["superseded"]
    assert shop.value("select last_sync_at = '2026-11-11T00:05:00Z' from cdp.tenants") is True


def test_clearing_an_old_run_does_not_make_the_tenant_fresh(shop):
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="new", asked_at="2026-11-11T00:05:00+00:00")

    shop.sync(("2026-11-09T00:00:00Z", "2026-11-10T00:00:00Z"), run="old", asked_at="2026-11-10T00:05:00+00:00")

    assert shop.value("select last_sync_at = '2026-11-11T00:05:00Z' from cdp.tenants") is True


def test_an_old_window_asked_for_today_does_not_make_the_tenant_fresh(shop):
    shop.sandbox.freeze(NOW)

    shop.sync(DAY, asked_at=NOW)

    assert shop.value("select last_sync_at = '2026-11-11T00:05:00Z' from cdp.tenants") is True


def test_a_rejected_order_is_resolved_by_the_same_run_too(shop):
    shop.sandbox.freeze(NOW)
    order_id = next(iter(complete(shop.sandbox.truth("ferreira", *DAY))))
    shop.sandbox.alter("ferreira", order_id, value="a lot")
    shop.sync(DAY)
    shop.sandbox.alter("ferreira", order_id, value=100)

    shop.sync(DAY)

    assert shop.value("select resolved_at is not null from cdp.rejected_orders") is True


def test_an_empty_window_completes_with_nothing(shop):
    shop.sandbox.open("ferreira", orders_per_day=[0, 0])
    shop.sandbox.freeze(NOW)

    counts = shop.sync(DAY)

    assert (counts["listed"], counts["inserted"]) == (0, 0)
    assert shop.value("select status from cdp.sync_checkpoints") == "completed"


@pytest.mark.parametrize(
    ("host", "login", "said"),
    [
        ("", "wrong", "does not accept the key in connection vtex_ferreira"),
        ("", "vtexappkey-ferreira-NOROLE", "lacks the role"),
        ("nobody", None, "there is no such account as the host of connection vtex_ferreira"),
    ],
)
def test_a_wrong_connection_fails_at_once_and_says_which(shop, monkeypatch, host, login, said):
    key, token = shop.sandbox.credentials("ferreira")
    monkeypatch.setenv(
        "AIRFLOW_CONN_VTEX_FERREIRA",
        json.dumps(
            {
                "conn_type": "http",
                "host": shop.sandbox.account_url(host or "ferreira"),
                "login": login or key,
                "password": token,
            }
        ),
    )

    with pytest.raises(AirflowFailException, match=said) as failure:
        shop.fetch(DAY)

    assert "ferreira" in str(failure.value)
    assert token not in str(failure.value)
    assert shop.sandbox.summary()["requests"] <= 3
    assert said in shop.value("select error from cdp.sync_runs where status = 'failed'")


def test_a_window_beyond_vtex_memory_is_said_not_found_empty(shop):
    with pytest.raises(AirflowFailException, match=r"ferreira: Window .* is older than two years"):
        shop.orders_run(run_after=moment(NOW), start="2023-01-01T00:00:00Z", end="2023-02-01T00:00:00Z")


def test_an_end_before_the_start_is_refused_with_a_sentence(shop):
    with pytest.raises(AirflowFailException, match="not after its start"):
        shop.orders_run(run_after=moment(NOW), start="2026-11-02T00:00:00Z", end="2026-11-01T00:00:00Z")


def test_a_manual_run_without_an_interval_plans_from_run_after(shop):
    plan = shop.plan(run_after=moment(NOW))

    assert (plan["window_start"], plan["window_end"]) == ("2026-11-19T12:00:00+00:00", "2026-11-20T11:55:00+00:00")
    assert plan["listed_from"] == "2026-11-06T11:55:00+00:00"


def test_a_run_triggered_in_the_ui_looks_at_now_not_at_the_interval_the_form_infers(shop):
    plan = shop.plan(run_after=moment(NOW), interval_end=moment("2026-11-20T09:00:00Z"))

    assert plan["window_end"] == "2026-11-20T11:55:00+00:00"


def test_a_backfill_looks_at_its_own_past_interval(shop):
    plan = shop.plan(run_type="backfill", run_after=moment(NOW), interval_end=moment("2026-10-01T03:00:00Z"))

    assert plan["window_end"] == "2026-10-01T02:55:00+00:00"


def test_clearing_a_run_plans_the_same_window_again(shop):
    first = shop.plan(run_type="scheduled", interval_end=moment("2026-11-11T00:05:00Z"))
    shop.sandbox.freeze(NOW)
    shop.sync((first["window_start"], first["window_end"]), asked_at=first["asked_at"])
    shop.sync(DAY, run="later")

    assert shop.plan(run_type="scheduled", interval_end=moment("2026-11-11T00:05:00Z")) == first


def test_a_tenant_whose_sync_is_disabled_is_skipped_with_the_reason(shop):
    shop.db.execute("update cdp.tenants set sync_enabled = false")

    with pytest.raises(AirflowSkipException, match="ferreira: sync_enabled is false"):
        shop.orders_run(run_after=moment(NOW))

    assert shop.rows("select status, error from cdp.sync_runs") == [
        {"status": "skipped", "error": "ferreira: sync_enabled is false in cdp.tenants"}
    ]


def test_a_completed_run_that_is_cleared_while_the_sync_is_off_stays_what_it_was(shop):
    shop.sync(DAY, run="done")
    before = shop.rows("select * from cdp.sync_runs")
    shop.db.execute("update cdp.tenants set sync_enabled = false")

    with pytest.raises(AirflowSkipException):
        shop.orders_run(run_after=moment(NOW), run="done")

    assert shop.rows("select * from cdp.sync_runs") == before


def moment(text):
    return datetime.fromisoformat(text)


def test_a_merge_reports_what_the_runs_note_says(shop):
    shop.sandbox.freeze(NOW)
    orders = len(complete(shop.sandbox.truth("ferreira", *DAY)))
    reported = []

    for run in ("first", "second"):
        asked = context(run)
        staged = shop.stage(shop.fetch(DAY, run=run), run=run)
        shop.task(MergeOrdersOperator, staged, run=run, sync_type="incremental", context_of=asked)
        reported.append(asked["pushed"]["outcome"])

    assert reported == [
        {"new": orders, "changed": 0, "unchanged": 0, "rejected": 0, "masked": 0, "new_fields": 0},
        {"new": 0, "changed": 0, "unchanged": orders, "rejected": 0, "masked": 0, "new_fields": 0},
    ]


@pytest.mark.parametrize(("changed_days_ago", "is_news"), [(0, True), (9, False)])
def test_a_field_that_no_column_holds_is_registered_and_is_news_unless_an_old_order_is_read_late(
    shop, capsys, changed_days_ago, is_news
):
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="first")
    assert shop.value("select count(*) from cdp.unread_fields where tenant_id = 20") > 20
    assert "new fields in documents" not in capsys.readouterr().out
    order_id = shop.value("select min(order_id) from cdp.order_events")
    body = json.loads(shop.value("select document::text from cdp.order_payloads where order_id = %s", order_id))
    app = {"id": "crm", "major": 1, "fields": {"tier": "gold"}}
    shop.sandbox.advance(2 * 86400)
    changed = (shop.sandbox.now - timedelta(days=changed_days_ago)).isoformat()
    shop.put_documents(body | {"customData": {"customApps": [app]}, "lastChange": changed})

    shop.sync(DAY, run="second", force_refetch=True)

    (row,) = shop.rows("select * from cdp.unread_fields where path = 'customData.customApps[crm].fields.tier'")
    assert (row["tenant_id"], row["order_id"], row["kinds"], row["documents"]) == (20, order_id, ["text"], 1)
    assert row["first_seen_at"] == shop.sandbox.now
    assert ("new fields in documents" in capsys.readouterr().out) == is_news


def test_an_order_with_fields_named_and_nested_beyond_measure_does_not_stop_the_others(shop):
    shop.sandbox.freeze(NOW)
    shop.sync(DAY, run="first")
    order_id = shop.value("select min(order_id) from cdp.order_events")
    body = json.loads(shop.value("select document::text from cdp.order_payloads where order_id = %s", order_id))
    chance, deep = random.Random(1), 1
    for _ in range(35):
        deep = {"".join(chr(chance.randrange(0x4E00, 0x9F00)) for _ in range(60)): deep}
    shop.put_documents(body | {"deep": deep, "lastChange": "2026-11-19T00:00:00Z"})

    counts = shop.sync(DAY, run="second", force_refetch=True)

    assert counts["rejected"] == 0
    assert shop.value("select order_id from cdp.unread_fields where path = '…'") == order_id
