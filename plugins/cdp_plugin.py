"""Airflow plugin: the hook endpoint in the API server; in the scheduler, the dates and the notes of runs."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from cdp_sync.listeners import run_dates, run_note


class LazyHookEndpoint:
    """Hook endpoint, built at its first request because every Airflow process and task imports this file."""

    def __init__(self) -> None:
        self._app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._app is None:
            from cdp_sync.web.hook_endpoint import build_app

            self._app = build_app()
        await self._app(scope, receive, send)


class CdpPlugin(AirflowPlugin):
    """
    Plugin that serves ``POST /cdp/hook/{slug}``, to which VTEX reports changes.

    It also refuses runs of odd dates, and notes the outcome of the others.
    """

    name = "cdp_order_sync"
    fastapi_apps = [  # noqa: RUF012  # Airflow's own signature
        {"name": "Hook endpoint of CDP order sync", "app": LazyHookEndpoint(), "url_prefix": "/cdp/hook"}
    ]
    listeners = [run_dates, run_note]  # noqa: RUF012
