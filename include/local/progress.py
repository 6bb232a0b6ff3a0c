"""Progress of a sync: a live table on a terminal, otherwise a line for each change."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from local.sync import Progress

COUNTS = [("Read", "fetched"), ("New", "inserted"), ("Changed", "updated")]
COLOURS = {"synced": "green", "sync is off": "yellow", "failed": "red", "not synced": "red"}


class Display:
    """
    Display of the tenants' progress during a ``with`` block.

    :param console: detects whether it is a terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._said: dict[str, str] = {}
        self._began = time.monotonic()

    def __enter__(self) -> Display:
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def show(self, tenants: Sequence[Progress]) -> None:
        """Show the present state."""
        if self._live:
            self._live.update(table(tenants))
            return
        for tenant in tenants:
            name, state = tenant.shop.tenant_name, tenant.state
            if self._said.get(name) == state:
                continue
            self._said[name] = state
            tail = ""
            if tenant.over and (counts := tenant.counts):
                tail = f", {counts.inserted} new and {counts.updated} changed orders in {tenant.seconds:.1f} s"
            elapsed = time.monotonic() - self._began
            self._console.print(f"{elapsed:6.1f} s  {name}: {state}{tail}", highlight=False)


def table(tenants: Sequence[Progress]) -> Table:
    """Return a table of the tenants: state, counts of the run, and orders stored once all runs are over."""
    drawn = Table(show_footer=True, header_style="bold")
    synced = sum(t.synced for t in tenants)
    drawn.add_column("Tenant", footer=f"{len(tenants)} tenants")
    drawn.add_column("State", footer=f"{synced} synced", min_width=14)
    for title, name in COUNTS:
        total = sum(getattr(t.counts, name) for t in tenants if t.counts)
        drawn.add_column(title, footer=str(total), justify="right")
    drawn.add_column("Stored", footer=str(sum(t.stored or 0 for t in tenants)), justify="right")
    drawn.add_column("Seconds", footer=f"{span(tenants):.1f}", justify="right")
    for t in tenants:
        numbers = [str(getattr(t.counts, name)) if t.counts else "" for _, name in COUNTS]
        numbers.append("" if t.stored is None else str(t.stored))
        colour = COLOURS.get(t.state, "cyan")
        seconds = f"{t.seconds:.1f}" if t.began else ""
        drawn.add_row(t.shop.tenant_name, f"[{colour}]{t.state}[/]", *numbers, seconds)
    return drawn


def span(tenants: Sequence[Progress]) -> float:
    """Return the seconds from the start of the first run to the end of the last."""
    began = [t.began for t in tenants if t.began]
    ended = [t.ended for t in tenants if t.ended]
    return (max(ended) - min(began)).total_seconds() if began and ended else 0.0
