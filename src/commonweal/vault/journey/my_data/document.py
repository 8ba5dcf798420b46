"""All that is held about a participant as one JSON document; what devices recorded day by day is in the files to take away."""

from typing import Any

import orjson

from commonweal.vault.consent.models import ConsentAnswer, ConsentDocument
from commonweal.vault.journey.held_records import records
from commonweal.vault.journey.my_data.said import documents
from commonweal.vault.journey.my_data.taking import facts
from commonweal.vault.journey.used_for import releases_of
from commonweal.vault.people.current import current_profile, current_site
from commonweal.vault.people.facts import PROFILE
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.models import SurveyResponse


def document(person: Participant) -> dict[str, Any]:
    """Plain JSON values: survey responses and consents as they were recorded, every other fact by its table."""
    profile, made = current_profile(person), documents(person)
    return {
        "participant_id": person.participant_id,
        "registered_at": person.registered_at.isoformat(),
        "profile": {name: str(getattr(profile, name)) for name in PROFILE} if profile else None,
        "site": current_site(person),
        "consents": [
            _consent(answer, made.get(answer.pk)) for answer in person.consent_answers.order_by("event_time", "id")
        ],
        "withdrawals": [w.event_time.isoformat() for w in person.withdrawals.order_by("event_time")],
        "surveys": [orjson.loads(r.document) for r in SurveyResponse.objects.filter(participant=person).order_by("id")],
        "health_records": [{"kind": kind.code, "records": kind.count} for kind in records(person)],
        "releases": [
            {"name": r.release, "tier": r.tier, "published": r.published_at.isoformat()} for r in releases_of(person)
        ],
        "facts": {table.name: list(table.read()) for table in facts.tables_of_models(person)},
    }


def _consent(answer: ConsentAnswer, document: ConsentDocument | None) -> dict[str, Any]:
    kept = ("module", "version", "form", "language", "answer", "method", "scopes", "signed_name", "content_sha256")
    times = {"at": answer.event_time.isoformat(), "until": answer.expires_at.isoformat() if answer.expires_at else None}
    copy = {"document": str(document.uuid), "document_sha256": document.sha256 or None} if document else {}
    return {name: getattr(answer, name) for name in kept} | times | copy
