"""The consents of a person with the text as it was shown, and the surveys in words."""

from dataclasses import dataclass
from typing import Any

import orjson

from commonweal.protocol import ConsentText, Protocol, find_text
from commonweal.r4.questionnaire import answers_of
from commonweal.ui.context import words
from commonweal.vault.consent.models import ConsentAnswer, ConsentDocument
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.filling import Filling


@dataclass(frozen=True)
class GivenConsent:
    """One answer to a module with the text as it was shown (None where the protocol no longer holds that text).

    `document`: the copy that was made of it, where one was.
    """

    answer: ConsentAnswer
    title: str
    text: ConsentText | None
    latest: bool
    document: ConsentDocument | None


def consents(person: Participant, protocol: Protocol) -> list[GivenConsent]:
    """All consent answers, newest first."""
    made = documents(person)
    seen: set[str] = set()
    given = []
    for answer in person.consent_answers.order_by("-event_time", "-id"):
        module = protocol.consents.get(answer.module)
        title = words(module.title) if module else answer.module
        found = find_text(module, answer.content_sha256) if module else None
        text = found.text if found else None
        given.append(GivenConsent(answer, title, text, answer.module not in seen, made.get(answer.pk)))
        seen.add(answer.module)
    return given


def documents(person: Participant) -> dict[int, ConsentDocument]:
    return {one.answer_id: one for one in ConsentDocument.objects.filter(answer__participant=person)}


def surveys(person: Participant, protocol: Protocol, language: str) -> list[dict[str, Any]]:
    """Surveys handed in, newest first, with questions and answers in words where the protocol has that survey."""
    found = []
    for response in person.survey_responses.order_by("-event_time", "-id"):
        survey = protocol.surveys.get(response.questionnaire)
        pages = Filling(survey, answers_of(orjson.loads(response.document)), language).review() if survey else []
        title = words(survey.title) if survey else response.questionnaire
        found.append({"title": title, "when": response.event_time, "pages": pages})
    return found
