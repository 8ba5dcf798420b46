"""A plan file to start from: the program's own sites, with numbers that somebody has to make true."""

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from commonweal.vault.planning.census import census_groups
from commonweal.vault.planning.options import month_name

if TYPE_CHECKING:
    from commonweal.protocol import Protocol
    from commonweal.protocol.partners import Site

SITES = 3
_HEAD = """# {words}
start = "{month}"
months = 24

[budget]
monthly = 60000

[goals]
people = 5000
"""
_SITE = """
[[sites]]
id = "{site}"
hours = 400
languages = {{ en = 400, es = 120 }}
"""
_AREA = """
[[areas]]
id = "state:{state}"
population = 5_000_000  # {words}
travel = {{ {travel} }}
"""
_OPTIONS = """
[[options]]
id = "{name}-clinic"
site = "{site}"
approach = "clinic"
most = 2000
cost = 12
hours = 0.05

[[options]]
id = "{name}-mail"
site = "{site}"
approach = "mail"
most = 9000
cost = 2.5

[[options]]
id = "{name}-fair-es"
site = "{site}"
approach = "event"
language = "es"
audience = ["HISP"]
focus = 0.8
contacts = 150
most = 6
cost = 2000
hours = 16
"""


def example(protocol: "Protocol", today: date) -> str:
    """In TOML; it begins with the next month, and is a plan that can be asked as it stands."""
    sites = list(protocol.partners.sites.values())[:SITES]
    month = month_name((today.year, today.month), 1)
    words = _("An example: change it to what is true for your program. docs/planning.md tells what each line means.")
    parts = [_HEAD.format(words=words, month=month)]
    parts += [_SITE.format(site=site.id) for site in sites]
    parts += list(_areas(protocol, sites))
    parts += [_OPTIONS.format(site=site.id, name=_name(site.id)) for site in sites]
    return "".join(parts)


def _areas(protocol: "Protocol", sites: "list[Site]") -> Iterator[str]:
    """The states of which no census tells how many adults they have."""
    table = protocol.reference.get("census")
    known = census_groups(table.rows if table else ())
    for state in sorted({site.state for site in sites} - set(known)):
        travel = ", ".join(f'"{site.id}" = 0' for site in sites if site.state == state)
        yield _AREA.format(state=state, travel=travel, words=_("adults: write what is true, or import a census"))


def _name(site: str) -> str:
    """A site as the beginning of an option's id."""
    return re.sub(r"[^a-z0-9]+", "-", site.lower()).strip("-")[:60]
