"""Seconds between two parses of the DAG files, by the number of tenants."""

from __future__ import annotations

SHORTEST = 5
SECONDS_PER_TENANT = 0.3
"""A parse costs 6 ms of CPU a tenant (``make bench BENCH=parse``): so often it takes 2 % of a core, however many."""


def parse_interval(tenants: int) -> int:
    """Return Airflow's ``min_file_process_interval``; a new tenant's DAG may take as long to appear."""
    return max(SHORTEST, round(SECONDS_PER_TENANT * tenants))
