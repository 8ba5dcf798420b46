"""Saving what a page sends, as often as it sends it: each answer once, whichever device it came from and however late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction
from django.utils import timezone

from commonweal.errors import Refused
from commonweal.r4.questionnaire import answers_of
from commonweal.vault.people.changes import lock
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import current, safety
from commonweal.vault.surveys.answering import without_skips
from commonweal.vault.surveys.drafts import Begun, begun, first_answers
from commonweal.vault.surveys.filling import Filling
from commonweal.vault.surveys.instances import gathered, spread
from commonweal.vault.surveys.merging import Change, Merged, Overtaken, merge
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse
from commonweal.vault.surveys.taking import check_may_answer

if TYPE_CHECKING:
    from commonweal.protocol import Survey

MOST_SET_ASIDE = 100


@dataclass(frozen=True)
class Saved:
    """How a survey stands after saving. `late`: it had been handed in meanwhile, so the answers wait in a correction."""

    filling: Filling
    revision: int
    overtaken: Sequence[Overtaken] = ()
    late: SurveyResponse | None = None
    draft: SurveyDraft | None = None


@transaction.atomic
def save(
    person: Participant,
    survey: "Survey",
    changes: Sequence[Change],
    *,
    language: str,
    device: str,
    opened: datetime,
    author: str = SurveyResponse.SELF,
    reached: str = "",
) -> Saved:
    """Put the changes of a page that was opened at `opened` into the draft. A second time changes nothing.

    Raises Refused where the person does not grant `surveys`. Answers that came after the survey was handed in on
    another device begin a correction of what was handed in.
    """
    lock(person)  # two devices, or a hand-in: one after the other
    now = timezone.now()
    check_may_answer(person, now, now)
    if safety.is_unwatched(survey, now, now):
        raise Refused(f"survey {survey.code}: {safety.NO_PLAN}")
    draft = SurveyDraft.objects.filter(participant=person, questionnaire=survey.code).first()
    late = None if draft else current.latest(person, survey.code, since=opened)
    before = _handed_in(late) if late else begun(person, survey, draft) if draft else Begun(None, {})
    repeating = survey.questionnaire.plan.repeating
    merged = merge(spread(before.answers, repeating), before.times, changes, device)
    filling = Filling(survey, gathered(merged.answers), language, first_answers(person, survey, merged.times))
    asked = filling.still_asked()
    kept = {link: given for link, given in asked.items() if link not in filling.first}
    if draft is None and not merged.changed:
        return Saved(filling, 0, (), late)
    if draft is None:
        draft = SurveyDraft(participant=person, questionnaire=survey.code, corrects=late, started_at=now)
    _write(draft, survey, kept, merged, before, author=author, reached=reached)
    if merged.changed:
        safety.watch(person, survey, kept, corrects=draft.corrects_id is not None)
    return Saved(filling.with_answers(asked), draft.revision, merged.overtaken, late, draft)


def _handed_in(late: SurveyResponse) -> Begun:
    return Begun(None, without_skips(answers_of(orjson.loads(late.document))))


def _write(
    draft: SurveyDraft,
    survey: "Survey",
    kept: dict[str, Any],
    merged: Merged,
    before: Begun,
    *,
    author: str,
    reached: str,
) -> None:
    same = draft.pk and not merged.changed and draft.version == survey.version and draft.answers == kept
    if same and reached in ("", draft.reached):
        return
    aside = [{"link": one.name, "answers": one.other, "why": "device"} for one in merged.overtaken]
    dropped = before.moved.dropped if before.moved else {}
    aside += [{"link": link, "answers": given, "why": "version"} for link, given in dropped.items()]
    draft.set_aside = [*draft.set_aside, *aside][-MOST_SET_ASIDE:]
    draft.answers, draft.times, draft.version, draft.author = kept, merged.times, survey.version, author
    draft.reached = reached or draft.reached
    draft.revision += 0 if same else 1
    draft.save()
