"""What campaigns have cost, in whole dollars; what an event has cost stands with the event."""

from typing import Any

from django.db import transaction

from commonweal import audit
from commonweal.vault.partners import records, rules
from commonweal.vault.partners.models import Campaign, Cost
from commonweal.vault.people.models import Account


@transaction.atomic
def spend(campaign: Campaign, given: dict[str, Any], *, by: Account, key: str) -> Cost:
    """A cost of a campaign in whole dollars; the same form twice is one. Raises BadInput."""
    rules.check_dollars(given["dollars"], least=1)
    made = records.add(Cost, by=by, key=key, campaign=campaign, **given)
    audit.record("outreach.cost", actor=by, level=campaign.level, place=campaign.place, dollars=made.dollars)
    return made


@transaction.atomic
def take_back(cost: Cost, *, by: Account) -> Cost:
    """A cost that was written down in error counts no longer; it stays in the history."""
    made = records.correct(cost, by=by, withdrawn=True)
    audit.record("outreach.cost_withdrawn", actor=by, level=cost.campaign.level, place=cost.campaign.place)
    return made
