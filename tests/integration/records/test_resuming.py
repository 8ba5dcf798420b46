"""An import that is killed goes on where it was, and ends with the same bytes as one that was left alone."""

import gzip
import json
import shutil
from pathlib import Path

import orjson
import pytest

from tests.disk import Disk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def small_parts(monkeypatch):
    from commonweal.r4 import ndjson, streams
    from commonweal.vault.records import staging

    monkeypatch.setattr(staging, "ENTRIES", 1200)
    for module in (ndjson, streams):
        monkeypatch.setattr(module, "BLOCK", 1 << 16)


@pytest.fixture
def bulk(cohort, shared_data, tmp_path):
    """A bulk export of ten people of whom six share their records; each file of it plain, so that blocks are small."""
    folder = tmp_path / "export"
    folder.mkdir()
    for path in (shared_data / "ehr_fhir" / "bulk_10_patients").glob("[A-Z]*.gz"):
        (folder / path.name.removesuffix(".gz")).write_bytes(gzip.decompress(path.read_bytes()))
    for line in (folder / "Patient.000.ndjson").read_bytes().splitlines()[:6]:
        patient = orjson.loads(line)
        name = patient["name"][0]
        cohort.add(given=name["given"][0], family=name["family"], born=patient["birthDate"], mrn="",
                   phone=patient["telecom"][0]["value"])  # fmt: skip
    return folder


def take(cohort, path):
    from commonweal.cli.console import Console
    from commonweal.vault.records.actions import import_files

    return import_files([path], site="site-a", home=cohort.home, console=Console(json=True))


def written(cohort):
    """Every file of the store that counts, by its place, and none that is left over."""
    root = cohort.home.vault_store / "records"
    files = [p for p in root.rglob("*") if p.is_file() and ".locks" not in p.parts]
    return {str(p.relative_to(root)): p.read_bytes() for p in files}


def forget(cohort):
    """Begin again with the same numbers."""
    from django.db import connection

    from commonweal.vault.records.models import Submission

    Submission.objects.all().delete()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = 'records_submission'")
        else:
            cursor.execute("ALTER SEQUENCE records_submission_id_seq RESTART")
    shutil.rmtree(cohort.home.vault_store / "records", ignore_errors=True)


class Killed(BaseException):
    pass


def after(count, function):
    """`function`, but the process dies when it is called more often."""
    calls = []

    def call(*args, **how):
        calls.append(1)
        if len(calls) > count:
            raise Killed
        return function(*args, **how)

    return call, calls


def test_what_a_marker_or_the_database_says_is_there_is_on_the_disk(cohort, bulk, small_parts, monkeypatch):
    from commonweal.vault.records import importing, places

    disk, told, finish = Disk(monkeypatch), [], importing.finish
    parts = disk.lost_at("*.done", lambda marker: marker.parent.glob(f"{marker.stem}.*.parquet"))

    def finished(record, *args, **how):
        folders = [find(cohort.home) for find in (places.events_path, places.journal_path, places.patients_path)]
        told.append(disk.lost([*folders, *(folder / places.file_name(record.pk) for folder in folders)]))
        finish(record, *args, **how)

    monkeypatch.setattr(importing, "finish", finished)
    take(cohort, bulk)
    assert len(parts) >= 5 and not any(parts) and told == [[]]


def test_the_bytes_are_the_same_wherever_it_was_killed(cohort, bulk, small_parts, monkeypatch, many_threads):
    from commonweal.vault.records import journal, settling, staging, store

    forget(cohort)
    began, all_parts = after(10_000, staging.Workers.start)
    with monkeypatch.context() as patch:
        patch.setattr(staging.Workers, "start", began)
        answer = take(cohort, bulk)
    whole = written(cohort)
    assert answer["accepted"] > 1000 and len(whole) == 3 and len(all_parts) >= 5
    places = [
        (staging.Staging, "_finish", 3), (store, "copy_to", 8), (settling, "judge", 0), (journal, "write", 0),
    ]  # fmt: skip
    many_threads()
    for module, name, count in places:
        forget(cohort)
        with monkeypatch.context() as patch:
            patch.setattr(module, name, after(count, getattr(module, name))[0])
            with pytest.raises(Killed):
                take(cohort, bulk)
        began, again = after(10_000, staging.Workers.start)
        with monkeypatch.context() as patch:
            patch.setattr(staging.Workers, "start", began)
            assert {k: v for k, v in take(cohort, bulk).items() if k != "report"} == {
                k: v for k, v in answer.items() if k != "report"
            }
        assert written(cohort) == whole
        assert len(again) < len(all_parts)


def test_the_bytes_are_the_same_in_how_many_pieces_they_are_put_in_order(cohort, bulk, monkeypatch, many_threads):
    from commonweal.vault.records import journal, ledger, store

    forget(cohort)
    answer, whole = take(cohort, bulk), written(cohort)
    many_threads()
    monkeypatch.setattr(ledger, "TOGETHER", 300)
    monkeypatch.setattr(journal, "TOGETHER", 1000)
    pieces, copy_pieces = [], store.copy_pieces
    monkeypatch.setattr(
        store, "copy_pieces", lambda con, sql, *how: (pieces.append(len(sql)), copy_pieces(con, sql, *how))
    )
    forget(cohort)
    again = take(cohort, bulk)
    assert min(pieces) > 2 and written(cohort) == whole
    assert again["accepted"] == answer["accepted"]


def test_what_is_half_written_is_no_part(cohort, bulk, small_parts, monkeypatch):
    """What a dead process leaves beside its finished parts does no harm."""
    from commonweal.vault.records import staging

    forget(cohort)
    take(cohort, bulk)
    whole = written(cohort)
    forget(cohort)
    with monkeypatch.context() as patch:
        patch.setattr(staging.Staging, "_finish", after(2, staging.Staging._finish)[0])
        with pytest.raises(Killed):
            take(cohort, bulk)
    (folder,) = [p for p in (cohort.home.vault_store / "records" / ".work").iterdir() if p.is_dir()]
    assert len(list(folder.glob("*.done"))) == 2
    (folder / "000003.entries.parquet").write_bytes(b"PAR1 half")
    (folder / ".000004.events.parquet.77").write_bytes(b"PAR1")
    take(cohort, bulk)
    assert written(cohort) == whole


def test_another_site_or_file_does_not_go_on_from_it(cohort, bulk, small_parts, monkeypatch, tmp_path):
    from commonweal.vault.records import staging
    from commonweal.vault.records.models import Submission

    with monkeypatch.context() as patch:
        patch.setattr(staging.Staging, "_finish", after(2, staging.Staging._finish)[0])
        with pytest.raises(Killed):
            take(cohort, bulk)
    with open(bulk / "Condition.000.ndjson", "a") as file:
        file.write(json.dumps({"resourceType": "Claim", "id": "new"}) + "\n")
    take(cohort, bulk)
    assert [s.state for s in Submission.objects.order_by("id")] == ["received", "partial"]


def test_what_a_killed_import_left_goes_after_a_day(cohort, bulk, small_parts, monkeypatch):
    import os
    import time

    from commonweal.vault.records import staging, store

    with monkeypatch.context() as patch:
        patch.setattr(staging.Staging, "_finish", after(2, staging.Staging._finish)[0])
        with pytest.raises(Killed):
            take(cohort, bulk)
    (folder,) = [p for p in (cohort.home.vault_store / "records" / ".work").iterdir() if p.is_dir()]
    content = b"".join(Path(p).read_bytes() for p in folder.iterdir())
    names = [orjson.loads(x)["name"][0]["family"] for x in (bulk / "Patient.000.ndjson").read_bytes().splitlines()]
    assert not any(name.encode() in content for name in names)
    assert folder.stat().st_mode & 0o077 == 0
    store.working_path(cohort.home)
    assert folder.exists()
    os.utime(folder, (time.time() - store.DAY - 1,) * 2)
    store.working_path(cohort.home)
    assert not folder.exists()


def test_compaction_in_between_changes_no_byte(cohort, bulk, monkeypatch):
    """What an import writes depends on what is held, not on how it lies: killed, compacted around, and gone on with."""
    from commonweal.vault.records import journal
    from commonweal.vault.records.compact.actions import compact

    for path in bulk.iterdir():
        if path.name.split(".")[0] not in ("Patient", "Condition"):
            path.unlink()
    conditions, told = bulk / "Condition.000.ndjson", {}
    last = conditions.read_bytes()
    first = last.replace(b'"confirmed"', b'"unconfirmed"').replace(b'"active"', b'"resolved"')
    for compacting in (False, True):
        forget(cohort)
        conditions.write_bytes(first)
        assert take(cohort, bulk)["accepted"] > 20
        conditions.write_bytes(last)
        if compacting:
            assert compact(cohort.home) == 1
            with monkeypatch.context() as patch:
                patch.setattr(journal, "write", after(0, journal.write)[0])
                with pytest.raises(Killed):
                    take(cohort, bulk)
            assert compact(cohort.home) == 0
        take(cohort, bulk)
        told[compacting] = {name: found for name, found in written(cohort).items() if "00000002" in name}
    assert {name.split("/")[0] for name in told[True]} >= {"events", "superseded", "journal"}
    assert told[True] == told[False]
