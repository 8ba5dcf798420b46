"""Which reports an account may read, and how exactly.

Who may open the pages of a site's people reads the site's figures as they are. All others, such as a data steward, read
them through the gate for numbers: what is about 1 to 20 people is withheld, all else is rounded up.
"""

from typing import Any

from django.db.models import QuerySet

from commonweal.disclosure import Policy
from commonweal.protocol import Protocol
from commonweal.vault.people.models import Account
from commonweal.vault.records.models import QualityReport
from commonweal.vault.staff import roles
from commonweal.vault.staff.records.gate import Gate

PERMISSION = "record_quality"


def reports(account: Account) -> QuerySet[QualityReport]:
    """The reports on the sites of the account's scope, newest first."""
    scope = roles.scope_of(account, PERMISSION)
    found = QualityReport.objects.order_by("-id")
    return found if scope.everything else found.filter(site__in=scope.sites)


def sees_people(account: Account, site: str) -> bool:
    """Whether the account may open the pages of this site's people."""
    scope = roles.scope_of(account, "see_person")
    return scope.everything or site in scope.sites


def gate(account: Account, site: str, protocol: Protocol) -> Gate:
    """What figures of this site's records pass on their way to this account."""
    rule = protocol.privacy.disclosure
    return Gate(Policy(min_cell=rule.min_cell, round_to=rule.round_to), exact=sees_people(account, site))


def sites(account: Account, protocol: Protocol) -> list[tuple[str, Any]]:
    """(id, name) of the sites that the account may choose from."""
    scope = roles.scope_of(account, PERMISSION)
    return [(one.id, one.name) for one in protocol.sites.values() if scope.everything or one.id in scope.sites]
