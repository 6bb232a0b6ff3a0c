"""``make bench``: every benchmark; ``make bench BENCH="peers memory"``: some of them."""

from __future__ import annotations

import sys
from collections.abc import Callable

from benchmarks.ceiling import ceiling
from benchmarks.customers import customers
from benchmarks.feed import feed
from benchmarks.fleet import fleet
from benchmarks.gaps import gaps
from benchmarks.growth import growth
from benchmarks.history import history, history_paced
from benchmarks.hook import hook
from benchmarks.memory import memory
from benchmarks.paced import paced
from benchmarks.parse import parse
from benchmarks.peers import peers
from benchmarks.replay import replay
from benchmarks.stage_set import StageSet, stage_set

BENCHMARKS: dict[str, Callable[[StageSet], None]] = {
    "ceiling": ceiling,
    "paced": paced,
    "memory": memory,
    "gaps": gaps,
    "growth": growth,
    "history": history,
    "history_paced": history_paced,
    "fleet": fleet,
    "parse": parse,
    "replay": replay,
    "customers": customers,
    "feed": feed,
    "hook": hook,
    "peers": peers,
}

with stage_set() as stage:
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name](stage)
