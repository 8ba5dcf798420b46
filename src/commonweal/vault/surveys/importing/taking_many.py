"""Many judged responses made facts at once: the set-based twin of `surveys.taking`, one transaction a batch.

Two responses of one person to one survey go in one after the other, in waves, so that each is classified beside those
before it.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
from django.db import connection, transaction

from commonweal import audit
from commonweal.r4.questionnaire import answers_of
from commonweal.ui.context import current_protocol
from commonweal.vault import columns
from commonweal.vault.consent.population import may_give
from commonweal.vault.people import facts, identifiers
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import current, forms, safety
from commonweal.vault.surveys.classifying import (
    COMPLETE,
    COUNTED,
    PROFILE_UPDATE,
    Earlier,
    Finding,
    Said,
    classify,
    said,
    to_compare,
)
from commonweal.vault.surveys.importing.judging import Judged
from commonweal.vault.surveys.importing.people import find
from commonweal.vault.surveys.models import SurveyResponse
from commonweal.vault.surveys.taking import AMENDED, ENTERED_IN_ERROR, IN_PROGRESS, SCOPE, hash_of, is_repeated

ACCEPTED, UNCHANGED, REJECTED, UNMATCHED = "accepted", "unchanged", "rejected", "unmatched"
NOT_GRANTED = "surveys: the participant had not agreed to surveys at that moment, or does not agree any more"
NOBODY = "subject: no participant has this id"
SEVERAL = "subject: its names are those of two participants"
CLASH = "identifier: another response of the participant has it; send a correction with the status amended"
UNWATCHED = f"questionnaire: {safety.NO_PLAN}: answers of these days are not taken"
_AT = columns.MOMENT
Row = tuple[int, Judged, str]  # the participant, what was said, the key of the fact


class Outcome(NamedTuple):
    what: str
    why: str = ""


@transaction.atomic
def take(judged: Sequence[Judged], *, source: str, received_time: datetime, actor: object) -> list[Outcome]:
    """What became of each, in order; people are found by the names that the responses call them. One audit event."""
    people = find([one.names for one in judged])
    outcomes = [Outcome(UNMATCHED, NOBODY if person is not None else SEVERAL) for person in people]
    places = [place for place, person in enumerate(people) if person]
    theirs = [person for person in people if person]
    lock({*theirs})
    may = granted(theirs, [judged[place].authored for place in places], received_time)
    taken = take_of(theirs, [judged[place] for place in places], may, source=source, received_time=received_time)
    for place, outcome in zip(places, taken, strict=True):
        outcomes[place] = outcome
    _note(outcomes, source, actor)
    return outcomes


def take_of(
    people: Sequence[int],
    judged: Sequence[Judged],
    may: Sequence[bool],
    *,
    source: str,
    received_time: datetime,
    generator: np.random.Generator | None = None,
) -> list[Outcome]:
    """The same where the person of each is known (vault id), and whether they may; inside a transaction that holds the
    people. No audit event: the caller's."""
    outcomes = [Outcome(REJECTED, NOT_GRANTED)] * len(judged)
    waiting: list[tuple[int, Row]] = [
        (place, (person, one, _key(person, one)))
        for place, (person, one, allowed) in enumerate(zip(people, judged, may, strict=True))
        if allowed
    ]
    for wave in _waves(waiting):
        taken = _take_wave([row for _, row in wave], source, received_time, generator)
        for (place, _), outcome in zip(wave, taken, strict=True):
            outcomes[place] = outcome
    return outcomes


def lock(people: Collection[int]) -> None:
    """Nobody else takes anything of these people in meanwhile (SQLite: of anybody)."""
    if connection.vendor == "postgresql" and people:
        table = Participant._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [sorted(people)])


def granted(people: Sequence[int], authored: Sequence[int], now: datetime) -> list[bool]:
    """Whether each may be taken: granted at the moment of the answers (microseconds since 1970), and still at `now`."""
    if not people:
        return []
    at = pa.array(authored, pa.int64()).cast(pa.timestamp("us")).cast(_AT)
    allowed: list[bool] = may_give(
        pa.table({"participant": pa.array(people, pa.int64()), "at": at}), SCOPE, now
    ).to_pylist()
    return allowed


def _key(person: int, one: Judged) -> str:
    """As `taking.key_of` makes it."""
    return facts.key("survey", person, one.code, one.version, one.authored, one.answer_hash, one.status)


def _waves(waiting: list[tuple[int, Row]]) -> Iterable[list[tuple[int, Row]]]:
    """In each wave every person has one response to a survey at most; the order among those of one person stays."""
    while waiting:
        wave, later, seen = [], [], set()
        for place, row in waiting:
            about = (row[0], row[1].code)
            (later if about in seen else wave).append((place, row))
            seen.add(about)
        yield wave
        waiting = later


def _take_wave(
    rows: list[Row], source: str, received_time: datetime, generator: np.random.Generator | None
) -> list[Outcome]:
    there = {key for (key,) in columns.lookup(SurveyResponse, "idempotency_key", [key for _, _, key in rows])}
    before = _before(rows)
    outcomes = [Outcome(UNCHANGED)] * len(rows)
    fresh: list[tuple[Row, SurveyResponse | None]] = []
    for place, (person, one, key) in enumerate(rows):
        earlier = before.get((person, one.identifier))
        if key in there or (earlier is not None and _is_same(earlier, one)):
            continue
        if earlier is not None and not _may_replace(earlier, one):
            outcomes[place] = Outcome(REJECTED, CLASH)
            continue
        if _is_unwatched(one, received_time):
            outcomes[place] = Outcome(REJECTED, UNWATCHED)
            continue
        outcomes[place] = Outcome(ACCEPTED)
        fresh.append((rows[place], earlier))
    if fresh:
        columns.insert(SurveyResponse, _facts(fresh, source, received_time, generator))
        _watch([row for row, _ in fresh], received_time)
    return outcomes


def _is_unwatched(one: Judged, now: datetime) -> bool:
    if one.authored <= facts.microseconds(now - safety.RECENT):
        return False
    survey = forms.find(one.code, one.version)
    return survey is not None and safety.is_unwatched(survey, now, now)


def _watch(rows: list[Row], now: datetime) -> None:
    """What was said these days, and signals danger, reaches the staff as through any other door."""
    settings = current_protocol().survey_settings
    since = facts.microseconds(now - safety.RECENT)
    for _, one, key in rows:
        survey = (
            forms.find(one.code, one.version) if settings[one.code].response_plan and one.authored > since else None
        )
        if survey is not None:
            response = SurveyResponse.objects.select_related("participant").get(idempotency_key=key)
            safety.watch(response.participant, survey, answers_of(orjson.loads(one.text)), response=response)


def _before(rows: list[Row]) -> dict[tuple[int, str], SurveyResponse]:
    """The latest kept response of each person with the identifier that one of the rows has."""
    digests = sorted({one.identifier for _, one, _ in rows if one.identifier})
    pairs = {(person, one.identifier) for person, one, _ in rows}
    named = (
        columns.lookup(SurveyResponse, "identifier", digests, "participant_id", "identifier", "id") if digests else []
    )
    latest: dict[tuple[int, str], int] = {}
    for person, digest, number in sorted(named):
        if (person, digest) in pairs:
            latest[person, digest] = number
    kept = {one.pk: one for one in _kept(latest.values())}
    return {pair: kept[number] for pair, number in latest.items()}


def _is_same(before: SurveyResponse, one: Judged) -> bool:
    at = facts.microseconds(before.authored_time)
    return (at, before.status, hash_of(before)) == (one.authored, one.status, one.answer_hash)


def _may_replace(before: SurveyResponse, one: Judged) -> bool:
    """As `taking.may_replace` has it."""
    if one.status in (AMENDED, ENTERED_IN_ERROR) or before.status == IN_PROGRESS:
        return True
    return one.status == before.status and hash_of(before) == one.answer_hash


def _facts(
    fresh: list[tuple[Row, SurveyResponse | None]],
    source: str,
    received_time: datetime,
    generator: np.random.Generator | None,
) -> pa.Table:
    rows = [row for row, _ in fresh]
    found = _findings(fresh)
    at = pa.array([one.authored for _, one, _ in rows], pa.int64()).cast(pa.timestamp("us")).cast(_AT)
    text: Callable[[str], pa.Array] = lambda name: pa.array([getattr(one, name) for _, one, _ in rows], pa.string())  # noqa: E731
    return pa.table(
        {
            "uuid": identifiers.uuids(len(rows), generator),
            "event_time": at,
            "authored_time": at,
            "received_time": pa.repeat(pa.scalar(received_time, _AT), len(rows)),
            "source": pa.repeat(source, len(rows)),
            "idempotency_key": [key for _, _, key in rows],
            "participant_id": pa.array([person for person, _, _ in rows], pa.int64()),
            "questionnaire": text("code"),
            "document": text("text"),
            "classification": [one.classification for one in found],
            "supersedes_id": pa.array([one.supersedes for one in found], pa.int64()),
            **{name: text(name) for name in _COPIED},
        }
    )


_COPIED = ("version", "language", "original", "author", "status", "answer_hash", "identifier")


def _findings(fresh: list[tuple[Row, SurveyResponse | None]]) -> list[Finding]:
    """The class of each, beside what the same person said in the same survey before."""
    earlier = _earlier([row for row, _ in fresh])
    found = [_alone(one, before, earlier.get((person, one.code), [])) for (person, one, _), before in fresh]
    wanted = {each.key for some in found if not isinstance(some, Finding) for each in some[1]}
    documents = dict(columns.lookup(SurveyResponse, "id", sorted(wanted), "id", "document")) if wanted else {}
    return [one if isinstance(one, Finding) else _beside(*one, documents) for one in found]


def _alone(
    one: Judged, before: SurveyResponse | None, known: list[Earlier]
) -> Finding | tuple[Said, list[Earlier], bool]:
    """The class, where the answers of others have no say in it; else what to compare with which of them."""
    if one.alone == PROFILE_UPDATE or (before is None and (one.alone != COMPLETE or not known)):
        return Finding(one.alone)
    new, repeats = _as_said(one, before), is_repeated(one.code)
    found = to_compare(new, one.answer_hash, known, repeats=repeats)
    return found if isinstance(found, Finding) else (new, found, repeats)


def _beside(new: Said, earlier: list[Earlier], repeats: bool, documents: dict[int, str]) -> Finding:
    return classify(new, [current.as_said(one, documents[one.key]) for one in earlier], repeats=repeats)


def _as_said(one: Judged, before: SurveyResponse | None) -> Said:
    at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=one.authored)
    same_as = before.pk if before else None
    answers = said(answers_of(orjson.loads(one.text)))
    return Said(at, answers, one.status, one.code, valid=one.valid, same_as=same_as)


def _earlier(rows: list[Row]) -> dict[tuple[int, str], list[Earlier]]:
    """What counts of the people and surveys of these rows, without the answers."""
    wanted = {(person, one.code) for person, one, _ in rows}
    kept = columns.lookup(SurveyResponse, "participant_id", sorted({person for person, _ in wanted}), *_HEAD)
    replaced = {row[-1] for row in kept}
    found: dict[tuple[int, str], list[Earlier]] = {}
    for number, person, code, authored, hashed, kind, _ in sorted(kept, key=lambda row: (row[3], row[0])):
        if (person, code) in wanted and kind in COUNTED and number not in replaced:
            found.setdefault((person, code), []).append(Earlier(number, columns.moment(authored), hashed))
    return found


_HEAD = (
    "id",
    "participant_id",
    "questionnaire",
    "authored_time",
    "answer_hash",
    "classification",
    "supersedes_id",
)


def _kept(numbers: Iterable[int]) -> Iterable[SurveyResponse]:
    listed = list(numbers)
    for start in range(0, len(listed), 500):
        yield from SurveyResponse.objects.filter(pk__in=listed[start : start + 500]).defer("document", "original")


def _note(outcomes: list[Outcome], source: str, actor: object) -> None:
    told: dict[str, Any] = {name: 0 for name in (ACCEPTED, UNCHANGED, REJECTED, UNMATCHED)}
    for outcome in outcomes:
        told[outcome.what] += 1
    audit.record("survey.hand-in", actor=actor, count=len(outcomes), source=source, **told)
