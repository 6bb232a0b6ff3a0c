"""Every score has one segment, ties are never split, and history keeps changes only."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.customers.calculation import Calculation
from cdp_sync.operators.customers.rfm import rank

ANY_POSTGRES = True  # test_idempotence runs every statement on both

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PUBLISHED = {
    "Champions": "555 554 544 545 454 455 445",
    "Loyal Customers": "543 444 435 355 354 345 344 335",
    "Potential Loyalists": "512 511 422 421 412 411 311",
    "Recent Customers": "521 520 522 523 524 525",
    "Promising": "512 511 422 421 412 411 311",
    "Need Attention": "331 321 231 241 251",
    "About to Sleep": "155 154 144 214 215 115 114",
    "At Risk": "233 234 243 244",
    "Can't Lose Them": "144 145 154 155 244 245 254 255",
    "Hibernating": "111 112 121 122",
    "Lost": "111",
}
"""Scores the user publishes, ranges written out."""


@pytest.fixture
def shop(db):
    db.execute(
        "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
        "values (1, 'Uno', 'uno', 'uno', '2025-01-01')"
    )
    return db


def score(db, *customers, as_of=NOW):
    """Score customers given as (days since the last order, orders, net); return their scores, in order."""
    db.execute("delete from cdp.customer_profiles")
    for number, (days, orders, net) in enumerate(customers):
        db.execute(
            "insert into cdp.customer_profiles (tenant_id, customer_id, last_order_date, orders, units, gross, net, "
            "cancelled, pending, unknown, carts, returns, returned, as_of) "
            "values (1, %s, %s, %s, 1, %s, %s, 0, 0, 0, 0, 0, 0, %s)",
            (UUID(int=number), NOW - timedelta(days=days), orders, net, net, NOW),
        )
    counts = rank(Warehouse(db), Calculation(1, "uno", as_of, False, 1))
    rows = db.execute("select score from cdp.customer_rfm where window_days = 0 order by customer_id").fetchall()
    assert counts["scored"] == len(rows)
    return [row["score"] for row in rows]


def test_each_of_the_125_scores_has_one_of_eleven_segments(shop):
    rows = shop.execute("select score, segment, tier, action from cdp.rfm_segments").fetchall()

    assert len(rows) == len({row["score"] for row in rows}) == 125
    assert {row["segment"] for row in rows} == PUBLISHED.keys()
    assert len({(row["segment"], row["tier"], row["action"]) for row in rows}) == 11


def test_segments_agree_with_every_published_score_that_is_not_contradictory(shop):
    segments = {
        row["score"]: (row["segment"], row["source"])
        for row in shop.execute("select score, segment, source from cdp.rfm_segments")
    }
    for number in segments:
        named = {segment for segment, scores in PUBLISHED.items() if number in scores.split()}
        segment, source = segments[number]
        assert source == ("not published" if not named else "as published" if len(named) == 1 else "contradictory")
        assert not named or segment in named, number


def test_five_customers_apart_have_the_five_scores(shop):
    assert score(shop, (500, 1, 10), (400, 2, 20), (300, 3, 30), (200, 4, 40), (1, 9, 50)) == [
        "111", "222", "333", "444", "555",
    ]  # fmt: skip


def test_equal_values_have_one_score_and_one_order_is_always_the_lowest_frequency(shop):
    found = score(shop, *[(10, 1, 100)] * 80, *[(10, 2, 100)] * 16, *[(10, 5, 100)] * 4)

    assert found == ["313"] * 80 + ["333"] * 16 + ["353"] * 4


@pytest.mark.parametrize(
    ("customers", "scores"), [([(5, 1, 10)], ["313"]), ([(5, 1, 10), (9, 1, 5)], ["414", "212"]), ([], [])]
)
def test_a_shop_with_hardly_a_customer_has_scores_in_the_middle(shop, customers, scores):
    assert score(shop, *customers) == scores


def test_a_score_never_falls_where_the_value_rises(shop):
    customers = [(number * 7 % 50, 1 + number * number % 11, number * 13 % 40 - 5) for number in range(200)]

    found = score(shop, *customers)

    for place, value in enumerate((lambda c: -c[0], lambda c: c[1], lambda c: c[2])):
        ranked = sorted((value(customer), digits[place]) for customer, digits in zip(customers, found, strict=True))
        assert [digit for _, digit in ranked] == sorted(digit for _, digit in ranked)
        assert len(set(ranked)) == len({measure for measure, _ in ranked})


def test_history_keeps_changes_only_and_tells_the_movement_between_two_moments(shop):
    later = NOW + timedelta(days=1)
    score(shop, (500, 1, 10), (400, 2, 20), (300, 3, 30), (200, 4, 40), (1, 9, 50))
    score(shop, (500, 1, 10), (400, 2, 20), (300, 3, 30), (200, 4, 40), (1, 9, 50), as_of=NOW + timedelta(hours=6))
    assert shop.execute("select count(*) from cdp.customer_rfm_history").fetchone()["count"] == 5

    score(shop, (0, 20, 99), (400, 2, 20), (300, 3, 30), (200, 4, 40), as_of=later)

    moves = shop.execute("select * from cdp.segments_between(1, 0, %s, %s)", (NOW, later)).fetchall()
    assert {tuple(move.values()) for move in moves} >= {("Lost", "Champions", 1), ("Champions", None, 1)}
    seen = shop.execute("select * from cdp.segment_movement where customer_id = %s order by moved_at", (UUID(int=0),))
    assert [(row["from_segment"], row["to_segment"]) for row in seen] == [(None, "Lost"), ("Lost", "Champions")]


def test_a_window_sees_only_its_days_and_goes_when_it_is_not_wanted(shop):
    for number, days in enumerate((10, 100)):
        shop.execute(
            "insert into cdp.customer_orders (tenant_id, order_id, customer_id, order_date, outcome, gross, net, units)"
            " values (1, %s, %s, %s, 'revenue', 5, 5, 1)",
            (str(number), UUID(int=number), NOW - timedelta(days=days)),
        )
    shop.execute("insert into cdp.customer_settings (tenant_id, rfm_windows) values (1, '{30,365}')")
    score(shop, (10, 1, 5), (100, 1, 5))

    def windows():
        rows = shop.execute("select window_days, count(*) from cdp.customer_rfm group by 1 order by 1").fetchall()
        return [tuple(row.values()) for row in rows]

    assert windows() == [(0, 2), (30, 1), (365, 2)]
    shop.execute("update cdp.customer_settings set rfm_windows = '{30}'")
    score(shop, (10, 1, 5), (100, 1, 5))
    assert windows() == [(0, 2), (30, 1)]


def test_the_page_on_customers_has_the_same_segments(shop):
    page = (Path(__file__).parents[2] / "docs" / "customers.md").read_text("utf-8")
    written = {
        (segment.strip(), tier.strip()): set(scores.split())
        for segment, tier, scores in re.findall(r"(?m)^\|([^|\n]+)\|([^|\n]+)\| ((?:[1-5]{3} ?)+)\|$", page)
    }
    rows = shop.execute("select segment, tier, array_agg(score) as scores from cdp.rfm_segments group by segment, tier")

    assert written == {(row["segment"], row["tier"]): set(row["scores"]) for row in rows}
