"""Types of the fields of an order document."""

from __future__ import annotations

from typing import Annotated, TypeVar

Field = TypeVar("Field")

Scalar = str | int | float | bool | None
"""Field in which VTEX sends sometimes a text, sometimes a number."""
Amount = int | float | None
"""Money: integer cents, sometimes written as a float."""

MINOR = "minor"
Minor = Annotated[Field, MINOR]
"""Field that must not stop an order: it is read as null where VTEX sends a value of another type."""
