"""``python -m cdp_sync.web``: the hook endpoint on its own, where Airflow's API server cannot be public."""

from __future__ import annotations

import argparse

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from cdp_sync.web.hook_endpoint import build_app


def main() -> None:
    """Read the command line and serve, under the same path as in Airflow's API server."""
    parser = argparse.ArgumentParser(prog="cdp_sync.web", description="Receives what VTEX's Orders Hook posts.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    options = parser.parse_args()
    app = Starlette(routes=[Mount("/cdp/hook", build_app())])
    uvicorn.run(app, host=options.host, port=options.port, access_log=False, log_level="warning")


main()
