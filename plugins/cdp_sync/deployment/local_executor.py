"""Airflow's LocalExecutor, with lost tasks taken back."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from airflow.executors.local_executor import LocalExecutor


class RevokingLocalExecutor(LocalExecutor):
    """
    LocalExecutor whose tasks the scheduler can take back from ``queued``, as it can Celery's.

    A worker that is killed between taking a task and starting it takes the task along. The scheduler queues again
    what stays ``queued`` beyond ``[scheduler] task_queued_timeout``, but only if the executor can revoke it. A worker
    that was merely slow starts nothing afterwards: Airflow's API starts no task that is not queued.
    """

    def revoke_task(self, *, ti: Any) -> None:
        """Forget a task, and with it the slot it holds."""
        self.running.discard(ti.key)
        self.queued_tasks.pop(ti.key, None)
        if not self.activity_queue.empty():
            self._free_queue(ti.key)

    def _free_queue(self, revoked: Any) -> None:
        """
        Let the workers read their queue again, without the revoked task.

        The worker that waits for the next task holds the queue's lock. If it is killed, all others wait for the lock
        for ever, and nothing takes a task: that is why one is still in the queue after the timeout.
        """
        queue: Any = self.activity_queue
        waiting = []
        while not queue.empty():
            waiting.append(queue._reader.recv())
        with suppress(ValueError):  # nobody holds it: every worker is at work
            queue._rlock.release()
        waiting = [workload for workload in waiting if workload.key != revoked]
        for workload in waiting:
            queue.put(workload)
        with self._unread_messages:
            self._unread_messages.value = len(waiting)
