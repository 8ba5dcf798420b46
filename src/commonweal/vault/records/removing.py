"""Resources that a site's server says it no longer has: later releases are made without them.

A fact is added, none is changed: a submission of its own that replaces the resources by nothing.
"""

import hashlib
from collections.abc import Iterable

import duckdb
import pyarrow as pa
from django.utils import timezone

from commonweal.home import Home
from commonweal.vault.records import store
from commonweal.vault.records.bulk import finish
from commonweal.vault.records.locking import one_at_a_time
from commonweal.vault.records.models import Submission

FORMAT = "deletions"


def remove(home: Home, site: str, gone: Iterable[tuple[str, str]], *, source: str) -> int:
    """Of `gone`, pairs of resource type and logical id, what the vault holds of `site` counts no more; answers how many.

    A second time there is nothing left to remove.
    """
    named = sorted(set(gone))
    if not named:
        return 0
    with one_at_a_time(home, site), duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        kinds, ids = zip(*named, strict=True)
        con.register("gone", pa.table({"resource_type": pa.array(kinds), "resource_id": pa.array(ids)}))
        view = store.current_events(con, home, site)
        con.execute(f"""CREATE TEMP TABLE held AS SELECT DISTINCT submission, participant, resource_type, resource_id
            FROM {view} SEMI JOIN gone USING (resource_type, resource_id)""")
        return _removed(con, home, site, source)


def _removed(con: duckdb.DuckDBPyConnection, home: Home, site: str, source: str) -> int:
    held = con.execute("FROM held ORDER BY ALL").to_arrow_table()
    if not held.num_rows:
        return 0
    digest = hashlib.sha256(repr(held.to_pydict()).encode()).hexdigest()
    record = Submission.objects.create(site=site, format=FORMAT, sha256=digest, received_time=timezone.now())
    store.copy_to(con, "FROM held ORDER BY ALL", store.superseded_path(home) / store.file_name(record.pk))
    counts = {"accepted": held.num_rows, "unchanged": 0, "rejected": 0, "unmatched": 0, "kept_out": 0}
    finish(record, counts, source=source)
    return held.num_rows
