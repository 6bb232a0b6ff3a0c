"""### The warehouse: its schema, its list of tenants, its lost runs, its older rows

Hourly. Trigger it by hand after a deployment, or for a change to `cdp.tenants` to take effect at once.

| task | does |
|---|---|
| `migrate_schema` | migrates the schema `cdp` to the newest revision, if it is not there yet |
| `publish_tenants` | publishes the active rows of `cdp.tenants`; DAGs appear within a minute, disappear within two |
| `check_tenants` | fails, with a sentence for each row that cannot have DAGs; the other tenants are not affected |
| `find_outdated`, `replay` | in off-peak time, trigger `cdp_replay` if orders are left that an older version typed |
| `close_lost_runs` | marks runs in `cdp.sync_runs` whose task was killed as failed; empties `staging` of ended runs |

Safe to clear and run again at any time.
"""

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import dag
from airflow.timetables.interval import CronDataIntervalTimetable

from cdp_sync.dag_factory import COMMON, SMALL_AND_URGENT, START_DATE
from cdp_sync.operators.plan_replay import find_outdated
from cdp_sync.operators.upkeep import check_tenants, close_lost_runs, migrate_schema, publish_tenants
from cdp_sync.tenants import LOCAL_TZ


@dag(
    dag_display_name="Warehouse · schema and tenants",
    schedule=CronDataIntervalTimetable("50 * * * *", timezone=LOCAL_TZ),
    start_date=START_DATE,
    tags=["cdp", "warehouse"],
    doc_md=__doc__,
    **COMMON | SMALL_AND_URGENT,
)
def cdp_warehouse() -> None:
    migrated = migrate_schema()
    check_tenants(migrated >> publish_tenants())
    migrated >> close_lost_runs()
    outdated = find_outdated()
    migrated >> outdated
    TriggerDagRunOperator.partial(task_id="replay", skip_when_already_exists=True).expand_kwargs(outdated)


cdp_warehouse()
