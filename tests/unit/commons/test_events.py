"""Only what the bridge signed, in order, and did not retract, is opened by name."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from commonweal import commons
from commonweal.errors import BadInput, Refused
from tests import releases

NAME = "2026Q4R1"


@pytest.fixture
def folder(home):
    return releases.publish(home.releases, number=60)


def opened(home):
    return commons.open(NAME, home=home)


def test_a_published_release_is_opened_and_listed(home, folder):
    release = opened(home)
    assert release.gated
    assert release.table("person").columns[0] == "person_id"
    assert [r["name"] for r in commons.published(home)] == [NAME]
    assert release.verify() == []
    assert release.describe()["published_at"] == "2026-10-06T00:00:00+00:00"


def test_one_that_is_only_built_is_not(home):
    releases.publish(home.releases, number=60, published=False)
    with pytest.raises(Refused, match="not published"):
        opened(home)
    assert commons.published(home) == []


def test_a_retracted_one_is_closed_even_if_it_was_open(home, folder):
    opened(home)
    releases.event(folder, "retracted", name=NAME)
    with pytest.raises(Refused, match="not published"):
        opened(home)


def test_an_event_of_another_hand_closes_it(home, folder):
    releases.event(folder, "checked", name=NAME, key=Ed25519PrivateKey.generate())
    with pytest.raises(Refused, match="not signed by this program"):
        opened(home)
    assert commons.published(home) == []


def test_an_event_taken_out_is_noticed(home, folder):
    releases.event(folder, "retracted", name=NAME)
    releases.event(folder, "checked", name=NAME)
    lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "events.jsonl").write_bytes(b"".join(lines[:2] + lines[3:]))
    with pytest.raises(Refused, match="does not follow"):
        opened(home)


def test_another_manifest_is_not_the_published_one(home, folder):
    manifest = folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"participants": 60', b'"participants": 61'))
    with pytest.raises(Refused, match="not published"):
        opened(home)


def test_a_published_event_of_another_release_does_not_count(home, folder):
    copy = home.releases / "2026Q4R2" / "registered"
    copy.parent.mkdir()
    folder.rename(copy)
    with pytest.raises(Refused, match="not published"):
        commons.open("2026Q4R2", home=home)


def test_without_the_key_nothing_is_trusted(home, folder):
    (home.releases / "signing-key.pub").unlink()
    with pytest.raises(Refused, match="public key"):
        opened(home)


def test_a_changed_file_is_noticed_by_verify(home, folder):
    release = opened(home)
    file = folder / "tables" / "death" / "part-0.parquet"
    file.write_bytes(file.read_bytes() + b" ")
    assert release.verify() == ["table death: a file has changed since it was built"]


@pytest.mark.parametrize("name", ["../2026Q4R1", "2026Q4R1/registered", "."])
def test_a_path_is_no_way_around_the_gate(home, folder, name, monkeypatch):
    monkeypatch.chdir(home.releases)
    with pytest.raises((BadInput, Refused)):
        commons.open(name, home=home)
    with pytest.raises(Refused, match="by its name"):
        commons.open(folder, home=home)
    monkeypatch.chdir(home.root.parent)
    (home.root.parent / "link").symlink_to(folder)
    with pytest.raises(Refused, match="by its name"):
        commons.open(home.root.parent / "link", home=home)


@pytest.mark.parametrize("tier", ["controlled", "../registered", ""])
def test_other_tiers_are_not_there(home, folder, tier):
    with pytest.raises(Refused):
        commons.open(NAME, tier=tier, home=home)
