"""``python -m cdp_sync.web``: serve the hook endpoint on its own, if Airflow's API server cannot be public."""

from __future__ import annotations

import argparse
import os
import signal
import sys

# Airflow's own servers set it before they import Airflow; else connections in the metadata database are not found.
os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from cdp_sync.web.hook_endpoint import build_app

STOP_SECONDS = 5
"""Seconds to finish requests; none takes longer."""
IDLE_SECONDS = 75
"""Seconds to keep an idle connection: longer than load balancers do, else they would send into a closing one."""


def main() -> None:
    """Read the command line and serve, under the same path as in Airflow's API server."""
    parser = argparse.ArgumentParser(prog="cdp_sync.web", description="Receives what VTEX's Orders Hook posts.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    options = parser.parse_args()
    # uvicorn finishes its requests, then raises the signal again, which must end the process with success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        Starlette(routes=[Mount("/cdp/hook", build_app())]), host=options.host, port=options.port, lifespan="off",
        access_log=False, log_level="warning", server_header=False, timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )  # fmt: skip


main()
