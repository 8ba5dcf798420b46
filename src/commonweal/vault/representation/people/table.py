"""One row a person, with everything that figures count by: a single pass over the facts of some people, or of all.

Who has withdrawn is counted by place and day alone: no answer, age, group or language of theirs is in the row. Answers are
used only while the person agrees that they are.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from commonweal.protocol.zips import zip5
from commonweal.vault.journey.status import gathering
from commonweal.vault.journey.status import needs as n
from commonweal.vault.people.pairing import pairing_levels
from commonweal.vault.representation.areas import Areas, zips_of
from commonweal.vault.representation.people import invited
from commonweal.vault.representation.people.asked import surveys_asking
from commonweal.vault.representation.people.judged import judge_all
from commonweal.vault.representation.people.known import load_known
from commonweal.vault.representation.people.said import load_said
from commonweal.vault.representation.rules import NOT_ANSWER, OVERALL, rules_of

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

MOMENTS = {  # column -> the need of the ladder that it is the first moment of
    "consented": n.PRIMARY,
    "ehr": n.EHR,
    "basics": n.BASICS,
    "ehr_file": n.EHR_FILE,
    "dna": n.DNA,
    "measured": n.MEASURED,
    "wgs": n.WGS,
}
PLACES = ("site", "organisation", "awardee", "partner", "state", "county")
_BIRTHDAY = "(month(consented), day(consented)) < (month(birth_date), day(birth_date))"


def people_table(protocol: "Protocol", people: Collection[int] | None, now: datetime) -> pa.Table:
    """Columns: participant (int64), invitation, PLACES, deprivation and rurality of the area (see `areas`), language, sex,
    age (years at consent), race, of_ each category and of_overall (UBR | RBR | NotAnswer), active (takes part now),
    registered, MOMENTS, complete, withdrawn, deactivated, deceased (timestamp[us], UTC; null: never). Made-up people are
    left out."""
    rules = rules_of(protocol)
    asking = surveys_asking(rules.questions)
    with duckdb.connect() as con:
        con.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
        gathering.gather(con, people, now)
        load_known(con, people, now)
        load_said(con, rules.judged, asking, people)
        _places(con, protocol)
        con.execute(_BASE.format(moments=_moments(protocol)))
        con.execute(_PERSONS)
        judge_all(con, rules, asking)
        ids = [*rules.ids, OVERALL]
        named = ", ".join(f"coalesce(o.{id}, '{NOT_ANSWER}') AS {column(id)}" for id in ids)
        race = "coalesce(o.race, '')" if rules.race else "''"
        return con.execute(_ROWS.format(outcomes=named, race=race)).to_arrow_table()


def column(category: str) -> str:
    """The column of a category's outcome, or of `overall`: categories are named by the protocol, the others here."""
    return f"of_{category}"


def _moments(protocol: "Protocol") -> str:
    told = [f'f."{need}" AS {name}' for name, need in MOMENTS.items()]
    steps = [f'f."{need}"' for need in (n.PRIMARY, *protocol.baseline) if need in (n.PRIMARY, *n.BASELINE)]
    done = " AND ".join(f"{one} IS NOT NULL" for one in steps)
    return ", ".join([*told, f"CASE WHEN {done} THEN greatest({', '.join(steps)}) END AS complete"])


def _places(con: duckdb.DuckDBPyConnection, protocol: "Protocol") -> None:
    """`levels`: site, organisation and awardee of each pairing; `invited`: the partner of each invitation; `homes`: county
    and area of each ZIP and state, as given."""
    latest = "SELECT participant_id, max_by({0}, (authored_time, id)) AS told FROM {1} GROUP BY participant_id"
    pairs = con.execute("SELECT DISTINCT site, organisation, awardee FROM pairings").fetchall()
    found = [(*pair, *_levels(protocol, *pair)) for pair in pairs]
    names = ("s", "o", "a", "site", "organisation", "awardee")
    _register(con, "levels", names, found)
    con.execute(f"CREATE TABLE paired AS {latest.format('{s: site, o: organisation, a: awardee}', 'pairings')}")
    told = invited.whose()
    con.register(
        "incoming",
        pa.table(
            {"invitation": pa.array(list(told), pa.int64()), "partner": pa.array(list(told.values()), pa.string())}
        ),
    )
    con.execute("CREATE TABLE invited AS FROM incoming")
    con.unregister("incoming")
    zips = zips_of(protocol)
    given = con.execute("SELECT DISTINCT zip, state FROM profiles").fetchall()
    areas = Areas(protocol)
    homes = [
        (code, state, zips.county(five or "") or "", areas.fifth(five), areas.rural(five))
        for code, state in given
        for five in (zip5(code, state),)
    ]
    _register(con, "homes", ("zip", "state", "county", "deprivation", "rurality"), homes)


def _levels(protocol: "Protocol", site: str, organisation: str, awardee: str) -> tuple[str, str, str]:
    """The levels of a pairing as the protocol has them today; a place that it no longer has stands alone."""
    from commonweal.errors import BadInput

    try:
        found = pairing_levels(protocol, site=site, organisation=organisation, awardee=awardee)
    except BadInput:
        return site, organisation, awardee
    return found.site, found.organisation, found.awardee


def _register(
    con: duckdb.DuckDBPyConnection, name: str, names: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> None:
    parts = list(zip(*rows, strict=True)) or [()] * len(names)
    con.register(
        "incoming", pa.table({n: pa.array(list(part), pa.string()) for n, part in zip(names, parts, strict=True)})
    )
    con.execute(f"CREATE TABLE {name} AS FROM incoming")
    con.unregister("incoming")


_BASE = """
CREATE TABLE base AS
WITH p AS (SELECT participant_id, max_by({{b: birth_date, x: sex_at_birth, s: state, z: zip, l: language}}, (authored_time, id)) AS told
  FROM profiles GROUP BY participant_id),
came AS (SELECT participant_id, min_by(invitation_id, (authored_time, id)) AS invitation FROM arrivals GROUP BY participant_id),
gone AS (SELECT participant_id, min(event_time) AS since FROM withdrawals GROUP BY participant_id),
quiet AS (SELECT participant_id, min(event_time) AS since FROM deactivations d
  WHERE id NOT IN (SELECT supersedes_id FROM deactivations WHERE supersedes_id IS NOT NULL) GROUP BY participant_id),
died AS (SELECT participant_id, min(event_time) AS since FROM deceases d
  WHERE id NOT IN (SELECT supersedes_id FROM deceases WHERE supersedes_id IS NOT NULL) GROUP BY participant_id)
SELECT people.participant_id, people.registered_at AS registered, came.invitation,
  coalesce(levels.site, '') AS site, coalesce(levels.organisation, '') AS organisation, coalesce(levels.awardee, '') AS awardee, coalesce(invited.partner, '') AS partner,
  coalesce(p.told.s, '') AS state, coalesce(homes.county, '') AS county, coalesce(homes.deprivation, '') AS deprivation,
  coalesce(homes.rurality, '') AS rurality, coalesce(p.told.l, '') AS language,
  coalesce(p.told.x, '') AS sex, p.told.b AS birth_date,
  {moments}, gone.since AS withdrawn, quiet.since AS deactivated, died.since AS deceased,
  people.participant_id IN (SELECT participant_id FROM granted WHERE scope = 'participate') AS active
FROM people LEFT JOIN p USING (participant_id) LEFT JOIN came USING (participant_id) LEFT JOIN gone USING (participant_id)
LEFT JOIN quiet USING (participant_id) LEFT JOIN died USING (participant_id) LEFT JOIN first f USING (participant_id)
LEFT JOIN paired USING (participant_id) LEFT JOIN invited ON invited.invitation = came.invitation
LEFT JOIN levels ON levels.s = paired.told.s AND levels.o = paired.told.o AND levels.a = paired.told.a
LEFT JOIN homes ON homes.zip = p.told.z AND homes.state = p.told.s
WHERE people.participant_id NOT IN (SELECT participant_id FROM tests)
"""

# Where and how old somebody was when they consented; only of those who take part and whose answers may be used.
_PERSONS = f"""
CREATE TABLE persons AS
WITH then_known AS (
  SELECT participant_id, coalesce(
    max_by({{z: zip, s: profiles.state}}, (authored_time, id)) FILTER (authored_time <= consented),
    min_by({{z: zip, s: profiles.state}}, (authored_time, id))) AS home
  FROM profiles JOIN base USING (participant_id) GROUP BY participant_id)
SELECT participant_id, consented::DATE AS consented_on, home.z AS zip, home.s AS state,
  year(consented) - year(birth_date) - ({_BIRTHDAY})::INTEGER AS age
FROM base LEFT JOIN then_known USING (participant_id)
WHERE active AND consented IS NOT NULL AND participant_id IN (SELECT participant_id FROM granted WHERE scope = 'surveys')
"""

_ROWS = """
SELECT b.participant_id AS participant, b.invitation, b.site, b.organisation, b.awardee, b.partner,
  CASE WHEN b.withdrawn IS NULL THEN b.state ELSE '' END AS state, CASE WHEN b.withdrawn IS NULL THEN b.county ELSE '' END AS county,
  CASE WHEN b.withdrawn IS NULL THEN b.deprivation ELSE '' END AS deprivation, CASE WHEN b.withdrawn IS NULL THEN b.rurality ELSE '' END AS rurality,
  CASE WHEN b.withdrawn IS NULL THEN b.language ELSE '' END AS language, CASE WHEN b.withdrawn IS NULL THEN b.sex ELSE '' END AS sex,
  CASE WHEN b.withdrawn IS NULL THEN p.age END AS age, {race} AS race, {outcomes}, b.active, b.registered, b.consented, b.ehr,
  b.basics, b.complete, b.ehr_file, b.dna, b.measured, b.wgs, b.withdrawn, b.deactivated, b.deceased
FROM base b LEFT JOIN persons p USING (participant_id) LEFT JOIN outcomes o USING (participant_id)
ORDER BY b.participant_id
"""
