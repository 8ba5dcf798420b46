"""Matching for as long as a submission is read: patients come in calls, the site's participants are read once."""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from typing import Self

import duckdb

from commonweal.r4.patients import PatientIdentity
from commonweal.ui.context import current_protocol
from commonweal.vault.records.matching import blocking, links, near, people
from commonweal.vault.records.matching import digests as digests_
from commonweal.vault.records.matching.crowds import Crowds
from commonweal.vault.records.matching.rounds import Round, connected
from commonweal.vault.records.matching.verdicts import INCOMPLETE, Match

FEW = 20  # up to so many patients, their possible participants are looked up by index; for more, the whole site is read
Ready = tuple[duckdb.DuckDBPyConnection, Crowds]


class Matcher:
    """Of one site, and one form of its records (fhir, omop): logical ids of one form say nothing about another's.

    Close it, or use it in a `with`. Participants are those of the moment when they were read.
    """

    def __init__(self, site: str, form: str = "fhir") -> None:
        self._site, self._form = site, form
        self._asked = 0
        self._open = ExitStack()
        self._whole: Ready | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._open.close()
        self._whole = None

    def match(self, identities: Mapping[str, PatientIdentity], holder: int | None = None) -> dict[str, Match]:
        """The match of each patient (by logical id at the source) among the participants whose latest pairing is here.

        `holder`: the participant (vault id) with whose own account the records were fetched; then only they can be meant,
        wherever they are paired. Give at most 20,000 patients a call. What the staff decided counts, and near misses are
        put in their queue; an empty logical id names nobody to whom one could come back.
        """
        found = dict.fromkeys(identities, Match(None, INCOMPLETE))
        complete = ((key, one) for key, one in identities.items() if _complete(one))
        known = dict(sorted(complete, key=_born))  # who was born on one day is compared with the same people
        return found | self._match(known, holder) if known else found

    def _match(self, known: Mapping[str, PatientIdentity], holder: int | None) -> dict[str, Match]:
        keys, patients = list(known), list(known.values())
        digests = [digests_.patient(self._site, self._form, key) for key in keys]
        matching = current_protocol().matching
        same, apart = links.decided(self._site, digests)
        one_in = matching.one_in if holder is None else matching.own_one_in
        with ExitStack() as stack:
            con, crowds = self._ready(patients, holder, stack)
            verdicts = Round(con, patients, matching, one_in, crowds, same=same, apart=apart).verdicts()
        judged = list(zip(keys, digests, patients, verdicts, strict=True))
        told = [(digest, who, verdict) for key, digest, who, verdict in judged if key and verdict.near]
        if told:
            near.keep(self._site, told, keep_days=matching.keep_days)
        return {key: verdict.match for key, _, _, verdict in judged}

    def _ready(self, patients: list[PatientIdentity], holder: int | None, stack: ExitStack) -> Ready:
        """A database with whoever the patients can be: the holder, a few looked up for `stack`, or the site, which is kept."""
        self._asked += len(patients)
        if holder is not None:
            return self._read(people.one(holder), stack, anywhere=True)
        if self._whole is None and self._asked <= FEW:
            return self._read(people.looked_up(patients), stack)
        if self._whole is None:
            self._whole = self._read(people.of_site(self._site), self._open)
        return self._whole

    def _read(self, who: list[str], stack: ExitStack, *, anywhere: bool = False) -> Ready:
        con = stack.enter_context(connected())
        people.read(con, who, self._site, anywhere=anywhere)
        blocking.index(con)
        return con, Crowds(con)


def _complete(one: PatientIdentity) -> bool:
    return bool(one.birth_date and one.families - {""} and one.givens - {""})


def _born(entry: tuple[str, PatientIdentity]) -> date:
    return entry[1].birth_date or date.min
