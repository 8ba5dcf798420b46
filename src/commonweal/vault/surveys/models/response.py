import uuid

from django.db import models
from django.db.models import Q

from commonweal.vault.fact import Fact
from commonweal.vault.people.models import Participant


class SurveyResponse(Fact):
    """One FHIR R4 QuestionnaireResponse, kept exactly as given. `event_time` is when it was completed.

    `classification` is what it was found to be when it came in (`surveys.classifying`); what counts of a person's
    responses is answered by `surveys.current`.
    """

    SELF, TELEPHONE = "self", "telephone"
    IN_PROGRESS, COMPLETED, AMENDED = "in-progress", "completed", "amended"
    ENTERED_IN_ERROR, STOPPED = "entered-in-error", "stopped"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="survey_responses")
    questionnaire = models.CharField(max_length=60)  # module code: Questionnaire.name, e.g. TheBasics
    version = models.CharField(max_length=60)
    language = models.CharField(max_length=2)
    document = models.TextField()  # JSON; text, so that both databases give back what was given
    original = models.TextField(blank=True, default="", db_default="")  # as given, where that was no FHIR R4
    author = models.CharField(max_length=12, default=SELF, db_default=SELF)  # telephone: staff wrote it down
    status = models.CharField(max_length=20, default=COMPLETED, db_default=COMPLETED)  # as FHIR has it
    classification = models.CharField(max_length=24, default="complete", db_default="complete")
    answer_hash = models.CharField(max_length=64, blank=True, default="", db_default="")  # SHA-256 of the answers alone
    identifier = models.CharField(max_length=64, blank=True, default="", db_default="")  # SHA-256 of the sender's own

    class Meta:
        indexes = [
            models.Index(
                fields=["participant", "questionnaire", "-event_time", "classification"], name="surveys_of_a_person"
            ),
            models.Index(fields=["identifier"], name="surveys_by_senders_identifier", condition=~Q(identifier="")),
        ]
