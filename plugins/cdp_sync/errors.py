"""Failures of the flow itself."""

from __future__ import annotations


class CountMismatch(Exception):
    """Two counts that must be equal are not: something was lost or doubled. The text names tenant, window, counts."""
