"""The pretend VTEX has accounts under Data Protection Plus."""

import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest

from tests.unit.test_sandbox import DAY, NOW, ORDERS
from vtex_sandbox.protection import mask
from vtex_sandbox.scenario import Account, Scenario
from vtex_sandbox.testing import running_sandbox

LIST, DOCUMENTS = "/api/orders/extendsearch/orders", "/api/orders/pvt/document"
RANGE = {"f_creationDate": f"creationDate:[{DAY[0]} TO {DAY[1]}]"}
ALWAYS = {"id", "orderId", "state", "piiHidden", "clientProfileData", "shippingData", "itemMetadata", "isCompleted"}
SAMPLE = Path(__file__).parent.parent / "fixtures" / "orders" / "masked_pii_canceled.json"
"""VTEX's example of such a document; "masked" in its name means that its values were made up."""


@pytest.fixture(scope="module")
def process():
    with running_sandbox(Scenario(accounts={"protegida": Account(), "tienda": Account()})) as sandbox:
        sandbox.freeze(NOW)
        yield sandbox


@pytest.fixture
def ask(process):
    """Ask an account; the protected one unless said otherwise."""
    process.open("protegida", orders_per_day=[60, 60], data_protection=True)
    process.clear_log()

    def request(path, body=None, *, account="protegida", **query):
        key, token = process.credentials(account)
        url = process.account_url(account) + path + (f"?{urlencode(query)}" if query else "")
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"X-VTEX-API-AppKey": key, "X-VTEX-API-AppToken": token}
        try:
            with urlopen(Request(url, data=data, headers=headers), timeout=20) as answer:
                return answer.status, json.loads(answer.read())
        except HTTPError as error:
            return error.code, error.read()

    return request


def rows(ask, **filters):
    return ask(LIST, RANGE | {"per_page": 100} | filters)[1]["list"]


def document(ask, path=DOCUMENTS, **query):
    order_id = min(row["orderId"] for row in rows(ask) if row["status"] == "canceled")
    return ask(f"{path}/{quote(order_id, safe='')}", **query)[1]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("john.doe@example.com", "j***.d**@e******.c**"),
        ("12345678911", "1**********"),
        ("Doe", "D**"),
        ("", ""),
        (None, None),
    ],
)
def test_masks_are_those_of_vtexs_examples(value, shown):
    assert mask(value) == shown


def test_the_list_is_asked_by_post_with_the_filters_of_the_other_one(ask, process):
    asked = RANGE | {"per_page": 7, "orderBy": "creationDate,asc", "incompleteOrders": False}
    first, second = (ask(LIST, asked | {"page": page})[1] for page in (1, 2))

    assert [len(first["list"]), len(second["list"])] == [7, 7]
    assert first["paging"] == {"total": first["paging"]["total"], "pages": 9, "currentPage": 1, "perPage": 7}
    dates = [row["creationDate"] for row in first["list"] + second["list"]]
    assert dates == sorted(dates)
    assert "creationDate:[" in process.log("protegida", "list")[0]["query"]


@pytest.mark.parametrize("body", [{"page": 31}, {"f_creationDate": "yesterday"}, b"{", {"page": []}])
def test_a_body_that_vtex_cannot_read_is_refused(ask, body):
    assert ask(LIST, body)[0] == 400


def test_a_row_shows_seconds_and_whole_cents_and_nobody(ask):
    row = rows(ask)[0]

    assert row["creationDate"].endswith("Z")
    assert "." not in row["creationDate"]
    assert isinstance(row["totalValue"], int)
    assert "*" in row["clientName"]
    assert "*" in row["clientEmail"]
    assert "*" not in row["userProfileId"]


def test_with_a_reason_a_document_shows_the_person_and_without_it_masks(ask):
    shown, hidden = document(ask, reason="crm"), document(ask)

    for name in ("firstName", "lastName", "email", "phone"):
        assert (
            hidden["clientProfileData"][name]
            == mask(shown["clientProfileData"][name])
            != (shown["clientProfileData"][name])
        )
    assert hidden["clientProfileData"]["userProfileId"] == shown["clientProfileData"]["userProfileId"]
    assert hidden["shippingData"]["address"]["street"] == mask(shown["shippingData"]["address"]["street"])
    assert (hidden["value"], hidden["items"], hidden["lastChange"]) == (
        shown["value"], shown["items"], shown["lastChange"],
    )  # fmt: skip


def test_a_document_has_the_shape_of_vtexs_example(ask):
    found, example = document(ask, reason="crm"), json.loads(SAMPLE.read_text())

    assert found["id"] == found["orderId"]
    assert found.keys() & example.keys() >= ALWAYS
    assert found["itemMetadata"].keys() == example["itemMetadata"].keys() == {"items"}
    assert found["cancellationData"].keys() <= example["cancellationData"].keys()
    for name in ("creationDate", "lastChange"):
        assert found[name].endswith("Z")
        assert example[name].endswith("Z")
    assert "+00:00" not in json.dumps(found)


def test_the_old_paths_mask_and_keep_their_shape(ask):
    order, group = document(ask, ORDERS), document(ask, ORDERS)["orderGroup"]

    assert "id" not in order
    assert order["creationDate"].endswith("+00:00")
    assert "*" in order["clientProfileData"]["email"]
    assert all("*" in each["clientProfileData"]["email"] for each in ask(f"{ORDERS}/order-group/{group}")[1])
    assert "*" in ask(ORDERS, **RANGE)[1]["list"][0]["clientName"]


def test_an_account_may_accept_no_reason(ask, process):
    process.open("protegida", orders_per_day=[60, 60], data_protection=True, unmasks=False)

    assert "*" in document(ask, reason="crm")["clientProfileData"]["email"]


def test_other_accounts_know_neither_path(ask):
    order_id = min(row["orderId"] for row in ask(ORDERS, account="tienda", **RANGE)[1]["list"])

    assert ask(LIST, RANGE, account="tienda")[0] == 404
    assert ask(f"{DOCUMENTS}/{quote(order_id)}", account="tienda", reason="crm")[0] == 404
