"""Models of lifetime value: trained on a shop's own orders, judged by them, and used to score its customers."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from airflow.sdk.execution_time.context import set_current_context

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.customers.calculation import Calculation
from cdp_sync.operators.customers.clv import score_lifetime_value
from cdp_sync.operators.customers.clv_training import plan_training, pool_shops, train_shop
from cdp_sync.operators.customers.step import STEPS, run_step
from tests.conftest import context
from vtex_sandbox.clock import DAY, ticks
from vtex_sandbox.repeat_buyers import purchases
from vtex_sandbox.scenario import RepeatBuyers, Scenario

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST_DAY = "2025-10-01T00:00:00Z"
TRUE = RepeatBuyers(joining_per_day=4, r=0.9, alpha=9.0, a=0.6, b=3.0, p=5.0, q=4.0, gamma=18_000.0)
NAMES = ("r", "alpha", "a", "b", "p", "q", "gamma")


class Shops:
    """Shops whose customers and orders are known, without VTEX."""

    def __init__(self, db):
        self.db = db

    def open(self, tenant_id, currency="ARS"):
        self.db.execute(
            "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
            "values (%(id)s, %(slug)s, %(slug)s, %(slug)s, '2025-01-01')",
            {"id": tenant_id, "slug": f"shop{tenant_id}"},
        )
        self.currency = currency
        return tenant_id

    def put(self, tenant_id, bought):
        """Put orders: (customer, moment, net)."""
        rows = [
            {"customer": str(UUID(int=customer)), "order": f"o{place}", "at": at.isoformat(), "net": net}
            for place, (customer, at, net) in enumerate(bought)
        ]
        place = {"tenant": tenant_id, "rows": json.dumps(rows), "currency": self.currency}
        listed = (
            'from jsonb_to_recordset(%(rows)s::jsonb) as t (customer uuid, "order" text, at timestamptz, net numeric)'
        )
        self.db.execute(
            "insert into cdp.order_events (tenant_id, order_id, status, order_date, last_change, seller_ids, total, "
            "item_count, unit_count, payment_count, fetched_at, sync_run_id, typing_version, currency) "
            """select %(tenant)s, "order", 'invoiced', at, at, '{}', abs(net), 1, 1, 1, at, 1, 1, %(currency)s """
            + listed,
            place,
        )
        self.db.execute(
            "insert into cdp.customer_orders (tenant_id, order_id, customer_id, order_date, outcome, gross, net, units)"
            f""" select %(tenant)s, "order", customer, at, 'revenue', abs(net), net, 1 {listed}""",
            place,
        )
        self.db.execute(
            "insert into cdp.customers (tenant_id, customer_id, identified_by, is_corporate, last_order_date, "
            "last_order_id, as_of) select distinct %(tenant)s, customer, 'email', false, date '2026-11-20', 'o', "
            f"date '2026-11-20' {listed}",
            place,
        )

    def put_made(self, tenant_id, *, buyers=TRUE, days=415, seed=1):
        """Put the orders of buyers who order as a model says, of the days before ``NOW``."""
        start = NOW.replace(hour=0) - timedelta(days=days)
        found = purchases(seed, f"shop{tenant_id}", buyers, 0)
        self.put(
            tenant_id,
            [
                (each.buyer + 1, start + timedelta(days=each.at / DAY), each.cents / 100)
                for day in range(days)
                for each in found.get(day, [])
            ],
        )

    def train(self, tenant_id, *, at=NOW):
        """Train as the DAG does; return the model's row."""
        run = context(run_after=at, params={"tenants": []})
        with set_current_context(run):
            (planned,) = [plan for plan in plan_training.function() if plan["tenant_id"] == tenant_id]
            pooled = pool_shops.function(dag_run=run["dag_run"])
            train_shop.function(planned, pooled)
        (row,) = self.rows("select * from cdp.clv_models where tenant_id = %s and as_of = %s", tenant_id, at)
        return row

    def score(self, tenant_id, *, at=NOW, everyone=True):
        with self.db.transaction():
            return score_lifetime_value(Warehouse(self.db), Calculation(tenant_id, f"shop{tenant_id}", at, everyone, 1))

    def touch(self, tenant_id, *customers):
        self.db.execute(
            "insert into cdp.customers_touched select %s, customer, '2025-01-01Z' from unnest(%s::uuid[]) as customer",
            (tenant_id, [str(UUID(int=customer)) for customer in customers]),
        )

    def rows(self, statement, *values):
        return self.db.execute(statement, values).fetchall()

    def scores(self, tenant_id):
        found = self.rows("select * from cdp.customer_clv where tenant_id = %s order by customer_id", tenant_id)
        return {row["customer_id"].int: row for row in found}


@pytest.fixture
def shops(db, dsn, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_CDP_WAREHOUSE", dsn)
    return Shops(db)


@pytest.fixture
def shop(shop):
    """Ferreira, with a year and more of buyers whose behaviour is known, in place of other customers."""
    buyers = {name: getattr(TRUE, name) for name in TRUE.__struct_fields__}
    shop.sandbox.open("ferreira", theme="sports", buyers=buyers, first_day=FIRST_DAY)
    shop.sandbox.freeze(NOW.isoformat())
    return shop


@pytest.mark.timeout(600)
def test_true_parameters_are_found_from_synced_orders_and_foretell_the_year_to_come(shop, monkeypatch):
    shop.sync((FIRST_DAY, "2026-11-20T11:50:00Z"), sync_type="historical", asked_at=NOW.isoformat())
    shops = Shops(shop.db)
    with shop.db.transaction():
        for step in STEPS:
            run_step(Warehouse(shop.db), step, Calculation(20, "ferreira", NOW, True, 1))

    shop.db.execute("insert into cdp.customer_settings (tenant_id, deflate) values (20, false)")
    model = shops.train(20)
    shops.score(20)

    assert (model["outcome"], model["converged"], model["pooled"]) == ("fitted", True, False)
    assert 415 * 4 <= model["customers"] <= 416 * 4
    for name in NAMES:
        assert abs(model[name] - getattr(TRUE, name)) < 3 * model[f"{name}_error"], name
        assert model[f"{name}_error"] < 0.6 * model[name]
    judged = shops.rows("select * from cdp.clv_evaluations where tenant_id = 20")
    assert {row["method"] for row in judged} == {"model", "hiatus", "multiplier"}
    (best,) = (row for row in judged if row["is_winner"])
    assert best["method"] == model["method"] == "model"
    assert best["total_error"] < 0.2
    assert best["normalised_gini"] > 0.4
    start = ticks(FIRST_DAY)
    today = (ticks(NOW.isoformat()) - start) // DAY
    bought = purchases(Scenario().seed, "ferreira", TRUE, start)
    known = {each.buyer for day in range(today) for each in bought.get(day, [])}
    to_come = [each for day in range(today, today + 365) for each in bought[day] if each.buyer in known]
    scores = shops.scores(20).values()
    assert sum(row["expected_orders_1y"] for row in scores) == pytest.approx(len(to_come), rel=0.1)
    shop.db.execute("update cdp.customer_settings set discount_rate = 0")
    shops.score(20)
    value = sum(row["value_1y"] for row in shops.scores(20).values())
    assert float(value) == pytest.approx(sum(each.cents for each in to_come) / 100, rel=0.15)


def test_a_training_and_a_scoring_again_are_the_same_byte_for_byte(shops):
    shops.open(1)
    shops.put_made(1)

    first, counts, scores = shops.train(1), shops.score(1), shops.scores(1)
    judged = shops.rows("select * from cdp.clv_evaluations order by method")
    again = shops.train(1)

    assert again == first
    assert shops.rows("select * from cdp.clv_evaluations order by method") == judged
    assert counts["values_changed"] == len(scores) > 1000
    assert shops.score(1) == counts | {"values_changed": 0, "tiers_changed": 0}
    assert shops.scores(1) == scores


def test_touched_customers_are_scored_as_everybody_would_be(shops):
    shops.open(1)
    shops.put_made(1)
    shops.train(1)
    shops.score(1)
    for customer in (1, 2):
        shops.db.execute(
            "insert into cdp.customer_orders select tenant_id, 'new' || %s, customer_id, %s, 'revenue', 100, 100, 1 "
            "from cdp.customers where customer_id = %s",
            (customer, NOW - timedelta(hours=1), UUID(int=customer)),
        )
    shops.db.execute("delete from cdp.customer_orders where customer_id = %s", (UUID(int=3),))
    shops.touch(1, 1, 2, 3)

    counts = shops.score(1, everyone=False)
    touched = shops.scores(1)

    assert (counts["customers_valued"], counts["values_changed"], counts["values_removed"]) == (2, 2, 1)
    assert 3 not in touched
    assert shops.score(1)["values_changed"] == 0
    assert shops.scores(1) == touched


def days_ago(days):
    return NOW - timedelta(days=days)


def enough(**changed):
    """Return orders of customers enough for a model but for what is changed: (customer, moment, net)."""
    made = {"customers": 600, "span": 400, "recent": 1, "visits": 4} | changed
    return [
        (customer, days_ago(made["recent"] + (made["span"] - made["recent"]) * visit / made["visits"]), 100 + customer)
        for customer in range(1, made["customers"] + 1)
        for visit in range(1 + customer % made["visits"], made["visits"] + 1)
    ] + [(1, days_ago(made["recent"]), 50.0)]


@pytest.mark.parametrize(
    ("bought", "outcome", "sentence"),
    [
        ([], "no_orders", "There are no customers with revenue orders."),
        ([(1, days_ago(400), 5.0), (1, days_ago(3), 5.0)], "one_customer", "All orders are one customer's."),
        (
            [(customer, days_ago(2), 9.0) for customer in range(1, 601)],
            "one_day",
            "All orders of 600 customers are of one day.",
        ),
        (enough(customers=499), "too_few_customers", "499 customers have ordered; a model needs 500."),
        (enough(span=150), "too_short_history", "The first order is 150 days old; a model needs 180 days."),
        (
            enough(recent=40),
            "no_recent_order",
            "The last order is 40 days old; a model needs one of the last 30 days.",
        ),
        (
            [(customer, days_ago(1 + customer % 400), 9.0) for customer in range(1, 601)],
            "too_few_repeats",
            "No customer has ordered on 3 days; a model needs some.",
        ),
    ],
)
def test_orders_that_give_no_model_are_an_outcome_with_a_sentence(shops, bought, outcome, sentence):
    shops.open(1)
    shops.put(1, bought)

    model = shops.train(1)
    shops.score(1)

    assert (model["outcome"], model["method"], model["r"]) == (outcome, "none", None)
    assert model["sentence"] == sentence
    scores = shops.scores(1).values()
    assert len(scores) == model["customers"] == len({customer for customer, *_ in bought})
    assert {(row["method"], row["reason"], row["value_1y"]) for row in scores} <= {("none", sentence, None)}
    assert all(row["total_value"] == row["historical_net"] for row in scores)
    assert all(row["tier"] for row in scores)


def test_before_any_training_history_alone_gives_tiers(shops):
    shops.open(1)
    shops.put(1, enough())

    shops.score(1)

    scores = shops.scores(1)
    assert {row["reason"] for row in scores.values()} == {
        "No model was trained yet: cdp_clv_training trains every shop once a week, or when it is triggered."
    }
    tiers = [row["tier"] for row in scores.values()]
    assert (tiers.count("High"), tiers.count("Medium"), tiers.count("Low")) == (90, 240, 270)
    assert min(row["total_value"] for row in scores.values() if row["tier"] == "High") > max(
        row["total_value"] for row in scores.values() if row["tier"] == "Medium"
    )


def test_a_training_without_result_leaves_the_last_good_model_in_use(shops):
    shops.open(1)
    shops.put_made(1)
    good = shops.train(1)
    shops.db.execute(
        "delete from cdp.customer_orders as later using cdp.customer_orders as earlier where later.order_date > "
        "earlier.order_date and later.customer_id = earlier.customer_id and later.customer_id <> %s",
        (UUID(int=1),),
    )
    shops.db.execute(
        "insert into cdp.customer_orders select 1, 'again' || n, %s, %s - n * interval '9 days', 'revenue', 1, 1, 1 "
        "from generate_series(1, 20) as n",
        (UUID(int=1), NOW),
    )
    later = NOW + timedelta(days=7)

    failed = shops.train(1, at=later)
    shops.score(1, at=later)

    assert (failed["outcome"], failed["converged"], failed["method"]) == ("did_not_converge", False, "none")
    assert "did not converge: the likelihood" in failed["sentence"]
    assert {row["model_as_of"] for row in shops.scores(1).values()} == {good["as_of"]}


def test_a_small_shop_has_the_parameters_of_all_shops_of_its_currency_flagged_as_such(shops):
    for tenant_id, currency, joining in ((1, "ARS", 3), (2, "ARS", 0), (3, "CLP", 0)):
        shops.open(tenant_id, currency)
        if joining:
            shops.put_made(tenant_id)
        else:
            shops.put(tenant_id, [(customer, days_ago(5 + customer), 4 * 10_000.0) for customer in range(1, 41)])
    big, small, elsewhere = (shops.train(tenant_id) for tenant_id in (1, 2, 3))

    shops.score(2)

    assert (big["pooled"], big["outcome"]) == (False, "fitted")
    assert (small["outcome"], small["method"], small["pooled"]) == ("too_few_customers", "pooled", True)
    assert small["sentence"] == (
        "40 customers have ordered; a model needs 500. Parameters of 1040 customers of 2 shops of the same currency "
        "are used instead."
    )
    assert small["r"] == pytest.approx(TRUE.r, rel=0.35)
    mean = small["p"] * small["gamma"] / (small["q"] - 1)
    assert mean == pytest.approx(40_000, rel=0.1), "in units of this shop's own mean order"
    assert (elsewhere["method"], elsewhere["outcome"]) == ("none", "too_few_customers")
    scores = shops.scores(2).values()
    assert {(row["method"], row["reason"]) for row in scores} == {("pooled", None)}
    assert all(row["expected_orders_1y"] > 0 for row in scores)


def test_who_sent_back_all_that_they_bought_is_worth_nothing_and_it_says_so(shops):
    shops.open(1)
    shops.put_made(1)
    shops.db.execute("update cdp.customer_orders set net = -5 where customer_id = %s", (UUID(int=1),))

    model = shops.train(1)
    shops.score(1)

    row = shops.scores(1)[1]
    assert model["outcome"] == "fitted"
    assert row["reason"] == "What was bought was sent back: no value is expected of further orders."
    assert (row["value_1y"], row["value_5y"], row["tier"]) == (0, 0, "Low")
    assert row["total_value"] == row["historical_net"] < 0


def test_values_are_in_prices_of_today_beside_those_paid(shops):
    shops.open(1)
    shops.put_made(1)
    shops.db.execute(
        "insert into cdp.price_index (tenant_id, month, index, change, products) "
        "select 1, '2025-09-01'::date + n * interval '1 month', power(1.1, n), 1.1, 30 from generate_series(0, 14) as n"
    )

    real = shops.train(1)
    shops.score(1)
    in_prices_of_today = shops.scores(1)
    shops.db.execute("insert into cdp.customer_settings (tenant_id, deflate) values (1, false)")
    nominal = shops.train(1, at=NOW + timedelta(minutes=1))
    shops.score(1, at=NOW + timedelta(minutes=1))
    as_paid = shops.scores(1)

    assert (real["deflated"], nominal["deflated"]) == (True, False)
    assert real["price_ratios"] == pytest.approx([1.1 ** (14 - n) for n in range(15)])
    expected = shops.rows(
        "select customer_id, sum(round(net * power(1.1, 14 - months)::numeric, 2)) as real, sum(net) as net "
        "from cdp.customer_orders, "
        "lateral (select order_date at time zone 'America/Argentina/Buenos_Aires' as at) as there, "
        "lateral (select (extract(year from at) * 12 + extract(month from at) - 2025 * 12 - 9)::int as months) as age "
        "group by 1"
    )
    for row in expected:
        customer = row["customer_id"].int
        scored = in_prices_of_today[customer]
        assert float(scored["historical_real"]) == pytest.approx(float(row["real"]), rel=1e-6)
        assert scored["historical_net"] == row["net"] == as_paid[customer]["historical_real"]
    assert real["gamma"] > nominal["gamma"]
    totals = [sum(row["value_1y"] for row in scores.values()) for scores in (in_prices_of_today, as_paid)]
    assert totals[0] > totals[1]


def test_a_silence_too_long_for_the_customer_is_warned_of_since_a_day(shops):
    shops.open(1)
    shops.put_made(1)
    weekly = [(UUID(int=99_999), days_ago(300 + 7 * week)) for week in range(10)]
    shops.db.execute(
        "insert into cdp.customers (tenant_id, customer_id, identified_by, is_corporate, last_order_date, "
        "last_order_id, as_of) values (1, %s, 'email', false, '2026-11-20Z', 'o', '2026-11-20Z')",
        (UUID(int=99_999),),
    )
    for place, (customer, at) in enumerate(weekly):
        shops.db.execute(
            "insert into cdp.customer_orders values (1, %s, %s, %s, 'revenue', 100, 100, 1)",
            (f"w{place}", customer, at),
        )
    shops.train(1)

    shops.score(1)
    row = shops.scores(1)[99_999]

    assert row["early_warning"]
    assert row["churn_probability"] > 0.9
    assert row["churn_probability"] + row["p_alive"] == pytest.approx(1)
    assert days_ago(290).date() < row["warned_since"] < NOW.date()
    shops.db.execute("delete from cdp.customer_clv")
    since = datetime.combine(row["warned_since"], NOW.time(), UTC)
    on_that_day, before = since, since - timedelta(days=1)
    # The model in use then is the one of NOW; only time differs.
    shops.db.execute("update cdp.clv_models set as_of = '2025-12-01Z'")
    shops.score(1, at=on_that_day)
    assert shops.scores(1)[99_999]["churn_probability"] >= 0.7
    shops.score(1, at=before)
    calm = shops.scores(1)[99_999]
    assert (calm["early_warning"], calm["warned_since"]) == (False, None)
    assert calm["churn_probability"] < 0.7


@pytest.mark.parametrize("method", ["hiatus", "multiplier"])
def test_the_rule_of_thumb_that_won_scores_and_is_named(shops, method):
    shops.open(1)
    shops.put_made(1)
    shops.train(1)
    shops.score(1)
    by_model = shops.scores(1)
    shops.db.execute("update cdp.clv_models set method = %s", (method,))

    shops.score(1)

    scores = shops.scores(1)
    assert {row["method"] for row in scores.values()} == {method}
    assert {row["p_alive"] for row in scores.values()} == {row["p_alive"] for row in by_model.values()}
    if method == "multiplier":
        assert {row["expected_orders_1y"] for row in scores.values()} == {None}
    else:
        lost = [row for row in scores.values() if row["expected_orders_1y"] == 0 and row["order_days"] > 1]
        assert lost
    assert sum(row["value_1y"] for row in scores.values()) > 0


def test_tiers_by_amounts_replace_those_by_share(shops):
    shops.open(1)
    shops.put(1, [(customer, days_ago(10), 1000.0 * customer) for customer in range(1, 11)])
    shops.db.execute(
        "insert into cdp.customer_settings (tenant_id, tier_high_amount, tier_medium_amount) values (1, 9000, 8000)"
    )

    shops.score(1)

    tiers = {customer: row["tier"] for customer, row in shops.scores(1).items()}
    assert tiers == {9: "High", 10: "High", 8: "Medium"} | dict.fromkeys(range(1, 8), "Low")


def test_nobody_of_equal_value_is_in_another_tier(shops):
    shops.open(1)
    shops.put(1, [(customer, days_ago(10), 500.0) for customer in range(1, 21)])

    shops.score(1)

    assert {row["tier"] for row in shops.scores(1).values()} == {"High"}


def test_after_a_training_everybody_is_scored_with_it_though_few_were_touched(shops):
    shops.open(1)
    shops.put_made(1)
    first = shops.train(1, at=days_ago(7))
    shops.score(1)
    second = shops.train(1)
    shops.touch(1, 5)

    after_training = shops.score(1, everyone=False)
    later = shops.score(1, everyone=False)

    assert {row["model_as_of"] for row in shops.scores(1).values()} == {second["as_of"]} != {first["as_of"]}
    assert after_training["customers_valued"] == len(shops.scores(1)) > 1
    assert later["customers_valued"] == 1, "only the touched one until the next training"


def test_who_had_a_model_once_never_takes_the_parameters_of_all(shops):
    for tenant_id in (1, 2, 3):
        shops.open(tenant_id)
        shops.put_made(tenant_id, seed=tenant_id)
    good = shops.train(1, at=days_ago(1))
    shops.db.execute(
        "update cdp.customer_orders set outcome = 'cancelled' where tenant_id = 1 and customer_id > %s", (UUID(int=40),)
    )

    refused = shops.train(1)
    shops.score(1)

    assert (refused["outcome"], refused["method"], refused["pooled"]) == ("too_few_customers", "none", False)
    assert {row["model_as_of"] for row in shops.scores(1).values()} == {good["as_of"]}


def test_the_trend_is_real_in_months_before_the_price_index_begins_too(shops):
    shops.open(1)
    bought = [(n % 60 + 1, days_ago(n), 100.0 if n > 90 else 150.0) for n in range(1, 180)]
    shops.put(1, bought)
    shops.db.execute(
        "insert into cdp.price_index (tenant_id, month, index, change, products) "
        "select 1, '2026-09-01'::date + n * interval '1 month', power(1.5, n), 1.5, 30 from generate_series(0, 2) as n"
    )

    model = shops.train(1)

    # Of May to August, before the index, a price counts as September's: 2.25 times as much today.
    ratio = {10: 1.5, 11: 1.0}
    real = [(at.date(), net * ratio.get(at.month, 2.25)) for _, at, net in bought]
    split = days_ago(89).date()
    recent = sum(net for day, net in real if day >= split)
    assert model["trend"] == pytest.approx(recent / sum(net for day, net in real if day < split), rel=1e-9)


def test_a_shop_whose_orders_cannot_be_read_is_left_out_of_the_pool_alone(shops, caplog):
    for tenant_id in (1, 2, 3):
        shops.open(tenant_id)
        shops.put_made(tenant_id, seed=tenant_id)
    shops.db.execute(
        "insert into cdp.price_index (tenant_id, month, index, change, products) "
        "values (3, '2026-09-01', 1e-300, 1, 30), (3, '2026-10-01', 1e300, 1, 30)"
    )
    run = context(run_after=NOW, params={"tenants": []})

    with set_current_context(run):
        pooled = pool_shops.function(dag_run=run["dag_run"])

    assert pooled["ARS"]["shops"] == 2
    assert "shop3 is not in the pool" in caplog.text
