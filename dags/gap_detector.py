"""### Gaps: time that was never synced

Every hour of off-peak time (`CDP_OFF_PEAK`, 20:00-07:00 Argentina time), half an hour after the incremental syncs. One
query finds the time between each shop's `go_live_date` and now that no sync covers. `cdp_history__<slug>` is triggered
for the shops with gaps only.

| task | does |
|---|---|
| `find_gaps` | finds gaps; sets `initial_sync_completed`; notes time older than VTEX's two years as unreachable |
| `fill` | triggers the history of each shop that has a gap and is not filling it already |

**Trigger it** by hand to fill the gaps now, peak hours or not. Safe to clear and run again.
"""

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import dag

from cdp_sync.dag_factory import COMMON, SMALL_AND_URGENT, at_night
from cdp_sync.forms import GAPS_FORM
from cdp_sync.operators.gap_detector import find_gaps
from cdp_sync.settings import off_peak


@dag(
    dag_display_name="Past orders · gap detector",
    schedule=at_night(f"30 {','.join(map(str, off_peak().hours))} * * *"),
    params=GAPS_FORM,
    tags=["cdp", "history"],
    doc_md=__doc__,
    **COMMON | SMALL_AND_URGENT,
)
def cdp_gap_detector() -> None:
    TriggerDagRunOperator.partial(
        task_id="fill",
        skip_when_already_exists=True,
        map_index_template="{{ task.trigger_dag_id.removeprefix('cdp_history__') }}",
    ).expand_kwargs(find_gaps())


cdp_gap_detector()
