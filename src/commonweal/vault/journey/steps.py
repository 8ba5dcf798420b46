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
from commonweal.vault.surveys.current import counted

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

    @property
    def first(self) -> bool:
        """Whether it only opens the way, and gives nothing to the program."""
        return self.id in ("eligibility", "about_you")


def order(steps: Iterable[Step]) -> list[Step]:
    """The steps with their states: what is done, the first that is not, and the rest."""
    steps = list(steps)
    for step in steps:
        step.state = DONE if step.done else LATER
    open_steps = [step for step in steps if not step.done]
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
    surveys = _surveys(person, protocol) if "surveys" in scopes else []
    return order([*_first(person), *joining, *surveys, *(step for step in consents if step not in joining)])


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


def _surveys(person: Participant, protocol: Protocol) -> list[Step]:
    handed_in = dict(counted(participant=person).values_list("questionnaire", "event_time"))
    return [
        Step(
            survey.code,
            words(survey.title),
            "",
            reverse("survey", args=[survey.code]),
            survey.code in handed_in,
            when=handed_in.get(survey.code),
            minutes=max(5, len(survey.questionnaire.items) // 4),
        )
        for survey in protocol.surveys.values()
    ]
