"""Which concepts a tier leaves out: those that its lists (privacy.toml) name, by id, descent, code and name, and new ones."""

from datetime import date

import duckdb

from commonweal.curation.duck import quote
from commonweal.protocol.privacy import TierPrivacy

LOCAL = 2_000_000_000  # from this id on concepts are of the field's or the program's own making


def listed(privacy: TierPrivacy, cutoff: date) -> list[str]:
    """Queries over `concept` and `concept_ancestor`, each with one column `concept_id`; together all that go.

    Codes and names are looked up in the table or view `concept`, which `in_use` makes small first.
    """
    return [*by_id(privacy), *by_descent(privacy), *by_code(privacy), *by_name(privacy), *by_age(privacy, cutoff)]


def by_id(privacy: TierPrivacy) -> list[str]:
    return [f"SELECT unnest({list(one.concepts)}::BIGINT[]) AS concept_id" for one in privacy.suppressed_concepts]


def by_descent(privacy: TierPrivacy) -> list[str]:
    above = sorted({concept for one in privacy.suppressed_concepts if one.descendants for concept in one.concepts})
    query = "SELECT descendant_concept_id AS concept_id FROM concept_ancestor WHERE ancestor_concept_id IN"
    return [f"{query} ({', '.join(map(str, above))})"] if above else []


def by_code(privacy: TierPrivacy) -> list[str]:
    return [
        f"SELECT concept_id FROM concept WHERE vocabulary_id IN {_words(one.vocabularies)}"
        f" AND regexp_matches(concept_code, {quote(f'^(?:{one.pattern})')})"
        for one in privacy.suppressed_codes
    ]


def by_name(privacy: TierPrivacy) -> list[str]:
    return [
        f"SELECT concept_id FROM concept WHERE vocabulary_id IN {_words(one.vocabularies)}"
        f" AND regexp_matches(concept_name, {quote(one.pattern)}, 'i')"
        for one in privacy.suppressed_names
    ]


def by_age(privacy: TierPrivacy, cutoff: date) -> list[str]:
    """Codes that came into use shortly before the cutoff, but for the questions and answers of surveys and our own."""
    if not privacy.recent_concept_days:
        return []
    recent = f"valid_start_date > DATE '{cutoff}' - {privacy.recent_concept_days}"
    return [f"SELECT concept_id FROM concept WHERE {recent} AND vocabulary_id <> 'PPI' AND concept_id < {LOCAL}"]


def _words(words: tuple[str, ...]) -> str:
    return f"({', '.join(quote(word) for word in words)})"


def in_use(con: duckdb.DuckDBPyConnection, privacy: TierPrivacy, cutoff: date) -> dict[str, tuple[int, ...]]:
    """TABLE.COLUMN -> the concepts that go, of those which `used_concepts` has there, in order; only places with some.

    Patterns are tried on the concepts in use alone, not on all there are.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE named_concepts AS SELECT concept_id, vocabulary_id, concept_code, concept_name,"
        " valid_start_date FROM concept WHERE concept_id IN (SELECT concept_id FROM used_concepts)"
    )
    queries = [query.replace("FROM concept WHERE", "FROM named_concepts WHERE") for query in listed(privacy, cutoff)]
    if not queries:
        return {}
    gone = f"SELECT concept_id FROM ({' UNION '.join(queries)})"
    found = con.execute(
        f"SELECT place, list_sort(list(concept_id)) FROM used_concepts WHERE concept_id IN ({gone}) GROUP BY 1 ORDER BY 1"
    )
    return {place: tuple(concepts) for place, concepts in found.fetchall()}
