"""What becomes of each kind of entry from an event: a request that staff answer, or a thank-you that is written down."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from commonweal import audit
from commonweal.errors import Refused
from commonweal.vault.support.incentives import Given, record_incentive
from commonweal.vault.support.models import HelpRequest, OfflineEntry

if TYPE_CHECKING:
    from commonweal.vault.support.offline import Sender

EVENT = "event"


def take_interest(data: dict[str, Any], entry: OfflineEntry, sender: "Sender") -> None:
    """Somebody who would like to join becomes a request: staff of the site write or call, with the invitation's code."""
    said = [_("Would like to join.")]
    if data["code"]:
        said.append(_("Invitation code: {code}").format(code=data["code"]))
    if data["email"] and data["phone"]:
        said.append(_("E-mail: {email}").format(email=data["email"]))
    name = f"{data['given_name']} {data['family_name']}".strip()
    _ask("joining", " ".join(said), name, data["phone"] or data["email"], data, entry)


def take_help(data: dict[str, Any], entry: OfflineEntry, sender: "Sender") -> None:
    _ask("other", data["text"], data["contact_name"], data["contact"], data, entry)


def _ask(topic: str, text: str, name: str, contact: str, data: dict[str, Any], entry: OfflineEntry) -> None:
    made = HelpRequest.objects.create(
        channel=EVENT,
        topic=topic,
        text=text,
        language=data["language"],
        site=entry.site,
        contact_name=name,
        contact=contact,
        call_back=data["call_back"],
        made_at=entry.noted_at,
        changed_at=entry.received_at,
    )
    audit.record("support.request", actor=entry.sent_by, subject=made, topic=topic, channel=EVENT, site=entry.site)


def take_incentive(data: dict[str, Any], entry: OfflineEntry, sender: "Sender") -> None:
    """The participant is named by the exact id; one whom the sender may not see is not found, as if nobody were there."""
    person = sender.find(data["participant_id"].upper())
    if person is None:
        raise Refused(_("There is nobody with this participant id at your site."))
    given = Given(
        site=entry.site,
        incentive_type=data["incentive_type"],
        giftcard_type=data["giftcard_type"],
        amount_cents=int(data["amount"] * 100),
        occurrence=data["occurrence"],
        date_given=data["date_given"],
    )
    record_incentive(person, given, by=sender.account, key=f"{EVENT}:{entry.key}")


TAKE: dict[str, Callable[[dict[str, Any], OfflineEntry, "Sender"], None]] = {
    "interest": take_interest,
    "incentive": take_incentive,
    "help": take_help,
}
