"""Places, ways and stretches of months of a plan in words, and sections of its text as lists."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from commonweal.protocol.states import NAMES
from commonweal.vault.partners.kinds import LANGUAGES
from commonweal.vault.planning.wording import month
from commonweal.vault.staff.navigation import place_name


@dataclass(frozen=True)
class Block:
    """A line that says what follows, and the lines of a list."""

    lead: str
    lines: tuple[str, ...]


def block(text: str) -> Block:
    """From a part of `planning.tell.sections`."""
    lead, *lines = text.split("\n")
    return Block(lead, tuple(line.removeprefix("- ") for line in lines))


def approach(name: str) -> str:
    named = {
        "clinic": _("At the clinic"),
        "event": _("Event"),
        "mail": _("Mail"),
        "digital": _("Online"),
        "partner": _("Through partners"),
        "phone": _("By phone"),
    }
    return named.get(name, name)


def language(code: str) -> str:
    return str(LANGUAGES.get(code, code))


def place(site: str, area: str) -> str:
    """Lakeshore Clinic · Illinois."""
    return f"{place_name(site)} · {_area(area)}"


def _area(area: str) -> str:
    kind, _colon, code = area.partition(":")
    if kind == "state":
        return NAMES.get(code, code)
    return _("County %(code)s") % {"code": code} if kind == "county" else _("ZIP codes %(code)s…") % {"code": code}


def months(first: str, last: str) -> str:
    """May 2027, or May 2027 – July 2027."""
    return month(first) if first == last else f"{month(first)} – {month(last)}"
