"""The parts of a document, from ``document.json``: keys in order, constants, and ``…`` for values filled in by code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

PARTS: dict[str, dict[str, Any]] = msgspec.json.decode(Path(__file__).with_name("document.json").read_bytes())
"""Parts by name. ``PARTS["item"] | {...}`` fills one, without copying nested constants: change none in place."""
