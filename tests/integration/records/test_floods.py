"""Files that are made to fill memory or a disk are refused or passed over at their real limits, in a moment."""

import gzip
import io
import json
import zipfile
from functools import cache
from pathlib import Path

import pytest

from tests.integration.records.test_bad_input import ANA, bundle, condition
from tests.peaks import growth

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = b"".join(json.dumps(r).encode() + b"\n" for r in [ANA, condition(1)])
MEMORY = 400  # MB by which an import may grow, what is loaded once among it
DISK = 40  # MB
LONG = 300 << 20  # bytes of one line


@pytest.fixture
def take(cohort, tmp_path):
    """`take(path)` -> the only submission in the report; memory and what is written are held to their bounds."""
    from commonweal.cli.console import Console
    from commonweal.vault.records.actions import import_files

    cohort.add()

    def given(path):
        with growth() as grown:
            answer = import_files([path], site="site-a", home=cohort.home, console=Console(json=True))
        assert grown.mb < MEMORY and grown.written < DISK
        (told,) = json.loads(Path(answer["report"]).read_text())["submissions"]
        return told

    return given


@cache
def ten_gigabytes(of: bytes) -> bytes:
    """10 GB of one byte in 10 MB, as gzip members one after the other."""
    return gzip.compress(of * (64 << 20), mtime=0) * 160


BUNDLE = json.dumps(bundle(ANA, condition(1))).encode()[:-2] + b","


@pytest.mark.parametrize(
    ("before", "of"),
    [(GOOD, b"\n"), (GOOD, b" "), (GOOD, b"\0"), (GOOD, b"["), (BUNDLE, b" "), (BUNDLE, b"[")],
    ids=["lines", "blanks", "zeros", "depth", "bundle-blanks", "bundle-depth"],
)
def test_ten_gigabytes_in_ten_megabytes(take, tmp_path, before, of):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(before) + ten_gigabytes(of))
    assert 8 << 20 < path.stat().st_size < 16 << 20
    told = take(path)
    assert told["counts"]["accepted"] == 1 and sum(told["counts"].values()) <= 4
    assert set(told["reasons"]) & {"bomb", "not_json", "too_deep", "truncated"}


@pytest.mark.parametrize("form", ["twice", "zip"])
def test_a_bomb_in_a_wrapping_that_is_not_unpacked(take, tmp_path, form):
    from commonweal.errors import BadInput

    content = ten_gigabytes(b"\n")
    if form == "zip":
        with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("records.ndjson", GOOD + b"\n" * (64 << 20))
        content = packed.getvalue()
    path = tmp_path / "records.ndjson.gz"
    path.write_bytes(gzip.compress(content) if form == "twice" else content)
    with growth() as grown, pytest.raises(BadInput, match="nothing could be taken"):
        take(path)
    assert grown.mb < MEMORY and grown.written < DISK


@pytest.mark.parametrize("ends", [True, False], ids=["between", "last"])
def test_a_line_of_three_hundred_megabytes_costs_itself_alone(take, tmp_path, ends):
    path = tmp_path / "records.ndjson"
    with open(path, "wb") as file:
        file.write(GOOD + b'{"resourceType": "Condition", "id": "')
        file.truncate(file.tell() + LONG)  # zeros that no disk has to hold
        file.seek(0, 2)
        file.write(b"\n" + json.dumps(condition(2)).encode() if ends else b"")
    told = take(path)
    assert told["counts"]["accepted"] == 1 + ends
    assert told["places"] == {"too_long": [{"file": 1, "place": 3}]}


def test_a_line_without_an_end_among_the_errors_of_an_export(tmp_path):
    from commonweal.vault.records.exports import reading

    path = tmp_path / "errors.ndjson"
    path.write_bytes(b'{"resourceType": "OperationOutcome"}\n')
    with open(path, "r+b") as file:
        file.truncate(LONG)
    with growth() as grown:
        found = reading.errors([path])
    assert found["unknown"] == 1 and found["unreadable"] >= 1 and grown.mb < MEMORY / 4


def test_more_lines_than_a_submission_may_have_are_not_read_on(cohort, tmp_path, monkeypatch):
    from commonweal.vault.records import settling, staging
    from commonweal.vault.records.parcels import Parcel

    for module in (staging, settling):
        monkeypatch.setattr(module, "MOST", 100_000)
    path = tmp_path / "records.ndjson"
    path.write_bytes(GOOD + b"1\n" * 3_000_000)
    rows = [len(batch) for batch in staging.batches(Parcel((path,), "auto"))]
    assert 100_000 < sum(rows) < 200_000 and max(rows) <= 80_000
