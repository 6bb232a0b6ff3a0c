"""Stages follow from orders and silence, and a journey traced anew is the same."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.customers.calculation import Calculation
from cdp_sync.operators.customers.journey import advance

ANY_POSTGRES = True  # test_idempotence runs every statement on both

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
ANA = UUID(int=1)
DAY = timedelta(days=1)


@pytest.fixture
def shop(db):
    db.execute(
        "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
        "values (1, 'Uno', 'uno', 'uno', '2025-01-01')"
    )
    db.execute("insert into cdp.customer_settings (tenant_id, usual_interval_days) values (1, 30)")
    return Shop(db)


class Shop:
    """Orders of customers, valued."""

    def __init__(self, db):
        self.db = db

    def put(self, order_id, at, customer=ANA, outcome="revenue", net=100):
        old = self.db.execute(
            "select order_date, customer_id from cdp.customer_orders where order_id = %s", (order_id,)
        ).fetchone() or {"order_date": at, "customer_id": customer}
        net = net if outcome == "revenue" else 0
        self.db.execute(
            "insert into cdp.customer_orders (tenant_id, order_id, customer_id, order_date, outcome, gross, net, units)"
            " values (1, %s, %s, %s, %s, %s, %s, 1) on conflict (tenant_id, order_id) do update set "
            "(customer_id, outcome, net) = (excluded.customer_id, excluded.outcome, excluded.net)",
            (order_id, customer, at, outcome, net, net),
        )
        self.touch({customer, old["customer_id"]}, min(at, old["order_date"]))

    def drop(self, order_id):
        (old,) = self.db.execute(
            "delete from cdp.customer_orders where order_id = %s returning customer_id, order_date", (order_id,)
        ).fetchall()
        self.touch({old["customer_id"]}, old["order_date"])

    def touch(self, customers, since):
        for customer in customers:
            self.db.execute(
                "insert into cdp.customers_touched as known values (1, %s, %s) on conflict (tenant_id, customer_id) "
                "do update set since = least(known.since, excluded.since)",
                (customer, since),
            )

    def advance(self, as_of=NOW, everyone=False):
        with self.db.transaction():
            counts = advance(Warehouse(self.db), Calculation(1, "uno", as_of, everyone, 1))
            self.db.execute("delete from cdp.customers_touched")
        return counts

    def path(self, customer=ANA):
        rows = self.db.execute(
            "select happened_at, stage, cause, order_id from cdp.customer_journey_events where customer_id = %s "
            "order by happened_at, order_id",
            (customer,),
        )
        return [tuple(row.values()) for row in rows]

    def all(self):
        return [
            [
                row["r"]
                for row in self.db.execute(
                    f"select (to_jsonb(t) - '{{as_of,sync_run_id}}'::text[])::text as r from cdp.{table} t order by 1"
                )
            ]
            for table in ("customer_journeys", "customer_journey_events", "journey_thresholds")
        ]


def at(days):
    """Return a moment so many days before the present."""
    return NOW - days * DAY


def test_a_life_from_cart_to_dormant_and_back(shop):
    shop.put("cart", at(400), outcome="cart")
    for order_id, days in (("a", 390), ("b", 380), ("c", 370), ("d", 280), ("e", 100), ("f", 10)):
        shop.put(order_id, at(days))

    shop.advance()

    assert shop.path() == [
        (at(400), "Prospect", "order", "cart"),
        (at(390), "New", "order", "a"),
        (at(380), "Active", "order", "b"),
        (at(370), "Loyal", "order", "c"),
        (at(310), "At Risk", "time", "c"),
        (at(280), "Loyal", "order", "d"),
        (at(220), "At Risk", "time", "d"),
        (at(160), "Dormant", "time", "d"),
        (at(100), "Reactivated", "order", "e"),
        (at(40), "At Risk", "time", "e"),
        (at(10), "Loyal", "order", "f"),
    ]
    (now,) = shop.db.execute("select * from cdp.customer_journeys").fetchall()
    assert (now["stage"], now["since"], now["next_transition_at"]) == ("Loyal", at(10), at(-50))


def test_time_moves_a_customer_whom_nothing_touches(shop):
    shop.put("a", at(10))
    shop.advance()
    assert shop.advance(as_of=at(-49))["traced"] == 0

    moved = shop.advance(as_of=at(-51))
    assert (moved["traced"], moved["advanced"]) == (1, 1)

    assert shop.path()[-1] == (at(-50), "At Risk", "time", "a")
    shop.advance(as_of=at(-500))
    assert shop.path()[-1] == (at(-110), "Dormant", "time", "a")
    assert shop.advance(as_of=at(-900))["traced"] == 0


def test_who_never_bought_is_a_prospect_and_who_has_no_order_is_nobody(shop):
    shop.put("a", at(10), outcome="cancelled")
    shop.advance()
    assert shop.path() == [(at(10), "Prospect", "order", "a")]
    shop.drop("a")

    shop.advance()

    assert shop.all()[:2] == [[], []]


def test_the_best_of_a_year_are_vip_from_the_order_that_made_them_so(shop):
    for number in range(2, 60):
        shop.put(f"other-{number}", at(60), customer=UUID(int=number), net=number)
    shop.put("a", at(20), net=1)
    shop.put("b", at(10), net=54)
    shop.put("c", at(5), net=3)

    shop.advance()

    (row,) = shop.db.execute("select vip_net from cdp.journey_thresholds where month = '2026-11-01'").fetchall()
    assert row["vip_net"] == 57
    assert [stage for _, stage, _, _ in shop.path()] == ["New", "Active", "VIP"]


def test_the_usual_interval_is_the_shops_own_and_that_of_the_months_before(shop):
    shop.db.execute("delete from cdp.customer_settings")
    for number in range(2, 42):
        shop.put(f"first-{number}", at(300), customer=UUID(int=number))
        shop.put(f"second-{number}", at(300 - 12), customer=UUID(int=number))
    shop.put("a", at(300))
    shop.put("b", at(100))

    shop.advance()

    assert [days for days, stage in ((300 - (at_ - at(300)).days, s) for at_, s, _, _ in shop.path())] == [
        300, 180, 100, 76, 52,
    ]  # fmt: skip


def test_a_late_order_and_a_cancelled_one_change_the_past_as_if_it_had_always_been_so(shop):
    shop.put("a", at(200))
    shop.put("c", at(20))
    shop.advance()
    assert [stage for _, stage, _, _ in shop.path()] == ["New", "At Risk", "Dormant", "Reactivated"]
    shop.put("b", at(130))
    shop.advance()
    assert [stage for _, stage, _, _ in shop.path()] == ["New", "At Risk", "Active", "At Risk", "Loyal"]

    shop.put("b", at(130), outcome="cancelled")
    shop.advance()

    assert [stage for _, stage, _, _ in shop.path()] == ["New", "At Risk", "Dormant", "Reactivated"]


def by_hand(orders, as_of):
    """Return the stages of a customer whose usual interval is 30 days, by walking through the orders."""
    path, bought, last = [], 0, None
    for moment, order_id, outcome in [*sorted(orders), (as_of, None, None)]:
        if outcome not in (None, "revenue"):
            if not path:
                path.append((moment, "Prospect"))
            continue
        if last is not None:
            for days, stage in ((60, "At Risk"), (120, "Dormant")):
                if last + days * DAY < moment:
                    path.append((last + days * DAY, stage))
        if order_id is None:
            break
        bought += 1
        was = path[-1][1] if path else None
        stage = "New" if bought == 1 else "Reactivated" if was == "Dormant" else "Loyal" if bought >= 3 else "Active"
        if stage != was:
            path.append((moment, stage))
        last = moment
    return path


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("own_interval", [True, False])
def test_increments_a_full_calculation_and_hand_agree(shop, seed, own_interval):
    rng = random.Random(seed)
    if not own_interval:
        shop.db.execute("delete from cdp.customer_settings")
    people = [UUID(int=number) for number in range(1, 30)]
    stored = {}
    for step in range(10, -1, -1):
        as_of = at(step * 9)
        for _ in range(rng.randint(1, 25)):
            order_id = f"order-{rng.randrange(150):03}"
            if order_id in stored and rng.random() < 0.2:
                shop.drop(order_id)
                del stored[order_id]
                continue
            moment = (
                stored[order_id][1] if order_id in stored else as_of - rng.randint(1, 400 * 24) * timedelta(hours=1)
            )
            outcome = rng.choice(["revenue"] * 5 + ["cancelled", "cart"])
            stored[order_id] = (rng.choice(people), moment, outcome)
            shop.put(order_id, moment, stored[order_id][0], outcome, net=rng.randrange(1, 900))
        shop.advance(as_of=as_of)

    incremental = shop.all()
    if own_interval:
        shop.db.execute("update cdp.journey_thresholds set vip_net = null")
        for person in people:
            mine = [(moment, order_id, outcome) for order_id, (who, moment, outcome) in stored.items() if who == person]
            path = [(moment, stage) for moment, stage, _, _ in shop.path(person) if stage != "VIP"]
            if len(path) == len(shop.path(person)):
                assert path == by_hand(mine, NOW)
    shop.advance(everyone=True)
    assert shop.all() == incremental
    for table in ("customer_journeys", "customer_journey_events", "journey_thresholds"):
        shop.db.execute(f"delete from cdp.{table}")
    shop.touch(people, at(9999))
    shop.advance(everyone=True)
    assert shop.all() == incremental
