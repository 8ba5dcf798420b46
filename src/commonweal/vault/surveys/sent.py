"""What a page sent, question by question: changes to save, and what is not an answer yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from commonweal.vault.surveys.answering import Asked
from commonweal.vault.surveys.fields.reading import read
from commonweal.vault.surveys.fields.unclear import Unclear
from commonweal.vault.surveys.filling import Filling, takes
from commonweal.vault.surveys.instances import item_of
from commonweal.vault.surveys.merging import Change

OLDEST = timedelta(days=30)  # that an answer may have waited on a device


@dataclass(frozen=True)
class Sent:
    """`wrong`: questions whose fields hold no answer that can be taken, with the reason."""

    changes: list[Change]
    wrong: list[Asked]


def taken(filling: Filling, sent: QueryDict, now: datetime) -> Sent:
    """The questions that a page says it showed; what it has no field for, or the form has not, is passed over."""
    changes, wrong = [], []
    for name in dict.fromkeys(sent.getlist("shown")):
        item = item_of(filling.form, name)
        if item is None or not takes(item):
            continue
        try:
            answers = read(item, name, sent, filling.language)
        except Unclear as reason:
            wrong.append(Asked(item, filling.language, name, error=str(reason), sent=sent))
            continue
        changes.append(Change(name, answers, sent.get(f"was.{name}"), now - _age(sent.get(f"age.{name}", ""))))
    return Sent(changes, wrong)


def _age(text: str) -> timedelta:
    """How long ago an answer was given, in milliseconds by the device's own clock, which may be set wrong."""
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        return timedelta(0)
    return min(timedelta(milliseconds=int(text)), OLDEST)


def left_open(filling: Filling, number: int, sent: QueryDict) -> list[Asked]:
    """Required questions of a screen that were shown and left open, and of which the page did not yet say so."""
    shown, told = set(sent.getlist("shown")), set(sent.getlist("told"))
    words = _("This answer matters for the survey. Please answer, or go on once more to leave it open for now.")
    return [
        Asked(spot.item, filling.language, spot.name, error=words, sent=sent)
        for spot in filling.spots(number)
        if spot.enabled and spot.item.required and takes(spot.item) and not spot.given and spot.name in shown - told
    ]
