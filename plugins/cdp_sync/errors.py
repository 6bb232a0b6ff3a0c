"""Errors of the flow itself."""

from __future__ import annotations


class WrongAccount(Exception):
    """Connection, ``cdp.tenants`` and documents are not of one VTEX account; the text names all three."""


class CountMismatch(Exception):
    """Counts that must be equal differ: orders were lost or doubled. The text names tenant, window and counts."""
