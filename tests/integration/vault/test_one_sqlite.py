"""Reading by columns leaves the write-ahead index of SQLite alone: a second SQLite library in the process would cut it."""

from pathlib import Path

import pytest
from django.db import connection

from commonweal.vault import columns


@pytest.mark.django_db(transaction=True)
def test_reading_does_not_cut_the_index_that_django_has_mapped():
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite only")
    index = Path(f"{connection.settings_dict['NAME']}-shm")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint=0")
        cursor.execute("CREATE TABLE heap (filling TEXT)")
        cursor.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)"
            " INSERT INTO heap SELECT printf('%.3900c', 'x') FROM n"
        )
        grown = index.stat().st_size
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("INSERT INTO heap VALUES ('y')")
        assert columns.read("SELECT count(*) AS found FROM heap")["found"].to_pylist() == [9001]
        assert index.stat().st_size == grown > 32768
        cursor.execute("DROP TABLE heap")
