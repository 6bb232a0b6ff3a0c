"""``make docs``: write the generated pages, from the DAG files and a freshly migrated PostgreSQL."""

from __future__ import annotations

import json
import os
from tempfile import TemporaryDirectory

import psycopg

from cdp_sync.migrations import migrate
from docs.generate import DAGS_PAGE, DICTIONARY_PAGE, PROJECT, SETTINGS_PAGE
from docs.generate.dictionary_page import dictionary_page
from local.postgres import temporary_server


def main() -> None:
    """Write every page, ignoring deployment settings of the shell."""
    for name in [name for name in os.environ if name.startswith("CDP_")]:
        del os.environ[name]
    with TemporaryDirectory() as home:
        os.environ |= {
            "AIRFLOW_HOME": home,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        }
        _write_dags()
        _write_database()


def _write_dags() -> None:
    from airflow.dag_processing.dagbag import DagBag  # only once AIRFLOW_HOME is set

    from docs.generate.dags_page import EXAMPLE, dags_page

    os.environ["AIRFLOW_VAR_CDP_TENANTS"] = json.dumps(EXAMPLE)
    parsed = DagBag(PROJECT / "dags")
    if parsed.import_errors:
        raise SystemExit(f"dags/ cannot be parsed: {parsed.import_errors}")
    DAGS_PAGE.write_text(dags_page(parsed.dags))


def _write_database() -> None:
    from docs.generate.settings_page import settings_page

    with temporary_server() as dsn:
        migrate(dsn)
        with psycopg.connect(dsn) as db:
            DICTIONARY_PAGE.write_text(dictionary_page(db))
            SETTINGS_PAGE.write_text(settings_page(db))


if __name__ == "__main__":
    main()
