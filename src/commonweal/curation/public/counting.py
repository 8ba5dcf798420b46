"""How many people there are of each kind, exactly, in the registered tier. These numbers never leave the vault.

Reads the views `rel_TABLE` of a built registered tier on `con`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import duckdb

from commonweal.curation.duck import quote
from commonweal.curation.extract.surveys import PATIENT_SURVEY, SELF_REPORT
from commonweal.curation.rules.generalise.concepts import FEMALE, MALE
from commonweal.protocol.public_tier import PublicTier

ALL, EVERYBODY = "all", "everybody"
SEXES = ("female", "male", "other or not told")
_DOMAINS = {
    "Condition": ("condition_occurrence", "condition_concept_id", ""),
    "Drug": ("drug_exposure", "drug_concept_id", ""),
    "Procedure": ("procedure_occurrence", "procedure_concept_id", ""),
    "Measurement": ("measurement", "measurement_concept_id", ""),
    "Device": ("device_exposure", "device_concept_id", ""),
    "Visit": ("visit_occurrence", "visit_concept_id", ""),
    "Observation": (
        "observation",
        "observation_concept_id",
        f" AND observation_type_concept_id NOT IN ({PATIENT_SURVEY}, {SELF_REPORT})",
    ),
}
_PEOPLE = """
CREATE OR REPLACE TABLE counted_people AS
SELECT p.person_id, CASE e.sex_at_birth_concept_id WHEN {female} THEN 'female' WHEN {male} THEN 'male' ELSE {other} END AS sex,
  {band} AS age_band, p.race_concept_id AS race, p.ethnicity_concept_id AS ethnicity, p.gender_concept_id AS gender,
  e.state_of_residence_source_value AS state
FROM rel_person p LEFT JOIN rel_person_ext e USING (person_id)"""

_ANSWERS = """
CREATE OR REPLACE TABLE counted_answers AS
SELECT DISTINCT person_id, observation_source_concept_id AS question, value_as_concept_id AS answer,
  observation_date AS day
FROM rel_observation WHERE observation_type_concept_id IN ({types}) AND coalesce(observation_source_concept_id, 0) > 0
  AND coalesce(value_as_concept_id, 0) > 0"""

_LATEST = """
CREATE OR REPLACE TABLE latest_answers AS
SELECT person_id, question, answer FROM counted_answers
QUALIFY day = max(day) OVER (PARTITION BY person_id, question)"""

Facets = dict[str, dict[str, int]]
Topics = dict[str, dict[tuple[int | None, str], int]]  # topic -> (concept id, word) -> people


@dataclass
class Group:
    """People of one concept, or one answer, by sex and by age band. Each person is in one value of each."""

    sex: dict[str, int] = field(default_factory=dict)
    age: dict[str, int] = field(default_factory=dict)

    def add(self, sex: str, band: str, people: int) -> None:
        self.sex[sex] = self.sex.get(sex, 0) + people
        self.age[band] = self.age.get(band, 0) + people

    @property
    def total(self) -> int:
        return sum(self.sex.values())

    def facets(self, bands: list[str]) -> Facets:
        """With every sex and every age band, also those of nobody."""
        return {"sex": {s: self.sex.get(s, 0) for s in SEXES}, "age": {b: self.age.get(b, 0) for b in bands}}


def bands(settings: PublicTier) -> list[str]:
    """The names of the age bands, youngest first."""
    starts = settings.age_bands
    return [f"{a}-{b - 1}" for a, b in zip(starts, starts[1:], strict=False)] + [f"{starts[-1]} and over"]


def load(con: duckdb.DuckDBPyConnection, settings: PublicTier, cutoff: date) -> None:
    """Make `counted_people`: sex, age band and what else people are counted by; a person under the first band is in it."""
    age = f"({cutoff.year} - p.year_of_birth)"
    cases = "".join(
        f" WHEN {age} >= {start} THEN {quote(name)}"
        for start, name in reversed(list(zip(settings.age_bands, bands(settings), strict=True)))
    )
    band = f"CASE{cases} ELSE {quote(bands(settings)[0])} END"
    con.execute(_PEOPLE.format(female=FEMALE, male=MALE, other=quote(SEXES[-1]), band=band))


def everybody(con: duckdb.DuckDBPyConnection) -> int:
    return con.execute("SELECT count(*) FROM counted_people").fetchall()[0][0]


def by_kind(con: duckdb.DuckDBPyConnection, names: list[str]) -> dict[str, int]:
    """Everybody, and those with data of one kind."""
    told = {EVERYBODY: "FROM counted_people"}
    events = [t for t, *_ in _DOMAINS.values() if t not in ("observation", "measurement") and t in names]
    if events:
        told["health records"] = "FROM (" + " UNION ".join(f"SELECT person_id FROM rel_{t}" for t in events) + ")"
    for kind, table in (("surveys", "survey_conduct"), ("measurements", "measurement"), ("wearables", "device")):
        if table in names:
            told[kind] = f"FROM rel_{table}"
    return {k: con.execute(f"SELECT count(DISTINCT person_id) {sql}").fetchall()[0][0] for k, sql in told.items()}


def topics(con: duckdb.DuckDBPyConnection) -> Topics:
    """Each person once in each topic."""
    found: Topics = {}
    for topic in ("sex", "age_band", "state"):
        sql = f"SELECT coalesce({topic}, 'not told'), count(*) FROM counted_people GROUP BY 1 ORDER BY 1"
        found[topic] = {(None, word): people for word, people in con.execute(sql).fetchall()}
    for topic in ("race", "ethnicity", "gender"):
        sql = (
            f"SELECT {topic}, coalesce(any_value(concept_name), 'not told'), count(*) FROM counted_people"
            f" LEFT JOIN rel_concept ON concept_id = {topic} AND concept_id <> 0 GROUP BY 1 ORDER BY 1"
        )
        found[topic] = {(concept, word): people for concept, word, people in con.execute(sql).fetchall()}
    return found


def concepts(con: duckdb.DuckDBPyConnection, names: list[str]) -> Iterator[tuple[str, int, str, Group]]:
    """Domain, concept id, its name, people; in order. A person with many rows of a concept counts once."""
    for domain, (table, column, more) in sorted(_DOMAINS.items()):
        if table in names:
            had = f"SELECT DISTINCT person_id, {column} AS concept FROM rel_{table} WHERE {column} > 0{more}"
            for (concept, name), group in _grouped(con, had, ("concept",)):
                yield domain, concept, name, group


def answers(
    con: duckdb.DuckDBPyConnection, few: int
) -> Iterator[tuple[int, str, bool, dict[tuple[int, str], Group], Group]]:
    """Question, its name, whether one answer each, people by answer, people who answered. Only the last time counts.

    Where `few` people or fewer gave several answers, all of theirs but one are left out, so that each counts once.
    """
    con.execute(_ANSWERS.format(types=f"{PATIENT_SURVEY}, {SELF_REPORT}"))
    con.execute(_LATEST)
    several = dict(
        con.execute(
            "SELECT question, count(*) FROM (SELECT person_id, question FROM latest_answers GROUP BY 1, 2 HAVING count(*) > 1)"
            " GROUP BY 1"
        ).fetchall()
    )
    asked = "SELECT DISTINCT person_id, question FROM latest_answers"
    everybody = {q: (n, g) for (q, n), g in _grouped(con, asked, ("question",))}
    once = "SELECT person_id, question, min(answer) AS answer FROM latest_answers GROUP BY 1, 2"
    single: dict[int, dict[tuple[int, str], Group]] = {}
    multiple: dict[int, dict[tuple[int, str], Group]] = {}
    for found, sql in ((single, once), (multiple, "FROM latest_answers")):
        for (question, _, answer, name), group in _grouped(con, sql, ("question", "answer")):
            found.setdefault(question, {})[answer, name] = group
    for question, (name, people) in everybody.items():
        one_each = several.get(question, 0) <= few
        yield question, name, one_each, (single if one_each else multiple)[question], people


def _grouped(con: duckdb.DuckDBPyConnection, rows: str, keys: tuple[str, ...]) -> Iterator[tuple[tuple, Group]]:  # type: ignore[type-arg]
    """The keys (concept ids, each followed by its name) and people of `rows` (person_id and the keys, distinct)."""
    named = ", ".join(f"{k}, coalesce(c_{k}.concept_name, '') AS n_{k}" for k in keys)
    joins = " ".join(f"LEFT JOIN rel_concept c_{k} ON c_{k}.concept_id = {k}" for k in keys)
    flat = [part for k in keys for part in (k, f"n_{k}")]
    sql = (
        f"SELECT {named}, sex, age_band, people FROM (SELECT {', '.join(keys)}, sex, age_band, count(*) AS people FROM ({rows})"
        f" JOIN counted_people USING (person_id) GROUP BY ALL) {joins} ORDER BY {', '.join(keys)}, sex, age_band"
    )
    width, last, group = len(flat), None, Group()
    for *found, sex, band, people in con.execute(sql).fetchall():
        key = tuple(found[:width])
        if key != last:
            if last is not None:
                yield last, group
            last, group = key, Group()
        group.add(sex, band, people)
    if last is not None:
        yield last, group
