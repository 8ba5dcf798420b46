"""The consents of a person with the text as it was shown."""

from dataclasses import dataclass

from commonweal.protocol import ConsentText, Protocol, find_text
from commonweal.ui.context import words
from commonweal.vault.consent.models import ConsentAnswer, ConsentDocument
from commonweal.vault.people.models import Participant


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
