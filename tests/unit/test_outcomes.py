"""Outcome of a run in one sentence."""

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from cdp_sync.operators.skipping import skip
from cdp_sync.outcomes import sentence
from tests.conftest import context


def outcome(new=0, changed=0, unchanged=0, rejected=0):
    return {"new": new, "changed": changed, "unchanged": unchanged, "rejected": rejected}


def test_one_window_is_told_as_it_is():
    assert sentence([outcome(62, 3, 790)], []) == "62 new, 3 changed, 790 unchanged, 0 rejected"


def test_masked_buyers_are_told_with_where_to_look():
    said = sentence([outcome(62) | {"masked": 60}, outcome(1) | {"masked": 0}], [])

    assert said == (
        "63 new, 0 changed, 0 unchanged, 0 rejected; "
        "VTEX masked who bought in 60: see data_protection_reason in docs/tenants.md"
    )


def test_new_fields_are_told_with_where_to_look():
    said = sentence([outcome(62) | {"new_fields": 2}, outcome(1) | {"new_fields": 1}], [])

    assert said == "63 new, 0 changed, 0 unchanged, 0 rejected; 3 new fields in documents: see cdp.unread_fields"


def test_windows_and_shops_are_summed_and_hide_what_was_skipped():
    said = sentence([outcome(1, 2, 3, 4), outcome(10, 20, 30, 40)], ["ferreira: sync_enabled is false"])

    assert said == "11 new, 22 changed, 33 unchanged, 44 rejected"


def test_a_run_that_was_skipped_says_why():
    assert sentence([], ["ferreira: nothing changed"]) == "Skipped: ferreira: nothing changed"


def test_shops_with_the_same_reason_are_counted_and_the_rarest_reason_comes_first():
    reasons = ["a: nothing changed", "b: lacks the role", "c: nothing changed"]

    assert sentence([], reasons) == "Skipped: b: lacks the role; 2 shops: nothing changed"


def test_of_many_reasons_three_are_told_and_the_others_counted():
    reasons = [f"shop: reason {number}" for number in range(5)]

    assert sentence([], reasons) == "Skipped: shop: reason 0; shop: reason 1; shop: reason 2; 2 more reasons"


def test_a_run_that_reported_nothing_has_no_sentence():
    assert sentence([], []) == ""


def test_a_skip_leaves_its_reason_in_the_tasks_log_and_for_the_runs_note(caplog):
    asked = context()

    with caplog.at_level("INFO"), pytest.raises(AirflowSkipException, match="nothing changed"):
        skip(asked, "ferreira: nothing changed")

    assert caplog.messages == ["Skipped: ferreira: nothing changed"]
    assert asked["pushed"] == {"skipped_because": "ferreira: nothing changed"}
