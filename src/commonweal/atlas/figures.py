"""The public figures of a release: who is in it and what it holds, each number through the gate before it is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from commonweal import disclosure
from commonweal.commons.cohort.people import completed_years, people
from commonweal.commons.release import Release
from commonweal.disclosure import Count
from commonweal.workbench.studio.labels import AGES, label, with_capital

ABOUT_NOBODY = frozenset(
    [
        "cdm_source",
        "concept",
        "concept_ancestor",
        "concept_class",
        "concept_relationship",
        "concept_synonym",
        "domain",
        "relationship",
        "vocabulary",
    ]
)
"""Tables whose rows are no person's; of every other one, also one without a person_id, the size passes the gate."""
TOP = 12
KINDS = ("ehr", "surveys", "measurements")


@dataclass(frozen=True)
class Row:
    """`code` says what is counted, for a label in the reader's language; `name` is its name in the vocabulary."""

    code: str
    name: str
    count: Count


@dataclass(frozen=True)
class Figure:
    """`overlap`: a person may be in several rows, so they have no sum."""

    key: str
    rows: tuple[Row, ...]
    overlap: bool = False


@dataclass(frozen=True)
class Snapshot:
    """Everything that the public pages show of one release."""

    name: str
    tier: str
    published_at: str
    digest: str
    data_cutoff: str
    participants: Count
    has: dict[str, Count]
    figures: dict[str, Figure]
    tables: tuple[tuple[str, Count], ...]


def take(release: Release) -> Snapshot:
    """Ask a release for its public figures; about a second for 100,000 people."""
    n = release.table("person").count()
    participants = disclosure.count(int(release.rows(n.as_table())[0][0]), release.policy)
    has = {kind: _holders(release, kind) for kind in KINDS}
    figures = [_one_way(release, key, make) for key, make in _ONE_WAYS.items()]
    rows = {t["name"]: int(t["rows"]) for t in release.manifest.get("tables", [])}
    return Snapshot(
        name=release.name,
        tier=release.tier,
        published_at=release.published_at or "",
        digest=release.digest,
        data_cutoff=str(release.manifest.get("data_cutoff", "")),
        participants=participants,
        has=has,
        figures={f.key: f for f in [*(f for f in figures if f), *_conditions(release)]},
        tables=tuple((name, _size(release, name, rows[name])) for name in sorted(rows)),
    )


def _holders(release: Release, kind: str) -> Count:
    """How many people have data of one kind."""
    needed = {"ehr": "condition_occurrence", "surveys": "survey_conduct", "measurements": "measurement"}[kind]
    if not release.has(needed):
        return disclosure.count(0, release.policy)
    definition = {"version": 1, "include": [{"any": [{"type": "person", "has": [kind]}]}]}
    answer = release.cohort(definition).count()
    return Count(answer.persons, answer.suppressed, answer.rounded_to, answer.exact)


def _size(release: Release, name: str, rows: int) -> Count:
    """Rows about people pass the gate; concepts and the like are about nobody."""
    return disclosure.count(rows, release.policy, exact=name in ABOUT_NOBODY)


def _one_way(release: Release, key: str, make: Callable[[Release], ir.Table | None]) -> Figure | None:
    """A breakdown of everybody, so that rows add up to all; small ones, and what would give them away, are hidden."""
    table = make(release)
    if table is None:
        return None
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for code, n in release.rows(table.group_by("code").aggregate(n=table.person_id.nunique())):
        counts[str(code)] = counts.get(str(code), 0) + int(n)
    for concept, name in release.vocabulary.names({int(c) for c in counts if c.isdigit()}).items():
        names[str(concept)] = name
    shown = disclosure.table(counts, release.policy)
    rows = [Row(code, names.get(code, ""), count) for code, count in shown.one_way()]
    if key == "age":
        rows.sort(key=lambda r: AGES.index(r.code) if r.code in AGES else len(AGES))
    else:
        rows.sort(key=lambda r: (-(r.count.persons or 0), label(r.code, r.name)))
    return Figure(key, tuple(rows))


def _sex(release: Release) -> ir.Table | None:
    if release.has("person_ext", "sex_at_birth_concept_id"):
        person, beside = release.table("person"), release.table("person_ext")
        joined = person[["person_id"]].left_join(beside[["person_id", "sex_at_birth_concept_id"]], "person_id")
        return _coded(joined, "sex_at_birth_concept_id")
    return _coded(release.table("person"), "gender_concept_id")


def _race(release: Release) -> ir.Table | None:
    return _coded(release.table("person"), "race_concept_id")


def _ethnicity(release: Release) -> ir.Table | None:
    return _coded(release.table("person"), "ethnicity_concept_id")


def _coded(table: ir.Table, column: str) -> ir.Table:
    return table.select("person_id", code=table[column].fill_null(0).cast("string"))


def _state(release: Release) -> ir.Table | None:
    if not release.has("person_ext", "state_of_residence_source_value"):
        return None
    person, beside = release.table("person"), release.table("person_ext")
    joined = person[["person_id"]].left_join(beside[["person_id", "state_of_residence_source_value"]], "person_id")
    return joined.select("person_id", code=joined.state_of_residence_source_value.fill_null("0"))


def _age(release: Release) -> ir.Table | None:
    """Age on the last day that the release speaks of, in bands of ten years (18-29 to 80-88, as the reference's data browser)."""
    manifest = release.manifest
    last = manifest.get("last_day") or manifest.get("data_cutoff")
    if not last:
        return None
    born = people(release)
    years = completed_years(born.birth, ibis.literal(date.fromisoformat(last), type="date"))
    bands = [(years < 18, "0-17"), (years < 30, "18-29")]
    bands += [(years < top, f"{top - 10}-{top - 1}") for top in range(40, 81, 10)] + [(years < 89, "80-88")]
    return born.select("person_id", code=ibis.cases(*bands, else_="89+"))


_ONE_WAYS: dict[str, Callable[[Release], ir.Table | None]] = {
    "sex": _sex,
    "age": _age,
    "race": _race,
    "ethnicity": _ethnicity,
    "state": _state,
}


def _conditions(release: Release) -> list[Figure]:
    """The conditions that most people have; those of few are not named at all."""
    if not release.has("condition_occurrence"):
        return []
    table = release.table("condition_occurrence")
    counted = (
        table.filter(table.condition_concept_id > 0)
        .group_by(code="condition_concept_id")
        .aggregate(n=table.person_id.nunique())
    )
    found = release.rows(counted.order_by([ibis.desc("n"), "code"]).limit(TOP)[["code", "n"]])
    names = release.vocabulary.names({int(code) for code, _ in found})
    rows = [Row(str(code), names.get(int(code), ""), disclosure.count(int(n), release.policy)) for code, n in found]
    rows = [row for row in rows if row.count.persons]
    rows.sort(key=lambda r: (-(r.count.persons or 0), with_capital(r.name)))
    return [Figure("conditions", tuple(rows), overlap=True)] if rows else []
