"""Is every answer that was given in the raw extract, once: counted anew from the documents, in plain Python.

The extract takes documents apart in SQL; here they are walked, one by one, so that a mistake would have to be made twice.
What became of the raw rows afterwards is told, rule by rule, by `reconcile.rows`.

All documents are walked up to `MANY`; of a larger program as many, recounted by a hash of their number. That every response
is in the extract is counted in full, whatever the number.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import orjson

from commonweal.curation.checks.base import Check
from commonweal.curation.extract.backfill import ADDED
from commonweal.curation.extract.moment import Moment
from commonweal.curation.extract.surveys import COUNTED, FINISHED, PPI

MANY = 200_000
_BATCH = 20_000  # documents in memory at one time
_NEVER = ("valueAttachment", "valueReference")
_FACTS = "id, participant_id, event_time, received_time, supersedes_id, status, classification"
# The responses that a release of this moment speaks of.
_GIVEN = """
CREATE OR REPLACE TEMP TABLE given AS
WITH known AS (FROM responses WHERE event_time < $end AND received_time <= $known)
SELECT id FROM known WHERE status IN (SELECT unnest($finished)) AND classification IN (SELECT unnest($counted))
AND id NOT IN (SELECT supersedes_id FROM known WHERE supersedes_id IS NOT NULL)
AND participant_id IN (SELECT person_id FROM gate WHERE surveys)
"""
_LOST = """
SELECT count(*) FROM (SELECT id FROM given) g FULL JOIN (SELECT survey_conduct_id AS id FROM in_survey_conduct) s USING (id)
WHERE g.id IS NULL OR s.id IS NULL"""


def reconcile_answers(con: duckdb.DuckDBPyConnection, moment: Moment, many: int = MANY) -> list[Check]:
    """Of the raw extract that is open on `con`. The figure is how many answers are missing or too many, question by
    question, and how many responses are."""
    _choose(con, moment, many)
    given = Counter[str]()
    for document in _documents([n for (n,) in con.execute("SELECT id FROM recounted ORDER BY 1").fetchall()]):
        given.update(link.lower() for link in answers(orjson.loads(document)))
    told = con.execute(f"""
    SELECT lower(observation_source_value), count(*) FROM in_observation
    WHERE _source = '{PPI}' AND observation_event_id IN (FROM recounted) AND NOT ({ADDED}) GROUP BY 1""").fetchall()
    taken = Counter(dict(told))
    adrift = sum(abs(given[link] - taken[link]) for link in given.keys() | taken.keys())
    return [Check("reconcile.answers", adrift + con.execute(_LOST).fetchall()[0][0])]


def _choose(con: duckdb.DuckDBPyConnection, moment: Moment, many: int) -> None:
    """Make `given(id)`, the responses that count, and `recounted(id)`, those whose documents are walked."""
    from commonweal.vault import columns

    facts = columns.read(f"SELECT {_FACTS} FROM surveys_surveyresponse")
    con.register("responses", facts)
    words = {"finished": sorted(FINISHED), "counted": sorted(COUNTED)}
    con.execute(_GIVEN, {"end": moment.cutoff_end, "known": moment.known_at, **words})
    con.unregister("responses")
    con.execute(f"CREATE OR REPLACE TEMP TABLE recounted AS SELECT id FROM given ORDER BY hash(id), id LIMIT {many}")


def answers(item: dict[str, Any]) -> Iterator[str]:
    """The linkId of every answer with a value in a QuestionnaireResponse or an item, one for each answer."""
    for child in item.get("item") or ():
        for answer in child.get("answer") or ():
            if any(
                key.startswith("value") and key not in _NEVER and value is not None for key, value in answer.items()
            ):
                yield child["linkId"]
            yield from answers(answer)
        yield from answers(child)


def _documents(numbers: list[int]) -> Iterable[str]:
    from commonweal.vault import columns

    for start in range(0, len(numbers), _BATCH):
        part = numbers[start : start + _BATCH]
        query = f"SELECT id, document FROM surveys_surveyresponse WHERE id BETWEEN {part[0]} AND {part[-1]}"
        wanted = set(part)
        found = columns.read(query)
        for number, document in zip(found["id"].to_pylist(), found["document"].to_pylist(), strict=True):
            if number in wanted:
                yield document
