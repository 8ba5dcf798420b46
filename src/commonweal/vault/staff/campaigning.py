"""Writing to the people whom a campaign asks: once, then two reminders, and never after they have answered."""

from datetime import datetime, timedelta

import pyarrow.compute as pc
from django.utils import timezone

from commonweal.ui.context import current_protocol
from commonweal.vault import columns
from commonweal.vault.consent import campaigns
from commonweal.vault.consent.models import ReconsentCampaign
from commonweal.vault.messages import actions as messages
from commonweal.vault.messages.models import Message
from commonweal.vault.people.models import Participant

FIRST, AGAIN = "read_again", "read_again_reminder"
REMINDERS = (timedelta(days=14), timedelta(days=28))  # after the campaign's first message to a person
BATCH = 1000  # people in one round of the worker


def tick() -> int:
    """Open what the protocol marks, and write to the next people of each campaign; how many were written to."""
    campaigns.begin_marked(current_protocol())
    return sum(write(campaign, timezone.now()) for campaign in campaigns.running())


def write(campaign: ReconsentCampaign, now: datetime) -> int:
    """One round: people who have not answered and whose next message is due. A killed round is gone on with by the next."""
    table = campaigns.asked(campaign)
    open_ones = table.filter(pc.equal(table["answer"], campaigns.NOT_ANSWERED))["participant"].to_pylist()
    written = _written(campaign, open_ones)
    waiting = [(one, step) for one in open_ones if (step := _step(written.get(one, []), now)) is not None][:BATCH]
    people = Participant.objects.in_bulk([one for one, _ in waiting])
    for one, step in waiting:
        _send(campaign, people[one], step)
    return len(waiting)


def _written(campaign: ReconsentCampaign, people: list[int]) -> dict[int, list[datetime]]:
    """When each was written to for this campaign, from the inbox, where each message leaves one."""
    where = f"made_at >= '{campaign.started_at:%Y-%m-%d %H:%M:%S}' AND channel = '{Message.INBOX}'"
    query = f"""SELECT participant_id, made_at FROM messages_message
        WHERE {where} AND template IN ('{FIRST}', '{AGAIN}') AND link = '{_link(campaign)}' ORDER BY made_at"""
    found: dict[int, list[datetime]] = {}
    table = columns.read(query.replace("messages_message", Message._meta.db_table))
    for person, at in zip(table["participant_id"].to_pylist(), table["made_at"].to_pylist(), strict=True):
        found.setdefault(person, []).append(at)
    return found


def _step(written: list[datetime], now: datetime) -> int | None:
    """0 for the first message, 1 and 2 for the reminders; None where nothing is due."""
    if not written:
        return 0
    number = len(written)
    return number if number <= len(REMINDERS) and now - written[0] >= REMINDERS[number - 1] else None


def _send(campaign: ReconsentCampaign, person: Participant, step: int) -> None:
    module = current_protocol().consents.get(campaign.module)
    values = {"title": module.title if module else {"en": campaign.module}, "why": campaign.why}
    template = AGAIN if step else FIRST
    messages.send(person, template, key=f"{campaign.uuid}:{step}", link=_link(campaign), **values)


def _link(campaign: ReconsentCampaign) -> str:
    return f"/consent/{campaign.module}/"


def read_by(campaign: ReconsentCampaign) -> int:
    """How many of those who were written to have opened a message of the campaign."""
    mine = Message.objects.filter(template__in=(FIRST, AGAIN), link=_link(campaign), made_at__gte=campaign.started_at)
    return mine.filter(state=Message.OPENED).values("participant").distinct().count()


def written_to(campaign: ReconsentCampaign) -> int:
    mine = Message.objects.filter(template=FIRST, link=_link(campaign), made_at__gte=campaign.started_at)
    return mine.values("participant").distinct().count()
