"""The usual handler: ``python -m benchmarks.hook_peer port``. FastAPI, a connection per thread, a commit each."""

from __future__ import annotations

import hmac
import os
import sys
import threading
from typing import Any

import psycopg
import uvicorn
from fastapi import FastAPI, Header, HTTPException

INSERT = """
insert into cdp.order_notifications
(tenant_id, order_id, changed_at, state, last_state, last_changed_at, domain, source)
values (%s, %s, %s, %s, %s, %s, %s, 'hook') on conflict do nothing
"""
app = FastAPI()
of_thread = threading.local()


@app.post("/cdp/hook/{slug}")
def receive(slug: str, body: dict[str, Any], x_cdp_hook_secret: str = Header()) -> None:
    """Check the secret, insert, commit."""
    tenant = int(slug.removeprefix("t"))
    if not hmac.compare_digest(x_cdp_hook_secret, f"secret-{tenant}"):
        raise HTTPException(401)
    if not hasattr(of_thread, "db"):
        of_thread.db = psycopg.connect(os.environ["BENCH_DSN"], autocommit=True)
    changes = (body["CurrentChange"], body["State"], body["LastState"], body["LastChange"], body["Domain"])
    of_thread.db.execute(INSERT, (tenant, body["OrderId"], *changes))


uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning")
