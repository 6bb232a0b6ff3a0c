"""``python -m cdp_sync.web``: serve the hook endpoint on its own, if Airflow's API server cannot be public."""

from __future__ import annotations

import argparse
import os
import signal
import sys

# Airflow's own servers set it before they import Airflow; else connections in the metadata database are not found.
os.environ.setdefault("_AIRFLOW_PROCESS_CONTEXT", "server")

from cdp_sync.web.hook_endpoint import build_app
from cdp_sync.web.server import build_server


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="cdp_sync.web", description="Receives what VTEX's Orders Hook posts.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    options = parser.parse_args()
    # uvicorn finishes its requests, then raises the signal again, which must end the process with success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    build_server(build_app(), host=options.host, port=options.port).run()


main()
