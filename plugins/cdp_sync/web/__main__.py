"""``python -m cdp_sync.web``: the hook endpoint on its own, where Airflow's API server cannot be public."""

from __future__ import annotations

import argparse
import os
import signal
import sys

# As Airflow's own servers do before they import it: connections are looked up in the metadata database too.
os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from cdp_sync.web.hook_endpoint import build_app

STOP_SECONDS = 5
"""A request takes no longer."""
IDLE_SECONDS = 75
"""Longer than load balancers keep an idle connection, else they would send into one that is just being closed."""


def main() -> None:
    """Read the command line and serve, under the same path as in Airflow's API server."""
    parser = argparse.ArgumentParser(prog="cdp_sync.web", description="Receives what VTEX's Orders Hook posts.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    options = parser.parse_args()
    # uvicorn ends what it began, then raises the signal again: it is to find an orderly exit.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        Starlette(routes=[Mount("/cdp/hook", build_app())]), host=options.host, port=options.port, lifespan="off",
        access_log=False, log_level="warning", server_header=False, timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )  # fmt: skip


main()
