"""``docs/dags.md``: every DAG, from the DAG files themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, AssetOrTimeSchedule

from docs.generate import fenced, page, prose, table

EXAMPLE = [{"tenant_id": 1, "tenant_name": "<shop>", "slug": "shop", "vtex_account": "shop", "sync_frequency_hours": 6}]
"""Registry to parse ``dags/`` with: the page shows each tenant's DAGs once, with ``<slug>`` in their names."""


def dags_page(dags: Mapping[str, DAG]) -> str:
    """
    Return the page.

    :param dags: DAGs that ``dags/`` builds from ``EXAMPLE``, by id.
    """
    listed = sorted(dags.values(), key=lambda dag: dag.dag_display_name)
    overview = table(
        ("name in the UI", "id", "when (Argentina time)"),
        ((dag.dag_display_name, f"[`{_id(dag)}`](#{_anchor(dag)})", _schedule(dag)) for dag in listed),
    )
    return page("DAGs", "the files in `dags/`", [overview, *(block for dag in listed for block in _section(dag))])


def _section(dag: DAG) -> Iterator[str]:
    before, explained, after = read_doc(dag.doc_md or "")
    yield f"## `{_id(dag)}`"
    yield f"*{prose(dag.dag_display_name)}*, `dags/{Path(dag.fileloc).name}`. Runs {_schedule(dag)}. {_attempts(dag)}"
    yield before
    yield fenced("mermaid", _flowchart(dag))
    yield table(
        ("task", "after", "retries", "runs", "does"),
        (
            (
                f"`{task.task_id}`",
                ", ".join(f"`{each}`" for each in sorted(task.upstream_task_ids)),
                task.retries,
                "mapped" if _mapped(task) else "once",
                explained.get(task.task_id, ""),
            )
            for task in _tasks(dag)
        ),
    )
    if after:
        yield after
    if dag.params:
        yield "Form:"
        yield table(
            ("param", "title", "type", "default", "description"),
            (_field(name, dag.params.get_param(name)) for name in dag.params),
        )


def _id(dag: DAG) -> str:
    return re.sub("__shop$", "__<slug>", dag.dag_id)


def _anchor(dag: DAG) -> str:
    """Return the anchor of the id's heading: the id without the brackets."""
    return re.sub("[<>]", "", _id(dag))


def _schedule(dag: DAG) -> str:
    timetable: Any = dag.timetable
    if isinstance(timetable, AssetOrTimeSchedule):
        return f"when a sync has written orders, and {_time(timetable.timetable)}"
    if not timetable.can_be_scheduled:
        return "when triggered"
    return _time(timetable, ", from its `sync_frequency_hours`, here 6" if dag.dag_id.endswith("__shop") else "")


def _time(timetable: Any, source: str = "") -> str:
    when: str = timetable.description
    return f"{when[0].lower()}{when[1:]} (`{timetable.serialize()['expression']}`{source})"


def _attempts(dag: DAG) -> str:
    given = dag.default_args
    wait, limit = given["retry_delay"].total_seconds(), given["execution_timeout"].total_seconds()
    return f"A retry waits {wait:.0f} seconds, each further one longer; an attempt may take {limit / 60:.0f} minutes."


def _tasks(dag: Any) -> list[Any]:
    """Return the tasks in the order in which they run."""
    return [*dag.topological_sort()]


def read_doc(doc: str) -> tuple[str, dict[str, str], str]:
    """Return a docstring without its heading: the text before its table of tasks, each task's, and the text after."""
    lines = re.sub("\n{3,}", "\n\n", doc).strip().splitlines()[1:]
    rows = [number for number, line in enumerate(lines) if line.startswith("|")]
    if not rows:
        return "\n".join(lines).strip(), {}, ""
    explained: dict[str, str] = {}
    for number in rows[2:]:
        tasks, does = lines[number].strip("| ").split(" | ", 1)
        explained |= dict.fromkeys(re.findall(r"`(\w+)`", tasks), does)
    before, after = lines[: rows[0]], lines[rows[-1] + 1 :]
    return "\n".join(before).strip(), explained, "\n".join(after).strip()


def _mapped(task: Any) -> bool:
    return task.is_mapped or task.get_closest_mapped_task_group() is not None


def _flowchart(dag: DAG) -> Iterator[str]:
    """Yield a Mermaid flowchart; tasks of a mapped group are in a box."""
    yield "flowchart LR"
    order = _tasks(dag)
    boxed = [task for task in order if task.get_closest_mapped_task_group() is not None]
    if boxed:
        yield '    subgraph mapped ["once for each window"]'
        yield from (f"        {task.task_id}" for task in boxed)
        yield "    end"
    for task in order:
        yield from (f"    {task.task_id} --> {after}" for after in sorted(task.downstream_task_ids))


def _field(name: str, param: Any) -> tuple[str, ...]:
    default = "empty" if param.value is None else f"`{str(param.value).lower()}`"
    return f"`{name}`", param.schema["title"], _type(param.schema), default, param.description


def _type(schema: Mapping[str, Any]) -> str:
    """Return a field's JSON schema in words."""
    types = [schema["type"]] if isinstance(schema["type"], str) else [*schema["type"]]
    optional = " or empty" if "null" in types else ""
    (kind,) = (name for name in types if name != "null")
    if schema.get("format") == "date-time":
        kind = "date and time"
    elif kind == "array":
        kind = f"list of {schema['items']['type']}s"
    if "minimum" in schema:
        kind += f", {schema['minimum']} to {schema['maximum']}"
    if "exclusiveMinimum" in schema:
        kind += f" above {schema['exclusiveMinimum']}"
    return kind + optional
