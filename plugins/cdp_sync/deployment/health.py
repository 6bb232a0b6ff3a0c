"""
``python -m cdp_sync.deployment.health <part>``: exit with 0 if a part of Airflow is healthy.

It asks the API server, which knows every part's heartbeat and answers in milliseconds; Airflow's own ``jobs check``
takes seconds of CPU. A URL instead of a part is healthy if it answers 200.
"""

from __future__ import annotations

import json
import os
import sys
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener


def main(part: str) -> int:
    """Return the exit code for a part, such as ``scheduler``, or a URL; print its status."""
    api = os.environ.get("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "").removesuffix("/execution/")
    url = part if "://" in part else f"{api}/api/v2/monitor/health"
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=5) as answer:
            health = json.load(answer) if url != part else {part: {"status": "healthy"}}
    except (URLError, OSError, ValueError) as error:
        sys.stdout.write(f"{url} does not answer: {error}\n")
        return 1
    status = (health.get(part) or {}).get("status")
    sys.stdout.write(f"{part}: {status}\n")
    return 0 if status == "healthy" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
