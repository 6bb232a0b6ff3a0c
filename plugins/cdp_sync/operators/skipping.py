"""Skip of a task, with a reason that people find."""

from __future__ import annotations

import logging
from typing import Any, NoReturn

from airflow.sdk.exceptions import AirflowSkipException

from cdp_sync.outcomes import SKIPPED_BECAUSE

log = logging.getLogger(__name__)


def skip(context: Any, reason: str) -> NoReturn:
    """
    Skip a task: its reason goes to its log, and to the note of its run.

    Airflow logs the reason too, but inside a group that is folded.
    """
    log.info("Skipped: %s", reason)
    context["ti"].xcom_push(SKIPPED_BECAUSE, reason)
    raise AirflowSkipException(reason)
