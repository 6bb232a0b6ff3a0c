"""
The same work with dlt: list, read each document in parallel, upsert by order into one typed table with the document.

Written as dlt's documentation recommends: a resource that lists, a parallel transformer that reads, merge by primary
key; the merge strategy is the argument. Each hour is listed separately: VTEX serves no page 31, which dlt does
not handle.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

os.environ.update({"RUNTIME__DLTHUB_TELEMETRY": "false", "EXTRACT__WORKERS": "16", "RUNTIME__LOG_LEVEL": "ERROR"})
os.environ["DESTINATION__POSTGRES__CREDENTIALS"] = os.environ["BENCH_DSN"]

import dlt
import requests
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator

DAY = ("2026-11-01T00:00:00", "2026-11-02T00:00:00")
HEADERS = {"X-VTEX-API-AppKey": os.environ["BENCH_KEY"], "X-VTEX-API-AppToken": os.environ["BENCH_TOKEN"]}
ORDERS = "/api/oms/pvt/orders"
session = requests.Session()
session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=32))
session.headers.update(HEADERS)
client = RESTClient(base_url=os.environ["BENCH_URL"], headers=HEADERS)


@dlt.resource(selected=False)
def listed() -> Iterator[list[dict[str, Any]]]:
    start = datetime.fromisoformat(DAY[0])
    for hour in range(24):
        bounds = [start + timedelta(hours=hour), start + timedelta(hours=hour + 1)]
        low, high = (f"{bound.isoformat(timespec='milliseconds')}Z" for bound in bounds)
        yield from client.paginate(
            ORDERS,
            params={
                "f_creationDate": f"creationDate:[{low} TO {high}]",
                "orderBy": "creationDate,asc",
                "per_page": 100,
            },
            paginator=PageNumberPaginator(base_page=1, total_path="paging.pages"),
            data_selector="list",
        )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)  # cuts the seventh digit


@dlt.transformer(
    data_from=listed,
    primary_key="order_id",
    write_disposition={"disposition": "merge", "strategy": sys.argv[1]},
    columns={"document": {"data_type": "json"}, "total": {"data_type": "bigint"}},
    parallelized=True,
)
def orders(rows: list[dict[str, Any]]) -> Iterator[Any]:
    @dlt.defer
    def document(order_id: str) -> dict[str, Any]:
        answer = session.get(f"{os.environ['BENCH_URL']}{ORDERS}/{quote(order_id, safe='')}", timeout=60)
        answer.raise_for_status()
        order = answer.json()
        return {
            "order_id": order["orderId"],
            "status": order["status"],
            "order_date": _moment(order["creationDate"]),
            "last_change": _moment(order["lastChange"]),
            "total": order["value"],
            "item_count": len(order["items"]),
            "document": order,
        }

    for row in rows:
        yield document(row["orderId"])


pipeline = dlt.pipeline(
    "bench", destination="postgres", dataset_name="peer", pipelines_dir=tempfile.mkdtemp(prefix="cdp-bench-dlt-")
)
begin = time.perf_counter()
pipeline.run(orders(), loader_file_format="csv")
print(json.dumps({"seconds": time.perf_counter() - begin}))
