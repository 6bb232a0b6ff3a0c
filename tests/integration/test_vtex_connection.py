"""The connection of a tenant: what of it is used, and which mistakes in it are refused, in one sentence."""

import asyncio
import json

import pytest
from airflow.sdk.exceptions import AirflowFailException

from cdp_sync.hooks.vtex import VtexHook
from cdp_sync.sync_types import SYNC_TYPES
from cdp_sync.vtex.errors import VtexNotConfigured
from cdp_sync.vtex.orders_api import OrdinaryApi, ProtectedApi

ANY_POSTGRES = True  # every statement they run runs on both elsewhere

DAY = ("2026-11-10T00:00:00Z", "2026-11-11T00:00:00Z")
KEY = {"conn_type": "http", "host": "petbaar", "login": "vtexappkey", "password": "token"}


@pytest.fixture
def connect(monkeypatch):
    """Write the connection of PetBaar."""

    def write(**fields):
        monkeypatch.setenv("AIRFLOW_CONN_VTEX_PETBAAR", json.dumps(KEY | fields))

    return write


def client_of(look, sync_type="historical", **options):
    async def session():
        hook = VtexHook("vtex_petbaar", tenant="petbaar")
        async with hook.client(sync_type=SYNC_TYPES[sync_type], concurrency=1, **options) as client:
            return look(client)

    return asyncio.run(session())


def rate(client):
    return client.pace.rate


def test_the_key_goes_into_vtexs_two_headers_without_any_warning(connect, recwarn):
    connect(extra={"X-Team": "crm"})

    headers = client_of(lambda client: dict(client._session.headers))

    assert headers == {
        "X-Team": "crm", "X-VTEX-API-AppKey": "vtexappkey", "X-VTEX-API-AppToken": "token",
        "Accept": "application/json", "Content-Type": "application/json",
    }  # fmt: skip
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize("login", ["", None])
def test_a_connection_without_a_key_is_refused(connect, login):
    connect(login=login)

    with pytest.raises(VtexNotConfigured, match=r"^petbaar: connection vtex_petbaar has no app key: .*password$"):
        client_of(rate)


def test_a_connection_that_does_not_exist_is_refused():
    with pytest.raises(VtexNotConfigured, match=r"^petbaar: connection vtex_petbaar does not exist; create it, see"):
        client_of(rate)


@pytest.mark.parametrize("verify", [True, False])
def test_verify_in_the_extra_decides_whether_certificates_are_checked(connect, verify):
    connect(extra={"verify": verify})

    assert client_of(lambda client: client._session.connector._ssl) is verify


@pytest.mark.parametrize(("per_minute", "each"), [(None, 10.0), (60, 0.1), ("3000", 5.0), (600_000, 1000.0)])
def test_the_accounts_limit_is_shared_out(connect, per_minute, each):
    connect(extra={} if per_minute is None else {"requests_per_minute": per_minute})

    assert client_of(rate) == pytest.approx(each)


@pytest.mark.parametrize("given", ["fast", "", 0, -1, 1e308, 1e-300, "inf", "NaN", 59, 600_001, None, [6000]])
def test_a_limit_out_of_bounds_is_permanent_and_says_tenant_value_and_bounds(connect, given):
    connect(extra={"requests_per_minute": given})

    for sync_type in SYNC_TYPES:
        with pytest.raises(VtexNotConfigured) as refused:
            client_of(rate, sync_type)
        assert refused.value.permanent
        assert str(refused.value) == (
            "petbaar: connection vtex_petbaar has a wrong requests_per_minute in its extra: "
            f"{given!r} is not a number from 60 to 600000"
        )


@pytest.mark.parametrize("given", [0, -1, 1e308, 1e-300, float("inf"), float("nan"), "fast"])
def test_a_pace_out_of_bounds_fails_the_task_at_once(shop, given):
    with pytest.raises(AirflowFailException) as failed:
        shop.fetch(DAY, requests_per_second=given)

    assert str(failed.value) == f"ferreira: requests_per_second: {given!r} is not a number from 0.1 to 10000"
    assert shop.sandbox.summary("ferreira")["requests"] == 0


@pytest.mark.parametrize("given", [1e308, 1e-300])
def test_history_is_not_planned_at_a_pace_out_of_bounds(shop, given):
    with pytest.raises(AirflowFailException, match=r"^ferreira: requests_per_second: 1e.* is not a number from 0\.1"):
        shop.plan_history(requests_per_second=given)


def test_the_reason_of_an_account_under_data_protection_is_no_header(connect):
    connect(extra={"data_protection_reason": "crm"})

    headers, orders = client_of(lambda client: (dict(client._session.headers), client.orders))

    assert orders == ProtectedApi("crm")
    assert "data_protection_reason" not in headers


def test_a_connection_without_a_reason_is_of_an_ordinary_account(connect):
    connect()

    assert type(client_of(lambda client: client.orders)) is OrdinaryApi


@pytest.mark.parametrize("given", ["", "  ", None, 7, ["crm"], "x" * 201])
def test_a_reason_that_is_none_is_permanent_and_said_in_one_sentence(connect, given):
    connect(extra={"data_protection_reason": given})

    with pytest.raises(VtexNotConfigured) as refused:
        client_of(rate)

    assert refused.value.permanent
    assert str(refused.value) == (
        "petbaar: connection vtex_petbaar has a wrong data_protection_reason in its extra: "
        "it must be a text of 1 to 200 characters"
    )
