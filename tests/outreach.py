"""Partners, campaigns, events and people who came by their links, for tests."""

import uuid
from datetime import date

from django.utils import timezone

from commonweal.ui.context import current_protocol
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.partners import links, outreach, partners
from commonweal.vault.people.models import Arrival, Participant
from commonweal.vault.surveys.models import SurveyResponse

PARTNER = {
    "name_en": "Elders Network",
    "name_es": "Red de Mayores",
    "kind": "community",
    "reaches": ["age"],
    "languages": ["en", "es"],
    "states": ["IL"],
    "contact": "office@elders.example",
    "active_from": date(2026, 1, 1),
    "active_until": None,
}
CAMPAIGN = {
    "name": "Spring in the libraries",
    "goal": "Elders hear of the program where they read.",
    "target": 200,
    "languages": ["en"],
    "audience": ["age"],
    "states": ["IL"],
    "begins": date(2026, 3, 1),
    "ends": date(2026, 6, 30),
    "dollars": 5000,
    "materials": [],
}
EVENT = {
    "name": "Reading afternoon",
    "city": "Chicago",
    "state": "IL",
    "zip": "60607",
    "day": date(2026, 4, 2),
    "begins": None,
    "ends": None,
    "language": "en",
    "dollars": 100,
    "materials": [],
    "met": None,
    "notes": "",
}
TIMES = ("event_time", "authored_time", "received_time")


def key():
    return uuid.uuid4().hex


def partner(by, **changes):
    return partners.make(PARTNER | changes, protocol=current_protocol(), by=by, key=key())[0]


def campaign(by, place, **changes):
    return outreach.begin(place, CAMPAIGN | changes, protocol=current_protocol(), by=by, key=key()).one


def event(by, whose, **changes):
    return outreach.enter(whose, EVENT | changes, protocol=current_protocol(), by=by, key=key()).one


def link(by, one, label="Flyer"):
    return links.make(one, label, protocol=current_protocol(), by=by)


def come(made, people, *, consented=0, shared=0, finished=0, first=0):
    """`people` came by a link; so many of the first of them consented, share records, finished the baseline."""
    now, number = timezone.now(), Participant.objects.count() + 1
    times = dict.fromkeys(TIMES, now) | {"source": "test"}
    came = Participant.objects.bulk_create(
        Participant(participant_id=f"P{n:09d}", biobank_id=f"A{n:09d}", origin="portal", registered_at=now)
        for n in range(number, number + people)
    )
    Arrival.objects.bulk_create(
        Arrival(participant=one, invitation=made.invitation, idempotency_key=f"arrival:{one.pk}", **times)
        for one in came
    )
    for module, scopes, some in (("primary", "participate recontact", consented), ("ehr", "ehr", shared)):
        ConsentAnswer.objects.bulk_create(
            ConsentAnswer(
                participant=one,
                module=module,
                version="1",
                content_sha256="0" * 64,
                language="en",
                answer="yes",
                scopes=scopes,
                idempotency_key=f"{module}:{one.pk}",
                **times,
            )
            for one in came[:some]
        )
    SurveyResponse.objects.bulk_create(
        SurveyResponse(
            participant=one,
            questionnaire=survey,
            version="1",
            document="{}",
            language="en",
            idempotency_key=f"{survey}:{one.pk}",
            **times,
        )
        for survey in current_protocol().baseline
        for one in came[:finished]
    )
    return came
