from datetime import UTC, date, datetime

import pytest

from cdp_sync.tenants import BadTenant, Tenant, read_registry, read_rows, vtex_conn_id, write_registry

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)  # still the 1st in Argentina
GOOD = {
    "tenant_id": 20,
    "tenant_name": "Ferreira",
    "slug": "ferreira",
    "vtex_account": "ferreira",
    "sync_frequency_hours": 6,
    "go_live_date": date(2023, 1, 1),
}


def tenant(**changes):
    return Tenant(**{name: value for name, value in {**GOOD, **changes}.items() if name != "go_live_date"})


def test_six_hours_run_at_midnight_six_noon_and_six():
    assert tenant().orders_cron == "0 0,6,12,18 * * *"


def test_a_slug_names_the_dag_and_the_connection():
    ferreira = tenant()

    assert (ferreira.orders_dag_id, ferreira.history_dag_id, vtex_conn_id(ferreira.slug)) == (
        "cdp_orders__ferreira", "cdp_history__ferreira", "vtex_ferreira"
    )  # fmt: skip


@pytest.mark.parametrize("slug", ["", "Ferreira", "1a", "a-b", "a b", "a__b", "a" * 60])
def test_a_slug_that_cannot_name_a_dag_is_refused(slug):
    with pytest.raises(BadTenant, match=r"Tenant 20 \(Ferreira\): slug"):
        tenant(slug=slug)


@pytest.mark.parametrize("hours", [0, 5, 7, 9, 25, -6])
def test_a_frequency_that_does_not_divide_a_day_is_refused(hours):
    with pytest.raises(BadTenant, match="must divide 24"):
        tenant(sync_frequency_hours=hours)


def test_bad_rows_are_reported_and_break_no_other():
    rows = [
        GOOD,
        {**GOOD, "tenant_id": 1, "tenant_name": "Uno", "slug": "Uno!"},
        {**GOOD, "tenant_id": 2, "tenant_name": "Dos", "slug": "dos", "go_live_date": date(2026, 3, 2)},
        {**GOOD, "tenant_id": 3, "tenant_name": "Tres", "slug": "alpha"},
    ]

    tenants, complaints = read_rows(rows, at=AT)

    assert [good.slug for good in tenants] == ["alpha", "ferreira"]
    assert [complaint.split(":")[0] for complaint in complaints] == ["Tenant 1 (Uno)", "Tenant 2 (Dos)"]


def test_a_bad_row_is_reported_for_each_of_its_faults():
    row = {**GOOD, "slug": "a-b", "vtex_account": "a b", "sync_frequency_hours": 5, "go_live_date": date(2030, 1, 1)}

    assert read_rows([row], at=AT) == (
        [],
        [
            "Tenant 20 (Ferreira): slug 'a-b' must be snake_case, it names DAGs and connections; vtex_account 'a b' is "
            "not a VTEX account name; sync_frequency_hours 5 must divide 24, else runs would drift over the day; "
            "go_live_date 2030-01-01 is in the future, set the day it went live"
        ],
    )


def test_going_live_today_in_argentina_is_not_the_future():
    tenants, complaints = read_rows([{**GOOD, "go_live_date": date(2026, 3, 1)}], at=AT)

    assert (len(tenants), complaints) == (1, [])


def test_a_registry_reads_back_what_was_written():
    assert read_registry(write_registry([tenant()])) == [tenant()]


def test_a_bad_entry_of_the_registry_takes_no_other_tenant_away():
    text = write_registry([tenant()])[:-1] + ', {"slug": "broken"}]'

    assert read_registry(text) == [tenant()]
