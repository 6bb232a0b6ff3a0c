"""
Format of landing: documents of a run as received, in compressed parts on object storage.

A run's folder holds ``part-00000.ndjson.zst`` … and, once the fetch is complete, ``manifest.json``. A line of a
part is an envelope around one document::

    {"order_id": …, "fetched_at": …, "listing_hash": …, "document": {…}}
    {"order_id": …, "fetched_at": …, "listing_hash": …, "error": "…", "served": "…"}      if VTEX served none

``served`` is what came instead, in base64.

A folder is any object with pathlib's interface: ``ObjectStoragePath`` in Airflow, ``Path`` in tests.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    from backports import zstd

MANIFEST = "manifest.json"
_OPTIONS = {zstd.CompressionParameter.compression_level: 1, zstd.CompressionParameter.checksum_flag: 1}


StoragePath = Any
"""Any path with pathlib's interface: ``ObjectStoragePath`` and ``Path`` share no type."""


class LandingIncomplete(Exception):
    """Landed documents that a task needs are gone or damaged; the text says what to clear."""


class Landed(msgspec.Struct, omit_defaults=True):
    """
    Line of a part; has an ``error`` if ``document`` is empty.

    :param served: bytes that came where a document should be, if any.
    """

    order_id: str
    fetched_at: datetime
    listing_hash: int | None = None
    error: str | None = None
    served: bytes = b""
    document: msgspec.Raw = msgspec.Raw()


class Part(msgspec.Struct, frozen=True):
    name: str
    documents: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """
    Record of a complete fetch. listed = skipped + fetched + failed; fetched + failed = documents in parts.

    :param uncovered: those of ``skipped`` that the historical sync will bring.
    :param read_from: account, or host, that the connection led to.
    :param seconds: duration of the fetch.
    """

    tenant: str
    batch_id: str
    sync_type: str
    read_from: str
    window_start: datetime
    window_end: datetime
    parts: list[Part]
    listed: int
    skipped: int
    uncovered: int
    fetched: int
    failed: int
    requests: int
    throttled: int
    seconds: float


def folder_name(batch_id: str) -> str:
    """Return the name of a run's folder: readable, safe on every object store, unique by its hash."""
    digest = hashlib.sha256(batch_id.encode()).hexdigest()[:10]
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', batch_id)[:120]}-{digest}"


def read_part(part: StoragePath) -> Iterator[Landed]:
    """
    Yield the documents of one part, one at a time.

    :raises LandingIncomplete: if the part is missing, or was cut off while it was written.
    """
    decode = msgspec.json.Decoder(Landed).decode
    opening = b',"document":'
    try:
        # Not open(): ObjectStoragePath would report it to Airflow's lineage, at 0.3 s of imports a task.
        with zstd.ZstdFile(io.BytesIO(part.read_bytes())) as lines:
            for line in lines:
                # Not decoded as a whole: a document may be nested deeper than a decoder goes. Within a text the opening
                # would have its quotes escaped.
                envelope, _, document = line.rstrip(b"\n").partition(opening)
                if not document:
                    yield decode(envelope)
                    continue
                landed = decode(envelope + b"}")
                landed.document = msgspec.Raw(document[:-1])
                yield landed
    except FileNotFoundError:
        raise LandingIncomplete(f"Landed part {part} is gone; clear the fetch task to land it again") from None
    except (EOFError, zstd.ZstdError, msgspec.DecodeError):
        raise LandingIncomplete(f"Landed part {part} is damaged; clear the fetch task to land it again") from None


def read_manifest(uri: StoragePath) -> Manifest:
    """Read a manifest. :raises LandingIncomplete: if it is gone."""
    try:
        return msgspec.json.decode(uri.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise LandingIncomplete(f"Landed manifest {uri} is gone; clear the fetch task to land it again") from None


def packed(lines: Iterable[bytes]) -> bytes:
    """Return the content of a part: its lines, compressed."""
    content: bytes = zstd.compress(b"\n".join(lines) + b"\n", options=_OPTIONS)
    return content
