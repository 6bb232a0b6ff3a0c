"""Profiles say what customers bought, and say the same whatever was calculated before."""

import random
import statistics
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.customers.calculation import Calculation
from cdp_sync.operators.customers.identify import identify
from cdp_sync.operators.customers.profile import profile

ANY_POSTGRES = True  # test_idempotence runs every statement on both

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ANA, BEA = UUID(int=1), UUID(int=2)


@pytest.fixture
def shop(db):
    db.execute(
        "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
        "values (1, 'Uno', 'uno', 'uno', '2025-01-01')"
    )
    return Shop(db)


class Shop:
    """Orders whose customers are known."""

    def __init__(self, db):
        self.db = db

    def put(self, order_id, customer=ANA, day=0, total=100, status="invoiced", items=(), returns=(), **more):
        order = {
            "tenant_id": 1, "order_id": order_id, "status": status, "order_date": NOW - timedelta(days=400 - day),
            "last_change": NOW, "seller_ids": [], "total": total, "item_count": len(items), "unit_count": 1,
            "payment_count": 1, "fetched_at": NOW, "sync_run_id": 1, "typing_version": 1,
        } | more  # fmt: skip
        self.insert("order_events", order, "order_id")
        for table in ("order_items", "order_packages"):
            self.db.execute(f"delete from cdp.{table} where order_id = %s", (order_id,))
        for place, (sku, price, quantity) in enumerate(items):
            line = {"sku_id": sku, "selling_price": price, "quantity": quantity}
            line |= {"brand_name": f"brand of {sku}", "category_ids": f"/{sku}/"}
            self.insert("order_items", {"tenant_id": 1, "order_id": order_id, "item_index": place} | line)
        for place, (refund, value) in enumerate(returns):
            package = {"package_type": "Input", "refund": refund, "invoice_value": value}
            self.insert("order_packages", {"tenant_id": 1, "order_id": order_id, "package_index": place} | package)
        self.insert("order_buyers", {"tenant_id": 1, "order_id": order_id, "document_key": customer}, "order_id")
        self.note(order_id)

    def note(self, order_id):
        self.insert("order_changes", {"tenant_id": 1, "order_id": order_id, "sync_run_id": 1}, "sync_run_id, order_id")

    def insert(self, table, row, key=None):
        changed = ", ".join(f"{name} = excluded.{name}" for name in row)
        conflict = f"on conflict (tenant_id, {key}) do update set {changed}" if key else ""
        values = ", ".join(f"%({name})s" for name in row)
        self.db.execute(f"insert into cdp.{table} ({', '.join(row)}) values ({values}) {conflict}", row)

    def profile(self, everyone=False, as_of=NOW):
        with self.db.transaction():
            warehouse, of = Warehouse(self.db), Calculation(1, "uno", as_of, everyone, 1)
            identify(warehouse, of)
            counts = profile(warehouse, of)
            self.db.execute("delete from cdp.customers_touched")
        return counts

    def of(self, customer):
        return self.db.execute("select * from cdp.customer_profiles where customer_id = %s", (customer,)).fetchone()

    def all(self, table):
        rows = self.db.execute(f"select (to_jsonb(t) - '{{as_of,sync_run_id}}'::text[])::text as r from cdp.{table} t")
        return sorted(row["r"] for row in rows)


def test_a_profile_says_what_was_bought_when_and_how(shop):
    shop.put("a", day=10, total=100, items=[("milk", 50, 2)], sales_channel="1", payment_group="card", coupon="X",
             opt_in_newsletter=True, shipping_city="Rosario", shipping_state="SF")  # fmt: skip
    shop.put("b", day=20, total=300, items=[("milk", 60, 1), ("bread", 10, 9)], sales_channel="1",
             payment_group="cash", affiliate_id="MLB", opt_in_newsletter=False)  # fmt: skip
    shop.put("c", day=50, total=200, items=[("bread", 10, 1)], sales_channel="2", payment_group="cash")
    shop.put("d", day=60, total=999, status="canceled", shipping_city="Salta")
    shop.put("e", day=61, total=999, status="payment-pending")
    shop.put("f", day=62, total=999, status=None, is_completed=False)

    shop.profile()

    found = shop.of(ANA)
    assert (found["first_order_id"], found["last_order_id"], found["orders"], found["units"]) == ("a", "c", 3, 3)
    assert (found["gross"], found["net"], found["average_ticket"]) == (600, 600, 200)
    assert (found["usual_interval_days"], found["next_expected_date"]) == (20, found["last_order_date"] + timedelta(20))
    assert found["second_order_date"] == NOW - timedelta(days=380)
    assert (found["cancelled"], found["pending"], found["carts"]) == (1, 1, 1)
    assert (found["favourite_channel"], found["favourite_payment"]) == ("1", "cash")
    assert (found["favourite_category"], found["favourite_brand"]) == ("/milk/", "brand of milk")
    third = Decimal("0.3333")
    assert (found["coupon_share"], found["marketplace_share"]) == (third, third)
    assert (found["opt_in_newsletter"], found["city"], found["state"]) == (False, "Salta", None)


def test_a_return_counts_once_by_its_refund_or_its_invoice(shop):
    shop.put("a", day=1, total=100, returns=[(30, 40)])
    shop.put("b", day=2, total=100, returns=[(None, 25), (150, 10)])
    shop.put("c", day=3, total=100, status="canceled", returns=[(10, 10)])

    shop.profile()

    found = shop.of(ANA)
    assert (found["gross"], found["net"], found["returns"], found["returned"]) == (200, -5, 3, 205)


def test_a_status_nobody_knows_is_reported_and_counts_for_nothing_until_the_shop_says_for_what(shop):
    shop.put("a", day=1, total=100, status="teleported")

    assert shop.profile()["unknown"] == 1
    assert (shop.of(ANA)["orders"], shop.of(ANA)["pending"], shop.of(ANA)["unknown"]) == (0, 0, 1)
    shop.db.execute("insert into cdp.tenant_order_outcomes values (1, 'teleported', 'revenue', 'our own')")

    assert shop.profile(everyone=True)["unknown"] == 0
    assert (shop.of(ANA)["orders"], shop.of(ANA)["net"]) == (1, 100)


def test_a_customer_who_is_no_more_has_no_profile(shop):
    shop.put("a")
    shop.profile()
    shop.db.execute("update cdp.order_events set vanished_at = %s", (NOW,))
    shop.note("a")

    shop.profile()

    assert shop.of(ANA) is None


def test_nothing_new_writes_nothing(shop):
    shop.put("a")
    shop.profile()
    before = shop.db.execute("select xmin::text from cdp.customer_profiles").fetchall()

    assert shop.profile(everyone=True, as_of=NOW + timedelta(days=1))["profiled"] == 0
    assert shop.db.execute("select xmin::text from cdp.customer_profiles").fetchall() == before


def test_prices_are_chained_by_the_median_of_what_is_sold_in_both_months(shop):
    for month, factor in ((0, 1), (31, 1.5), (62, 3), (124, 9)):
        for sku in range(12):
            price = 100 * factor * (10 if sku == 0 and month == 31 else 1)
            shop.put(f"order-{month}-{sku}", day=month + 5, items=[(f"sku{sku}", price, 2)])
    shop.put("gift", day=36, items=[("sku1", 1, 5000)], status="canceled")

    shop.profile(everyone=True)

    rows = shop.db.execute("select * from cdp.price_index order by month").fetchall()
    assert [row["month"].isoformat() for row in rows[:5]] == [
        "2025-10-01", "2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01",
    ]  # fmt: skip
    assert [round(row["index"], 6) for row in rows[:5]] == [1, 1.5, 3, 3, 3]
    assert [row["products"] for row in rows[:5]] == [0, 12, 12, 0, 0]
    assert rows[-1]["month"].isoformat() == "2026-11-01"


@pytest.mark.parametrize("seed", range(4))
def test_increments_a_full_calculation_and_hand_agree(shop, seed):
    rng = random.Random(seed)
    people = [UUID(int=number) for number in range(1, 9)]
    stored = {}
    for _ in range(12):
        for _ in range(rng.randint(1, 12)):
            order_id = rng.choice([*stored, f"order-{len(stored):02}"])
            old = stored.get(order_id)
            stored[order_id] = {
                "customer": rng.choice(people), "day": old["day"] if old else rng.randrange(400),
                "total": rng.randrange(1, 500), "status": rng.choice(["invoiced"] * 4 + ["canceled", "handling"]),
                "sales_channel": rng.choice(["1", "2", None]), "payment_group": rng.choice(["card", "cash"]),
                "items": [(rng.choice("abc"), rng.randrange(1, 50), rng.randint(1, 3))] * rng.randint(0, 3),
                "returns": [(rng.choice([None, 10]), 20)] * rng.randint(0, 1),
            }  # fmt: skip
            shop.put(order_id, **stored[order_id])
        shop.profile()

    incremental = shop.all("customer_profiles"), shop.all("customer_orders")
    for person in people:
        mine = sorted(
            (order for order in stored.values() if order["customer"] == person and order["status"] != "canceled"),
            key=lambda order: order["day"],
        )
        if (found := shop.of(person)) is None:
            assert not [order for order in stored.values() if order["customer"] == person]
            continue
        returned = sum(refund or value for order in mine for refund, value in order["returns"])
        assert (found["orders"], found["gross"]) == (len(mine), sum(order["total"] for order in mine))
        assert (found["net"], found["returned"]) == (found["gross"] - returned, returned)
        days = [later["day"] - earlier["day"] for earlier, later in pairwise(mine)]
        assert found["usual_interval_days"] == (statistics.median(days) if days else None)
    shop.profile(everyone=True)
    assert (shop.all("customer_profiles"), shop.all("customer_orders")) == incremental
    shop.db.execute("delete from cdp.customer_profiles")
    shop.profile(everyone=True)
    assert shop.all("customer_profiles") == incremental[0]


def test_the_orders_of_one_purchase_are_one_visit(shop):
    for day in (10, 30, 60):
        for seller in range(3):
            shop.put(f"order-{day}-{seller}", day=day, order_group=f"purchase-{day}")

    shop.profile()

    found = shop.of(ANA)
    assert (found["orders"], found["usual_interval_days"]) == (9, 25)
    assert (found["second_order_id"], found["next_expected_date"]) == ("order-10-1", NOW - timedelta(days=315))


def test_empty_text_says_nothing(shop):
    shop.put("a", day=1, sales_channel="2", payment_group="card", coupon="", shipping_city="Salta")
    shop.put("b", day=2, sales_channel="", payment_group="", shipping_city="")
    shop.put("c", day=3, sales_channel="", payment_group="", shipping_city="")

    shop.profile()

    found = shop.of(ANA)
    assert (found["favourite_channel"], found["favourite_payment"], found["city"]) == ("2", "card", "Salta")
    assert found["coupon_share"] == 0


def test_a_return_that_is_sent_again_counts_once(shop):
    shop.put("a", day=1, total=100)
    for place, number in enumerate(("R-1", "R-1", "R-2")):
        package = {"package_index": place, "package_type": "Input", "invoice_number": number, "refund": 10}
        shop.insert("order_packages", {"tenant_id": 1, "order_id": "a"} | package)

    shop.profile()

    found = shop.of(ANA)
    assert (found["returns"], found["returned"], found["net"]) == (2, 20, 80)
