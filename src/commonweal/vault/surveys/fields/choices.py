"""One or several of the options, and words of one's own where the question takes them (FHIR choice and open-choice)."""

from typing import Any

from django.utils.translation import gettext as _

from commonweal.r4.questionnaire import Item, Option
from commonweal.r4.questionnaire_values import value_of
from commonweal.vault.surveys.fields import texts
from commonweal.vault.surveys.fields.unclear import Unclear

OTHER = "+other"  # no FHIR code begins so: the field's value for "something else, in my own words"


def keys(item: Item) -> list[str]:
    """What each option is called in the page: its code, with its place where two have the same."""
    codes = [option.code for option in item.options]
    return [code if codes.count(code) == 1 else f"{code}~{place}" for place, code in enumerate(codes)]


def read(item: Item, chosen: list[str], words: str) -> list[dict[str, Any]]:
    """The answers chosen, in the form's order. Raises Unclear for more than go together."""
    options = [option for key, option in zip(keys(item), item.options, strict=True) if key in chosen]
    own = _own_words(item, chosen, words, bool(options))
    _check_together(item, options, own)
    return [option.answer for option in options] + own


def _own_words(item: Item, chosen: list[str], words: str, others: bool) -> list[dict[str, Any]]:
    if item.type != "open-choice":
        return []
    own = texts.read(item, words)
    if OTHER in chosen and not own:
        raise Unclear(_("Please write your answer in the field, or choose another one."))
    if own and OTHER not in chosen and others and not item.several:
        raise Unclear(_("You chose an answer and also wrote one. Please choose one or the other."))
    return own


def _check_together(item: Item, options: list[Option], own: list[dict[str, Any]]) -> None:
    count = len(options) + len(own)
    if count > 1 and any(option.exclusive for option in options):
        raise Unclear(
            _("An answer that excludes the others was chosen together with them. Please choose one or the other.")
        )
    most = item.max_occurs if item.several else 1
    if most and count > most:
        raise Unclear(
            _("Please choose only one answer.")
            if most == 1
            else _("Please choose at most %(most)s answers.") % {"most": most}
        )
    if count and item.min_occurs and count < item.min_occurs:
        raise Unclear(_("Please choose at least %(least)s answers.") % {"least": item.min_occurs})


def chosen(item: Item, answers: list[dict[str, Any]]) -> tuple[list[str], str]:
    """(keys of the options chosen, words of one's own) as the page shows them."""
    found, words = [], ""
    for answer in answers:
        place = item.option_index(answer)
        if place is not None:
            found.append(keys(item)[place])
        elif item.type == "open-choice" and isinstance(value_of(answer), str):
            found.append(OTHER)
            words = str(value_of(answer))
    return found, words
