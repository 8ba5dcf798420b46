"""Campaigns and events: each change is one function that checks, writes records and its audit event."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.protocol import Protocol
from commonweal.vault.partners import places, records, rules
from commonweal.vault.partners.kinds import LANGUAGES, STATES, categories
from commonweal.vault.partners.models import (
    Campaign,
    CampaignDetails,
    Event,
    EventDetails,
    Outreach,
    Placed,
)
from commonweal.vault.people.models import Account

Root = TypeVar("Root", bound=Outreach)


@dataclass(frozen=True)
class Entered(Generic[Root]):
    """What was entered, and whether it is new; otherwise it was there already and nothing was changed."""

    one: Root
    new: bool


@transaction.atomic
def begin(
    place: places.Place, given: dict[str, Any], *, protocol: Protocol, by: Account, key: str
) -> Entered[Campaign]:
    """A new campaign of a place. Raises BadInput."""
    check_campaign(given, protocol)
    fields = places.placed(place, protocol) | {"made_by": by}
    made, new = Campaign.objects.get_or_create(form_key=key, defaults=fields)
    if new:
        records.add(CampaignDetails, by=by, campaign=made, **given)
        audit.record("outreach.campaign", actor=by, level=made.level, place=made.place)
    return Entered(made, new)


def check_campaign(given: dict[str, Any], protocol: Protocol) -> None:
    rules.check_period(given["begins"], given["ends"])
    rules.check_dollars(given["dollars"])
    rules.check_known(given["languages"], LANGUAGES)
    rules.check_known(given["states"], STATES)
    rules.check_known(given["audience"], categories(protocol))
    if given["target"] is not None:
        rules.check_target("number", given["target"])


@transaction.atomic
def correct_campaign(
    current: CampaignDetails, given: dict[str, Any], *, protocol: Protocol, by: Account
) -> CampaignDetails:
    """What holds of a campaign from now on. Raises BadInput, Overtaken."""
    check_campaign(given, protocol)
    made = records.correct(current, by=by, **given)
    audit.record("outreach.campaign_corrected", actor=by, level=current.campaign.level, place=current.campaign.place)
    return made


def enter(
    whose: Campaign | places.Place, given: dict[str, Any], *, protocol: Protocol, by: Account, key: str
) -> Entered[Event]:
    """An event of a campaign, or of a place by itself; the same one again is the one that is there. Raises BadInput.

    An event of a campaign is counted where its campaign is.
    """
    check_event(given)
    campaign = whose if isinstance(whose, Campaign) else None
    same = rules.event_key(_owner(whose), given["day"], given["zip"], given["name"])
    fields = _as_campaign(campaign) if campaign else places.placed(whose, protocol)  # type: ignore[arg-type]
    known = _known(same, key)
    if known is None:
        try:
            with transaction.atomic():
                made = Event.objects.create(campaign=campaign, key=same, form_key=key, made_by=by, **fields)
                records.add(EventDetails, by=by, event=made, **given)
                audit.record("outreach.event", actor=by, level=made.level, place=made.place)
                return Entered(made, True)
        except IntegrityError:  # a second window, or a colleague, was quicker
            known = _known(same, key)
            if known is None:
                raise
    return Entered(known, False)


def _known(same: str, form_key: str) -> Event | None:
    return (Event.objects.filter(key=same) | Event.objects.filter(form_key=form_key)).first()


def _owner(whose: Campaign | places.Place) -> str:
    return str(whose.uuid) if isinstance(whose, Campaign) else ":".join(whose)


def _as_campaign(campaign: Campaign) -> dict[str, str]:
    return {field.name: getattr(campaign, field.name) for field in Placed._meta.get_fields()}


def check_event(given: dict[str, Any]) -> None:
    rules.check_zip(given["zip"])
    rules.check_hours(given["begins"], given["ends"])
    rules.check_dollars(given["dollars"])
    rules.check_known([given["state"]], STATES)
    rules.check_known([given["language"]], LANGUAGES)
    rules.check_names_nobody(given["notes"])
    rules.check_met(given["met"], given["day"], timezone.localdate())


def correct_event(current: EventDetails, given: dict[str, Any], *, by: Account) -> EventDetails:
    """What holds of an event from now on, such as how many were met. Raises BadInput, also where it becomes another one."""
    check_event(given)
    event = current.event
    whose = event.campaign or (event.level, event.place)
    same = rules.event_key(_owner(whose), given["day"], given["zip"], given["name"])
    try:
        with transaction.atomic():
            made = records.correct(current, by=by, **given)
            Event.objects.filter(pk=event.pk).update(key=same)
            audit.record("outreach.event_corrected", actor=by, level=event.level, place=event.place)
    except IntegrityError:
        raise BadInput(_("There is an event with this name, day and ZIP already. Correct that one.")) from None
    return made
