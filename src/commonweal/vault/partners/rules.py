"""What may be written down about partners, campaigns and events. Each check raises BadInput in one sentence for the page."""

import hashlib
import re
from collections.abc import Collection
from datetime import date, time

from django.utils.translation import gettext as _

from commonweal.errors import BadInput
from commonweal.vault.partners.kinds import STATES
from commonweal.vault.partners.models import Milestone

MOST_DOLLARS = 1_000_000_000
MOST_MET = 100_000
_PERSON = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|\b[A-Z]\d{9}\b|\b(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]?\d{4}\b")


def check_period(begins: date, ends: date | None) -> None:
    if ends is not None and ends < begins:
        raise BadInput(_("The last day is before the first one."))


def check_hours(begins: time | None, ends: time | None) -> None:
    if begins and ends and ends <= begins:
        raise BadInput(_("It ends before it begins."))


def check_dollars(dollars: int, least: int = 0) -> None:
    if not least <= dollars <= MOST_DOLLARS:
        raise BadInput(_("Write whole dollars, from %(least)s up.") % {"least": least})


def check_target(measure: str, target: int) -> None:
    """A number above zero; a share of people cannot be above 100%."""
    if target <= 0:
        raise BadInput(_("A target is a whole number above zero."))
    if measure == Milestone.SHARE and target > 100:
        raise BadInput(_("A share of people cannot be above 100%."))


def check_met(met: int | None, day: date, today: date) -> None:
    if met is None:
        return
    if day > today:
        raise BadInput(_("The event is still to come. Write afterwards how many people were met."))
    if not 0 <= met <= MOST_MET:
        raise BadInput(_("Write a whole number of people, from 0 to 100,000."))


def check_known(given: Collection[str], known: Collection[str]) -> None:
    """Languages, states and categories come from lists."""
    if not set(given) <= set(known):
        raise BadInput(_("Choose from the list only."))


def check_names_nobody(text: str) -> None:
    """Notes hold no address, number or participant id. A name is not found so: the page asks people not to write one."""
    if _PERSON.search(text):
        raise BadInput(_("This looks like somebody's e-mail address, phone or participant id. Notes name nobody."))


def states_in(text: str) -> list[str]:
    """Postal codes as people type them, "IL, wi", sorted and each once. Raises BadInput."""
    codes = sorted(set(re.findall(r"[^\s,;]+", text.upper())))
    if wrong := [code for code in codes if code not in STATES]:
        raise BadInput(_("%(code)s is no state. Write postal codes, such as IL, WI.") % {"code": wrong[0][:10]})
    return codes


def check_zip(code: str) -> None:
    if not re.fullmatch(r"[0-9]{5}", code):
        raise BadInput(_("A ZIP code has five digits."))


def event_key(owner: str, day: date, zip: str, name: str) -> str:
    """What makes two entries the same event: whose it is, its day, its ZIP and its name, however it is spaced or cased."""
    plain = " ".join(name.casefold().split())
    return hashlib.sha256("\n".join((owner, day.isoformat(), zip, plain)).encode()).hexdigest()


def slug_of(name: str, taken: Collection[str]) -> str:
    """A short name for addresses and roles, such as farmworkers-network; with a number where another has it."""
    from django.utils.text import slugify

    plain = slugify(name)[:50].strip("-") or "partner"
    numbered = (plain, *(f"{plain}-{number}" for number in range(2, len(taken) + 3)))
    return next(one for one in numbered if one not in taken)
