"""Is every answer that was given in the raw extract, once: counted anew from the documents, in plain Python.

The extract takes documents apart in SQL; here they are walked, one by one, so that a mistake would have to be made twice.
What became of the raw rows afterwards is told, rule by rule, by `reconcile.rows`.
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

_BATCH = 20_000  # documents in memory at one time
_NEVER = ("valueAttachment", "valueReference")
_FACTS = "id, participant_id, event_time, received_time, supersedes_id, status, classification"


def reconcile_answers(con: duckdb.DuckDBPyConnection, moment: Moment) -> list[Check]:
    """Of the raw extract that is open on `con`. The figure is how many answers are missing or too many, question by question."""
    given = Counter[str]()
    for document in _documents(_counted(moment, _let_through(con))):
        given.update(link.lower() for link in answers(orjson.loads(document)))
    told = con.execute(f"""
    SELECT lower(observation_source_value), count(*) FROM in_observation
    WHERE _source = '{PPI}' AND NOT ({ADDED}) GROUP BY 1""").fetchall()
    taken = Counter(dict(told))
    return [Check("reconcile.answers", sum(abs(given[link] - taken[link]) for link in given.keys() | taken.keys()))]


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


def _let_through(con: duckdb.DuckDBPyConnection) -> set[int]:
    return {person for (person,) in con.execute("SELECT person_id FROM gate WHERE surveys").fetchall()}


def _counted(moment: Moment, people: set[int]) -> list[int]:
    """Numbers of the responses that a release of this moment speaks of, in order."""
    from commonweal.vault import columns

    def is_known(row: dict[str, Any]) -> bool:
        return bool(row["event_time"] < moment.cutoff_end and row["received_time"] <= moment.known_at)

    known = [row for row in columns.read(f"SELECT {_FACTS} FROM surveys_surveyresponse").to_pylist() if is_known(row)]
    taken = {row["id"] for row in known if row["status"] in FINISHED and row["classification"] in COUNTED}
    replaced = {row["supersedes_id"] for row in known}
    return sorted(row["id"] for row in known if row["id"] in taken - replaced and row["participant_id"] in people)


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
