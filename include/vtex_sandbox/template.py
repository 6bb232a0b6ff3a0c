"""The parts of a document, from ``document.json``: keys in their order, constants, and ``…`` where code fills in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

PARTS: dict[str, dict[str, Any]] = msgspec.json.decode(Path(__file__).with_name("document.json").read_bytes())
"""Parts by name. ``PARTS["item"] | {...}`` fills one, without copying the constants it nests: change none in place."""
