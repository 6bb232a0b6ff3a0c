"""Customers are what orders show together, whatever comes first, and whatever is calculated at once."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from cdp_sync.hooks.warehouse import Warehouse
from cdp_sync.operators.customers.calculation import Calculation
from cdp_sync.operators.customers.identify import identify
from cdp_sync.rows.identity import identifier_key

ANY_POSTGRES = True  # test_idempotence runs every statement on both

NOW = datetime(2026, 11, 20, tzinfo=UTC)
KINDS = ("company", "document", "email", "profile", "phone")
STATE = {
    "customers": "as_of, sync_run_id",
    "customer_identifiers": "",
    "identity_edges": "",
    "customer_orders": "",
    "blocked_identifiers": "as_of",
}
"""Tables of identities, and what in them says when they were calculated."""


@pytest.fixture
def shop(db):
    db.execute(
        "insert into cdp.tenants (tenant_id, tenant_name, slug, vtex_account, go_live_date) "
        "values (1, 'Uno', 'uno', 'uno', '2025-01-01'), (2, 'Dos', 'dos', 'dos', '2025-01-01')"
    )
    return Shop(db)


class Shop:
    """Orders of a shop, written as a merge writes them."""

    def __init__(self, db):
        self.db, self.run = db, 1

    def put(self, order_id, day=0, tenant=1, vanished=False, noted=True, **shown):
        """Store an order that shows identifiers, by kind."""
        self.db.execute(
            "insert into cdp.order_events (tenant_id, order_id, order_date, last_change, seller_ids, total, "
            "item_count, unit_count, payment_count, fetched_at, sync_run_id, typing_version, vanished_at) values "
            "(%(t)s, %(o)s, %(d)s, %(d)s, '{}', 1, 1, 1, 1, %(d)s, 1, 1, %(v)s) "
            "on conflict (tenant_id, order_id) do update set vanished_at = excluded.vanished_at",
            {"t": tenant, "o": order_id, "d": NOW - timedelta(days=400 - day), "v": NOW if vanished else None},
        )
        keys = {f"{kind}_key": identifier_key(tenant, kind, shown.get(kind)) for kind in KINDS}
        self.db.execute(
            "insert into cdp.order_buyers (tenant_id, order_id, document, email, document_key, company_key, email_key, "
            "profile_key, phone_key) values (%(t)s, %(o)s, %(document)s, %(email)s, %(document_key)s, %(company_key)s, "
            "%(email_key)s, %(profile_key)s, %(phone_key)s) on conflict (tenant_id, order_id) do update set "
            "(document, email, document_key, company_key, email_key, profile_key, phone_key) = (excluded.document, "
            "excluded.email, excluded.document_key, excluded.company_key, excluded.email_key, excluded.profile_key, "
            "excluded.phone_key)",
            {"t": tenant, "o": order_id, "document": shown.get("document"), "email": shown.get("email"), **keys},
        )
        if noted:
            self.note(order_id, tenant)

    def note(self, order_id, tenant=1):
        self.run += 1
        self.db.execute("insert into cdp.order_changes values (%s, default, %s, %s)", (tenant, order_id, self.run))

    def identify(self, everyone=False, tenant=1):
        of = Calculation(tenant, "uno", NOW, everyone, self.run)
        with self.db.transaction():
            return identify(Warehouse(self.db), of)

    def customers(self, tenant=1):
        """Return the orders of each customer."""
        found = defaultdict(set)
        for row in self.rows("select customer_id, order_id from cdp.customer_orders where tenant_id = %s", tenant):
            found[row["customer_id"]].add(row["order_id"])
        return found

    def people(self, tenant=1):
        return sorted(sorted(orders) for orders in self.customers(tenant).values())

    def rows(self, statement, *parameters):
        return self.db.execute(statement, parameters).fetchall()

    def state(self):
        return {
            table: [
                row["line"]
                for row in self.rows(
                    f"select (to_jsonb(t) - string_to_array('{but_for}', ', '))::text as line from cdp.{table} t "
                    "order by 1"
                )
            ]
            for table, but_for in STATE.items()
        }

    def events(self, *kinds):
        return self.rows(
            "select event, customer_id, from_customer_id, left_key, right_key, order_id "
            "from cdp.customer_identity_events where event = any(%s) order by event_no",
            list(kinds),
        )


def key(kind, value):
    return identifier_key(1, kind, value)


def test_the_key_of_an_identifier_is_the_same_in_sql(shop):
    for kind, value in (("document", "30111222"), ("email", "ana@correo.example"), ("profile", "ñandú")):
        (row,) = shop.rows("select cdp.identifier_key(7, %s, %s) as key", kind, value)
        assert row["key"] == identifier_key(7, kind, value)


def test_orders_that_share_a_document_or_an_email_are_one_customers(shop):
    shop.put("a", 1, document="30111222", email="ana@correo.example")
    shop.put("b", 2, document="30111222", email="ana@trabajo.example")
    shop.put("c", 3, email="ana@trabajo.example")
    shop.put("d", 4, document="30999888", email="otra@correo.example")

    counts = shop.identify()

    assert shop.people() == [["a", "b", "c"], ["d"]]
    assert set(shop.customers()) == {key("document", "30111222"), key("document", "30999888")}
    assert (counts["created"], counts["touched"], counts["changed"]) == (2, 2, 4)
    (ana, _) = shop.rows("select * from cdp.customers order by last_order_id")
    assert (ana["last_order_id"], ana["email"], ana["identified_by"]) == ("c", "ana@trabajo.example", "document")


def test_a_later_order_that_links_two_customers_makes_them_one_and_says_which_edge_did(shop):
    shop.put("a", 1, document="30111222")
    shop.put("b", 2, email="ana@correo.example")
    shop.identify()
    shop.put("c", 3, document="30111222", email="ana@correo.example")

    counts = shop.identify()

    assert shop.people() == [["a", "b", "c"]]
    assert counts["merged"] == 1
    (event,) = shop.events("merged")
    assert event["customer_id"] == key("document", "30111222")
    assert event["from_customer_id"] == key("email", "ana@correo.example")
    assert {event["left_key"], event["right_key"]} == {event["customer_id"], event["from_customer_id"]}
    assert event["order_id"] == "c"
    touched = shop.rows("select customer_id from cdp.customers_touched")
    assert {row["customer_id"] for row in touched} == {event["customer_id"], event["from_customer_id"]}


def test_an_un_merge_splits_and_stays_whoever_shows_the_edge_again(shop):
    shop.put("a", 1, document="30111222", email="casa@correo.example")
    shop.put("b", 2, document="30999888", email="casa@correo.example")
    shop.identify()
    assert shop.people() == [["a", "b"]]
    edge = key("document", "30999888"), key("email", "casa@correo.example")
    shop.rows("select cdp.split_identity(1, %s, %s, 'they are two', 'ops')", *edge)

    counts = shop.identify()

    assert shop.people() == [["a"], ["b"]]
    assert counts["split"] == 1
    assert shop.events("split")[0]["from_customer_id"] == key("document", "30111222")
    shop.put("c", 3, document="30999888", email="casa@correo.example")
    shop.identify()
    shop.identify(everyone=True)
    assert shop.people() == [["a"], ["b", "c"]]
    shop.rows("select cdp.undo_split(1, %s, %s)", *edge)
    shop.identify()
    assert shop.people() == [["a", "b", "c"]]


def test_a_value_that_joins_too_many_documents_is_blocked_and_free_again_when_it_does_not(shop):
    shop.db.execute("insert into cdp.customer_settings (tenant_id, identity_limit) values (1, 3)")
    for number in range(3):
        shop.put(f"order-{number}", number, document=f"3011122{number}", email="mostrador@tienda.example")
    shop.identify()
    assert shop.people() == [["order-0"], ["order-1"], ["order-2"]]  # mostrador@ is blocked by its name
    for number in range(4):
        shop.put(f"joined-{number}", number, document=f"3099922{number}", email="caja@tienda.example")
    shop.put("alone", 9, email="caja@tienda.example")

    counts = shop.identify()

    assert shop.people()[:4] == [["joined-0"], ["joined-1"], ["joined-2"], ["joined-3"]]
    assert (counts["flipped"], counts["anonymous"]) == (1, 1)
    assert [row["left_key"] for row in shop.events("blocked")] == [key("email", "caja@tienda.example")]
    shop.put("joined-3", 3, document="30999223", email="caja@tienda.example", vanished=True)
    shop.identify()
    assert ["alone", "joined-0", "joined-1", "joined-2"] in shop.people()
    assert len(shop.events("unblocked")) == 1


def test_what_is_allowed_by_hand_is_not_blocked(shop):
    shop.db.execute("insert into cdp.customer_settings (tenant_id, identity_limit) values (1, 1)")
    shop.db.execute(
        "insert into cdp.blocked_identifiers (tenant_id, key, kind, decision, reason) "
        "values (1, %s, 'email', 'allowed', 'a family')",
        (key("email", "casa@correo.example"),),
    )
    shop.put("a", 1, document="30111222", email="casa@correo.example")
    shop.put("b", 2, document="30999888", email="casa@correo.example")

    shop.identify()

    assert shop.people() == [["a", "b"]]


def test_a_companys_contact_is_not_the_company(shop):
    shop.put("firm", 1, company="30712345678", document="30111222", email="ana@correo.example")
    shop.put("other", 2, company="30799999999", document="30111222", email="ana@correo.example")
    shop.put("person", 3, document="30111222", email="ana@correo.example")

    shop.identify()

    assert shop.people() == [["firm"], ["other"], ["person"]]
    kinds = shop.rows("select identified_by, is_corporate from cdp.customers order by last_order_id")
    assert [tuple(row.values()) for row in kinds] == [("company", True), ("company", True), ("document", False)]


def test_a_telephone_makes_no_two_one_but_is_somebody_if_there_is_nothing_else(shop):
    shop.put("a", 1, document="30111222", phone="1155551234")
    shop.put("b", 2, document="30999888", phone="1155551234")
    shop.put("c", 3, phone="1155551234")
    shop.put("d", 4, phone="1155551234")

    shop.identify()

    assert shop.people() == [["a"], ["b"], ["c", "d"]]
    assert {row["state"] for row in shop.rows("select state from cdp.identity_edges")} == {"weak"}


def test_who_shows_nothing_is_nobody_and_a_vanished_order_is_nobodys(shop):
    shop.put("a", 1)
    shop.put("b", 2, document="30111222")
    shop.identify()
    shop.put("b", 2, document="30111222", vanished=True)

    counts = shop.identify()

    assert shop.people() == []
    assert shop.rows("select from cdp.customers") == []
    assert counts["gone"] == 1


def test_an_order_after_the_moment_waits_for_its_turn(shop):
    shop.put("a", 1, document="30111222")
    shop.put("later", 401, document="30111222")

    shop.identify()

    assert shop.people() == [["a"]]
    assert [row["order_id"] for row in shop.rows("select order_id from cdp.order_changes")] == ["later"]


def test_a_shop_sees_nothing_of_another(shop):
    shop.put("a", 1, document="30111222")
    shop.put("a", 1, tenant=2, document="30111222")

    shop.identify()
    shop.identify(everyone=True)

    assert (shop.people(1), shop.people(2)) == ([["a"]], [])
    shop.identify(tenant=2)
    assert set(shop.customers(1)).isdisjoint(shop.customers(2))


def expected(orders, blocked):
    """Return the customers by hand: union-find over what each order follows."""
    parent = {}

    def root(node):
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    first, owner = {}, {}
    for order_id, (day, shown) in orders.items():
        strong = [(kind, shown[kind]) for kind in ("document", "email", "profile") if shown.get(kind)]
        if shown.get("company"):
            strong = [("company", shown["company"])]
        elif not strong and shown.get("phone"):
            strong = [("phone", shown["phone"])]
        strong = [node for node in strong if node not in blocked]
        if not strong:
            continue
        owner[order_id] = strong[0]
        for node in strong:
            parent[root(node)] = root(strong[0])
            first[node] = min(first.get(node, (day, order_id)), (day, order_id))
    names = {}
    for node in first:
        rank = (*first[node], KINDS.index(node[0]), str(key(*node)))
        names[root(node)] = min(names.get(root(node), (rank, node)), (rank, node))
    found = defaultdict(set)
    for order_id, node in owner.items():
        found[key(*names[root(node)][1])].add(order_id)
    return found


def crowded(orders, most):
    """Return the identifiers that join more than so many."""
    joined = defaultdict(set)
    for _, shown in orders.values():
        for kind, other in (("email", "document"), ("profile", "document"), ("document", "email")):
            if shown.get(kind) and shown.get(other):
                joined[kind, shown[kind]].add(shown[other])
    return {node for node, others in joined.items() if len(others) > most}


@pytest.mark.parametrize("seed", range(6))
def test_increments_in_any_order_rebuild_and_hand_agree(shop, seed):
    rng = random.Random(seed)
    shop.db.execute("insert into cdp.customer_settings (tenant_id, identity_limit) values (1, 3)")

    def shown():
        maybe = lambda share, values: rng.choice(values) if rng.random() < share else None  # noqa: E731
        return {
            "company": maybe(0.05, ["30712345678", "30799999999"]),
            "document": maybe(0.7, [str(30_000_000 + number) for number in range(40)]),
            "email": maybe(0.7, [f"user{number}@correo.example" for number in range(40)] + ["shared@x.example"] * 8),
            "profile": maybe(0.5, [f"profile-{number}" for number in range(60)]),
            "phone": maybe(0.3, ["1155550001", "1155550002"]),
        }

    orders = {f"order-{number:03}": (rng.randrange(390), shown()) for number in range(120)}
    waiting = list(orders)
    rng.shuffle(waiting)
    stored = {}
    while waiting:
        for order_id in [waiting.pop() for _ in range(min(len(waiting), rng.randint(1, 25)))]:
            stored[order_id] = orders[order_id]
            shop.put(order_id, stored[order_id][0], **stored[order_id][1])
        for order_id in rng.sample(sorted(stored), 2):
            if rng.random() < 0.5:  # another buyer
                stored[order_id] = (stored[order_id][0], shown())
                shop.put(order_id, stored[order_id][0], **stored[order_id][1])
            elif rng.random() < 0.5:
                shop.put(order_id, stored[order_id][0], vanished=True, **stored[order_id][1])
                del stored[order_id]
                waiting.insert(0, order_id)
        if rng.random() < 0.3:  # interrupted
            with shop.db.transaction(force_rollback=True):
                identify(Warehouse(shop.db), Calculation(1, "uno", NOW, False, shop.run))
        shop.identify()
        by_hand = expected(stored, crowded(stored, 3))
        assert shop.customers() == by_hand

    incremental = shop.state()
    events = len(shop.events("created", "merged", "split", "renamed", "gone", "blocked", "unblocked"))
    shop.identify(everyone=True)
    assert shop.state() == incremental
    assert len(shop.events("created", "merged", "split", "renamed", "gone", "blocked", "unblocked")) == events
    for table in STATE:
        shop.db.execute(f"delete from cdp.{table}")
    shop.identify(everyone=True)
    assert shop.state() == incremental
