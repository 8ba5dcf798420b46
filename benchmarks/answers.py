"""What became of every answer that was given, count by count: `SIZES=10000 BENCH=answers make bench`.

One line a size. Answers are counted in the documents of the vault, in plain Python and without the program's own code, and
again in the raw `observation` and in the release's:

    given                 answers in all documents kept
    not_used              of them in responses that a release does not speak of, by reason
    due = given - not_used
    raw                   rows of answers in the raw extract; `lost` and `added` are told answer by answer, and are 0
    concepts              of those rows: the question's and the answer's concept, by whose it is
    records               rows of health records, which lie in the same table
    rules                 rows that each rule of the release took from the table (raw + records - all of these = released)
    released              rows of answers and records in the registered tier
"""

import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from homes import RELEASE, released

from commonweal.curation.extract.backfill import ADDED

YES, NO = 45877994, 45878245
RECORDS = 32817  # observation_type_concept_id of what came from a health record
OWN, LOCAL = 2_100_100_000, 2_000_000_000  # concepts of this program, and of the reference's local lists, begin here
FINISHED, COUNTED = ("completed", "amended"), ("complete", "authored_time_updated")
_RESPONSES = (
    "SELECT id, participant_id, event_time, supersedes_id, status, classification, document FROM surveys_surveyresponse"
)
_ANSWERS = """SELECT person_id, observation_event_id, lower(observation_source_value), lower(value_source_value),
value_as_number, value_as_concept_id, value_as_string FROM read_parquet('{raw}/observation/**/*.parquet') WHERE _source = 'PPI' AND NOT ({added})"""
_CONCEPTS = f"""SELECT {{column}} IS NULL AS none, {{column}} = 0 AS unknown, {{column}} >= {OWN} AS own,
{{column}} BETWEEN {LOCAL} AND {OWN} AS local, count(*) FROM read_parquet('{{raw}}/observation/**/*.parquet') WHERE _source = 'PPI' AND NOT ({{added}}) GROUP BY ALL"""
Said = tuple[int, int, str, Any]  # person, response, question, value


def main(sizes: list[int]) -> None:
    """Print one line a size."""
    for people in sizes:
        home, _, seconds, _ = released(people)
        line = {"bench": "answers", "size": people, "seconds": round(seconds, 2), **account(home, RELEASE)}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def account(home: Path, name: str) -> dict[str, Any]:
    """The figures of a built release; also for a program's own home on SQLite. Rows that say a question was left open,
    which curation adds, stand among `records`: nobody gave them as answers."""
    raw, tier = (
        home / "vault" / "store" / "curation" / name / "raw",
        home / "commons" / "releases" / name / "registered",
    )
    manifest = json.loads((tier / "manifest.json").read_bytes())
    due, not_used = given(home, _let_through(raw), date.fromisoformat(manifest["data_cutoff"]))
    landed = rows(raw)
    ((everything,),) = duckdb.sql(f"SELECT count(*) FROM read_parquet('{raw}/observation/**/*.parquet')").fetchall()
    return {
        "given": due.total() + sum(not_used.values()),
        "not_used": dict(sorted(not_used.items())),
        "due": due.total(),
        "raw": landed.total(),
        "lost": (due - landed).total(),
        "added": (landed - due).total(),
        "concepts": {part: concepts(raw, column) for part, column in _COLUMNS.items()},
        "records": everything - landed.total(),
        "rules": removed(manifest),
        "released": _released(tier),
    }


_COLUMNS = {"questions": "observation_source_concept_id", "answers": "value_as_concept_id"}


def _let_through(raw: Path) -> set[int]:
    found = duckdb.sql(f"SELECT person_id FROM read_parquet('{raw}/gate.parquet') WHERE surveys").fetchall()
    return {person for (person,) in found}


def given(home: Path, people: set[int], cutoff: date) -> tuple[Counter[Said], Counter[str]]:
    """(each answer that a release speaks of, how many others there are, by the reason)."""
    due, others = Counter[Said](), Counter[str]()
    end = datetime.combine(cutoff + timedelta(days=1), datetime.min.time())
    with sqlite3.connect(home / "vault" / "db.sqlite3") as vault:
        every = vault.execute(_RESPONSES).fetchall()
    replaced = {row[3] for row in every}
    for number, person, event, _, status, found, document in every:
        said = list(walk(json.loads(document).get("item", [])))
        why = _why_not(
            {
                "person does not share surveys": person not in people,
                "after the cutoff": datetime.fromisoformat(event).replace(tzinfo=None) >= end,
                "not finished": status not in FINISHED,
                f"found to be {found}": found not in COUNTED,
                "replaced by a later one": number in replaced,
            }
        )
        if why:
            others[why] += len(said)
        else:
            due.update((person, number, *one) for one in said)
    return due, others


def _why_not(reasons: dict[str, bool]) -> str:
    return next((why for why, holds in reasons.items() if holds), "")


def walk(items: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """(question, value) of every answer in the items of a document."""
    for item in items:
        for answer in item.get("answer", []):
            ((kind, said),) = ((key, value) for key, value in answer.items() if key != "item")
            yield item["linkId"].lower(), _value(kind, said)
            yield from walk(answer.get("item", []))
        yield from walk(item.get("item", []))


def _value(kind: str, said: Any) -> Any:
    if kind == "valueCoding":
        return said["code"].lower()
    return said["value"] if kind == "valueQuantity" else said


def rows(raw: Path) -> Counter[Said]:
    """Each answer in the raw extract, as `given` has it."""
    landed = Counter[Said]()
    for person, response, question, code, number, concept, text in duckdb.sql(
        _ANSWERS.format(raw=raw, added=ADDED)
    ).fetchall():
        told = [value for value in (code, number, {YES: True, NO: False}.get(concept), text) if value is not None]
        landed[person, response, question, told[0] if told else None] += 1
    return landed


def concepts(raw: Path, column: str) -> dict[str, int]:
    """How many rows have a concept of the reference's vocabulary, of its local list, of our own, 0, or none."""
    told: Counter[str] = Counter()
    for none, unknown, own, local, count in duckdb.sql(
        _CONCEPTS.format(raw=raw, column=column, added=ADDED)
    ).fetchall():
        told["none" if none else "unknown" if unknown else "own" if own else "local" if local else "reference"] += count
    return dict(sorted(told.items()))


def removed(manifest: dict[str, Any]) -> dict[str, int]:
    """Rows of `observation` that each rule took."""
    steps = {rule["id"]: rule["by_table"].get("observation") for rule in manifest["rules"]}
    gone = {rule: step["rows_in"] - step["rows_out"] for rule, step in steps.items() if step}
    return {rule: count for rule, count in gone.items() if count}


def _released(tier: Path) -> dict[str, int]:
    files = f"read_parquet('{tier}/tables/observation/*.parquet')"
    query = f"SELECT count(*) FILTER (observation_type_concept_id <> {RECORDS}), count(*) FILTER (observation_type_concept_id = {RECORDS}) FROM {files}"
    ((answers, records),) = duckdb.sql(query).fetchall()
    return {"answers": answers, "records": records}
