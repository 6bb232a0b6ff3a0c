"""The two forms of the Orders API: the same question, asked of two kinds of account."""

import pytest

from cdp_sync.vtex.orders_api import PATHS, OrdinaryApi, ProtectedApi

FILTERS = {"f_creationDate": "creationDate:[a TO b]", "per_page": 100, "page": 2, "incompleteOrders": True}


def test_an_ordinary_account_is_asked_by_query():
    assert OrdinaryApi().page(FILTERS) == (
        "/api/oms/pvt/orders",
        "GET",
        {"f_creationDate": "creationDate:[a TO b]", "per_page": "100", "page": "2", "incompleteOrders": "true"},
        None,
    )
    assert OrdinaryApi().document("v1-01") == ("/api/oms/pvt/orders/v1-01", "GET", {}, None)


def test_a_protected_account_is_asked_by_body_and_for_a_document_with_the_reason():
    api = ProtectedApi(" crm sync ")

    assert api.page(FILTERS) == ("/api/orders/extendsearch/orders", "POST", {}, FILTERS)
    assert api.document("v1-01") == ("/api/orders/pvt/document/v1-01", "GET", {"reason": "crm sync"}, None)


@pytest.mark.parametrize("api", [OrdinaryApi(), ProtectedApi("crm")])
@pytest.mark.parametrize(
    ("order_id", "segment"), [("GPA-Pedido 1/7", "GPA-Pedido%201%2F7"), ("..", "%2E%2E"), ("ñ?#", "%C3%B1%3F%23")]
)
def test_an_id_stays_one_segment_of_the_path(api, order_id, segment):
    path = api.document(order_id).path

    assert path.rpartition("/")[2] == segment
    assert path.startswith(PATHS)


@pytest.mark.parametrize("api", [OrdinaryApi(), ProtectedApi("crm")])
def test_paths_of_orders_are_told_from_those_of_the_feed(api):
    assert api.list_path.startswith(PATHS)
    assert not "/api/orders/feed".startswith(PATHS)
    assert not "/api/orders/hook/config".startswith(PATHS)
