"""What is calculated after each change is what a calculation from nothing would give, in every table."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.customers.calculation import Calculation
from cdp_sync.operators.customers.step import STEPS, run_step
from cdp_sync.rows.identity import identifier_key

ANY_POSTGRES = True  # test_idempotence runs every statement on both

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HAPPENED = {"customer_identity_events", "customer_rfm_history", "customer_calculations"}
"""Tables of what happened, which a calculation from nothing cannot know."""
ASKED_FOR = {"customer_settings", "identity_splits", "blocked_values", "clv_models", "clv_evaluations"}
"""Tables that people, or a training, write."""
WAITING = {"customers_touched", "order_changes"}
NIGHTLY = {"product_pairs", "price_index"}
"""Tables of the shop as a whole, calculated with everyone only."""
LABELS = "as_of,sync_run_id"
KINDS = ("document", "company", "email", "profile", "phone")


class Shop:
    """Orders that come, change, vanish, join people and part them, at random."""

    def __init__(self, db, seed):
        self.db, self.rng, self.orders, self.change = db, random.Random(seed), {}, 0
        self.derived = {
            row["name"]
            for row in db.execute(
                "select table_name as name from information_schema.columns where table_schema = 'cdp' "
                "and column_name = 'tenant_id' and table_name ~ '^(customer|identity|journey|price|product_p|block)' "
                "and table_name in (select relname from pg_class where relkind = 'r')"
            ).fetchall()
        } - (HAPPENED | ASKED_FOR | WAITING)

    def happen(self):
        """Let one thing happen."""
        chance = self.rng.random()
        if chance < 0.08 and self.orders:
            self._write(self.rng.choice(list(self.orders)), vanished=True)
        elif chance < 0.16 and len(self.orders) > 5:
            self._split_or_undo()
        elif chance < 0.5 and self.orders:
            self._write(self.rng.choice(list(self.orders)))
        else:
            self._write(f"order-{len(self.orders):03}")

    def calculate(self, everyone=False):
        with self.db.transaction():
            for step in STEPS:
                run_step(Warehouse(self.db), step, Calculation(1, "uno", NOW, everyone, self.change))
            self.db.execute("delete from cdp.customers_touched")

    def state(self, tables):
        return {
            table: sorted(
                row["line"]
                for row in self.db.execute(
                    f"select (to_jsonb(t) - string_to_array('{LABELS}', ','))::text as line from cdp.{table} as t"
                ).fetchall()
            )
            for table in sorted(tables)
        }

    def forget(self):
        for table in self.derived:
            self.db.execute(f"delete from cdp.{table}")

    def _write(self, order_id, vanished=False):
        rng = self.rng
        day = self.orders.setdefault(order_id, rng.randrange(700))
        moment = NOW - timedelta(days=700 - day, minutes=rng.randrange(600))
        person = rng.randrange(12)
        shown = {
            "document": f"3000000{person:02}" if rng.random() < 0.7 else None,
            "company": f"3070000{person % 3:02}1" if rng.random() < 0.1 else None,
            "email": rng.choice([f"p{person}@mail.example", f"p{person}@other.example", "counter@shop.example", None]),
            "profile": f"profile-{person if rng.random() < 0.95 else rng.randrange(12)}",
            "phone": f"11000{person:05}" if rng.random() < 0.5 else None,
        }
        keys = {f"{kind}_key": identifier_key(1, kind, shown[kind]) for kind in KINDS}
        self._put(
            "order_events",
            {
                "status": rng.choice(["invoiced"] * 5 + ["canceled", "payment-pending", "unheard-of"]),
                "order_date": moment, "last_change": NOW, "seller_ids": [], "total": rng.randrange(10, 9000),
                "items_total": 100, "discounts_total": -rng.randrange(30), "item_count": 1, "unit_count": 1,
                "payment_count": 1, "sales_channel": rng.choice("12"), "payment_group": rng.choice(["card", "cash"]),
                "coupon": rng.choice([None, "PROMO"]), "shipping_city": rng.choice(["Salta", "Rosario", None]),
                "opt_in_newsletter": rng.choice([True, False, None]), "fetched_at": NOW, "sync_run_id": 1,
                "typing_version": 1, "vanished_at": NOW if vanished else None,
            },
            order_id,
        )  # fmt: skip
        self._put("order_buyers", {"document": shown["document"], "email": shown["email"], **keys}, order_id)
        for table in ("order_items", "order_packages"):
            self.db.execute(f"delete from cdp.{table} where order_id = %s", (order_id,))
        for place, product in enumerate(rng.sample(range(4), rng.randint(0, 4))):
            line = {
                "item_index": place, "sku_id": f"sku{product}", "product_id": f"p{product}", "quantity": 1,
                "selling_price": 50 + product + day / 10, "brand_name": f"brand {product % 3}",
                "category_ids": f"/{product % 2}/",
            }  # fmt: skip
            self._put("order_items", line, order_id, ", item_index")
        if rng.random() < 0.1:
            package = {"package_index": 0, "package_type": "Input", "invoice_number": "1", "refund": rng.randrange(50)}
            self._put("order_packages", package, order_id, ", package_index")
        self.change += 1
        self.db.execute("insert into cdp.order_changes values (1, default, %s, %s)", (order_id, self.change))

    def _put(self, table, row, order_id, also=""):
        row = {"tenant_id": 1, "order_id": order_id} | row
        changed = ", ".join(f"{name} = excluded.{name}" for name in row)
        values = ", ".join(f"%({name})s" for name in row)
        self.db.execute(
            f"insert into cdp.{table} ({', '.join(row)}) values ({values}) "
            f"on conflict (tenant_id, order_id{also}) do update set {changed}",
            row,
        )

    def _split_or_undo(self):
        edges = self.db.execute(
            "select left_key, right_key, state from cdp.identity_edges where state in ('followed', 'split') "
            "order by left_key, right_key"
        ).fetchall()
        if not edges:
            return
        edge = self.rng.choice(edges)
        if edge["state"] == "split":
            self.db.execute("select cdp.undo_split(1, %(left_key)s, %(right_key)s)", edge)
        else:
            self.db.execute("select cdp.split_identity(1, %(left_key)s, %(right_key)s, 'two people', 'ana')", edge)


@pytest.fixture
def shop(db, request):
    db.execute(
        "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
        "values (1, 'Uno', 'uno', 'uno', '2024-01-01')"
    )
    db.execute("insert into cdp.customer_settings (tenant_id, identity_limit, rfm_windows) values (1, 3, '{30,365}')")
    db.execute(
        "insert into cdp.clv_models (tenant_id, as_of, outcome, sentence, pooled, method, r, alpha, a, b, p, q, gamma, "
        "customers, order_days, repeat_customers, without_value, span_days, deflated, price_months, price_ratios) "
        "values (1, '2026-11-01Z', 'fitted', 'Fitted.', false, 'model', 0.9, 9, 0.6, 3, 5, 4, 2000, 9, 9, 9, 0, 700, "
        "false, '{}', '{}')"
    )
    return Shop(db, request.param)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("shop", [1, 2, 3], indirect=True, ids=["seed 1", "seed 2", "seed 3"])
def test_after_any_sequence_of_changes_every_table_is_as_if_calculated_from_nothing(shop):
    shop.calculate()
    for _ in range(14):
        for _ in range(shop.rng.randint(1, 15)):
            shop.happen()
        shop.calculate()
    incremental = shop.state(shop.derived)

    shop.calculate(everyone=True)
    everyone = shop.state(shop.derived)
    shop.forget()
    shop.calculate(everyone=True)

    anew = shop.state(shop.derived)
    for table in sorted(shop.derived):
        assert anew[table], f"nothing in {table}: this test would not notice"
        assert everyone[table] == anew[table], table
        if table not in NIGHTLY:
            assert incremental[table] == anew[table], table
    events = shop.db.execute("select distinct event from cdp.customer_identity_events").fetchall()
    assert {"created", "merged", "split", "gone"} <= {row["event"] for row in events}


def test_every_table_of_the_schema_is_somebodys_here(db):
    known = HAPPENED | ASKED_FOR | WAITING
    found = {
        row["name"]
        for row in db.execute(
            "select table_name as name from information_schema.columns where table_schema = 'cdp' "
            "and column_name in ('customer_id', 'as_of') and table_name in "
            "(select relname from pg_class where relkind = 'r')"
        ).fetchall()
    }
    derived = Shop(db, 1).derived

    assert found - known - derived == set(), "a table of customers that no test compares"
