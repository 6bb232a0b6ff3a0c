import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from airflow.sdk import ObjectStoragePath

from cdp_sync.fetch.landing import (
    MANIFEST,
    Landed,
    LandingIncomplete,
    folder_name,
    read_manifest,
    read_part,
)
from cdp_sync.fetch.landing_writer import LandingWriter

SERVED = datetime(2026, 3, 1, 12, tzinfo=UTC)
COUNTS = {
    "tenant": "ferreira", "batch_id": "b", "sync_type": "incremental", "window_start": SERVED,
    "window_end": SERVED + timedelta(hours=1), "listed": 3, "skipped": 0, "uncovered": 0, "fetched": 3, "failed": 0,
    "requests": 4, "throttled": 0, "seconds": 1.0, "read_from": "ferreira",
}  # fmt: skip


def landed(order_id, body=b'{"orderId": "x"}'):
    return Landed(order_id, SERVED, document=msgspec.Raw(body))


def writer(folder, begin_anew=True, root=None):
    return LandingWriter(folder, root=root, begin_anew=begin_anew)


def test_five_hundred_documents_make_a_part_and_the_rest_the_last(tmp_path):
    landing = writer(tmp_path / "run")
    for number in range(1201):
        landing.add(landed(str(number)))

    manifest = read_manifest(landing.close([], **COUNTS))

    assert [(part.name, part.documents) for part in manifest.parts] == [
        ("part-00000.ndjson.zst", 500),
        ("part-00001.ndjson.zst", 500),
        ("part-00002.ndjson.zst", 201),
    ]
    ids = [row.order_id for part in manifest.parts for row in read_part(tmp_path / "run" / part.name)]
    assert ids == [str(number) for number in range(1201)]


def test_a_document_is_kept_byte_for_byte_except_line_breaks_between_tokens(tmp_path):
    body = '{\n "orderId": "ñ\\n\\u0000",\r\n "value": 1.50}'.encode()
    landing = writer(tmp_path / "run")
    landing.add(landed("1", body))
    landing.flush()

    (row,) = read_part(tmp_path / "run" / "part-00000.ndjson.zst")

    assert bytes(row.document) == body.replace(b"\n", b" ").replace(b"\r", b" ")


def test_an_interrupted_attempts_parts_are_taken_over(tmp_path):
    first = writer(tmp_path / "run")
    first.add(landed("1"))
    first.abandon()

    second = writer(tmp_path / "run")
    second.add(landed("2"))
    manifest = read_manifest(second.close([], **COUNTS))

    assert second.taken_over == {"1": (SERVED, None)}
    assert [part.name for part in manifest.parts] == ["part-00000.ndjson.zst", "part-00001.ndjson.zst"]


def test_a_part_cut_off_while_it_was_written_is_dropped_and_its_name_not_used_again(tmp_path):
    first = writer(tmp_path / "run")
    for number in range(50):
        first.add(landed(str(number)))
    first.abandon()
    part = tmp_path / "run" / "part-00000.ndjson.zst"
    part.write_bytes(part.read_bytes()[:-9])

    second = writer(tmp_path / "run")
    second.add(landed("1"))
    second.flush()

    assert second.taken_over == {}
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["part-00001.ndjson.zst"]


def test_a_document_that_is_disowned_is_left_out_and_its_successor_is_kept(tmp_path):
    first = writer(tmp_path / "run")
    for number in range(3):
        first.add(landed(str(number)))
    first.abandon()

    second = writer(tmp_path / "run")
    second.disown("1")
    second.add(landed("1", b'{"newer": true}'))
    manifest = read_manifest(second.close([], **COUNTS))

    rows = [row for part in manifest.parts for row in read_part(tmp_path / "run" / part.name)]
    assert [part.documents for part in manifest.parts] == [2, 1]
    assert [(row.order_id, b"newer" in bytes(row.document)) for row in rows] == [
        ("0", False),
        ("2", False),
        ("1", True),
    ]


def test_a_part_of_which_nothing_is_left_is_no_part(tmp_path):
    first = writer(tmp_path / "run")
    first.add(landed("1"))
    first.abandon()

    second = writer(tmp_path / "run")
    second.disown("1")
    manifest = read_manifest(second.close([], **COUNTS))

    assert manifest.parts == []
    assert [path.name for path in (tmp_path / "run").iterdir()] == [MANIFEST]


def test_what_vtex_would_not_serve_the_last_time_is_not_taken_over(tmp_path):
    first = writer(tmp_path / "run")
    first.add(landed("1"))
    first.add(Landed("2", SERVED, error="HTTP 404"))
    first.abandon()

    second = writer(tmp_path / "run")

    assert set(second.taken_over) == {"1"}
    assert [part.documents for part in second.parts] == [1]


def test_a_copy_of_another_part_is_dropped(tmp_path):
    first = writer(tmp_path / "run")
    for number in range(2):
        first.add(landed(str(number)))
        first.flush()
    parts = sorted((tmp_path / "run").iterdir())
    parts[1].write_bytes(parts[0].read_bytes())

    second = writer(tmp_path / "run")

    assert set(second.taken_over) == {"0"}
    assert list((tmp_path / "run").iterdir()) == [parts[0]]


def test_a_complete_fetch_that_was_merged_begins_anew(tmp_path):
    first = writer(tmp_path / "run")
    first.add(landed("1"))
    first.close([], **COUNTS)

    second = writer(tmp_path / "run")

    assert second.taken_over == {}
    assert list((tmp_path / "run").iterdir()) == []


def test_a_complete_fetch_that_was_never_merged_is_taken_over(tmp_path):
    first = writer(tmp_path / "run")
    first.add(landed("1"))
    first.close([], **COUNTS)

    second = writer(tmp_path / "run", begin_anew=False)

    assert set(second.taken_over) == {"1"}


def test_orders_vtex_would_not_serve_land_in_the_last_part(tmp_path):
    landing = writer(tmp_path / "run")
    landing.add(landed("1"))

    manifest = read_manifest(landing.close([Landed("2", SERVED, error="HTTP 404")], **COUNTS))
    rows = list(read_part(tmp_path / "run" / manifest.parts[0].name))

    assert [(row.order_id, row.error, bytes(row.document)) for row in rows] == [
        ("1", None, b'{"orderId": "x"}'),
        ("2", "HTTP 404", b""),
    ]


def test_a_part_that_is_gone_or_damaged_says_what_to_clear(tmp_path):
    landing = writer(tmp_path / "run")
    landing.add(landed("1"))
    landing.flush()
    part = tmp_path / "run" / "part-00000.ndjson.zst"
    damaged = bytearray(part.read_bytes())
    damaged[-1] ^= 0xFF  # in the checksum
    part.write_bytes(damaged)

    with pytest.raises(LandingIncomplete, match="damaged; clear the fetch task"):
        list(read_part(part))
    with pytest.raises(LandingIncomplete, match="gone; clear the fetch task"):
        list(read_part(tmp_path / "run" / "part-00007.ndjson.zst"))
    with pytest.raises(LandingIncomplete, match="gone; clear the fetch task"):
        read_manifest(tmp_path / "run" / MANIFEST)


def test_folders_are_safe_names_and_differ_where_run_ids_do():
    names = {
        folder_name("d/scheduled__2026-03-01T03:00:00+00:00"),
        folder_name("d/scheduled__2026-03-01T03:00:00-00:00"),
    }

    assert len(names) == 2
    assert not set("".join(names)) & set(":+/ %")


def modes(root):
    """Return the mode of every file and folder below a folder."""
    return {str(path.relative_to(root)): oct(path.stat().st_mode & 0o777) for path in root.rglob("*")}


@pytest.fixture
def lax_umask():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.parametrize("path", [Path, lambda path: ObjectStoragePath(f"file://{path}")])
def test_landing_is_for_its_owner_only_whatever_the_umask_is_and_whatever_was_there(tmp_path, lax_umask, path):
    root = tmp_path / "landing"
    (root / "ferreira").mkdir(parents=True)  # as an earlier version made it
    run = root / "ferreira" / "incremental" / "run"

    landing = writer(path(run), root=path(root))
    landing.add(landed("1"))
    landing.close([], **COUNTS)
    (run / MANIFEST).chmod(0o644)
    landing.close([], **COUNTS)

    assert modes(root) == {
        "ferreira": "0o700",
        "ferreira/incremental": "0o700",
        "ferreira/incremental/run": "0o700",
        "ferreira/incremental/run/part-00000.ndjson.zst": "0o600",
        "ferreira/incremental/run/manifest.json": "0o600",
    }
    assert oct(root.stat().st_mode & 0o777) == "0o777", "it was there before, and may be somebody else's"


def test_a_new_root_of_landing_is_for_its_owner_only_too(tmp_path, lax_umask):
    root = tmp_path / "state" / "landing"

    writer(root / "ferreira" / "run", root=root)

    assert modes(tmp_path)["state/landing"] == "0o700"


def test_a_store_without_modes_is_written_as_ever():
    root = ObjectStoragePath("memory://landing")
    landing = writer(root / "ferreira" / "run", root=root)
    landing.add(landed("1"))

    (part,) = read_manifest(landing.close([], **COUNTS)).parts

    assert [row.order_id for row in read_part(root / "ferreira" / "run" / part.name)] == ["1"]
