"""Errors of the flow itself."""

from __future__ import annotations


class CountMismatch(Exception):
    """Counts that must be equal differ: orders were lost or doubled. The text names tenant, window and counts."""
