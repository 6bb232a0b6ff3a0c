"""Accounts under Data Protection Plus: synced like others; a masked buyer is nobody, and harms nobody."""

import json
import logging
from datetime import timedelta
from urllib.parse import unquote

import pytest
from airflow.sdk.exceptions import AirflowFailException

from cdp_sync.operators.merge import MergeOrdersOperator
from cdp_sync.vtex import listing as listing_module
from cdp_sync.vtex.orders_api import ProtectedApi
from tests.conftest import context
from tests.integration.test_full_refresh import ASKED, MONTH, findings
from tests.integration.test_history import fill, history_of, stored
from tests.integration.test_replay import differences, replay
from tests.integration.test_sync_window import DAY, NOW, complete, details

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

REASON = "crm sync"
TOMORROW = "2026-11-21T12:00:10Z"
TODAY = ("2026-11-19T12:00:00Z", "2026-11-20T11:55:00Z")
RESULTS = ("order_events", "order_items", "order_buyers", "products")
"""Tables that must be the same for a protected and an ordinary account; documents have another shape."""


@pytest.fixture
def connect(shop, monkeypatch):
    """Write the connection, with or without a reason."""

    def write(reason=None, key=None):
        login, password = shop.sandbox.credentials("ferreira")
        extra = {} if reason is None else {"data_protection_reason": reason}
        connection = {"conn_type": "http", "host": shop.sandbox.account_url("ferreira"), "password": password}
        monkeypatch.setenv(
            "AIRFLOW_CONN_VTEX_FERREIRA", json.dumps(connection | {"login": key or login, "extra": extra})
        )

    return write


@pytest.fixture
def protected(shop, connect):
    """Ferreira, under Data Protection Plus, and a connection that says so."""
    protect(shop)
    shop.sandbox.freeze(NOW)
    connect(REASON)
    return shop


def protect(shop, **settings):
    shop.sandbox.open("ferreira", theme="sports", orders_per_day=[45, 55], data_protection=True, **settings)


def results(shop):
    return {table: digest for table, digest in shop.digest().items() if table in RESULTS}


def forget(shop):
    shop.db.execute("truncate cdp.order_events, cdp.order_fetches, cdp.order_buyers cascade")
    shop.db.execute("truncate cdp.products, cdp.sync_checkpoints, cdp.sync_coverage, cdp.sync_runs cascade")


def of_an_ordinary_account(shop, connect):
    """Return what the day looks like if the account is an ordinary one."""
    shop.sandbox.open("ferreira", theme="sports", orders_per_day=[45, 55])
    connect()
    shop.sync(DAY, run="ordinary")
    found = results(shop)
    forget(shop)
    return found


def asked(shop, route):
    return {entry["path"].removesuffix(f"/{entry['path'].rpartition('/')[2]}") for entry in log(shop, route)}


def log(shop, route):
    return shop.sandbox.log("ferreira", route)


def truth_of(shop, *window):
    return {order_id: order["status"] for order_id, order in complete(shop.sandbox.truth("ferreira", *window)).items()}


def masked(shop):
    return shop.value("select count(*) from cdp.order_events where buyer_masked")


def test_a_protected_account_is_synced_as_an_ordinary_one(protected, connect):
    ordinary = of_an_ordinary_account(protected, connect)
    protect(protected)
    connect(REASON)
    protected.sandbox.clear_log()

    counts = protected.sync(DAY)

    assert results(protected) == ordinary
    assert stored(protected) == truth_of(protected, *DAY)
    assert counts["listed"] == counts["fetched"] + counts["skipped"]
    assert (counts["rejected"], counts["masked"]) == (0, 0)
    assert {entry["path"] for entry in log(protected, "list")} == {ProtectedApi.list_path}
    assert asked(protected, "detail") == {ProtectedApi.document_path}
    assert {entry["query"] for entry in log(protected, "detail")} == {"reason=crm+sync"}


def test_documents_are_kept_in_the_shape_in_which_they_are_served(protected):
    protected.sync(DAY)

    shapes = protected.rows(
        "select distinct document->>'id' = order_id as id, document->>'creationDate' like '%%Z' as zone "
        "from cdp.order_payloads"
    )
    assert shapes == [{"id": True, "zone": True}]


def test_a_second_run_asks_for_no_document(protected):
    protected.sync(DAY, run="first")
    protected.sandbox.clear_log()

    counts = protected.sync(DAY, run="second")

    assert details(protected) == []
    assert counts["skipped"] == counts["listed"]


def test_a_list_beyond_page_30_is_halved_there_too(protected, monkeypatch):
    monkeypatch.setattr(listing_module, "MAX_PAGES", 1)
    protected.sandbox.open("ferreira", orders_per_day=[190, 190], data_protection=True)

    protected.sync(DAY)

    assert stored(protected) == truth_of(protected, *DAY)
    assert {entry["status"] for entry in log(protected, "list")} == {200}


def test_history_is_filled_and_the_refresh_finds_nothing_and_heals(protected):
    protected.sandbox.open("ferreira", orders_per_day=[14, 16], incomplete_share=0, data_protection=True)
    protected.db.execute("update cdp.tenants set go_live_date = %s", ((ASKED - timedelta(days=40)).date(),))
    protected.sync(TODAY, run="incremental")
    fill(protected)
    truth = {order_id: order["status"] for order_id, order in history_of(protected).items()}

    untouched = protected.refresh(asked_at=ASKED, run="first")
    gone = protected.value("select min(order_id) from cdp.order_events where order_date > '2026-11-01'")
    for table in ("order_items", "order_addresses", "order_payloads", "order_fetches", "order_events"):
        protected.db.execute(f"delete from cdp.{table} where order_id = %s", (gone,))
    healed = protected.refresh(asked_at=ASKED, run="second", allowed=100)

    assert set(findings(untouched).values()) == {0}
    assert findings(healed)["missing"] == 1
    assert len(truth) > 500
    assert {order_id: stored(protected)[order_id] for order_id in truth} == truth
    assert asked(protected, "detail") == {ProtectedApi.document_path}


def test_changes_that_the_feed_reports_are_read_with_the_reason(protected):
    protected.sandbox.open("ferreira", orders_per_day=[18, 24], feed_short_polls=0.0, data_protection=True)
    protected.db.execute("update cdp.tenants set feed_enabled = true")
    protected.feed_run(run="first")
    order_id = min(protected.sandbox.truth("ferreira", *DAY))
    protected.sandbox.alter("ferreira", order_id, status="canceled")

    run = protected.feed_run()

    assert (run["received"], run["inserted"], run["masked"]) == (1, 1, 0)
    assert stored(protected) == {order_id: "canceled"}
    assert [(entry["path"], entry["query"]) for entry in log(protected, "detail")] == [
        (f"{ProtectedApi.document_path}/{order_id}", "reason=crm+sync")
    ]


# Masked buyers


def test_without_a_reason_orders_are_stored_and_nobody_is_made_up(protected, connect, capsys):
    connect()

    counts = protected.stage(protected.fetch(DAY))
    asked_of = context()
    protected.task(MergeOrdersOperator, counts, run="manual__1", sync_type="incremental", context_of=asked_of)

    assert stored(protected) == truth_of(protected, *DAY)
    assert asked_of["pushed"]["outcome"]["masked"] == counts["masked"]
    assert masked(protected) == counts["masked"] == len(stored(protected)) > 40
    assert protected.value("select count(*) from cdp.order_buyers") == 0
    assert protected.rows("select order_id from cdp.order_events where order_events::text like '%%*%%'") == []
    assert (
        f"ferreira batch cdp_orders__ferreira/manual__1: VTEX masked who bought in {counts['masked']} orders, so they "
        "have no customer, or that of an earlier document; let data_protection_reason in the extra of connection "
        "vtex_ferreira be a reason that VTEX accepts, see docs/tenants.md"
    ) in capsys.readouterr().out


def test_with_a_reason_orders_masked_a_day_ago_are_read_again_and_everybody_is_who_they_are(protected, connect):
    protected.sandbox.freeze(TOMORROW)
    ordinary = of_an_ordinary_account(protected, connect)
    protect(protected)
    protected.sandbox.freeze(NOW)
    protected.sync(DAY, run="masked", asked_at=NOW)
    connect(REASON)
    protected.sandbox.freeze(TOMORROW)
    protected.sandbox.clear_log()

    counts = protected.sync(DAY, run="shown", asked_at=TOMORROW)

    assert len(details(protected)) == counts["updated"] == len(stored(protected)) > 40
    assert counts["masked"] == masked(protected) == 0
    assert results(protected) == ordinary


def test_an_order_that_stays_masked_is_read_once_a_day(protected):
    protect(protected, unmasks=False)
    protected.sync(DAY, run="first", asked_at=NOW)
    protected.sandbox.clear_log()

    protected.sync(DAY, run="second", asked_at=NOW)
    again_at_once = len(details(protected))
    protected.sandbox.freeze(TOMORROW)
    protected.sync(DAY, run="third", asked_at=TOMORROW)
    protected.sync(DAY, run="fourth", asked_at=TOMORROW)

    assert again_at_once == 0
    assert len(details(protected)) == masked(protected) == len(stored(protected))


def test_a_masked_document_takes_nothing_from_what_is_known(protected, connect):
    protected.sync(DAY, run="shown")
    before = protected.digest()
    connect()

    protected.sync(DAY, run="masked", force_refetch=True)

    assert protected.digest() == before
    assert masked(protected) == 0


def test_a_masked_change_is_stored_and_the_buyer_stays_who_they_are(protected, connect):
    protected.sync(DAY, run="shown")
    (order,) = protected.rows(
        "select order_id, shipping_city, shipping_postal_code from cdp.order_events "
        "where status = 'invoiced' order by order_id limit 1"
    )
    people = protected.digest()["order_buyers"]
    connect()
    protected.sandbox.advance(3600)
    protected.sandbox.alter("ferreira", order["order_id"], status="replaced")

    counts = protected.sync(DAY, run="masked")

    assert (counts["updated"], counts["masked"]) == (1, 1)
    (found,) = protected.rows(
        "select order_id, shipping_city, shipping_postal_code, status, buyer_masked "
        "from cdp.order_events where order_id = %s",
        order["order_id"],
    )
    assert found == order | {"status": "replaced", "buyer_masked": True}
    assert protected.digest()["order_buyers"] == people
    again = protected.sync(DAY, run="again", force_refetch=True)
    assert (again["updated"], again["unchanged"]) == (0, again["fetched"])


@pytest.mark.parametrize("only_differing", [True, False])
def test_a_replay_of_a_masked_document_takes_nothing_from_what_is_known(protected, connect, only_differing):
    protected.sync(DAY, run="shown")
    order_id = protected.value("select min(order_id) from cdp.order_buyers")
    connect()
    protected.sandbox.advance(3600)
    protected.sandbox.alter("ferreira", order_id, status="replaced")
    protected.sync(DAY, run="masked")
    before = protected.digest()

    replay(protected, only_differing=only_differing)

    assert masked(protected) == 1
    assert differences(protected) == {}
    assert protected.digest() == before


@pytest.mark.parametrize("run", ["refresh", "force_refetch"])
def test_a_run_that_heals_takes_a_masked_document_for_no_correction(protected, connect, run):
    protected.sandbox.open("ferreira", orders_per_day=[14, 16], incomplete_share=0, data_protection=True)
    protected.sync(MONTH, run="shown", asked_at=NOW)
    before = protected.digest()
    connect()

    if run == "refresh":
        found = findings(protected.refresh(asked_at=ASKED, sample_percent=100))
        assert set(found.values()) == {0}
    else:
        protected.sync(MONTH, run="again", asked_at=NOW, force_refetch=True)

    assert protected.digest() == before


def test_two_people_whose_masks_are_the_same_stay_two(protected, connect):
    first, second = [
        {"firstName": "Ana", "lastName": "Paz", "email": f"{name}@correo.example", "document": document, "phone": "1"}
        for name, document in (("ana", "30111222"), ("ada", "30333444"))
    ]
    ids = sorted(truth_of(protected, *DAY))[:2]
    for order_id, profile in zip(ids, (first, second), strict=True):
        protected.sandbox.alter("ferreira", order_id, clientProfileData=profile | {"userProfileId": None})
    connect()
    protected.sync(DAY, run="masked", asked_at=NOW)
    nobody = protected.rows("select from cdp.order_buyers where order_id = any(%s)", ids)
    connect(REASON)
    protected.sandbox.freeze(TOMORROW)

    protected.sync(DAY, run="shown", asked_at=TOMORROW)

    assert nobody == []
    people = protected.rows(
        "select document, email from cdp.order_buyers where order_id = any(%s) order by document",
        ids,
    )
    assert [tuple(person.values()) for person in people] == [
        ("30111222", "ana@correo.example"), ("30333444", "ada@correo.example"),
    ]  # fmt: skip


# Sentences


def test_a_key_without_the_roles_is_told_which_ones(protected, connect):
    connect(REASON, key="vtexappkey-ferreira-NOROLE")

    with pytest.raises(AirflowFailException) as failed:
        protected.fetch(DAY)

    assert str(failed.value) == (
        "ferreira: the key in connection vtex_ferreira lacks the role List Orders or View order (HTTP 403 on "
        "/api/orders/extendsearch/orders); grant both in VTEX, then clear this task"
    )


def test_an_ordinary_account_with_a_reason_is_told_what_may_be_wrong(shop, connect):
    connect(REASON)

    with pytest.raises(AirflowFailException) as failed:
        shop.fetch(DAY)

    assert str(failed.value) == (
        "ferreira: there is no such account as the host of connection vtex_ferreira, or it is not under Data "
        "Protection Plus, as data_protection_reason says (HTTP 404 on /api/orders/extendsearch/orders); correct it, "
        "then clear this task"
    )


def test_no_log_shows_the_reason(protected, caplog, capsys):
    with caplog.at_level(logging.DEBUG):
        protected.sync(DAY)

    said = unquote(caplog.text + capsys.readouterr().out)
    assert "ferreira" in said
    assert "crm" not in said
