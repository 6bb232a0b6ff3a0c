"""What the package adds to Airflow's API server."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin


class HookEndpoint:
    """The hook endpoint, built at its first request: its imports would cost every Airflow process, and each task."""

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
    fastapi_apps = [  # noqa: RUF012
        {"name": "Hook endpoint of CDP order sync", "app": HookEndpoint(), "url_prefix": "/cdp/hook"}
    ]
