"""
``python -m cdp_sync.migrations``: migrate the CDP database of ``CDP_WAREHOUSE_DSN``.

No argument names the database: every user of the machine would see its password.
"""

from __future__ import annotations

import os
import sys

from cdp_sync.migrations import migrate

dsn = os.environ.get("CDP_WAREHOUSE_DSN")
if not dsn:
    sys.exit("CDP_WAREHOUSE_DSN is not set; set it to the DSN of the CDP database, postgresql://…")
sys.stdout.write(f"CDP schema is at revision {migrate(dsn)}\n")
