"""The pretend VTEX's documents, compared to the byte."""

import hashlib

import pytest

from vtex_sandbox.documents import render
from vtex_sandbox.orders import make_day
from vtex_sandbox.scenario import LOCAL, Account

DAY = 2496  # 2026-11-01
ACCOUNTS = LOCAL.accounts | {"carts": Account(orders_per_day=(40, 40), incomplete_share=0.5)}


@pytest.fixture(scope="module")
def documents():
    """Every version of every order of a day, for each account."""
    return [
        render(order, version, account, 7, name)
        for name, account in ACCOUNTS.items()
        for order in make_day(7, name, account, DAY)
        for version in range(1, len(order.events) + 1)
    ]


def test_a_seed_makes_the_same_documents_to_the_byte(documents):
    """Take a new digest only where documents are meant to change."""
    digest = hashlib.sha256(b"\n".join(documents)).hexdigest()

    assert (len(documents), digest) == (5386, "82bb5ae3cf2e9b427ae2acb58d3d0fd1067ea920c2ca27a4b35ac1149917f251")


def test_code_fills_in_whatever_the_template_leaves_open(documents):
    assert [body for body in documents if "…".encode() in body] == []


def test_no_document_changes_the_template_for_the_next(documents):
    (name, account), *_ = ACCOUNTS.items()
    order = make_day(7, name, account, DAY)[0]

    assert render(order, 1, account, 7, name) == documents[0]
