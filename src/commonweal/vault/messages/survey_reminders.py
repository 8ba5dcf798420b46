"""Reminders of surveys, by the days that surveys.toml gives (`remind`): who is due is found in a round over everybody.

The round goes span by span of people, a piece in each tick. A query that reads indexes alone (by person and survey) errs on
the wide side; the rule for one person (`surveys.schedule.reminder`) then decides over facts that are read for many people
together, so that nobody is reminded of what is answered, closed or not open yet. Each reminder is an ordinary message, sent
once: it stops with the answer, for who left or asked for no contact, and for who wants no reminders outside the portal.
Nobody gets two within APART, however many surveys are open.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from django.db import connection
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from commonweal.protocol import Protocol, SurveySettings
from commonweal.ui.context import current_protocol
from commonweal.vault import columns
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Decease, Withdrawal
from commonweal.vault.messages import rounds
from commonweal.vault.messages.actions import send
from commonweal.vault.messages.models import Message, Round
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import standing
from commonweal.vault.surveys.classifying import COUNTED
from commonweal.vault.surveys.models import SurveyResponse
from commonweal.vault.surveys.schedule import Standing, reminder

WAITS, AGAIN = "survey_waits", "survey_again"
LATE = timedelta(days=14)  # a reminder that could not be sent for so long is not sent any more
APART = timedelta(days=7)  # between two reminders to one person
EVERY = timedelta(minutes=55)  # between the beginnings of two rounds
SPAN, SPANS = 20_000, 5  # people in one query, and queries in one tick
CHUNK, CHUNKS = 200, 50  # candidates whose facts are read together, and how often in one tick
AT_ONCE = 500  # reminders in one tick; the rest follow in the next


def survey_reminders(now: datetime | None = None) -> int:
    """Go on with the round over everybody, and send what is due to the next people; answers to how many.

    One tick does a piece of the round; the next goes on where it ended, also after a worker was killed.
    """
    now = now or timezone.now()
    mine = rounds.take_up("survey_reminders", now, EVERY)
    if mine is None:
        return 0
    try:
        return _piece(mine, current_protocol(), now)
    finally:
        rounds.let_go(mine)


def _piece(mine: Round, protocol: Protocol, now: datetime) -> int:
    """Step by step as far as one tick goes."""
    highest = Participant.objects.aggregate(last=Max("pk"))["last"] or 0
    sent = chunks = 0
    for _ in range(SPANS):
        last = mine.place + SPAN
        for chunk in _chunks(candidates(protocol, now, (mine.place + 1, last))):
            count, place = _remind_each(chunk, protocol, now, AT_ONCE - sent)
            sent, chunks = sent + count, chunks + 1
            if not rounds.step(mine, place) or sent >= AT_ONCE or chunks >= CHUNKS:
                return sent
        if not rounds.step(mine, last):
            return sent
        if last >= highest:
            rounds.end(mine)
            return sent
    return sent


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _remind_each(ids: Sequence[int], protocol: Protocol, now: datetime, most: int) -> tuple[int, int]:
    """(how many were reminded, the last person who was looked at); in a few queries, but for what is sent."""
    people = list(Participant.objects.filter(pk__in=ids).select_related("account").order_by("pk"))
    facts, told, sent = standing.of_each(people, protocol, now), _told(ids), 0
    for person in people:
        sent += _remind(person, facts[person.pk], told[person.pk], protocol, now)
        if sent >= most:
            return sent, person.pk
    return sent, ids[-1]


Told = list[tuple[str, datetime]]  # of one person: the link of the survey, and when


def _told(ids: Sequence[int]) -> dict[int, Told]:
    """The reminders of surveys that each person had."""
    said = Message.objects.filter(participant__in=ids, channel=Message.INBOX, template__in=(WAITS, AGAIN))
    found: dict[int, Told] = defaultdict(list)
    for person, link, at in said.values_list("participant", "link", "made_at"):
        found[person].append((link, at))
    return found


def _remind(
    person: Participant, surveys: Mapping[str, Standing], told: Told, protocol: Protocol, now: datetime
) -> bool:
    """One reminder, of the first survey in the program's order that is due one; none shortly after another."""
    if any(at > now - APART for _, at in told):
        return False
    for code, one in surveys.items():
        number = reminder(protocol.survey_settings[code], one, now, late=LATE)
        if number is not None and _count(told, code, one) <= number:
            _send(person, protocol, code, one, number)
            return True
    return False


def _count(told: Told, code: str, one: Standing) -> int:
    """How many reminders of this opening were sent."""
    return sum(link == _link(code) and one.opened_at is not None and at >= one.opened_at for link, at in told)


def _send(person: Participant, protocol: Protocol, code: str, one: Standing, number: int) -> None:
    assert one.opened_at is not None
    send(
        person,
        AGAIN if one.done_at else WAITS,
        key=f"{code}:{one.opened_at:%Y-%m-%d}:{number}",
        link=_link(code),
        title=protocol.surveys[code].title,
        minutes=protocol.survey_settings[code].minutes,
    )


def _link(code: str) -> str:
    return reverse("survey", args=[code])


def candidates(protocol: Protocol, now: datetime, between: tuple[int, int] = (0, 2**62)) -> list[int]:
    """The people who may be due a reminder now, by their vault ids; of those with ids `between` (both included)."""
    due = [_due(place, code, protocol, now) for place, code in enumerate(protocol.surveys) if _reminds(protocol, code)]
    if not due:
        return []
    span = f"participant_id BETWEEN {int(between[0])} AND {int(between[1])}"
    query = f"""
        WITH told AS (SELECT participant_id, min(event_time) AS since FROM {_table(ConsentAnswer)}
                WHERE {span} AND answer = 'yes' AND scopes LIKE '%surveys%' GROUP BY participant_id),
            given AS (SELECT participant_id, {_moments(protocol)} FROM {_table(SurveyResponse)}
                WHERE {span} AND classification IN ('{"', '".join(COUNTED)}') GROUP BY participant_id),
            corrected AS (SELECT said.participant_id, said.questionnaire, said.event_time
                FROM {_table(SurveyResponse)} AS later JOIN {_table(SurveyResponse)} AS said ON said.id = later.supersedes_id
                WHERE later.{span} AND later.supersedes_id IS NOT NULL)
        SELECT told.participant_id AS participant FROM told
            JOIN {_table(Participant)} AS who ON who.id = told.participant_id AND NOT who.is_test
            LEFT JOIN given ON given.participant_id = told.participant_id
        WHERE ({" OR ".join(due)}) AND {_may_be_written_to(now)}
        ORDER BY 1"""
    found: list[int] = columns.read(query)["participant"].to_pylist()
    return found


def _reminds(protocol: Protocol, code: str) -> bool:
    return bool(protocol.survey_settings[code].remind)


def _moments(protocol: Protocol) -> str:
    """The latest answer to each survey, and the first to those that others wait for: as little as the pass can do with."""
    before = {one for code in protocol.surveys for one in protocol.survey_settings[code].after} | {*protocol.baseline}
    parts = []
    for place, code in enumerate(protocol.surveys):  # codes are letters, digits, - and _ (protocol.program.SurveyCode)
        moment = f"CASE WHEN questionnaire = '{code}' THEN event_time END"
        parts += [f"max({moment}) AS max_{place}"] + [f"min({moment}) AS min_{place}"] * (code in before)
    return ", ".join(parts)


def _due(place: int, code: str, protocol: Protocol, now: datetime) -> str:
    """Whether a survey was opened so long ago that a reminder is due, and not so long that it comes too late."""
    settings = protocol.survey_settings[code]
    order = list(protocol.surveys)
    before = settings.after if settings.baseline else (*protocol.baseline, *settings.after)
    needed = [f"min_{order.index(one)}" for one in dict.fromkeys(before) if one != code and one in order]
    ready = _days_since(_latest("since", *needed), now)
    age = _fewer(f"({ready} - {settings.wait or 0})", *(_days_since(day, now) for day in _opening(settings)))
    first = f"(max_{place} IS NULL OR {str(bool(settings.ask_again_before)).lower()}) AND {_within(settings, age)}"
    first = " AND ".join([first, *(f"{one} IS NOT NULL" for one in needed)])
    if settings.every is None:
        return f"({first})"
    moved = f"""EXISTS (SELECT 1 FROM corrected WHERE corrected.participant_id = told.participant_id
        AND corrected.questionnaire = '{code}' AND {_wave("corrected.event_time", settings, now)})"""
    return f"({first}) OR {_wave(f'max_{place}', settings, now)} OR {moved}"


def _wave(moment: str, settings: SurveySettings, now: datetime) -> str:
    """Whether a wave that is counted from this moment was opened so long ago. Of a correction that is the moment of what
    was corrected."""
    days = _days_since(moment, now)
    inside = f"({days} - {settings.every} * {_whole(f'{days} / {settings.every}')})"
    return f"({days} >= {settings.every} AND {_within(settings, inside)})"


def _within(settings: SurveySettings, age: str) -> str:
    spans = (f"({age} >= {days} AND {age} < {days + LATE.days + 1})" for days in settings.remind)
    return f"({' OR '.join(spans)})"


def _opening(settings: SurveySettings) -> list[str]:
    if settings.open is None:
        return []
    return [columns.literal(datetime.combine(settings.open, time(), UTC))]


def _may_be_written_to(now: datetime) -> str:
    """Nobody who left, asked for no contact or died, and nobody who was reminded of a survey a short while ago."""
    gone = [
        f"NOT EXISTS (SELECT 1 FROM {_table(model)} AS gone WHERE gone.participant_id = told.participant_id)"
        for model in (Withdrawal, Deactivation, Decease)
    ]
    lately = f"""NOT EXISTS (SELECT 1 FROM {_table(Message)} AS said WHERE said.participant_id = told.participant_id
        AND said.made_at > {columns.literal(now - APART)} AND said.template IN ('{WAITS}', '{AGAIN}'))"""
    return " AND ".join([*gone, lately])


def _table(model: type) -> str:
    return connection.ops.quote_name(model._meta.db_table)  # type: ignore[attr-defined]


def _sqlite() -> bool:
    return connection.vendor == "sqlite"


def _latest(*moments: str) -> str:
    """The latest of several moments in SQL."""
    if len(moments) == 1:
        return moments[0]
    return f"{'max' if _sqlite() else 'greatest'}({', '.join(moments)})"


def _fewer(*numbers: str) -> str:
    """The smallest of several numbers in SQL."""
    return numbers[0] if len(numbers) == 1 else f"{'min' if _sqlite() else 'least'}({', '.join(numbers)})"


def _days_since(moment: str, now: datetime) -> str:
    """Days from a moment until now, in SQL."""
    until = columns.literal(now)
    if _sqlite():
        return f"(julianday({until}) - julianday({moment}))"
    return f"(extract(epoch FROM ({until} - {moment})) / 86400)"


def _whole(number: str) -> str:
    return f"CAST({number} AS INTEGER)" if _sqlite() else f"floor({number})"
