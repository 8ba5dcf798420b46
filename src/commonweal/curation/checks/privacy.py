"""Is anything in it that must not be: birth, late dates, free text, raw ids, small states, unknown words."""

from datetime import date

from commonweal.curation.checks import scan, scopes
from commonweal.curation.checks.base import Check, Subject
from commonweal.curation.checks.beside import strange_files
from commonweal.curation.checks.true_dates import true_dates
from commonweal.curation.duck import quote
from commonweal.curation.rules.wearables import WORDS
from commonweal.omop.tables import Table

_STATE = r"'^PIIState_[A-Z]{2}$'"


def asked(spec: Table, last_day: date) -> list[scan.Question]:
    """Dates after the day on which every series ends."""
    if scan.person_of(spec) is None:
        return [scan.Question(f"late:{n}", f"t.{n}::DATE > DATE '{last_day}'") for n in spec.named("date")]
    causes = tuple(f"EXISTS (FROM {p} WHERE latest > DATE '{last_day}')" for p in ("everybody", f"people_{spec.name}"))
    return [scan.Question(f"late:{n}", f"t.{n}::DATE > DATE '{last_day}'", causes) for n in spec.named("date")]


def privacy(subject: Subject) -> list[Check]:
    """Counts of cells or rows that a release of single people must not have; each must be 0."""
    specs = subject.specs
    return [
        Check("privacy.birth", sum(_filled(subject, s, "birth", but=("year_of_birth",)) for s in specs)),
        Check("privacy.last_day", subject.faults("late:")),
        Check("privacy.true_dates", sum(true_dates(subject, s) for s in specs)),
        Check("privacy.free_text", sum(_filled(subject, s, "free_text") for s in specs) - _kept(subject)),
        Check("privacy.indirect", sum(_filled(subject, s, "indirect") for s in specs)),
        Check("privacy.source_values", _no_code(subject)),
        Check("privacy.words", sum(_no_word(subject, s) for s in specs)),
        Check("privacy.research_ids", _strangers(subject)),
        Check("privacy.row_ids", sum(seen.astray for seen in subject.seen.values())),
        Check("privacy.small_states", _small_states(subject)),
        Check("privacy.files", strange_files(subject.folder)),
    ]


def _filled(subject: Subject, spec: Table, privacy_class: str, but: tuple[str, ...] = ()) -> int:
    filled = subject.seen[spec.name].filled
    return sum(filled[n] for n in spec.named(privacy_class) if n not in but)


def _kept(subject: Subject) -> int:
    """Typed answers that the tier lets stand, because the whole of them is of a fixed form."""
    told = " OR ".join(
        f"(observation_source_concept_id = {t.question} AND regexp_full_match(value_as_string, {quote(t.pattern)}))"
        for t in subject.rules.kept_text
    )
    if not told or "observation" not in subject.seen or not subject.seen["observation"].filled["value_as_string"]:
        return 0
    return subject.number(
        f"SELECT count(*) FROM rel_observation WHERE observation_type_concept_id IN {scopes.TOLD} AND ({told})"
    )


def _no_code(subject: Subject) -> int:
    """Source values that are no code of the release's own vocabulary (states: two letters of a fixed form)."""
    told = ["SELECT NULL::VARCHAR AS v, '' AS place WHERE false"]
    for spec in subject.specs:
        for c in spec.columns:
            if c.privacy in ("source_value", "demographic") and c.type == "string":
                told.append(f"SELECT DISTINCT {c.name}, '{spec.name}.{c.name}' FROM words_{spec.name}")
    codes = "SELECT lower(concept_code) FROM rel_concept"
    return subject.number(
        f"SELECT count(*) FROM ({' UNION ALL '.join(told)}) WHERE v IS NOT NULL AND lower(v) NOT IN ({codes})"
        f" AND NOT regexp_matches(v, {_STATE})"
    )


def _no_word(subject: Subject, spec: Table) -> int:
    """Words of a provider that are not of the closed list of their column."""
    return sum(
        subject.number(f"SELECT count(DISTINCT {n}) FROM words_{spec.name} WHERE {n} NOT IN {tuple(WORDS[n])}")
        for n in spec.named("device_word")
    )


def _strangers(subject: Subject) -> int:
    """Persons, in whichever table, whose number is not the research id that this tier gave to one of its people."""
    return subject.number("SELECT count(*) FROM everybody t ANTI JOIN xw ON xw.research_id = t.person_id")


def _small_states(subject: Subject) -> int:
    if "person_ext" not in subject.tables:
        return 0
    named = "state_of_residence_source_value LIKE 'PIIState_%'"
    return subject.number(
        f"SELECT count(*) FROM (SELECT sum(n) AS n FROM words_person_ext WHERE {named}"
        f" GROUP BY state_of_residence_source_value) WHERE n < {subject.rules.small_state}"
    )
