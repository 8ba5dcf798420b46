"""Where a person's answer to a module stands, paper included: for record systems, summaries and staff."""

from commonweal.vault.consent.answering import latest_answer
from commonweal.vault.consent.models import PaperConsent
from commonweal.vault.consent.paper import states
from commonweal.vault.consent.paper.checks import NOT_READ
from commonweal.vault.consent.statuses import QuestionnaireStatus, questionnaire_status
from commonweal.vault.people.models import Participant


def status_of(person: Participant, module: str) -> QuestionnaireStatus:
    """The status of the latest answer; a paper that is newer than it and waits for its checks comes first.

    A yes on paper stands as not validated until somebody has read the file, and as invalid while the file is wrong.
    """
    latest = latest_answer(person, module)
    waiting = PaperConsent.objects.filter(participant=person, module=module, status__in=states.OPEN)
    if latest is not None:
        waiting = waiting.filter(uploaded_at__gt=latest.received_time)
    papers = [one for one in waiting if one.answer in ("", "yes")]
    if papers:
        return questionnaire_status("yes", [_passed(one) for one in papers])
    return questionnaire_status(latest.answer if latest else None)


def _passed(paper: PaperConsent) -> bool | None:
    """None while nobody has read it, or while it is right and only its answer cannot be taken yet."""
    unread = NOT_READ in paper.problems or not paper.answer
    return None if unread or paper.status == states.READY_FOR_SYNC else False
