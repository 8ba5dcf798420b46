"""What holds now of a participant: computed from facts, the latest authored one first."""

from collections.abc import Collection

from commonweal.vault.people.models import Custody, Eligibility, Pairing, Participant, Profile

LATEST = ("-authored_time", "-id")


def current_profile(participant: Participant) -> Profile | None:
    return participant.profiles.order_by(*LATEST).first()


def current_pairing(participant: Participant) -> Pairing | None:
    return participant.pairings.order_by(*LATEST).first()


def current_site(participant: Participant) -> str | None:
    """The id of the site that the participant belongs to; None where they are not paired."""
    pairing = current_pairing(participant)
    return pairing.site or None if pairing else None


def current_sites(people: Collection[int]) -> dict[int, str]:
    """As `current_site`, of several people by vault id; those who are not paired are missing."""
    pairings = Pairing.objects.filter(participant__in=people).order_by("authored_time", "id")
    latest = dict(pairings.values_list("participant", "site"))
    return {one: site for one, site in latest.items() if site}


def current_eligibility(participant: Participant) -> Eligibility | None:
    return participant.eligibilities.order_by(*LATEST).first()


def latest_custody(participant: Participant) -> Custody | None:
    return participant.custodies.order_by("-event_time", "-authored_time", "-id").first()


def is_held(participant: Participant) -> bool:
    """Whether the participant is in prison or jail now, as far as we were told."""
    latest = latest_custody(participant)
    return latest is not None and latest.held


def is_eligible(participant: Participant) -> bool:
    """Found eligible here, or joined elsewhere (import, simulation), where that was found, and never denied here."""
    found = current_eligibility(participant)
    return found.state == "eligible" if found else participant.origin != "portal"
