"""``python -m cdp_sync.migrations [--dsn DSN]``: migrate the CDP database, by default ``CDP_WAREHOUSE_DSN``."""

from __future__ import annotations

import argparse
import os
import sys

from cdp_sync.migrations import migrate

parser = argparse.ArgumentParser(prog="cdp_sync.migrations", description="Migrate the CDP database.")
parser.add_argument("--dsn", default=os.environ.get("CDP_WAREHOUSE_DSN"))
dsn = parser.parse_args().dsn
if not dsn:
    parser.error("give --dsn postgresql://…, or set CDP_WAREHOUSE_DSN")
sys.stdout.write(f"CDP schema is at revision {migrate(dsn)}\n")
