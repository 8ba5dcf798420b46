"""What is next for a participant: the pure order of the steps, and a reader of where one person stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal.protocol import Protocol
from commonweal.ui.context import words
from commonweal.vault.consent import campaigns
from commonweal.vault.consent.answering import DECIDED, holds
from commonweal.vault.consent.grants import scopes_in_force
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.consent.places import places_of, required_of
from commonweal.vault.people.current import current_eligibility, current_profile
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.opening import Listed, listed
from commonweal.vault.surveys.schedule import BEGUN, DUE, ENDED
from commonweal.vault.surveys.schedule import LATER as WAITING

DONE, CURRENT, LATER = "done", "current", "later"
RENEW = timedelta(days=30)  # before its end, a permission that ends is asked for again


@dataclass
class Step:
    """One step: what it is, where it leads, whether it is behind. `joining`: part of the unbroken way from the account."""

    id: str
    title: str
    text: str
    url: str
    done: bool
    answer: str = ""
    when: datetime | None = None
    joining: bool = False
    state: str = LATER
    minutes: int = 0
    begun: bool = False
    waits: bool = False  # cannot be taken yet

    @property
    def first(self) -> bool:
        """Whether it only opens the way, and gives nothing to the program."""
        return self.id in ("eligibility", "about_you")


def order(steps: Iterable[Step]) -> list[Step]:
    """The steps with their states: what is done, the first that is not, and the rest."""
    steps = list(steps)
    for step in steps:
        step.state = DONE if step.done else LATER
    open_steps = [step for step in steps if not (step.done or step.waits)]
    decided_later = [step for step in open_steps if step.answer]  # "not sure" must not stand in the way of the rest
    for step in ([step for step in open_steps if not step.answer] or decided_later)[:1]:
        step.state = CURRENT
    return steps


def of(person: Participant, protocol: Protocol, now: datetime | None = None) -> list[Step]:
    """All steps of one participant, in order, in the language of the page."""
    now = now or timezone.now()
    scopes = scopes_in_force(person, now, now)
    consents = _consents(person, protocol, now)
    joining = [step for step in consents if protocol.consents[step.id].onboarding]
    baseline, more = _surveys(person, protocol, now) if "surveys" in scopes else ([], [])
    later = [step for step in consents if step not in joining]
    return order([*_first(person), *joining, *baseline, *later, *more])


def following(steps: list[Step]) -> Step | None:
    """The step to take now, or None when all is done."""
    return next((step for step in steps if step.state == CURRENT), None)


def declined(steps: list[Step]) -> Step | None:
    """The step of joining itself, of somebody who answered no to it: nothing else is asked of them."""
    return next((step for step in steps if step.id == "primary" and step.answer == ConsentAnswer.NO), None)


def _first(person: Participant) -> list[Step]:
    found, profile = current_eligibility(person), current_profile(person)
    eligible = found.state == "eligible" if found else person.origin != "portal"
    asked = _("A few short questions, so that we do not take your time for nothing.")
    reach = _("Your name and address, so that we can reach you and records find you.")
    url = "" if eligible else reverse("not_eligible") if found else reverse("eligibility")
    return [
        Step(
            "eligibility",
            _("Can I join?"),
            asked,
            url,
            eligible,
            when=found.event_time if found else None,
            joining=True,
            minutes=1,
        ),
        Step(
            "about_you",
            _("About you"),
            reach,
            reverse("about_you"),
            profile is not None,
            when=profile.event_time if profile else None,
            joining=True,
            minutes=3,
        ),
    ]


def _consents(person: Participant, protocol: Protocol, now: datetime) -> list[Step]:
    """The modules that are asked of this person and that they can answer by now."""
    latest = {a.module: a for a in person.consent_answers.order_by("event_time", "id")}
    again = campaigns.due(person)
    places = places_of(person, protocol)
    steps = []
    for module in protocol.consents.values():
        needed = required_of(module, places, protocol)
        if not module.applies(places.home) or not all(_is_yes(latest.get(name), now) for name in needed):
            continue
        answer, campaign = latest.get(module.id), again.get(module.id)
        title = _("Please read again: {title}").format(title=words(module.title)) if campaign else words(module.title)
        steps.append(
            Step(
                module.id,
                title,
                words(campaign.why) if campaign else words(module.summary),
                reverse("consent", args=[module.id]),
                answer is not None and answer.answer in DECIDED and holds(answer, now + RENEW) and campaign is None,
                answer=answer.answer if answer else "",
                when=answer.event_time if answer else None,
                joining=module.onboarding and answer is None,
                minutes=5,
            )
        )
    return steps


def _is_yes(answer: ConsentAnswer | None, now: datetime) -> bool:
    return answer is not None and answer.answer == ConsentAnswer.YES and holds(answer, now)


def _surveys(person: Participant, protocol: Protocol, now: datetime) -> tuple[list[Step], list[Step]]:
    """Those of the baseline, and the others that are open or were answered: what comes later is no step yet."""
    found = {one.code: one for one in listed(person, protocol, now) if one.state != ENDED}
    baseline = [_survey(found[code]) for code in protocol.baseline if code in found]
    others = [one for code, one in found.items() if code not in protocol.baseline and one.state != WAITING]
    return baseline, [_survey(one) for one in others]


def _survey(one: Listed) -> Step:
    return Step(
        one.code,
        one.title,
        one.note if one.state == DUE else "",
        one.url,
        not (one.standing.answerable or one.state == WAITING),
        when=one.standing.done_at,
        minutes=one.minutes,
        begun=one.state == BEGUN,
        waits=one.state == WAITING,
    )
