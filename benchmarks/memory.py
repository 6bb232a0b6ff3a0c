"""Memory does not grow with the window."""

from __future__ import annotations

import sys

from benchmarks.measure import run
from benchmarks.stage_set import StageSet

SIZES = (500, 5_000, 20_000)


def memory(stage: StageSet) -> None:
    """Print the peak memory of the three operators for windows of 500 to 20,000 orders."""
    print("\npeak MB of fetch, stage and merge in one process")
    peaks = []
    for orders in SIZES:
        stage.shop(orders)
        measured = run([sys.executable, "-m", "benchmarks.ours"], stage.environment(stage.database()))
        peaks.append(measured.peak_mb)
        above = measured.peak_mb - measured.said["bare_mb"]
        after = measured.said["peak_mb_after_each"]
        print(f"  {orders:>6} orders{measured.peak_mb:>8.0f}   above a bare task: {above:.0f}   after each: {after}")
    print(f"  largest to smallest: {max(peaks) / min(peaks):.3f}")
    if max(peaks) > 1.1 * min(peaks):
        raise SystemExit("memory grows with the window")
