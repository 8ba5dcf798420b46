"""What the rules need to know of the whole population, computed once before them.

Makes `persons` (one row a person: research id, shift, ages, of what they gave several answers, whether their state is
rare) and Facts. What is found in the rows of people comes before: looking.py.
"""

from datetime import date

import duckdb
import pyarrow as pa

from commonweal.curation import referring, suppression, wordings
from commonweal.curation.duck import quote
from commonweal.curation.extract.run import EVERY, TABLES, RawExtract
from commonweal.curation.extract.wearables import PREFIX
from commonweal.curation.rules import suppress
from commonweal.curation.rules.base import Facts
from commonweal.protocol.privacy import TierPrivacy

_LEAST = -(2**63 - 1)
_ANY_AGE = 1000  # years; of a tier that leaves nobody out for their age

_PERSONS = """
CREATE OR REPLACE TABLE persons AS
WITH many AS (SELECT person_id, list_sort(list(DISTINCT which)) AS which FROM several GROUP BY 1),
odd AS (SELECT person_id, list_sort(list(DISTINCT answer)) AS answers FROM conflicts GROUP BY 1),
known AS (
  SELECT p.*, c.research_id, c.shift, {age_at_cutoff} AS age_at_cutoff, {age_at_consent} AS age_at_consent, d.death_date,
         coalesce(m.which, []::VARCHAR[]) AS several, coalesce(o.answers, []::BIGINT[]) AS conflicts
  FROM people p JOIN crosswalk c ON c.participant = p.person_id LEFT JOIN many m ON m.person_id = p.person_id
  LEFT JOIN odd o ON o.person_id = p.person_id LEFT JOIN in_death d ON d.person_id = p.person_id),
states AS (SELECT state FROM known WHERE age_at_cutoff < {cap} AND age_at_consent >= 18 AND person_id NOT IN (FROM elsewhere)
  GROUP BY 1 HAVING count(*) >= {small})
SELECT k.person_id, research_id AS p_research_id, shift AS p_shift, birth_date AS p_birth_date,
  age_at_cutoff AS p_age_at_cutoff, age_at_consent AS p_age_at_consent, deactivated_at AS p_deactivated_at,
  death_date AS p_death_date, several AS p_several, conflicts AS p_conflicts,
  person_id IN (FROM no_basics) AS p_no_basics, {firsts},
  state IS NULL OR state NOT IN (FROM states) OR person_id IN (FROM elsewhere) AS p_small_state
FROM known k ORDER BY person_id
"""


def open_raw(con: duckdb.DuckDBPyConnection, raw: RawExtract) -> None:
    """Views `in_TABLE`, and the tables `people` and `gate`, of a raw extract."""
    for table in EVERY:
        con.execute(f"CREATE OR REPLACE VIEW in_{table} AS FROM {raw.source(table)}")
    for name in ("people", "gate"):
        con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM read_parquet({quote(raw.folder / f'{name}.parquet')})")


def load_persons(con: duckdb.DuckDBPyConnection, crosswalk: pa.Table, *, cutoff: date, privacy: TierPrivacy) -> int:
    """Make `persons`, beside what looking.py told of people; `crosswalk`: participant, research_id, shift.

    Returns the number of persons.
    """
    con.register("crosswalk", crosswalk)
    ages = {"age_at_cutoff": _age(f"DATE '{cutoff}'"), "age_at_consent": _age("p.consented_on")}
    firsts = ", ".join(f"0::BIGINT AS {referring.first(target)}" for target in referring.TARGETS)
    con.execute(_PERSONS.format(**ages, firsts=firsts, cap=privacy.age_cap or _ANY_AGE, small=privacy.small_state))
    con.unregister("crosswalk")
    return con.execute("SELECT count(*) FROM persons").fetchall()[0][0]


def _age(at: str) -> str:
    """SQL of completed years from p.birth_date to `at`."""
    return (
        f"(year({at}) - year(p.birth_date) - CASE WHEN (month({at}), day({at})) < (month(p.birth_date), day(p.birth_date))"
        " THEN 1 ELSE 0 END)"
    )


def facts(
    con: duckdb.DuckDBPyConnection,
    salt: str,
    *,
    cutoff: date,
    privacy: TierPrivacy,
    devices: tuple[str, ...] = (),
) -> Facts:
    """The Facts of a build, from the raw tables, `persons`, `find_used` and the vocabulary in the engine.

    `devices`: the providers of wearable data.
    """
    longest = con.execute("SELECT coalesce(max(p_shift), 0) FROM persons").fetchall()[0][0]
    return Facts(
        cutoff=cutoff,
        privacy=privacy,
        shift_max=max(privacy.date_shift_days_max, longest),
        questions=_questions(con),
        suppressed=suppression.in_use(con, privacy, cutoff),
        sites=_masked(con, salt) | _masked_devices(con, devices, salt),
        codes=_codes(con),
    )


def find_used(con: duckdb.DuckDBPyConnection, raw: RawExtract) -> None:
    """What stands in the raw tables: `used_concepts(place, concept_id)`, place being TABLE.COLUMN, `used_sources(source)`, and
    `used_questions(code)` of surveys. Words are asked of the wordings of a table, where it has them; else of its rows.

    Asked for values above the least there can be, the engine leaves out blocks of rows that have none, as their statistics
    tell; asked for all, or for those that are not null, it reads them.
    """
    concepts, sources = [], []
    for table in TABLES:
        told = raw.wordings(table)
        words, rows = wordings.columns(con, told), f"in_{table}"
        names = [name for name, *_ in con.execute(f"DESCRIBE {rows}").fetchall() if name.endswith("_concept_id")]
        concepts += [
            f"SELECT '{table}.{name}' AS place, concept_id FROM (SELECT DISTINCT {name} AS concept_id"
            f" FROM {quote(told) if name in words else rows} WHERE {name} > {_LEAST})"
            for name in names
        ]
        sources.append(f"SELECT DISTINCT _source AS source FROM {quote(told) if '_source' in words else rows}")
    con.execute(f"CREATE OR REPLACE TABLE used_concepts AS {' UNION ALL '.join(concepts)}")
    con.execute(f"CREATE OR REPLACE TABLE used_sources AS {' UNION '.join(sources)}")
    told = raw.wordings("observation")
    asked = {"observation_source_value", "_source"} <= set(wordings.columns(con, told))
    con.execute(
        "CREATE OR REPLACE TABLE used_questions AS SELECT DISTINCT observation_source_value AS code"
        f" FROM {quote(told) if asked else 'in_observation'} WHERE _source = 'PPI'"
    )


def _questions(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    asked = con.execute("SELECT code FROM used_questions WHERE code IS NOT NULL ORDER BY 1").fetchall()
    return tuple(code for (code,) in asked if suppress.is_suppressed(code))


def _masked(con: duckdb.DuckDBPyConnection, salt: str) -> dict[str, str]:
    """Sites under numbers whose order says nothing: that of a keyed hash."""
    order = f"ORDER BY sha256({quote(salt)} || source)"
    sites = [s for (s,) in con.execute(f"FROM used_sources WHERE source <> 'PPI' {order}").fetchall()]
    return {"PPI": "PPI/PM"} | {site: f"EHR site {number:03}" for number, site in enumerate(sites, 1)}


def _masked_devices(con: duckdb.DuckDBPyConnection, providers: tuple[str, ...], salt: str) -> dict[str, str]:
    """Providers of wearable data, under numbers in an order that says nothing, as sites are."""
    ordered = con.execute(
        f"SELECT p FROM (SELECT unnest(?::VARCHAR[]) AS p) ORDER BY sha256({quote(salt)} || p)", [list(providers)]
    )
    return {PREFIX + p: f"Wearable source {number:03}" for number, (p,) in enumerate(ordered.fetchall(), 1)}


def _codes(con: duckdb.DuckDBPyConnection) -> dict[int, str]:
    """Codes of the concepts that answers are generalised to (local ids of the reference)."""
    general = "concept_id BETWEEN 2000000000 AND 2000000099 OR concept_id BETWEEN 2100000000 AND 2100000099"
    return dict(con.execute(f"SELECT concept_id, concept_code FROM concept WHERE {general}").fetchall())
