"""### Finds what was never synced

Every hour of off-peak time (`CDP_OFF_PEAK`, 20:00-07:00 Argentina time), half an hour after the incremental syncs. One
query finds the time between each shop's `go_live_date` and now that no sync covers, and triggers
`cdp_history__<slug>` for those shops only.

| task | does |
|---|---|
| `find_gaps` | finds them; sets `initial_sync_completed`; notes as unreachable what is older than VTEX's two years |
| `fill` | triggers the history of each shop that has a gap and is not at it already |

**Trigger it** by hand and the gaps are filled now, peak hours or not. Safe to clear and run again.
"""

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag
from airflow.timetables.trigger import CronTriggerTimetable

from cdp_sync.dag_factory import DEFAULT_ARGS
from cdp_sync.operators.gap_detector import find_gaps
from cdp_sync.settings import off_peak
from cdp_sync.tenants import LOCAL_TZ


@dag(
    # No start_date: with one, run_immediately would count for nothing, and a deployment at noon would start it. Not
    # False either: that still runs what is younger than a tenth of the time between two runs.
    schedule=CronTriggerTimetable(
        f"30 {','.join(map(str, off_peak().hours))} * * *", timezone=LOCAL_TZ, run_immediately=timedelta(0)
    ),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args=DEFAULT_ARGS,
    params={
        "tenants": Param(
            20,
            type="integer",
            minimum=1,
            maximum=1000,
            title="Tenants",
            description="Have the history of at most so many tenants synced at once.",
        )
    },
    tags=["cdp", "history"],
    doc_md=__doc__,
)
def cdp_gap_detector() -> None:
    TriggerDagRunOperator.partial(
        task_id="fill",
        skip_when_already_exists=True,
        map_index_template="{{ task.trigger_dag_id.removeprefix('cdp_history__') }}",
    ).expand_kwargs(find_gaps())


cdp_gap_detector()
