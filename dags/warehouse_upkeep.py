"""### The warehouse: its schema and its list of tenants

Hourly, and by hand after a deployment or after a change to `cdp.tenants` that should be seen at once.

| task | does |
|---|---|
| `migrate_schema` | brings the schema `cdp` to the newest revision; nothing to do most of the time |
| `publish_tenants` | publishes the active rows of `cdp.tenants`; DAGs appear within a minute, go in two |
| `check_tenants` | fails, with a sentence for each, if a row cannot have DAGs; the other tenants are not affected |

Safe to clear and run again at any time.
"""

from airflow.sdk import dag
from airflow.timetables.interval import CronDataIntervalTimetable

from cdp_sync.dag_factory import COMMON, START_DATE
from cdp_sync.operators.upkeep import check_tenants, migrate_schema, publish_tenants
from cdp_sync.tenants import LOCAL_TZ


@dag(
    dag_display_name="Warehouse · schema and tenants",
    schedule=CronDataIntervalTimetable("50 * * * *", timezone=LOCAL_TZ),
    start_date=START_DATE,
    tags=["cdp", "warehouse"],
    doc_md=__doc__,
    **COMMON,
)
def cdp_warehouse() -> None:
    check_tenants(migrate_schema() >> publish_tenants())


cdp_warehouse()
