"""``python -m vtex_sandbox``: serve a scenario until stopped."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import msgspec
import uvloop

from vtex_sandbox.scenario import LOCAL, Scenario
from vtex_sandbox.server import serve


def _scenario(name: str) -> Scenario:
    return LOCAL if name == "local" else msgspec.json.decode(Path(name).read_bytes(), type=Scenario)


async def _run(scenario: Scenario, host: str, port: int) -> None:
    server = await serve(scenario, host, port)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"VTEX sandbox on http://{host}:{port}, accounts: {', '.join(scenario.accounts)}\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()
    server.close()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="vtex_sandbox", description="A pretend VTEX Orders API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8085, help="0 for any free one")
    parser.add_argument("--latency-ms", type=float, help="time before each answer")
    parser.add_argument("--seed", type=int, help="other orders of the same kind")
    parser.add_argument("--scenario", default="local", help="local, or a JSON file")
    options = parser.parse_args()
    scenario = _scenario(options.scenario)
    scenario.seed = scenario.seed if options.seed is None else options.seed
    scenario.latency_ms = scenario.latency_ms if options.latency_ms is None else options.latency_ms
    try:
        uvloop.run(_run(scenario, options.host, options.port))
    except OSError as error:
        sys.exit(f"The sandbox cannot listen on {options.host}:{options.port}: {error.strerror}; give another --port")


main()
