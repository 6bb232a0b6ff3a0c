"""Server of the hook endpoint on its own."""

from __future__ import annotations

from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from cdp_sync.settings import hook_connections
from cdp_sync.web.connection import BoundedProtocol, Connections
from cdp_sync.web.refusal_log import Refusals

STOP_SECONDS = 5
"""Seconds to finish requests; none takes longer."""
IDLE_SECONDS = 75
"""Seconds to keep an idle connection: longer than load balancers do, else they would send into a closing one."""


def build_server(app: Starlette, **options: Any) -> uvicorn.Server:
    """Build a server of the app with bounded connections, under the same path as in Airflow's API server."""
    protocol: Any = partial(BoundedProtocol, open_ones=Connections(hook_connections()), refusals=Refusals())
    config = uvicorn.Config(
        Starlette(routes=[Mount("/cdp/hook", app)]),
        http=protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="error",  # its warnings are a line for each bad request; ours are counts
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        **options,
    )
    return uvicorn.Server(config)
