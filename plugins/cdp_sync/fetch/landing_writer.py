"""Writer of a run's landed parts, and of the manifest that completes them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from cdp_sync.fetch.landing import (
    MANIFEST,
    Landed,
    LandingIncomplete,
    Manifest,
    Part,
    StoragePath,
    packed,
    read_part,
)
from cdp_sync.fetch.private_files import make_folder, write_file

PART_DOCUMENTS = 500
_PART = re.compile(r"part-(\d{5})\.ndjson\.zst")


class TakenOver(NamedTuple):
    """Document of an interrupted attempt: the time VTEX served it, and the hash of its list row."""

    fetched_at: datetime
    listing_hash: int | None


class LandingWriter:
    """
    Write a window's parts, each in one go; take over the parts of an earlier attempt.

    An order may have changed since that attempt landed it: the source then calls :meth:`disown`, and the document is
    left out.

    :param root: root of landing; the folders below it are made for their owner only.
    :param begin_anew: drop a complete earlier fetch (one with a manifest): its window was merged and is to be read
        again. Parts without a manifest come from an interrupted attempt and are always taken over.
    :ivar taken_over: documents taken over, by order.
    """

    def __init__(self, folder: StoragePath, *, root: StoragePath = None, begin_anew: bool) -> None:
        self._folder = folder
        self._encode = msgspec.json.Encoder().encode
        self._adopted: dict[str, set[str]] = {}
        self._written: list[Part] = []
        self._disowned: set[str] = set()
        self.taken_over: dict[str, TakenOver] = {}
        self._number = 0
        self._begin()
        make_folder(folder, root=root)
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
        write_file(self._folder / name, packed(lines))

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
        write_file(manifest, msgspec.json.encode(Manifest(parts=self.parts, **counts)))
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
