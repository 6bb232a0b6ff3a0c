"""What the package adds to Airflow's API server."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin


class LazyHookEndpoint:
    """The hook endpoint, built at its first request: every Airflow process, and every task, imports this file."""

    def __init__(self) -> None:
        self._app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._app is None:
            from cdp_sync.web.hook_endpoint import build_app

            self._app = build_app()
        await self._app(scope, receive, send)


class CdpPlugin(AirflowPlugin):
    """``POST /cdp/hook/{slug}``: VTEX tells what changed."""

    name = "cdp_order_sync"
    fastapi_apps = [  # noqa: RUF012  # Airflow's own signature
        {"name": "Hook endpoint of CDP order sync", "app": LazyHookEndpoint(), "url_prefix": "/cdp/hook"}
    ]
