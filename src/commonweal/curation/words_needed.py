"""Concepts that the rules of a program may write, asked for before a build reads anything.

A release may only name concepts of its vocabulary (check structure.concepts). A table of units that is newer than the vocabulary
would stop a release when all its work is done; asked here, it stops it before any.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from commonweal.errors import BadInput
from commonweal.home import Home
from commonweal.omop import vocabulary
from commonweal.protocol import Protocol
from commonweal.protocol.privacy import TierPrivacy
from commonweal.protocol.unit_mapping import KIND as UNITS


@dataclass(frozen=True)
class Needed:
    """A concept that a rule writes, and `where` the program says so.

    `instead_of`: the concepts that it takes the place of; a rule for rows that cannot be needs nothing. None: any.
    """

    concept: int
    where: str
    instead_of: tuple[int, ...] | None = None


def require_words(home: Home, protocol: Protocol) -> None:
    """BadInput, naming the first place, where rules would write a concept that the vocabulary of the program lacks."""
    with vocabulary.connect(home) as con:
        lacking = _lacking(con, [*_of_tables(protocol), *_of_tiers(protocol)])
    if lacking:
        more = len({one.concept for one in lacking}) - 1
        raise BadInput(
            f"{lacking[0].where}: concept {lacking[0].concept} is not in the vocabulary of this program"
            f"{f' ({more} more that rules write are not)' if more else ''}, so a release with it could never be published;"
            " bring it in with `commonweal vocabulary import`, or name a concept that is there"
        )


def _lacking(con: duckdb.DuckDBPyConnection, needed: list[Needed]) -> list[Needed]:
    asked = {one.concept for one in needed} | {concept for one in needed for concept in one.instead_of or ()}
    found = con.execute("SELECT concept_id FROM concept WHERE concept_id IN (SELECT unnest(?))", [sorted(asked)])
    known = {concept for (concept,) in found.fetchall()}
    return [n for n in needed if n.concept not in known and (n.instead_of is None or known & set(n.instead_of))]


def _of_tables(protocol: Protocol) -> Iterator[Needed]:
    """Units that results are released in. A route of drugs that the vocabulary lacks is not told (findings/words.py)."""
    for line, row in _rows(protocol, UNITS):
        yield Needed(int(row["set_unit_concept_id"]), f"reference table {UNITS}, line {line}, set_unit_concept_id")


def _rows(protocol: Protocol, kind: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a reference table, each with its line in the file; none where the program has no such table."""
    return enumerate(protocol.reference[kind].rows if kind in protocol.reference else (), start=2)


def _of_tiers(protocol: Protocol) -> Iterator[Needed]:
    for name in ("registered", "controlled"):
        privacy = protocol.privacy.tier(name)
        yield Needed(privacy.records.heights.unit, f"privacy.toml, {name}.records.heights")
        yield Needed(privacy.records.weights.unit, f"privacy.toml, {name}.records.weights")
        yield from _of_answers(name, privacy)


def _of_answers(name: str, privacy: TierPrivacy) -> Iterator[Needed]:
    for rule in privacy.generalisations:
        where = f"privacy.toml, generalisation {rule.id} ({name})"
        yield from (Needed(mapped.becomes, where, mapped.answers) for mapped in rule.mapped)
        yield from (Needed(conflict.becomes, where, (conflict.answer,)) for conflict in rule.conflicts)
        if rule.several_becomes:
            yield Needed(rule.several_becomes, where, rule.questions)
    for limit in privacy.number_limits:
        where = f"privacy.toml, number limit {limit.id} ({name})"
        yield from (Needed(concept, where, limit.questions) for concept in (limit.invalid, limit.top) if concept)
