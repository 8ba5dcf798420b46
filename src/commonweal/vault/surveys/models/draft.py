from django.db import models

from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.models.response import SurveyResponse


class SurveyDraft(models.Model):
    """Answers given so far to a survey that is not yet handed in. Working state, not a fact.

    `revision` grows with each save, so that one sent twice or late is told from a new one. `corrects`: the response
    handed in before that these answers are to amend. `times`: when and on which device each answer was given;
    `set_aside`: answers that another one took the place of, and why; `reached`: the item where one was last.
    """

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="survey_drafts")
    questionnaire = models.CharField(max_length=60)
    version = models.CharField(max_length=60)
    answers = models.JSONField(default=dict)  # linkId -> list of FHIR answer objects
    author = models.CharField(max_length=12, default=SurveyResponse.SELF, db_default=SurveyResponse.SELF)
    corrects = models.ForeignKey(SurveyResponse, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    revision = models.IntegerField(default=0, db_default=0)
    times = models.JSONField(default=dict, blank=True)  # linkId -> [ISO moment, device]
    set_aside = models.JSONField(default=list, blank=True)  # [{link, answers, why: device | version}]
    reached = models.CharField(max_length=255, blank=True, default="", db_default="")
    started_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["participant", "questionnaire"], name="one_draft_a_survey")]
