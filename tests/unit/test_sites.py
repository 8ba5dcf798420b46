"""What the sites have in common."""

import sqlite3

from commonweal.sites.common import database


def test_a_commit_of_the_embedded_database_waits_for_the_disk(tmp_path):
    settings = database(f"sqlite:///{tmp_path}/db.sqlite3")
    con = sqlite3.connect(settings["NAME"])
    con.executescript(settings["OPTIONS"]["init_command"])
    assert con.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert con.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL: the write-ahead log is on the disk first
