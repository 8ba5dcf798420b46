"""What may go wrong with a build, and that nothing half-done or mixed is left: it stops with a sentence, and can go on."""

import errno

import duckdb
import pytest

from commonweal import commons, files
from commonweal.curation import dictionary, population, tables
from commonweal.errors import Refused

FULL = (
    OSError(errno.ENOSPC, "No space left on device"),
    duckdb.IOException("IO Error: Could not write file: No space left on device"),
)


def test_a_disk_that_fills(world, monkeypatch):
    """However the engine or the system says so, the build stops with a sentence, and goes on when there is room."""
    world.crowd(1)
    original, written = tables.copy, []

    for error in FULL:

        def fills(con, query, folder, name, number, error=error):
            written.append(name)
            if name == "measurement":
                raise error
            return original(con, query, folder, name, number)

        with monkeypatch.context() as patch:
            patch.setattr(tables, "copy", fills)
            with pytest.raises(Refused, match="disk is full.*nothing was published"):
                world.build()
        assert not world.folder().exists() and commons.published(world.home) == []
    assert written.count("measurement") == len(FULL)
    assert not world.build()["unchanged"] and world.check()["passed"]


@pytest.mark.parametrize("column", ["stop_reason", "_visit_occurrence"])
def test_a_raw_table_that_lacks_a_column(world, column):
    world.with_build(1)
    raw = world.home.vault_store / "curation" / "2026Q4R1" / "raw" / "condition_occurrence"
    for path in raw.rglob("*.parquet"):
        duckdb.sql(f"COPY (SELECT * EXCLUDE ({column}) FROM '{path}') TO '{path}.new' (FORMAT parquet)")
        (path.parent / f"{path.name}.new").rename(path)
    before = files.sha256(world.folder() / "manifest.json")
    (world.home.vault_store / "curation" / "2026Q4R1" / "registered.json").unlink()
    with pytest.raises(Refused, match=f"condition_occurrence: its column {column} is missing"):
        world.build()
    assert files.sha256(world.folder() / "manifest.json") == before


def test_a_protocol_that_changes_between_two_builds_in_one_process(world):
    world.with_build(1)
    assert world.build()["unchanged"]  # the protocol of this home has been read
    before = world.manifest()["protocol"]["digest"]
    toml = world.home.protocol / "privacy.toml"
    toml.write_text(toml.read_text().replace("histogram_bins = 12", "histogram_bins = 8"))
    with pytest.raises(Refused, match="protocol has changed"):
        world.check()
    assert not world.build()["unchanged"]
    assert world.manifest()["protocol"]["digest"] != before and world.check()["passed"]


def test_a_grant_that_is_taken_back_while_the_build_runs(world, monkeypatch):
    """Between the reading of facts and the first row written. The build is of one moment, before it; publication looks again."""
    world.crowd(2)
    original, withdrawn = population.open_raw, []

    def meanwhile(con, raw):
        assert raw.figures["people"] == 2 and not world.folder().exists()
        withdrawn.append(world.withdraw(world.people["crowd0"]))
        return original(con, raw)

    monkeypatch.setattr(population, "open_raw", meanwhile)
    world.build()
    manifest = world.manifest()
    assert len(withdrawn) == 1 and withdrawn[0].event_time.isoformat() > manifest["grants_as_of"]
    assert (
        manifest["participants"] == len(world.rows("person")) == 2
    )  # whole, as of its moment, and nothing of it is out
    assert world.check()["passed"] and commons.published(world.home) == []
    with pytest.raises(Refused, match="1 of its people have since withdrawn"):
        world.publish()
    assert commons.published(world.home) == []
    assert world.folder().stat().st_mode & 0o777 == 0o700  # still nobody's but the bridge's


def test_the_dictionary_tells_every_column(world):
    world.with_build(1)
    (entries,) = dictionary.describe(world.home, "2026Q4R1")["dictionary"].values()
    told = {(e["table"], e["column"]): e for e in entries}
    manifest = world.manifest()
    assert set(told) == {(t["name"], c["name"]) for t in manifest["tables"] for c in t["columns"]}
    date = told["condition_occurrence", "condition_start_date"]
    assert "dates.shift" in date["rules"] and date["nulls"] == 0 and date["distinct"] is None and date["required"]
    assert told["person_ext", "src_id"]["meaning"].startswith("Where the person")
