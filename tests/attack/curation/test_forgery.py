"""Whoever can write the commons, or the vault's database, cannot make a release or a crosswalk that is believed."""

import orjson
import pytest
from cryptography.exceptions import InvalidTag

from commonweal.curation import crosswalk, keys, release
from commonweal.errors import Refused
from commonweal.home import Home
from commonweal.zone import Zone, ZoneError


@pytest.fixture
def published(world):
    return world.with_release(2)


def flip(path, at=-20):
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(bytes(content))


def test_an_untouched_release_is_intact(published):
    assert release.verify(published.home, "2026Q4R1")["intact"]


@pytest.mark.parametrize(
    "what", ["table", "manifest", "lost table", "added table", "added genotypes", "event", "lost event", "forged event"]
)
def test_any_change_is_found(published, what):
    folder = published.folder()
    table, events = folder / "tables/person/part-0000.parquet", folder / "events.jsonl"
    match what:
        case "table":
            flip(table)
        case "manifest":
            manifest = published.manifest()
            manifest["participants"] += 1
            (folder / "manifest.json").write_bytes(orjson.dumps(manifest))
        case "lost table":
            table.unlink()
        case "added table":
            (folder / "tables/person/part-0001.parquet").write_bytes(table.read_bytes())
        case "added genotypes":
            (folder / "genotypes" / "wgs").mkdir(parents=True)
            (folder / "genotypes" / "wgs" / "all.pgen").write_bytes(b"")
        case "event":
            events.write_bytes(events.read_bytes().replace(b'"checked"', b'"cheered"'))
        case "lost event":
            lines = events.read_bytes().splitlines(keepends=True)
            events.write_bytes(b"".join([lines[0], lines[2]]))
        case "forged event":
            last = orjson.loads(events.read_bytes().splitlines()[-1])
            events.write_bytes(events.read_bytes() + orjson.dumps(last | {"event": "retracted"}) + b"\n")
    with pytest.raises(Refused, match="not as it was signed"):
        release.verify(published.home, "2026Q4R1")


def test_a_changed_table_is_not_published(world):
    world.with_build(1)
    world.check()
    flip(world.folder() / "tables/person/part-0000.parquet")
    with pytest.raises(Refused, match="not what was built"):
        world.publish()


def test_crosswalk_rows_cannot_be_swapped(published):
    from commonweal.vault.people.models import Crosswalk

    one, two = Crosswalk.objects.order_by("participant_id")[:2]
    Crosswalk.objects.filter(pk=one.pk).update(sealed=two.sealed)
    with pytest.raises(InvalidTag):
        crosswalk.load(published.home)


def test_another_key_opens_nothing(published):
    from commonweal.vault.people.models import Crosswalk

    (published.home.bridge_keys / "crosswalk.key").write_bytes(bytes(32))
    with pytest.raises(InvalidTag):
        crosswalk.load(published.home)
    sealed = bytes(Crosswalk.objects.first().sealed)
    assert len(sealed) == 12 + 10 + 16  # nothing beside the sealed numbers


def test_the_portal_is_not_given_the_bridges_keys(published):
    with pytest.raises(ZoneError):
        keys.Seal(Home(published.home.root, Zone.PORTAL), "crosswalk.key")
    for name in ("crosswalk.key", "signing.key", "order.key"):
        assert (published.home.bridge_keys / name).stat().st_mode & 0o777 == 0o600


def test_raw_rows_and_what_the_rules_knew_are_for_their_owner_only(published):
    store = published.home.vault_store / "curation" / "2026Q4R1"
    there = [path for path in store.rglob("*") if path.is_file()]
    assert {"persons.parquet", "facts.json", "people.parquet"} <= {path.name for path in there}
    assert all(path.stat().st_mode & 0o077 == 0 for path in there)


def test_a_release_not_yet_published_is_closed_to_others(world):
    world.with_build(1)
    assert world.folder().stat().st_mode & 0o077 == 0
    world.check()
    world.publish()
    assert world.folder().stat().st_mode & 0o055 == 0o055
