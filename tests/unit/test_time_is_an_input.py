"""Neither the tests nor the statements they test ask the machine what time it is; ruff's TID251 sees to Python."""

import ast
import re
from pathlib import Path

import pytest

from cdp_sync.sql_files import sql_root

TESTS = Path(__file__).parents[1]
DATABASES_CLOCK = re.compile(
    r"\b(now|statement_timestamp|clock_timestamp|transaction_timestamp|timeofday)\s*\(\)"
    r"|\bcurrent_(date|time|timestamp)\b|\blocaltime(stamp)?\b",
    re.IGNORECASE,
)
ABOUT_IT = {
    "sql/test_monitoring.py": "the queries of people ask for today, and stay as their users wrote them",
    "sql/test_schema.py": "updated_at is the database's time",
    "sql/test_gaps.py": "started_at is the database's time",
    Path(__file__).relative_to(TESTS).as_posix(): "names what it looks for",
}
"""Tests about the database's clock; those of ``e2e`` run under Airflow, whose clock is the machine's."""


def asks(source):
    """Return the lines of strings in Python that ask the database for its time."""
    texts = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return [node.lineno for node in texts if isinstance(node.value, str) and DATABASES_CLOCK.search(node.value)]


def test_no_other_test_asks_the_database_for_the_time():
    found = {
        file.relative_to(TESTS).as_posix()
        for file in TESTS.rglob("*.py")
        if "e2e" not in file.parts and asks(file.read_text("utf-8"))
    }

    assert found == set(ABOUT_IT)


@pytest.mark.parametrize("text", ["now()", "x > NOW ()", "current_date - 1", "LOCALTIMESTAMP", "clock_timestamp()"])
def test_it_would_be_found(text):
    assert asks(f'db.execute("select " "{text}")') == [1]


@pytest.mark.parametrize("text", ["cdp.known()", "now(shop)", "current_dates"])
def test_what_only_looks_like_it_is_not(text):
    assert asks(f'db.execute("{text}")') == []


def test_statements_decide_by_a_moment_they_are_given_and_only_write_down_the_databases():
    deciding = re.compile(
        r"\b(where|when|then|else|and|or|on|having|least|greatest)\b|[<>]|[-+] interval", re.IGNORECASE
    )
    by_its_clock = {
        file.relative_to(sql_root()).with_suffix("").as_posix()
        for file in sql_root().rglob("*.sql")
        if not {"monitoring", "versions"} & set(file.parts)
        for line in re.sub(r"(?m)--.*$", "", file.read_text("utf-8")).splitlines()
        if DATABASES_CLOCK.search(line) and deciding.search(line)
    }

    # The first two compare with what the database wrote down itself.
    assert by_its_clock == {"inbox/forget_expired_handles", "inbox/forget_processed"}
