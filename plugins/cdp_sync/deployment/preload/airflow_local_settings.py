"""
Import the tasks' libraries once, in the processes that tasks are forked from.

Airflow imports a module of this name in every process it starts. Without it each task spends 0.3 s of CPU on the
same imports; for eleven shops of three tasks that is ten seconds of a core. Third-party modules only: an edit of this
project must reach the next task, not the next restart.
"""

import aiohttp  # noqa: F401
import msgspec  # noqa: F401
import psycopg  # noqa: F401
from airflow.providers.http.hooks import http  # noqa: F401
from airflow.providers.postgres.hooks import postgres  # noqa: F401
from airflow.providers.standard.decorators import python  # noqa: F401
from airflow.sdk import BaseOperator, ObjectStoragePath, Param, Variable, task, task_group  # noqa: F401
from airflow.timetables.interval import CronDataIntervalTimetable  # noqa: F401
from airflow.timetables.trigger import CronTriggerTimetable  # noqa: F401
