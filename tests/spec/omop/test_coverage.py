"""How many of the Synthea people's codes lead to a standard concept, by kind of resource; each that does not is explained.

coverage.csv beside this file lists them with the reason; COMMONWEAL_WRITE=1 writes it anew.
"""

import csv
import io
import os
from collections import Counter
from pathlib import Path

import pyarrow.compute as pc
import pytest

from commonweal.omop import mapping
from tests import fhir_events as real

LISTED = Path(__file__).with_name("coverage.csv")
COLUMNS = ("resource_type", "system", "code", "name", "rows", "why")
KNOWN = {  # distinct codes with a standard concept, of all distinct codes of the kind
    "Condition": (84, 85), "Observation": (92, 93), "Procedure": (83, 91), "MedicationRequest": (66, 75), "Immunization": (16, 18),
}  # fmt: skip


@pytest.fixture(scope="module")
def con(shared_data, events):
    con = real.vocabularies(shared_data)
    con.register("events", events.filter(pc.equal(events["site"], "synthea")))
    mapping.map_events(con, "events")
    yield con
    con.close()


def test_nearly_every_code_has_a_concept(con):
    used = Counter()
    for kind, mapped in con.execute(
        "SELECT resource_type, bool_or(target_id <> 0) FROM map_linked GROUP BY resource_type, code_system, source_word"
    ).fetchall():
        used[kind, mapped] += 1
    assert {kind: (used[kind, True], used[kind, True] + used[kind, False]) for kind in KNOWN} == KNOWN


def test_each_code_without_a_concept_is_explained(con):
    names = dict(con.execute("SELECT code, min(code_text) FROM events GROUP BY 1").fetchall())
    rows = [row | {"name": names.get(row["code"]), "why": mapping.WHY[row["why"]]} for row in mapping.unmapped(con)]
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    if os.environ.get("COMMONWEAL_WRITE"):
        LISTED.write_text(written.getvalue(), encoding="utf-8")
    assert written.getvalue() == LISTED.read_text(encoding="utf-8")
