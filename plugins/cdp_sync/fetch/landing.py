"""
Documents of a run as received, landed in compressed parts on object storage.

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
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    from backports import zstd

PART_DOCUMENTS = 500
MANIFEST = "manifest.json"
_PART = re.compile(r"part-(\d{5})\.ndjson\.zst")
_COMPRESSION = {zstd.CompressionParameter.compression_level: 1, zstd.CompressionParameter.checksum_flag: 1}


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


class TakenOver(NamedTuple):
    """Document of an interrupted attempt: the time VTEX served it, and the hash of its list row."""

    fetched_at: datetime
    listing_hash: int | None


class LandingWriter:
    """
    Write a window's parts, each in one go; take over the parts of an earlier attempt.

    An order may have changed since that attempt landed it: the source then calls :meth:`disown`, and the document is
    left out.

    :param begin_anew: drop a complete earlier fetch (one with a manifest): its window was merged and is to be read
        again. Parts without a manifest come from an interrupted attempt and are always taken over.
    :ivar taken_over: documents taken over, by order.
    """

    def __init__(self, folder: StoragePath, *, begin_anew: bool) -> None:
        self._folder = folder
        self._encode = msgspec.json.Encoder().encode
        self._adopted: dict[str, set[str]] = {}
        self._written: list[Part] = []
        self._disowned: set[str] = set()
        self.taken_over: dict[str, TakenOver] = {}
        self._number = 0
        self._begin()
        folder.mkdir(parents=True, exist_ok=True)
        self._take_over(begin_anew)

    @property
    def parts(self) -> list[Part]:
        """Parts landed so far, without disowned documents."""
        kept = [Part(name, len(ids - self._disowned)) for name, ids in self._adopted.items()]
        return [part for part in kept if part.documents] + self._written

    def _begin(self) -> None:
        self._lines: list[bytes] = []

    def _take_over(self, begin_anew: bool) -> None:
        found = sorted(part for part in self._folder.iterdir() if _PART.fullmatch(part.name))
        manifest = self._folder / MANIFEST
        complete = manifest.exists()
        if complete:
            manifest.unlink()
        for part in found:
            self._number = int(_PART.fullmatch(part.name)[1]) + 1  # type: ignore[index]
            if (complete and begin_anew) or not self._adopt(part):
                part.unlink()

    def _adopt(self, part: StoragePath) -> bool:
        adopted, unserved = {}, set()
        try:
            for landed in read_part(part):
                adopted[landed.order_id] = TakenOver(landed.fetched_at, landed.listing_hash)
                if landed.error is not None:
                    unserved.add(landed.order_id)
        except LandingIncomplete:
            return False
        if adopted.keys() & self.taken_over.keys():
            return False  # a copy of another part: readable, but it would double its orders
        self._adopted[part.name] = set(adopted)
        self.taken_over |= adopted
        for order_id in unserved:
            self.disown(order_id)
        return True

    def disown(self, order_id: str) -> None:
        """Leave out an order's document that was taken over."""
        del self.taken_over[order_id]
        self._disowned.add(order_id)

    def add(self, landed: Landed) -> None:
        """Buffer a document; write a part once there are ``PART_DOCUMENTS``."""
        # A document may be pretty-printed; JSON allows no raw line break inside a string, so this changes none.
        self._lines.append(self._encode(landed).replace(b"\n", b" ").replace(b"\r", b" "))
        if len(self._lines) == PART_DOCUMENTS:
            self.flush()

    def flush(self) -> None:
        """Write the buffered documents as a part."""
        if not self._lines:
            return
        name = f"part-{self._number:05d}.ndjson.zst"
        self._write(name, self._lines)
        self._written.append(Part(name, len(self._lines)))
        self._number += 1
        self._begin()

    def _write(self, name: str, lines: list[bytes]) -> None:
        (self._folder / name).write_bytes(zstd.compress(b"\n".join(lines) + b"\n", options=_COMPRESSION))

    def close(self, unserved: list[Landed], /, **counts: Any) -> StoragePath:
        """
        Write the last part and the manifest; return the manifest's path.

        :param unserved: orders VTEX did not serve. They land last, and an attempt that takes them over asks again.
        """
        self._leave_out_disowned()
        for landed in unserved:
            self.add(landed)
        self.flush()
        manifest = self._folder / MANIFEST
        manifest.write_bytes(msgspec.json.encode(Manifest(parts=self.parts, **counts)))
        return manifest

    def _leave_out_disowned(self) -> None:
        for name, ids in self._adopted.items():
            if not ids & self._disowned:
                continue
            part = self._folder / name
            if kept := [self._encode(landed) for landed in read_part(part) if landed.order_id not in self._disowned]:
                self._write(name, kept)
            else:
                part.unlink()

    def abandon(self) -> None:
        """Write the buffered documents for the next attempt. Never raises: the failure under way matters more."""
        with suppress(Exception):
            self.flush()
