"""Files of what studies used: what is written is read again; what cannot be is refused with the reason, whatever it is."""

import os
from datetime import date
from uuid import UUID

import numpy as np
import orjson
import pytest

from commonweal.commons import usage
from commonweal.errors import BadInput

STUDY = UUID("5b0d5d1c-0f4e-4a57-9a3a-3c1f7f0b2a11")
NAME = "ab" * 32
PEOPLE = np.array([1_000_001, 1_500_000, 9_999_999], dtype=np.int64)


def use(**other):
    told = {"study": STUDY, "kind": "cohort", "release": "2026Q4R1", "tier": "registered", "day": date(2026, 11, 2)}
    return usage.Use(**(told | {"persons": PEOPLE} | other))


@pytest.fixture
def path(tmp_path):
    return usage.place(tmp_path, STUDY, NAME)


@pytest.mark.parametrize("persons", [PEOPLE, PEOPLE[:0]])
def test_what_is_written_is_read(path, persons):
    usage.write(path, use(persons=persons))
    found = usage.read(path)
    assert found.persons.dtype == np.int64 and found.persons.tolist() == persons.tolist()
    assert (found.study, found.kind, found.release, found.tier, found.day) == (
        STUDY, "cohort", "2026Q4R1", "registered", date(2026, 11, 2),
    )  # fmt: skip


def test_others_cannot_read_it(path):
    usage.write(path, use())
    assert path.stat().st_mode & 0o007 == 0


def changed(path, **other):
    usage.write(path, use())
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | other))


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"format": "something"}, "commonweal usage"),
        ({"version": 2}, "version 1"),
        ({"study": "5b0d5d1c-0f4e-4a57-9a3a-3c1f7f0b2a12"}, "study: it is not the one of the folder"),
        ({"kind": "glance"}, "kind: give cohort or dataset or export"),
        ({"tier": "public"}, "tier: give registered or controlled"),
        ({"release": "../../vault"}, "release"),
        ({"release": None}, "release"),
        ({"day": "yesterday"}, "day"),
        ({"persons": "all"}, "persons"),
        ({"persons": [1, 1]}, "each once"),
        ({"persons": [2, 1]}, "ascending"),
        ({"persons": [True, 2]}, "whole numbers"),
        ({"persons": [1.5]}, "whole numbers"),
        ({"persons": [0]}, "whole numbers"),
        ({"persons": [2**40]}, "whole numbers"),
    ],
)
def test_what_says_what_cannot_be_is_refused(path, other, why):
    changed(path, **other)
    with pytest.raises(BadInput, match=why):
        usage.read(path)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b'{"format": "commonweal usage", "vers'])
def test_half_a_file_and_no_file_of_this_kind(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(BadInput):
        usage.read(path)


def test_a_folder_that_is_no_study(tmp_path):
    path = tmp_path / "study" / f"{NAME}.json"
    changed(path, study="study")
    with pytest.raises(BadInput, match="study: it is missing, or cannot be read"):
        usage.read(path)


def test_a_link_a_pipe_and_a_folder_are_not_followed_nor_waited_for(path, tmp_path):
    path.parent.mkdir()
    (tmp_path / "secret").write_bytes(b"{}")
    path.symlink_to(tmp_path / "secret")
    with pytest.raises(BadInput, match="cannot be read"):
        usage.read(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(BadInput, match="no plain file"):
        usage.read(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(BadInput):
        usage.read(path)


def test_one_that_is_too_large(path, monkeypatch):
    monkeypatch.setattr(usage, "MAX_BYTES", 100)
    usage.write(path, use())
    with pytest.raises(BadInput, match="larger than"):
        usage.read(path)
