"""How all participants answered: counted once a month in the background, and published only if it tells nothing of one person.

Counted are the latest answers, given before the first day of the month, of real participants who agree to surveys now, to
the questions that the program's privacy.toml names. A question is published only where

1. enough people answered it (FEWEST, or five times the smallest cell that may be shown, if that is more);
2. each number has passed the gate: small ones withheld and not derivable, the others rounded up;
3. two answers or more can be shown: if everybody gave one answer, the figures would say what each of them said;
4. since it was published last, the answers of more people have changed than the smallest cell (people who came, who left
   and who corrected themselves). Otherwise the old figures stand, so that the difference of two is never that of few.

Who has left is in no count that is made afterwards. See docs/decisions/0018-how-others-answered.md.
"""

from collections import Counter
from datetime import UTC, date, datetime

from django.db import transaction
from django.utils import timezone

from commonweal import audit, disclosure
from commonweal.disclosure import Policy
from commonweal.protocol import Protocol
from commonweal.r4.questionnaire import NON_ANSWERS, Item
from commonweal.ui.context import current_protocol
from commonweal.vault.journey.figures import policy_of
from commonweal.vault.journey.models import AnswerFigures, AnswerRound
from commonweal.vault.journey.my_data.counting import Count, Moment, count

FEWEST = 100  # people who answered
Cells = dict[str, int | None]  # answer -> people as shown; None: withheld


def tick() -> int:
    """Publish what is due this month; answers how many questions were published. The second time in a month nothing is."""
    protocol = current_protocol()
    return sum(publish(protocol, code) for code in protocol.privacy.compared if code in protocol.surveys)


def month_of(now: datetime) -> date:
    return now.astimezone(UTC).date().replace(day=1)


def publish(protocol: Protocol, code: str, now: datetime | None = None) -> int:
    """Publish the questions of one survey for the month of `now`, whose turn is taken once, whatever comes of it.

    Nothing is held locked while everybody's answers are read; a look that is cut short waits for the next month.
    """
    now = now or timezone.now()
    cutoff = month_of(now)
    _, first = AnswerRound.objects.get_or_create(survey=code, cutoff=cutoff, defaults={"looked_at": now})
    if not first:
        return 0
    links = protocol.privacy.compared[code]
    before = {link: figures for link in links if (figures := latest(code, link))}
    then = {link: Moment(figures.cutoff, figures.known_at) for link, figures in before.items()}
    counts = count(code, links, Moment(cutoff, now), then)
    items, policy = protocol.surveys[code].questionnaire.items, policy_of(protocol)
    return sum(_publish(code, items[link], counts[link], before.get(link), cutoff, now, policy) for link in links)


def _publish(
    code: str, item: Item, count: Count, before: AnswerFigures | None, cutoff: date, now: datetime, policy: Policy
) -> bool:
    options = [option.code for option in item.options if option.code not in NON_ANSWERS]
    cells = shown(count, options, item.several, policy)
    if cells is None:
        if before is not None and count.people <= policy.min_cell:
            _take_down(before, now)
        return False
    if before is not None and not enough_changed(count, policy):
        return False
    _keep(code, item, count.people, cells, cutoff, now, policy)
    return True


def shown(count: Count, options: list[str], several: bool, policy: Policy) -> Cells | None:
    """The cells as they may be shown; None where nothing may (rules 1 to 3)."""
    if count.people < max(FEWEST, 5 * policy.min_cell):
        return None
    of = _of_several if several else _of_one
    cells = of(count.answers, options, count.people, policy)
    return cells if sum(bool(number) for number in cells.values()) >= 2 else None


def _of_one(counts: Counter[str], options: list[str], people: int, policy: Policy) -> Cells:
    """Each person is in one cell; whatever is no option of today's form is a cell that is counted and not shown."""
    whole = {option: counts.get(option, 0) for option in options}
    rest = people - sum(whole.values())
    table = disclosure.table(whole | {"": max(rest, 0)}, policy)
    if table.total.suppressed:
        return {}  # the number of all, which stands beside the figures, could not be shown with them
    return {option: cell.persons for option, cell in table.one_way() if option}


def _of_several(counts: Counter[str], options: list[str], people: int, policy: Policy) -> Cells:
    """Each option by itself: those who chose it against those who did not, both of whom the gate must pass."""
    cells: Cells = {}
    for option in options:
        chose = counts.get(option, 0)
        pair = disclosure.table({"chose": chose, "not": people - chose}, policy).one_way()
        cells[option] = None if any(cell.suppressed for _name, cell in pair) else pair[0][1].persons
    return cells


def latest(code: str, link: str) -> AnswerFigures | None:
    """What is shown of a question now."""
    found = AnswerFigures.objects.filter(survey=code, question=link, taken_down_at__isnull=True)
    return found.order_by("-cutoff").first()


def enough_changed(count: Count, policy: Policy) -> bool:
    """Whether the answers of more people than the smallest cell differ from those that were counted then."""
    return count.changed > policy.min_cell


@transaction.atomic
def _keep(code: str, item: Item, people: int, cells: Cells, cutoff: date, now: datetime, policy: Policy) -> None:
    rounded = disclosure.count(people, policy).persons or 0
    told = {"people": rounded, "rounded_to": policy.round_to, "cells": cells, "known_at": now, "several": item.several}
    figures = AnswerFigures.objects.create(survey=code, question=item.link_id, cutoff=cutoff, **told)
    digest = disclosure.digest({"survey": code, "question": item.link_id, "cutoff": cutoff.isoformat()})
    audit.record("answers.published", actor=audit.SYSTEM, subject=figures, people=rounded, question=digest)


@transaction.atomic
def _take_down(figures: AnswerFigures, now: datetime) -> None:
    AnswerFigures.objects.filter(pk=figures.pk, taken_down_at__isnull=True).update(taken_down_at=now)
    audit.record("answers.taken_down", actor=audit.SYSTEM, subject=figures)
