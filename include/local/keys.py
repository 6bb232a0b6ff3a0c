"""Secrets of a stack: generated once, readable by their owner only."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Secrets that all Airflow components must share; otherwise each generates its own and trusts no other."""

    fernet: str
    jwt: str
    api: str
    postgres: str


def load_or_make(file: Path) -> Keys:
    """Read the secrets; the first call generates them into a file of mode 0600."""
    try:
        return Keys(**json.loads(file.read_text()))
    except FileNotFoundError:
        keys = Keys(
            fernet=base64.urlsafe_b64encode(os.urandom(32)).decode(),
            jwt=secrets.token_urlsafe(48),
            api=secrets.token_urlsafe(32),
            postgres=secrets.token_urlsafe(18).replace("-", "x"),  # a leading dash reads as an option
        )
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
            json.dump(asdict(keys), target, indent=2)
        return keys
