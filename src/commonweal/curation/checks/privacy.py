"""Is anything in it that must not be: birth, late dates, free text, raw ids, small states."""

from commonweal.curation.checks.base import Check, Subject
from commonweal.curation.engine import PLACES
from commonweal.omop import tables as cdm


def privacy(subject: Subject) -> list[Check]:
    """Counts of cells or rows that a registered release must not have; each must be 0."""
    specs = cdm.tables()
    tables = [t for t in subject.tables if t in specs]
    return [
        Check("privacy.birth", sum(_filled(subject, t, "birth", but=("year_of_birth",)) for t in tables)),
        Check("privacy.last_day", sum(_late(subject, t) for t in tables)),
        Check("privacy.free_text", sum(_filled(subject, t, "free_text") for t in tables)),
        Check("privacy.indirect", sum(_filled(subject, t, "indirect") for t in tables)),
        Check("privacy.source_values", sum(_no_code(subject, t) for t in tables)),
        Check("privacy.research_ids", _strangers(subject)),
        Check("privacy.row_ids", sum(_row_ids(subject, t) for t in tables)),
        Check("privacy.small_states", _small_states(subject)),
    ]


def _filled(subject: Subject, table: str, privacy_class: str, but: tuple[str, ...] = ()) -> int:
    names = [n for n in cdm.tables()[table].named(privacy_class) if n not in but]
    return subject.number(f"SELECT {' + '.join(f'count({n})' for n in names)} FROM rel_{table}") if names else 0


def _late(subject: Subject, table: str) -> int:
    """Dates after the day on which every series ends."""
    names = cdm.tables()[table].named("date")
    late = " + ".join(f"count(*) FILTER ({n}::DATE > DATE '{subject.last_day}')" for n in names)
    return subject.number(f"SELECT {late} FROM rel_{table}") if names else 0


def _no_code(subject: Subject, table: str) -> int:
    """Source values that are no code of the release's own vocabulary (states: two letters of a fixed form)."""
    spec = cdm.tables()[table]
    names = [c.name for c in spec.columns if c.privacy in ("source_value", "demographic") and c.type == "string"]
    codes = "SELECT lower(concept_code) FROM rel_concept"
    state = r"'^PIIState_[A-Z]{2}$'"
    return sum(
        subject.number(
            f"SELECT count(*) FROM (SELECT DISTINCT {n} AS v FROM rel_{table} WHERE {n} IS NOT NULL)"
            f" WHERE lower(v) NOT IN ({codes}) AND NOT regexp_matches(v, {state})"
        )
        for n in names
    )


def _strangers(subject: Subject) -> int:
    """Persons whose number is not the research id that this tier gave to one of its people."""
    subject.con.register("given", subject.crosswalk.select(["research_id"]))
    found = subject.number("SELECT count(*) FROM rel_person WHERE person_id NOT IN (SELECT research_id FROM given)")
    subject.con.unregister("given")
    return found


def _row_ids(subject: Subject, table: str) -> int:
    """Row ids that are not their person's research id and a place from 1 to the person's rows: others could be the source's."""
    spec = cdm.tables()[table]
    key = spec.columns[0]
    if key.privacy != "row_id" or "person_id" not in spec.schema.names:
        return 0
    return subject.number(f"""
    SELECT sum(abs(least - 1) + abs(most - rows) + strangers) FROM (
      SELECT min({key.name} % {PLACES}) AS least, max({key.name} % {PLACES}) AS most, count(*) AS rows,
             count(*) FILTER ({key.name} // {PLACES} <> person_id) AS strangers FROM rel_{table} GROUP BY person_id)""")


def _small_states(subject: Subject) -> int:
    named = "state_of_residence_source_value LIKE 'PIIState_%'"
    return subject.number(
        "SELECT count(*) FROM (SELECT state_of_residence_source_value FROM rel_person_ext"
        f" WHERE {named} GROUP BY 1 HAVING count(*) < {subject.small_state})"
    )
