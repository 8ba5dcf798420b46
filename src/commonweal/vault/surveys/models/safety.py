import uuid

from django.conf import settings
from django.db import models

from commonweal.vault.fact import Fact
from commonweal.vault.people.models import Participant


class SafetyCase(models.Model):
    """Something for the staff to do about one person: call. Working state; what raised it are its signals, which are facts.

    `who`: the roles that see it, with a blank between. `due_at`: until when somebody has called, by the response plan.
    """

    OPEN, TAKEN, CALLED, CLOSED = "open", "taken", "called", "closed"
    QUEUE, URGENT = "queue", "urgent"
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="safety_cases")
    plan = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)  # self-harm or abuse
    urgency = models.CharField(max_length=10)
    who = models.CharField(max_length=120)
    language = models.CharField(max_length=2)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=OPEN)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)  # when the staff on duty were written to
    reminded_at = models.DateTimeField(null=True, blank=True)  # and again, because it was overdue
    version = models.IntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=~models.Q(state="closed"), name="safety_cases_to_do"),
            models.Index(fields=["participant", "state"], name="safety_cases_of_a_person"),
        ]


class SafetySignal(Fact):
    """An answer that signalled danger by the response plan: which rule, never what was answered."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(SafetyCase, on_delete=models.PROTECT, related_name="signals")
    questionnaire = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    rule = models.CharField(max_length=120)


class SafetyStep(models.Model):
    """Something that the staff did about a case. Only added."""

    case = models.ForeignKey(SafetyCase, on_delete=models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    move = models.CharField(max_length=10)
    note = models.TextField(blank=True)
