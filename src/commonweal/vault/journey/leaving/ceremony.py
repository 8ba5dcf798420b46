"""Who is asked about a ceremony for samples: people who said in TheBasics that they are American Indian or Alaska Native."""

from typing import Any

import orjson

from commonweal.errors import Refused
from commonweal.vault.consent import leaving as facts
from commonweal.vault.consent.models import Ceremony
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.current import counted

SURVEY, CODE = "TheBasics", "WhatRaceEthnicity_AIAN"


def is_asked(participant: Participant) -> bool:
    """Whether the latest answers to TheBasics say so."""
    latest = counted(participant=participant, questionnaire=SURVEY).last()
    return latest is not None and _says(orjson.loads(latest.document))


def _says(part: Any) -> bool:
    if isinstance(part, dict):
        return part.get("code") == CODE or any(_says(value) for value in part.values())
    return isinstance(part, list) and any(_says(value) for value in part)


def answer(participant: Participant, said: str, *, source: str) -> Ceremony:
    """Keep what the person wants for their samples, before or after leaving. Raises Refused for who is not asked."""
    if not is_asked(participant):
        raise Refused("ceremony: this is not asked of this person")
    fact = facts.answer_ceremony(participant, said, source=source)
    for receipt in participant.leaving_receipts.all():
        for line in receipt.lines.filter(store="biobank", state="done"):
            line.detail = line.detail | {"ceremony": fact.answer}
            line.save(update_fields=["detail"])
    return fact
