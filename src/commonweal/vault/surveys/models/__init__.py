import uuid

from django.db import models

from commonweal.vault.fact import Fact
from commonweal.vault.people.models import Participant


class SurveyResponse(Fact):
    """One FHIR R4 QuestionnaireResponse, kept exactly as given. `event_time` is when it was completed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="survey_responses")
    questionnaire = models.CharField(max_length=60)  # module code: Questionnaire.name, e.g. TheBasics
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=2)
    document = models.TextField()  # JSON; text, so that both databases give back what was given

    class Meta:
        indexes = [models.Index(fields=["participant", "questionnaire", "-event_time"])]


class SurveyDraft(models.Model):
    """Answers given so far to a survey that is not yet handed in. Working state, not a fact."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="survey_drafts")
    questionnaire = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    answers = models.JSONField(default=dict)  # linkId -> list of FHIR answer objects
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["participant", "questionnaire"], name="one_draft_a_survey")]


from commonweal.vault.surveys.models.safety import SafetyCase, SafetySignal, SafetyStep  # noqa: E402

__all__ = ["SafetyCase", "SafetySignal", "SafetyStep", "SurveyDraft", "SurveyResponse"]
